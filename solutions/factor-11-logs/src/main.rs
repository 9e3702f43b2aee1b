//! `links web` of factor 11: says what happens as a stream of events on stdout, and leaves the rest to the platform.
//!
//! Run with
//!
//! ```sh
//! PORT=8080 SCREEN_URL=http://localhost:9000 SCREEN_API_KEY=local PUBLIC_BASE_URL=http://localhost:8080 \
//!     cargo run --package solution-11-logs -- web
//! ```

mod config;
mod http;
mod log;

use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;

use serde::Serialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::log::{Level, Log};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if arguments != ["web"] {
        complain("usage: solution-11-logs web");
        return ExitCode::from(2);
    }
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The last line is the most important one: it says why nothing follows (`last-words`). There may be no log
            // yet, since its level is configuration too, so this goes to stderr, in plain words.
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let config = Config::from_env()?;
    let log = Log::new(config.log_level);
    let shutdown = shutdown_signal()?;
    let port = config.port;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
        .await
        .map_err(|error| format!("cannot listen on port {port} (PORT): {error}"))?;
    // The fields are chosen one by one. A log line made of the whole configuration would hold the next secret that
    // somebody adds to it (`no-secrets`).
    log.event(Level::Info, "listening", Listening { port, release: &config.release_id });
    axum::serve(listener, http::app(config, log)).with_graceful_shutdown(shutdown).await?;
    // Without this line nobody can tell an orderly end from a crash, or from a log that got lost on the way.
    log.event(Level::Info, "stopped", Stopped { why: "asked to end, and every request is answered" });
    Ok(())
}

#[derive(Serialize)]
struct Listening<'a> {
    port: u16,
    release: &'a str,
}

#[derive(Serialize)]
struct Stopped {
    why: &'static str,
}

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

/// Writes why the program cannot run to stderr. It ends anyway, so a reader that is gone changes nothing.
fn complain(message: &str) {
    let _ = writeln!(io::stderr().lock(), "links: {message}");
}
