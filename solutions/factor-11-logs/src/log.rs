//! The log: one event, one line, one JSON object, written to stdout as it happens.
//!
//! There is deliberately no file name, no rotation, no address of a collector and no buffer in here. Where the stream
//! goes, and for how long it is kept, is decided by whoever runs the service: a terminal, `docker logs`, a log store.

use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

/// How important an event is; the more important, the smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The service cannot do its work.
    Error,
    /// A request failed for a reason outside of this service.
    Warn,
    /// What happened, one event per request.
    Info,
    /// What helps while developing.
    Debug,
}

impl Level {
    /// The value of `LOG_LEVEL` that stands for a level.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "error" => Some(Self::Error),
            "warn" => Some(Self::Warn),
            "info" => Some(Self::Info),
            "debug" => Some(Self::Debug),
            _ => None,
        }
    }
}

/// Writes events that are important enough.
#[derive(Debug, Clone, Copy)]
pub struct Log {
    limit: Level,
}

impl Log {
    /// A log that leaves out what is less important than `limit`.
    pub fn new(limit: Level) -> Self {
        Self { limit }
    }

    // ANCHOR: event
    /// Writes one event; `fields` becomes part of the object.
    pub fn event(&self, level: Level, event: &'static str, fields: impl Serialize) {
        if level > self.limit {
            return;
        }
        let mut out = io::stdout().lock();
        // The time is taken while the stream is ours. Taken before, two threads could write their lines the other way
        // round, and the stream would jump back in time (`time-level-order`).
        let time = rfc3339(SystemTime::now());
        // JSON is more than a format here: whatever a visitor sends becomes a string in which no line can end and no
        // field can begin (`one-event-one-line`).
        let Ok(mut line) = serde_json::to_vec(&Event { time, level, event, fields }) else { return };
        line.push(b'\n');
        // Nobody reads any more, or the disk behind the pipe is full: that is the platform's trouble, and a customer
        // must not pay for it with an answer. `println!` would panic here (`reader-dies`).
        let _ = out.write_all(&line).and_then(|()| out.flush());
    }
    // ANCHOR_END: event
}

#[derive(Serialize)]
struct Event<F> {
    time: String,
    level: Level,
    event: &'static str,
    #[serde(flatten)]
    fields: F,
}

/// Milliseconds precision, UTC: a stream is merged with those of other machines. A real service would take a time crate.
pub fn rfc3339(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    // Howard Hinnant's `civil_from_days`: years begin in March, so that the leap day is the last day of a year.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second, milli) = (second / 3_600, second / 60 % 60, second % 60, since.subsec_millis());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_leap_day_is_written_as_one() {
        let time = UNIX_EPOCH + Duration::from_millis(1_709_210_096_007);
        assert_eq!(rfc3339(time), "2024-02-29T12:34:56.007Z");
    }

    #[test]
    fn what_a_visitor_sends_stays_inside_its_field() {
        let fields = std::collections::BTreeMap::from([("agent", "\"\n\u{1b}\",b:1")]);
        let event = Event { time: String::new(), level: Level::Info, event: "x", fields };
        let line = serde_json::to_string(&event).expect("it is a map of texts");
        assert!(!line.contains(['\n', '\u{1b}']), "{line}");
        assert_eq!(line.matches("\\\"").count(), 2, "{line}");
    }
}
