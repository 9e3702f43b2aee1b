//! The order in which the workshop is taught: that of the shortest track, then every other factor by its number.

use grader::factors::{self, FACTORS, Factor};
use serde::Deserialize;

/// The tracks, the shortest first; the books draw their table from the same file.
const TRACKS: &str = include_str!("../../book/tracks.toml");

#[derive(Deserialize)]
struct Tracks {
    track: Vec<Track>,
}

#[derive(Deserialize)]
struct Track {
    pages: Vec<String>,
}

/// The factors of the shortest track that have an exercise, in its order.
pub fn shortest() -> Vec<&'static Factor> {
    // A test reads the same text: it is part of the program and cannot be broken on somebody's machine.
    let tracks = toml::from_str::<Tracks>(TRACKS).map(|tracks| tracks.track).unwrap_or_default();
    let pages = tracks.into_iter().next().map(|track| track.pages).unwrap_or_default();
    pages.iter().filter_map(|page| factors::find(page)).filter(|factor| factor.exercise.is_some()).collect()
}

/// Every factor that has an exercise, in the order in which they are taught.
pub fn with_exercise() -> Vec<&'static Factor> {
    let mut taught = shortest();
    let others = FACTORS.iter().filter(|factor| factor.exercise.is_some());
    let others: Vec<_> = others.filter(|factor| taught.iter().all(|known| known.number != factor.number)).collect();
    taught.extend(others);
    taught
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_track_comes_first_and_nothing_is_left_out() {
        let shortest: Vec<u8> = shortest().iter().map(|factor| factor.number).collect();
        let all: Vec<u8> = with_exercise().iter().map(|factor| factor.number).collect();
        assert!(shortest.starts_with(&[3, 11]), "{shortest:?}");
        assert!(all.starts_with(&shortest));
        assert_eq!(all.len(), FACTORS.iter().filter(|factor| factor.exercise.is_some()).count());
    }
}
