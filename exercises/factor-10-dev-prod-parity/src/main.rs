//! `links` of factor 10: short links. On a laptop it needs nothing but itself.
//!
//! ```sh
//! links migrate                 # prepares the database
//! links web                     # serves
//! ```

mod config;
mod http;
mod store;

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::config::{Config, Database};
use crate::store::Store;

const USAGE: &str = "usage: links web | migrate";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["web"] => web().await,
        ["migrate"] => migrate().await,
        _ => {
            complain(USAGE);
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(error);
            ExitCode::FAILURE
        }
    }
}

/// Serves.
async fn web() -> Result<(), Box<dyn Error>> {
    let config = Config::from_env()?;
    let shutdown = shutdown_signal()?;
    if config.database.is_file() {
        store::migrate(&config.database).await?;
    }
    let store = Store::new(&config.database);
    let (port, grace) = (config.port, config.shutdown_grace);
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
        .await
        .map_err(|error| format!("cannot listen on port {port} (PORT): {error}"))?;
    log(format_args!("listening port={port} release={}", config.release_id));
    serve(listener, http::app(config, store), shutdown, grace).await?;
    log("stopped");
    Ok(())
}

async fn migrate() -> Result<(), Box<dyn Error>> {
    store::migrate(&Database::from_env()?).await?;
    log("migrated");
    Ok(())
}

/// Serves until `shutdown` completes, then lets the requests in hand finish, for `grace` at the longest.
async fn serve(
    listener: TcpListener,
    app: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) -> io::Result<()> {
    let (asked, was_asked) = oneshot::channel();
    let shutdown = async move {
        shutdown.await;
        let _ = asked.send(());
    };
    tokio::select! {
        ended = axum::serve(listener, app).with_graceful_shutdown(shutdown) => ended,
        _ = async { let _ = was_asked.await; tokio::time::sleep(grace).await } => Ok(()),
    }
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

/// Writes one line to stdout. A reader that has gone must not cost a customer the answer.
pub fn log(line: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Writes why the program cannot run to stderr.
fn complain(message: impl Display) {
    let _ = writeln!(io::stderr().lock(), "links: {message}");
}
