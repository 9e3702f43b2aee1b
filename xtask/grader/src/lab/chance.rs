//! Chance: every random value of a run comes from its one printed seed.

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
}
