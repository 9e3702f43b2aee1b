//! `links web` of factor 2: needs a kernel, a C library and its own file, and nothing else of the machine it runs on.
//!
//! Run with
//!
//! ```sh
//! PORT=8080 SCREEN_URL=http://localhost:9000 SCREEN_API_KEY=local PUBLIC_BASE_URL=http://localhost:8080 \
//!     cargo run --package solution-02-dependencies -- web
//! ```

mod config;
mod http;
mod screen;

use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if arguments != ["web"] {
        complain("usage: solution-02-dependencies web");
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

async fn run() -> Result<(), Box<dyn Error>> {
    let config = Config::from_env()?;
    let shutdown = shutdown_signal()?;
    let port = config.port;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
        .await
        .map_err(|error| format!("cannot listen on port {port} (PORT): {error}"))?;
    log(&format!("listening on port {port}, release {}", config.release_id));
    axum::serve(listener, http::app(config)).with_graceful_shutdown(shutdown).await?;
    Ok(())
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

/// Writes a line to stdout; a reader that is gone costs the line and not the request.
pub fn log(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Writes why the program cannot run to stderr.
fn complain(message: &str) {
    let _ = writeln!(io::stderr().lock(), "links: {message}");
}
