//! The log: one event, one line, one JSON object, written to stdout as it happens (factor 11).
//!
//! There is deliberately no file name, no rotation and no address of a collector in here. Where the stream goes, and for how
//! long it is kept, is decided by whoever runs the service.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// From here on events are written, if they are important enough.
pub fn to_stdout(limit: LevelFilter) {
    tracing_subscriber::registry().with(events(limit)).init();
}

/// Writes events, each with the span that it happened in, so with the id of its trace (factor 13).
pub fn events<S: Subscriber + for<'a> LookupSpan<'a>>(limit: LevelFilter) -> impl Layer<S> {
    // `LOG_LEVEL` is about this service. What its libraries find worth a `debug` may hold what nobody meant
    // to log. A target is the beginning of a name, so this one is also that of both programs.
    let own = Targets::new().with_default(limit.min(LevelFilter::WARN)).with_target(env!("CARGO_CRATE_NAME"), limit);
    // JSON is more than a format: whatever a visitor sends becomes a string in which no line can end. An event that cannot be
    // written is dropped, and the customer gets the answer all the same.
    let events = fmt::layer().json().flatten_event(true).with_target(false).log_internal_errors(false);
    events.with_span_list(false).with_filter(own)
}

/// What the platform learns of the end of a process: the exit code, and in the last line why.
pub fn ended(program: &str, outcome: Result<(), Box<dyn Error>>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(program, &error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Writes to stderr why the program does not do what it was asked: in plain words, since there may be no log yet.
pub fn complain(program: &str, message: &str) {
    let _ = writeln!(io::stderr().lock(), "{program}: {message}");
}
