//! `links` of factor 8: one program, two process types, and as many processes of each as somebody likes.
//!
//! Run with
//!
//! ```sh
//! export DATABASE_URL=postgres://links:local@localhost/links SCREEN_URL=http://localhost:9000 SCREEN_API_KEY=local
//! cargo run --package solution-08-concurrency -- migrate
//! PORT=8080 PUBLIC_BASE_URL=http://localhost:8080 cargo run --package solution-08-concurrency -- web
//! cargo run --package solution-08-concurrency -- worker
//! ```

mod config;
mod http;
mod store;
mod worker;

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::config::{DatabaseConfig, WebConfig, WorkerConfig};
use crate::http::Links;
use crate::store::Store;

/// The process types of `Procfile`: the first word decides which one this process is. How many there are of each is the
/// platform's business, and so is starting them again: nothing here forks, goes to the background or writes a PID file
/// (`stays-in-foreground`).
#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let ended = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["web"] => web().await,
        ["worker"] => work().await,
        ["migrate"] => migrate().await,
        _ => {
            complain("usage: solution-08-concurrency web|worker|migrate");
            return ExitCode::from(2);
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(error);
            ExitCode::FAILURE
        }
    }
}

/// Serves, and nothing else. Work that can wait goes into the queue: done here, there would be as many workers as web
/// processes, no more and no fewer (`process-types-separate`), and whatever is done every minute would be done by each
/// (`idle-replicas-are-quiet`).
async fn web() -> Result<(), Box<dyn Error>> {
    let config = WebConfig::from_env()?;
    let stop = stop_signal()?;
    let port = config.port;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
        .await
        .map_err(|error| format!("cannot listen on port {port} (PORT): {error}"))?;
    log(format_args!("info listening port={port} release={}", config.release_id));
    let links = Links {
        store: Store::attach(&config.database),
        screen: config.screen,
        public_base_url: config.public_base_url,
        release_id: config.release_id,
    };
    serve(listener, http::app(links), stop, config.shutdown_grace).await?;
    Ok(())
}

/// Listens nowhere: nobody calls a worker, so a `PORT` that is set for all process types is not looked at, and any number
/// of workers has room on one machine (`worker-needs-no-port`).
async fn work() -> Result<(), Box<dyn Error>> {
    let config = WorkerConfig::from_env()?;
    worker::work(config, stop_signal()?).await;
    log(format_args!("info stopped"));
    Ok(())
}

/// A one-off process: web and worker never change the schema, or ten of them would do it at the same time.
async fn migrate() -> Result<(), Box<dyn Error>> {
    let config = DatabaseConfig::from_env()?;
    Store::attach(&config).migrate().await.map_err(|why| why.to_string())?;
    Ok(())
}

/// Serves until `stop`, then lets the requests in hand finish, but no longer than `grace` (factor 9).
async fn serve(listener: TcpListener, app: Router, mut stop: watch::Receiver<bool>, grace: Duration) -> io::Result<()> {
    let mut stopping = stop.clone();
    let graceful = async move { drop(stopping.wait_for(|stop| *stop).await) };
    tokio::select! {
        ended = axum::serve(listener, app).with_graceful_shutdown(graceful) => ended,
        () = async { drop(stop.wait_for(|stop| *stop).await); sleep(grace).await } => Ok(()),
    }
}

/// Becomes true at SIGTERM, which the platform sends, or at SIGINT, which Ctrl-C sends.
fn stop_signal() -> io::Result<watch::Receiver<bool>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        log(format_args!("info asked to end"));
        sender.send_replace(true);
        // Kept, so that nobody mistakes a dropped sender for a signal.
        std::future::pending::<()>().await;
    });
    Ok(receiver)
}

/// Writes one line to stdout. `println!` would panic when the reader has gone, and cost a customer the answer.
pub fn log(line: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Writes why the program cannot run to stderr.
fn complain(message: impl Display) {
    let _ = writeln!(io::stderr().lock(), "links: {message}");
}
