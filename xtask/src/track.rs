//! The tracks, and the order in which the workshop is taught: that of the shortest, then every other factor by its number.

use grader::factors::{self, FACTORS, Factor};
use grader::text::Lang;
use serde::Deserialize;

/// The tracks, the shortest first; the books draw their table from the same file.
const TRACKS: &str = include_str!("../../book/tracks.toml");

#[derive(Deserialize)]
struct Tracks {
    track: Vec<Track>,
}

/// Who has how long, and which pages that is.
#[derive(Deserialize)]
pub struct Track {
    en: String,
    ko: String,
    pages: Vec<String>,
}

impl Track {
    /// What it is called.
    pub fn name(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ko => &self.ko,
        }
    }

    /// Its factors, in its order.
    pub fn factors(&self) -> Vec<&'static Factor> {
        self.pages.iter().filter_map(|page| factors::find(page)).collect()
    }
}

/// All tracks, the shortest first.
pub fn tracks() -> Vec<Track> {
    // A test reads the same text: it is part of the program and cannot be broken on somebody's machine.
    toml::from_str::<Tracks>(TRACKS).map(|tracks| tracks.track).unwrap_or_default()
}

/// The factors of the shortest track, in its order.
pub fn shortest() -> Vec<&'static Factor> {
    tracks().first().map(Track::factors).unwrap_or_default()
}

/// Every factor, in the order in which they are taught.
pub fn taught() -> Vec<&'static Factor> {
    let mut taught = shortest();
    let is_left = |factor: &&Factor| taught.iter().all(|known| known.number != factor.number);
    let others: Vec<_> = FACTORS.iter().filter(is_left).collect();
    taught.extend(others);
    taught
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_track_comes_first_and_nothing_is_left_out() {
        let shortest: Vec<u8> = shortest().iter().map(|factor| factor.number).collect();
        let all: Vec<u8> = taught().iter().map(|factor| factor.number).collect();
        assert!(shortest.starts_with(&[0, 3, 11]), "{shortest:?}");
        assert!(all.starts_with(&shortest));
        assert_eq!(all.len(), FACTORS.len());
    }
}
