//! `screen web` of factor 1: it works, in two copies, and nobody can say which commit is running.
//!
//! Run with
//!
//! ```sh
//! PORT=8080 DENY_HOSTS=bad.example cargo run --package factor-01-codebase -- web
//! ```

mod config;
// ANCHOR: copies
// TODO(factor 1): one of these two is what customers use. Which one is tested?
#[cfg(not(feature = "production"))]
mod http;
#[cfg(feature = "production")]
#[path = "../src-prod/http.rs"]
mod http;
// ANCHOR_END: copies

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
        complain("usage: factor-01-codebase web");
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
    let mut terminate = signal(SignalKind::terminate())?;
    let port = config.port;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
        .await
        .map_err(|error| format!("cannot listen on port {port} (PORT): {error}"))?;
    let shutdown = async move {
        terminate.recv().await;
    };
    axum::serve(listener, http::app(config)).with_graceful_shutdown(shutdown).await?;
    Ok(())
}

/// Writes why the program cannot run to stderr.
fn complain(message: &str) {
    let _ = writeln!(io::stderr().lock(), "screen: {message}");
}
