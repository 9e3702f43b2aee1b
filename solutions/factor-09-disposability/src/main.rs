//! `links` of factor 9: starts at once, ends when asked without dropping anybody, and loses nothing when it is killed.
//!
//! Run with
//!
//! ```sh
//! export DATABASE_URL=postgres://links:local@localhost/links SCREEN_URL=http://localhost:9000 SCREEN_API_KEY=local
//! cargo run --package solution-09-disposability -- migrate
//! PORT=8080 PUBLIC_BASE_URL=http://localhost:8080 cargo run --package solution-09-disposability -- web
//! cargo run --package solution-09-disposability -- worker
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

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let ended = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["web"] => web().await,
        ["worker"] => work().await,
        ["migrate"] => migrate().await,
        _ => {
            complain("usage: solution-09-disposability web|worker|migrate");
            return ExitCode::from(2);
        }
    };
    match ended {
        // Being asked to end and ending is a success, and the exit code says so.
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(error);
            ExitCode::FAILURE
        }
    }
}

/// Nothing is loaded, reached or warmed up before the port is open, so a start takes as long with a million links as with
/// none (`starts-fast`). Whether it can be of use yet is what `/readyz` is for (`ready-is-true`).
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

// ANCHOR: serve
/// Serves until `stop`, then lets the requests in hand finish (`inflight-completes`), but no longer than `grace`.
///
/// At the signal axum closes the listener, so new connections are refused at once and nobody waits in a queue that is no
/// longer read (`new-work-while-draining`). It closes idle connections and waits for all others. On Kubernetes the signal and
/// the removal from the load balancer run side by side: there a `preStop` sleep of some seconds keeps the door open until
/// nobody is sent here any more.
async fn serve(listener: TcpListener, app: Router, mut stop: watch::Receiver<bool>, grace: Duration) -> io::Result<()> {
    let mut stopping = stop.clone();
    let graceful = async move { drop(stopping.wait_for(|stop| *stop).await) };
    tokio::select! {
        ended = axum::serve(listener, app).with_graceful_shutdown(graceful) => {
            log(format_args!("info stopped, every request is answered"));
            ended
        }
        // axum waits for every connection that has begun a request, without an end: half a request header, left open by a
        // browser or a scanner, holds up the deploy until the platform kills the process, and everybody else's request
        // with it. So the drain has a deadline of its own, shorter than the platform's (`drain-is-bounded`).
        () = async { drop(stop.wait_for(|stop| *stop).await); sleep(grace).await } => {
            log(format_args!("warn stopped, with connections left after {} s", grace.as_secs()));
            Ok(())
        }
    }
}
// ANCHOR_END: serve

/// Becomes true at SIGTERM, which the platform sends, or at SIGINT, which Ctrl-C sends.
///
/// The handlers are installed by the call and not by the first poll, so a signal that comes early is not lost.
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
