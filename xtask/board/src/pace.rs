//! Pacing: where the room is on its track, and how the time compares with the plan.

use serde::{Deserialize, Serialize};

/// The tracks, as the books show them.
const TRACKS: &str = include_str!("../../../book/tracks.toml");

/// Where the room is. All zero before the instructor has begun.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// The track's id; empty before the beginning.
    pub track: String,
    /// The place in its pages.
    pub step: usize,
    /// When this step began.
    pub since: i64,
    /// Until when it shall take.
    pub end: i64,
    /// When the track began.
    pub began: i64,
}

#[derive(Deserialize)]
struct Tracks {
    track: Vec<Track>,
}

/// A track of the books.
#[derive(Clone, Debug, Deserialize)]
pub struct Track {
    /// Its id.
    pub id: String,
    /// Its name in English.
    pub en: String,
    /// Its name in Korean.
    pub ko: String,
    /// How long all of it takes.
    pub minutes: i64,
    /// Its pages.
    pub pages: Vec<String>,
}

/// All tracks, the shortest first.
pub fn tracks() -> Vec<Track> {
    // A test reads the same text: it is part of the program and cannot be broken on somebody's machine.
    toml::from_str::<Tracks>(TRACKS).map(|tracks| tracks.track).unwrap_or_default()
}

impl Pace {
    /// Reads what [`Pace::written`] wrote.
    pub fn read(words: &str) -> Self {
        serde_json::from_str(words).unwrap_or_default()
    }

    /// As the database keeps it.
    pub fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The track, once it has begun.
    pub fn track(&self) -> Option<Track> {
        tracks().into_iter().find(|track| track.id == self.track)
    }

    /// The page that the room is at.
    pub fn page(&self) -> Option<String> {
        self.track()?.pages.get(self.step).cloned()
    }

    /// Begins a track.
    pub fn begin(track: &Track, now: i64) -> Self {
        let began = Self { track: track.id.clone(), step: 0, since: now, end: now, began: now };
        Self { end: now + began.share(track), ..began }
    }

    /// Goes on to the next page, or back to the one before.
    pub fn step_to(&self, step: usize, now: i64) -> Self {
        let Some(track) = self.track() else { return self.clone() };
        let step = step.min(track.pages.len().saturating_sub(1));
        let moved = Self { step, since: now, end: now, ..self.clone() };
        Self { end: now + moved.share(&track), ..moved }
    }

    /// Gives this step more time, or less.
    pub fn extend(&self, minutes: i64) -> Self {
        Self { end: (self.end + minutes * 60_000).max(self.since), ..self.clone() }
    }

    /// When this step would have begun by the plan, and how long it takes by the plan. With both a page that stays open can
    /// tell at any moment how far the room is behind.
    pub fn plan(&self) -> Option<(i64, i64)> {
        let track = self.track()?;
        let before: i64 = (0..self.step).map(|step| Self { step, ..self.clone() }.share(&track)).sum();
        Some((self.began + before, self.share(&track)))
    }

    /// The share of this page in the track's time: a factor takes as long as three other pages.
    fn share(&self, track: &Track) -> i64 {
        let weight = |page: &String| if page.starts_with("factor-") { 3 } else { 1 };
        let all: i64 = track.pages.iter().map(weight).sum();
        let own = track.pages.get(self.step).map_or(0, weight);
        track.minutes * 60_000 * own / all.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_takes_its_time_and_its_steps_share_it() {
        let track = &tracks()[0];
        let mut pace = Pace::begin(track, 1000);
        assert_eq!(pace.page().as_deref(), Some(track.pages[0].as_str()));
        let mut sum = pace.end - pace.since;
        for step in 1..track.pages.len() {
            pace = pace.step_to(step, pace.end);
            sum += pace.end - pace.since;
        }
        assert!((sum - track.minutes * 60_000).abs() < 1000, "{sum}");
        assert_eq!(pace.step_to(99, 0).step, track.pages.len() - 1);
    }

    #[test]
    fn the_plan_stays_while_the_room_is_late() {
        let pace = Pace::begin(&tracks()[0], 1000);
        let first = pace.plan().unwrap();
        assert_eq!(first, (1000, pace.end - 1000));
        let late = pace.step_to(1, pace.end + 600_000);
        assert_eq!(late.plan().unwrap().0, pace.end);
        assert_eq!(late.since - late.plan().unwrap().0, 600_000);
        assert_eq!(pace.extend(-1_000_000).end, 1000);
    }

    #[test]
    fn what_was_written_is_read_again_and_nonsense_is_no_pace() {
        let pace = Pace::begin(&tracks()[0], 7);
        assert_eq!(Pace::read(&pace.written()), pace);
        assert_eq!(Pace::read("x"), Pace::default());
        assert_eq!(Pace::default().plan(), None);
    }
}
