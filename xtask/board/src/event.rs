//! What attendees' machines report, as it travels: verdicts and reason codes, never code and never a log line.

use grader::check::Tier;
use grader::factors::FACTORS;
use serde::{Deserialize, Serialize};

/// The version of this format. A client that speaks a newer one is told so.
pub const FORMAT_VERSION: u64 = 1;

/// More events in one body are a mistake or an attack; a client sends what it has in several bodies.
pub const MOST_EVENTS: usize = 100;

/// The longest name of a check or reason code.
const LONGEST_NAME: usize = 64;

/// More checks than any factor has.
const MOST_CHECKS: usize = 64;

/// One body.
#[derive(Debug, Serialize, Deserialize)]
pub struct Batch {
    /// The version of the format.
    pub format_version: u64,
    /// The client's clock when it sent this, in milliseconds since 1970: clocks differ, and only distances count.
    pub now: i64,
    /// What happened, one by one: an event that cannot be read must not hold up the others.
    pub events: Vec<serde_json::Value>,
}

/// One thing that happened at an attendee's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// A UUID that the client made and keeps over all tries.
    pub id: String,
    /// The attendee's own count: it orders events, not a clock.
    pub seq: i64,
    /// When it happened, by the client's clock.
    pub at: i64,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum What {
    /// A service was graded.
    Graded(Graded),
    /// A hand went up or down.
    Hand {
        /// Up.
        raised: bool,
        /// What it is about, if that is known.
        factor: Option<u8>,
    },
    /// The reference solution was opened.
    Solution {
        /// Of this factor.
        factor: u8,
        /// Before the core checks had passed.
        skipped: bool,
    },
}

/// The result of a run for one factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graded {
    /// The factor.
    pub factor: u8,
    /// Where it stands.
    pub standing: Decided,
    /// Whether no check was left out.
    pub whole: bool,
    /// Whether every core check passed.
    pub core_passed: bool,
    /// Why no check ran, if none did.
    #[serde(default)]
    pub blocked: Option<String>,
    /// The checks that ran, in repair order.
    #[serde(default)]
    pub checks: Vec<Checked>,
}

/// One check's end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// The check.
    pub check: String,
    /// Its verdict, in the word that reports use.
    pub verdict: String,
    /// The reason code, of a failure.
    #[serde(default)]
    pub reason: Option<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decided {
    /// Nothing required fails.
    Passed,
    /// A required check fails.
    Failed,
    /// No check ran.
    Blocked,
    /// The attendee's machine can test nothing of it.
    Untested,
    /// The grader could not decide.
    Error,
}

/// Reads one event, or says what is wrong with it.
pub fn read(value: serde_json::Value) -> Result<Event, String> {
    let event: Event = serde_json::from_value(value).map_err(|error| error.to_string())?;
    if !is_uuid(&event.id) {
        return Err("`id` is no UUID".to_owned());
    }
    if event.seq < 1 {
        return Err("`seq` begins at 1".to_owned());
    }
    event.what.valid().map(|()| event)
}

impl What {
    /// The factor it is about.
    pub fn factor(&self) -> Option<u8> {
        match self {
            What::Graded(graded) => Some(graded.factor),
            What::Hand { factor, .. } => *factor,
            What::Solution { factor, .. } => Some(*factor),
        }
    }

    fn valid(&self) -> Result<(), String> {
        if self.factor().is_some_and(|factor| usize::from(factor) >= FACTORS.len()) {
            return Err("there is no such factor".to_owned());
        }
        match self {
            What::Graded(graded) => graded.valid(),
            What::Hand { .. } | What::Solution { .. } => Ok(()),
        }
    }
}

impl Graded {
    /// The check and the reason to talk about: the first failure that counts, in repair order.
    pub fn stuck(&self) -> Option<(&str, &str)> {
        if let Some(reason) = &self.blocked {
            return Some(("", reason));
        }
        let known = FACTORS[usize::from(self.factor)].checks();
        let required = |id: &str| !known.iter().any(|check| check.id == id && check.tier == Tier::Extra);
        let failed = self.checks.iter().find(|check| check.verdict == "FAIL" && required(&check.check))?;
        Some((&failed.check, failed.reason.as_deref().unwrap_or_default()))
    }

    fn valid(&self) -> Result<(), String> {
        if self.checks.len() > MOST_CHECKS {
            return Err("more checks than a factor has".to_owned());
        }
        let names = self.checks.iter().flat_map(|check| [Some(&check.check), check.reason.as_ref()]);
        if !names.flatten().chain(&self.blocked).all(|name| is_name(name)) {
            return Err("the name of a check or a reason code cannot be one".to_owned());
        }
        let verdicts = ["PASS", "FAIL", "BLOCKED", "UNGRADED", "ERROR"];
        let known = self.checks.iter().all(|check| verdicts.contains(&check.verdict.as_str()));
        known.then_some(()).ok_or_else(|| "there is no such verdict".to_owned())
    }
}

/// Kebab case and short: what else comes in its place is no name, and is not kept.
fn is_name(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(letter)
}

fn is_uuid(id: &str) -> bool {
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "0193639e-6f1c-7000-8000-000000000001";

    fn graded(checks: serde_json::Value) -> serde_json::Value {
        json!({ "id": ID, "seq": 1, "at": 5, "kind": "graded", "factor": 3, "standing": "failed",
                "whole": true, "core_passed": false, "checks": checks })
    }

    #[test]
    fn the_first_failure_that_counts_is_what_somebody_is_stuck_on() {
        let checks = json!([{ "check": "a", "verdict": "PASS" }, { "check": "b", "verdict": "FAIL", "reason": "hung" },
                            { "check": "c", "verdict": "FAIL", "reason": "late" }]);
        let What::Graded(graded) = read(graded(checks)).unwrap().what else { panic!("it is a graded one") };
        assert_eq!(graded.stuck(), Some(("b", "hung")));
    }

    #[test]
    fn what_is_no_name_and_no_verdict_is_refused() {
        for check in ["<script>", "secret value", "A", "", "fn main() {}"] {
            assert!(read(graded(json!([{ "check": check, "verdict": "PASS" }]))).is_err(), "{check}");
        }
        assert!(read(graded(json!([{ "check": "a", "verdict": "GREAT" }]))).is_err());
        assert!(read(json!({ "id": "x", "seq": 1, "at": 1, "kind": "hand", "raised": true })).is_err());
        assert!(read(json!({ "id": ID, "seq": 0, "at": 1, "kind": "hand", "raised": true })).is_err());
        assert!(read(json!({ "id": ID, "seq": 1, "at": 1, "kind": "hand", "raised": true, "factor": 99 })).is_err());
        assert!(read(json!({ "id": ID, "seq": 1, "at": 1, "kind": "code" })).is_err());
    }

    #[test]
    fn what_is_not_part_of_the_format_is_forgotten() {
        let with_more = json!({ "id": ID, "seq": 1, "at": 1, "kind": "hand", "raised": true, "log": "a secret" });
        let kept = serde_json::to_string(&read(with_more).unwrap()).unwrap();
        assert!(!kept.contains("secret"), "{kept}");
    }
}
