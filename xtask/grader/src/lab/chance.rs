//! Chance: every random value of a run comes from its one printed seed.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// A stream of random values. Each check has one of its own, so that the order in which checks run changes nothing.
#[derive(Debug)]
pub struct Chance {
    generator: Mutex<fastrand::Rng>,
}

impl Chance {
    /// The stream called `name` of the run's seed.
    pub fn new(seed: u64, name: &str) -> Self {
        let mixed = name.bytes().fold(seed ^ 0x9e37_79b9_7f4a_7c15, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(29)
        });
        Self { generator: Mutex::new(fastrand::Rng::with_seed(mixed)) }
    }

    /// A number from 0 to `limit - 1`.
    pub fn below(&self, limit: u64) -> u64 {
        self.with(|generator| generator.u64(..limit))
    }

    /// `length` lower-case letters and digits, beginning with a letter.
    pub fn word(&self, length: usize) -> String {
        self.with(|generator| {
            let first = generator.lowercase();
            let rest = (1..length)
                .map(|_| generator.choice(b"abcdefghijklmnopqrstuvwxyz0123456789").map_or('x', |b| char::from(*b)));
            std::iter::once(first).chain(rest).collect()
        })
    }

    /// A word and a number that no other run has, not even one with the same seed. For names in what runs share: in a server of
    /// databases, a second run's role would take the place of the first one's.
    pub fn unshared_word(&self, length: usize) -> String {
        static DRAWN: AtomicU32 = AtomicU32::new(0);
        let number = DRAWN.fetch_add(1, Ordering::Relaxed);
        format!("{}{}x{number}", self.word(length), process::id())
    }

    fn with<T>(&self, draw: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        draw(&mut self.generator.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A seed that was not asked for. Kept short: people read it out to each other.
pub fn fresh_seed() -> u64 {
    fastrand::u64(1..1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_values_and_names_have_streams_of_their_own() {
        let words = |seed, name| Chance::new(seed, name).word(12);
        assert_eq!(words(7, "a"), words(7, "a"));
        assert_ne!(words(7, "a"), words(7, "b"));
        assert_ne!(words(7, "a"), words(8, "a"));
    }

    #[test]
    fn two_runs_with_one_seed_share_no_name_that_others_see() {
        let [one, other] = [(); 2].map(|()| Chance::new(7, "a"));
        assert_ne!(one.unshared_word(6), other.unshared_word(6));
        assert_eq!(one.word(6), other.word(6), "what comes after it is repeated");
    }
}
