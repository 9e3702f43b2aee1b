//! How long the rest of a proof takes, from what its cases took the last time and what they take now.

use std::collections::BTreeMap;
use std::time::Duration;

use grader::prove::record::{FactorRecord, Record};

/// A case that nothing is known of takes about this long.
const USUAL: Duration = Duration::from_secs(6);
/// So many run at a time.
const SIDE_BY_SIDE: u32 = 2;

/// What is known of the cases' times.
#[derive(Default)]
pub struct Pace {
    recorded: BTreeMap<String, Duration>,
    took: Duration,
    expected: Duration,
}

impl Pace {
    /// With the times of the last full proof. A quick one takes less, which shows after a few cases.
    pub fn new(record: &Record) -> Self {
        Self { recorded: record.factors.iter().flat_map(FactorRecord::times).collect(), ..Self::default() }
    }

    /// A case took so long now.
    pub fn note(&mut self, case: &str, took: Duration) {
        self.expected += self.expected(case);
        self.took += took;
    }

    /// How long these cases will take, in whole minutes, rounded up.
    pub fn minutes_left<'c>(&self, cases: impl Iterator<Item = &'c str>) -> u64 {
        let expected: Duration = cases.map(|case| self.expected(case)).sum();
        let slower = if self.expected.is_zero() { 1.0 } else { self.took.as_secs_f64() / self.expected.as_secs_f64() };
        expected.mul_f64(slower / f64::from(SIDE_BY_SIDE)).as_secs().div_ceil(60)
    }

    fn expected(&self, case: &str) -> Duration {
        self.recorded.get(case).copied().unwrap_or(USUAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_the_record_and_the_machine() {
        let recorded =
            [("slow", 600), ("known", 10)].map(|(case, seconds)| (case.to_owned(), Duration::from_secs(seconds)));
        let mut pace = Pace { recorded: recorded.into(), ..Pace::default() };
        assert_eq!(pace.minutes_left(["slow"].into_iter()), 5, "two at a time");
        assert_eq!(pace.minutes_left([].into_iter()), 0);
        pace.note("known", Duration::from_secs(20));
        assert_eq!(pace.minutes_left(["slow"].into_iter()), 10, "this machine takes twice as long");
        assert_eq!(pace.minutes_left(["new"; 10].into_iter()), 1, "nothing is known of these");
    }
}
