//! The order of everything observed, and how long the lab waits before it says "it did not happen".

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Numbers every observation of a run.
#[derive(Clone, Debug)]
pub struct Clock {
    started: Instant,
    sequence: Arc<AtomicU64>,
}

impl Clock {
    /// Starts counting.
    pub fn start() -> Self {
        Self { started: Instant::now(), sequence: Arc::default() }
    }

    /// The next position in the order of observations.
    pub fn tick(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Since the run started.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// How long each wait of a check took, by the wait's name.
pub type Waits = BTreeMap<String, Duration>;

/// The hang guard: it only ever decides that an event did not happen, never that it came too late.
#[derive(Clone, Debug)]
pub struct Patience {
    /// How much slower than the reference machine this one is now, 1 to 20.
    slowness: f64,
    /// How long an event may take on the reference machine.
    guard: Duration,
    /// What a correct service needed for each wait, when that is known (`prove`).
    known: Option<Arc<Waits>>,
    longest: Arc<Mutex<Waits>>,
}

const HANG_GUARD: Duration = Duration::from_secs(20);
const LONGEST_GUARD: Duration = Duration::from_secs(180);
const QUIET: Duration = Duration::from_millis(1500);
/// With a correct service measured, a wrong one is given at least this long.
const KNOWN_FLOOR: Duration = Duration::from_secs(4);
const KNOWN_FACTOR: u32 = 20;

impl Patience {
    /// Patience for a machine that is `slowness` times slower than the reference machine; `known` holds what a correct
    /// service needed.
    pub fn new(slowness: f64, known: Option<Waits>) -> Self {
        let slowness = slowness.clamp(1.0, 20.0);
        Self { slowness, guard: HANG_GUARD, known: known.map(Arc::new), longest: Arc::default() }
    }

    /// With another hang guard: tests of the grader itself do not wait as long for services that never do anything.
    #[must_use]
    pub fn with_guard(self, guard: Duration) -> Self {
        Self { guard, ..self }
    }

    /// The calibrated slowness, 1 to 20.
    pub fn slowness(&self) -> f64 {
        self.slowness
    }

    /// Waits for `event` and returns its value, or `None` when the hang guard of the wait called `name` is over.
    pub async fn until<T>(&self, name: &str, event: impl Future<Output = T>) -> Option<T> {
        let began = Instant::now();
        let value = tokio::time::timeout(self.guard(name), event).await.ok();
        if value.is_some() {
            self.remember(name, began.elapsed());
        }
        value
    }

    /// Waits for a tool that is not the service's: under the whole hang guard, whatever a correct service needed, since
    /// such a tool may have to wait for a lock that somebody else holds.
    pub async fn until_tool<T>(&self, event: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(self.full_guard(), event).await.ok()
    }

    /// How long nothing more may come, always counted after something did come.
    pub fn quiet(&self) -> Duration {
        QUIET.mul_f64(self.slowness)
    }

    /// What each wait has taken so far, at the longest.
    pub fn longest(&self) -> Waits {
        self.longest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn full_guard(&self) -> Duration {
        self.guard.mul_f64(self.slowness).min(LONGEST_GUARD)
    }

    fn guard(&self, name: &str) -> Duration {
        let full = self.full_guard();
        match self.known.as_ref().and_then(|known| known.get(name)) {
            Some(needed) => (*needed * KNOWN_FACTOR).max(KNOWN_FLOOR.mul_f64(self.slowness)).min(full),
            None => full,
        }
    }

    fn remember(&self, name: &str, took: Duration) {
        let mut longest = self.longest.lock().unwrap_or_else(PoisonError::into_inner);
        let known = longest.entry(name.to_owned()).or_default();
        *known = took.max(*known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_grows_with_the_machine_and_has_an_end() {
        assert_eq!(Patience::new(0.2, None).guard("x"), Duration::from_secs(20));
        assert_eq!(Patience::new(3.0, None).guard("x"), Duration::from_secs(60));
        assert_eq!(Patience::new(99.0, None).guard("x"), Duration::from_secs(180));
    }

    #[test]
    fn a_known_wait_shortens_the_guard_to_a_multiple_of_it() {
        let known = Waits::from([
            ("quick".to_owned(), Duration::from_millis(10)),
            ("slow".to_owned(), Duration::from_millis(400)),
        ]);
        let patience = Patience::new(1.0, Some(known));
        assert_eq!(patience.guard("quick"), Duration::from_secs(4));
        assert_eq!(patience.guard("slow"), Duration::from_secs(8));
        assert_eq!(patience.guard("unknown"), Duration::from_secs(20));
    }

    #[tokio::test]
    async fn a_wait_is_remembered_at_its_longest() {
        let patience = Patience::new(1.0, None);
        assert_eq!(patience.until("x", async { 7 }).await, Some(7));
        assert!(patience.longest().contains_key("x"));
    }
    #[tokio::test]
    async fn what_a_tool_needed_shortens_no_later_wait() {
        let patience = Patience::new(1.0, None);
        assert_eq!(patience.until_tool(async { 7 }).await, Some(7));
        assert!(patience.longest().is_empty());
    }
}
