//! How often something may be asked. A class is one address, so nothing here counts addresses.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Wrong codes per second, of the whole room: at this rate a code of 30 bits is found in years.
const WRONG_CODES: Rate = Rate { per_second: 5.0, burst: 50.0 };

/// Joins per second: a room that all joins at once, and no flood.
const JOINS: Rate = Rate { per_second: 50.0, burst: 300.0 };

/// Wrong secrets per second.
const WRONG_SECRETS: Rate = Rate { per_second: 1.0, burst: 20.0 };

/// Bodies per second of one attendee.
const BODIES: Rate = Rate { per_second: 10.0, burst: 40.0 };

/// Beyond this many attendees the quiet ones are forgotten.
const MOST_KNOWN: usize = 4096;

#[derive(Clone, Copy, Debug)]
struct Rate {
    per_second: f64,
    burst: f64,
}

/// A bucket that fills by itself.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// All buckets of this process; replicas count for themselves.
#[derive(Debug, Default)]
pub struct Limits {
    buckets: Mutex<HashMap<Key, Bucket>>,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Wrong join codes.
    WrongCode,
    /// Joins.
    Join,
    /// Wrong secrets.
    WrongSecret,
    /// An attendee's bodies.
    Body(String),
}

impl Key {
    fn rate(&self) -> Rate {
        match self {
            Key::WrongCode => WRONG_CODES,
            Key::Join => JOINS,
            Key::WrongSecret => WRONG_SECRETS,
            Key::Body(_) => BODIES,
        }
    }
}

impl Limits {
    /// Takes one, if there is one.
    pub fn take(&self, key: &Key) -> bool {
        self.look(key, Instant::now(), 1.0)
    }

    /// Whether there is one.
    pub fn has(&self, key: &Key) -> bool {
        self.look(key, Instant::now(), 0.0)
    }

    fn look(&self, key: &Key, now: Instant, takes: f64) -> bool {
        let rate = key.rate();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > MOST_KNOWN {
            buckets.retain(|_, bucket| now.duration_since(bucket.at).as_secs() < 60);
        }
        let bucket = buckets.entry(key.clone()).or_insert(Bucket { left: rate.burst, at: now });
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.left = (bucket.left + passed * rate.per_second).min(rate.burst);
        bucket.at = now;
        let enough = bucket.left >= 1.0;
        if enough {
            bucket.left -= takes;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_the_rate() {
        let (limits, now) = (Limits::default(), Instant::now());
        let taken = (0..1000).filter(|_| limits.look(&Key::WrongCode, now, 1.0)).count();
        assert_eq!(taken, 50);
        assert!(!limits.look(&Key::WrongCode, now, 0.0));
        let later = now + Duration::from_secs(2);
        assert_eq!((0..1000).filter(|_| limits.look(&Key::WrongCode, later, 1.0)).count(), 10);
    }

    #[test]
    fn attendees_are_counted_by_themselves() {
        let (limits, now) = (Limits::default(), Instant::now());
        while limits.look(&Key::Body("a".to_owned()), now, 1.0) {}
        assert!(limits.look(&Key::Body("b".to_owned()), now, 1.0));
    }
}
