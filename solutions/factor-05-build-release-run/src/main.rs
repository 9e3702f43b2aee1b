//! `links web` of factor 5: what was built is run, and nothing is made on the way.
//!
//! Run with
//!
//! ```sh
//! PORT=8080 SCREEN_URL=http://localhost:9000 SCREEN_API_KEY=local PUBLIC_BASE_URL=http://localhost:8080 \
//!     RELEASE_ID=by-hand cargo run --package solution-05-build-release-run -- web
//! ```

mod config;
mod http;

use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;

/// The commit of this build. It is a fact of the build stage, so it may be compiled in.
const BUILD: &str = env!("COMMIT");

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if arguments != ["web"] {
        complain("usage: solution-05-build-release-run web");
        return ExitCode::from(2);
    }
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

// ANCHOR: run
async fn run() -> Result<(), Box<dyn Error>> {
    // From here to the open port nothing is compiled, rendered, unpacked or downloaded: whatever can fail in that way has
    // failed in the build, by day, with somebody watching. A start at 3 a.m. needs this file and its variables
    // (`run-changes-nothing`, `run-is-cheap`).
    let config = Config::from_env()?;
    let shutdown = shutdown_signal()?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, config.port)).await?;
    // The first question after an incident is what ran at that minute. The answer is in the log before the first request
    // (`release-has-unique-id`).
    log(&format!("listening port={} build={BUILD} release={}", config.port, config.release_id));
    axum::serve(listener, http::app(config)).with_graceful_shutdown(shutdown).await?;
    Ok(())
}
// ANCHOR_END: run

/// Completes at SIGTERM, which the platform sends, or at SIGINT, which Ctrl-C sends.
fn shutdown_signal() -> io::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Writes one line to stdout. A reader that has gone must not cost a customer the answer.
pub fn log(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

fn complain(message: &str) {
    let _ = writeln!(io::stderr().lock(), "links: {message}");
}
