//! `links web` of factor 3: one build that becomes any deploy, because everything that differs comes from the environment.
//!
//! Run with
//!
//! ```sh
//! PORT=8080 SCREEN_URL=http://localhost:9000 SCREEN_API_KEY=local PUBLIC_BASE_URL=http://localhost:8080 \
//!     cargo run --package solution-03-config -- web
//! ```

mod config;
mod http;
mod screen;

use std::fmt::Display;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Config, LogLevel};

const USAGE: &str = "usage: solution-03-config web\nEverything else is set in the environment.";

#[tokio::main]
async fn main() -> ExitCode {
    // Arguments say which process this is, the environment says which deploy it is.
    // There is no `--config` and no `--env`: a second source would need a rule for which one wins.
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if arguments != ["web"] {
        complain(USAGE);
        return ExitCode::from(2);
    }
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    // The whole configuration is read before the port is opened (`missing-required-fails-fast`). Reading `SCREEN_API_KEY`
    // at the first request instead would let the platform call this deploy healthy and send it customers.
    let config = Config::from_env()?;
    let shutdown = shutdown_signal()?;
    let listener = listen(config.port).await?;
    // Only what is harmless goes into the log. `{config:?}` would be safe today, because `Secret` redacts itself,
    // but a log line that names its fields stays safe when somebody adds a field.
    log(config.log_level, LogLevel::Info, format!("listening port={} release={}", config.port, config.release_id));
    serve(listener, http::app(config), shutdown).await?;
    Ok(())
}

/// Serves until `shutdown` completes, then lets the requests in hand finish.
async fn serve(
    listener: TcpListener,
    app: axum::Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, app).with_graceful_shutdown(shutdown).await
}

/// Opens `port` on every address: in a container, loopback would be reachable by nobody.
async fn listen(port: u16) -> Result<TcpListener, String> {
    // No second try with another port: the platform sends traffic to the one it chose.
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
        .await
        .map_err(|error| format!("cannot listen on port {port} (PORT): {error}"))
}

/// Completes at SIGTERM, which the platform sends, or at SIGINT, which Ctrl-C sends.
///
/// The handlers are installed by the call and not by the first poll, so a signal that comes early is not lost.
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

/// Writes one line to stdout if `limit` admits `level`.
pub fn log(limit: LogLevel, level: LogLevel, line: impl Display) {
    if level <= limit {
        // `println!` panics when the reader has gone, and that panic would cost a customer the answer. A lost line costs less.
        let _ = writeln!(io::stdout().lock(), "{level} {line}");
    }
}

/// Writes why the program cannot run to stderr.
fn complain(message: impl Display) {
    let _ = writeln!(io::stderr().lock(), "links: {message}");
}
