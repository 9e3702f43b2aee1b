//! The room as it is right now: what every page shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::pace::Pace;
use crate::standing::{Standing, State};

/// Everything that is shown, at one moment.
#[derive(Clone, Debug, Default)]
pub struct Room {
    /// What the instructor has set.
    pub settings: Settings,
    /// By id.
    pub attendees: BTreeMap<String, Arc<Attendee>>,
    /// The oldest first.
    pub announcements: Vec<Announcement>,
}

/// What the instructor has set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The number of the last write.
    pub revision: i64,
    /// The number of the last write that removed something.
    pub rebuilt: i64,
    /// The join code.
    pub code: String,
    /// Until when it holds.
    pub code_end: i64,
    /// Whether nobody can join.
    pub locked: bool,
    /// How many can join; 0 for any number.
    pub capacity: i64,
    /// Where the room is on its track.
    pub pace: Pace,
}

/// Somebody in the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendee {
    /// What the board calls it.
    pub id: String,
    /// What people call it.
    pub nickname: String,
    /// Since when.
    pub joined: i64,
    /// Last heard of.
    pub seen: i64,
    /// Since when the hand is up; 0 if it is not.
    pub hand: i64,
    /// What the hand is about.
    pub hand_factor: Option<u8>,
    /// By factor.
    pub standings: BTreeMap<u8, Standing>,
}

/// Something for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// They are counted.
    pub id: i64,
    /// When.
    pub at: i64,
    /// The factor whose solution is open now.
    pub factor: Option<u8>,
    /// The instructor's words.
    pub words: String,
}

/// What several people fail with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The factor.
    pub factor: u8,
    /// The check; empty where the service is BLOCKED.
    pub check: String,
    /// The reason code.
    pub reason: String,
    /// Who, the longest stuck first.
    pub who: Vec<Stuck>,
}

/// Since when, the attendee's id, and its nickname.
pub type Stuck = (i64, String, String);

impl Room {
    /// In the order in which they joined, which never changes: a row that jumps about cannot be followed.
    pub fn in_order(&self) -> Vec<&Attendee> {
        let mut all: Vec<&Attendee> = self.attendees.values().map(AsRef::as_ref).collect();
        all.sort_by_key(|attendee| (attendee.joined, &attendee.id));
        all
    }

    /// Raised hands, the longest first.
    pub fn hands(&self) -> Vec<&Attendee> {
        let mut up: Vec<&Attendee> = self.in_order().into_iter().filter(|attendee| attendee.hand > 0).collect();
        up.sort_by_key(|attendee| attendee.hand);
        up
    }

    /// What the room fails with now, the most common first.
    pub fn groups(&self) -> Vec<Group> {
        let mut groups: BTreeMap<(u8, &str, &str), Vec<Stuck>> = BTreeMap::new();
        for attendee in self.attendees.values() {
            for (factor, standing) in attendee.standings.iter().filter(|(_, standing)| standing.state.is_stuck()) {
                let who = (standing.since, attendee.id.clone(), attendee.nickname.clone());
                groups.entry((*factor, &standing.check, &standing.reason)).or_default().push(who);
            }
        }
        let groups = groups.into_iter().map(|((factor, check, reason), mut who)| {
            who.sort();
            Group { factor, check: check.to_owned(), reason: reason.to_owned(), who }
        });
        let mut groups: Vec<Group> = groups.collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.who.len()));
        groups
    }

    /// How many are in each state of a factor.
    pub fn count(&self, factor: u8) -> [usize; State::ALL.len()] {
        let mut counts = [0; State::ALL.len()];
        for attendee in self.attendees.values() {
            counts[attendee.state(factor) as usize] += 1;
        }
        counts
    }

    /// The last thing that was said to all.
    pub fn last_announcement(&self) -> Option<&Announcement> {
        self.announcements.last()
    }
}

impl Attendee {
    /// The state of a factor.
    pub fn state(&self, factor: u8) -> State {
        self.standings.get(&factor).map_or(State::Open, |standing| standing.state)
    }

    /// What it is stuck on, and since when: the factor that was heard of last.
    pub fn stuck(&self) -> Option<(u8, &Standing)> {
        let last = self.standings.iter().max_by_key(|(_, standing)| (standing.at, standing.seq))?;
        last.1.state.is_stuck().then_some((*last.0, last.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attendee(id: &str, hand: i64, factor: u8, state: State, reason: &str, since: i64) -> Arc<Attendee> {
        let standing = Standing { state, check: "a".into(), reason: reason.into(), since, ..Standing::default() };
        Arc::new(Attendee {
            id: id.into(),
            nickname: id.to_uppercase(),
            joined: since,
            seen: since,
            hand,
            hand_factor: None,
            standings: BTreeMap::from([(factor, standing)]),
        })
    }

    fn room() -> Room {
        let people = [
            attendee("x", 30, 3, State::Failed, "hung", 10),
            attendee("y", 0, 3, State::Failed, "late", 5),
            attendee("z", 20, 3, State::Failed, "hung", 7),
            attendee("w", 0, 3, State::Passed, "", 1),
        ];
        Room { attendees: people.into_iter().map(|a| (a.id.clone(), a)).collect(), ..Room::default() }
    }

    #[test]
    fn the_most_common_failure_comes_first_and_in_it_the_longest_stuck() {
        let groups = room().groups();
        assert_eq!((groups.len(), groups[0].reason.as_str()), (2, "hung"));
        assert_eq!(groups[0].who.iter().map(|who| who.1.as_str()).collect::<Vec<_>>(), ["z", "x"]);
    }

    #[test]
    fn hands_stand_in_the_order_in_which_they_went_up() {
        assert_eq!(room().hands().iter().map(|a| a.id.as_str()).collect::<Vec<_>>(), ["z", "x"]);
    }

    #[test]
    fn states_are_counted() {
        assert_eq!(room().count(3), [0, 0, 3, 0, 1]);
        assert_eq!(room().count(9), [4, 0, 0, 0, 0]);
    }
}
