//! The checks whose verdicts hang on when something happens. A race shows itself in these first, so a soak repeats them.

/// Each as `factor-9/worker-kill9`, in the order of the factors. A check that compares times, or waits for something that
/// may be late, belongs here.
pub const TIMED: [&str; 14] = [
    "factor-4/outage-and-return",
    "factor-4/frozen-is-bounded",
    "factor-6/sessions-expire",
    "factor-8/idle-replicas-are-quiet",
    "factor-9/worker-kill9",
    "factor-9/worker-hands-back",
    "factor-9/drain-is-bounded",
    "factor-9/new-work-while-draining",
    "factor-9/starts-fast",
    "factor-13/readiness-flips-and-returns",
    "factor-13/telemetry-never-hurts",
    "factor-13/spans-exported",
    "factor-14/deploy-gated-and-idempotent",
    "factor-15/resource-limits",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factors::FACTORS;

    #[test]
    fn every_one_is_a_check() {
        let names = FACTORS.iter().flat_map(|factor| factor.checks().iter().map(|check| factor.path_of(check.id)));
        let known: Vec<String> = names.collect();
        for check in TIMED {
            assert!(known.iter().any(|name| name == check), "{check}");
        }
    }
}
