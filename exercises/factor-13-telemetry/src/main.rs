//! `links` of factor 13: it has a page of numbers, two health checks and a log. In the night in which somebody needs them, they
//! answer other questions than those that are asked.
//!
//! ```sh
//! links migrate    # brings the schema
//! links web        # serves
//! links worker     # makes previews
//! ```

mod config;
mod http;
mod metrics;
mod store;

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use reqwest::Client;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::config::{DatabaseConfig, WebConfig, WorkerConfig};
use crate::http::{Links, ask, client};
use crate::store::{Job, Store};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let ended = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["web"] => web().await,
        ["worker"] => work().await,
        ["migrate"] => migrate().await,
        _ => {
            complain("usage: factor-13-telemetry web|worker|migrate");
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

/// Makes previews, one after the other, until it is asked to end. What is in hand then is finished: that takes no longer than
/// `UPSTREAM_TIMEOUT_MS`.
async fn work() -> Result<(), Box<dyn Error>> {
    let config = WorkerConfig::from_env()?;
    let mut stop = stop_signal()?;
    let store = Store::attach(&config.database);
    let client = client(&config.screen);
    log("info worker started");
    while !*stop.borrow() {
        match store.claim(config.lease).await {
            Ok(Some(job)) => attempt(&config, &store, &client, &job).await,
            Ok(None) => drop(timeout(config.poll, stop.wait_for(|stop| *stop)).await),
            Err(why) => {
                log(format_args!("warn {why}"));
                drop(timeout(config.poll, stop.wait_for(|stop| *stop)).await);
            }
        }
    }
    Ok(())
}

async fn attempt(config: &WorkerConfig, store: &Store, client: &Client, job: &Job) {
    let answer = ask(client, &config.screen, "previews", Some(&job.key), json!({ "target": job.target })).await;
    let stored = match answer.as_ref().map(|answer| answer["title"].as_str()) {
        Ok(Some(title)) => store.finish(job, title).await,
        Ok(None) | Err(_) => {
            let why = answer.err().unwrap_or("screen named none");
            log(format_args!("warn no title for {}: {why}", job.slug));
            store.postpone(job).await
        }
    };
    if let Err(why) = stored {
        // The lease runs out, and the job is done again with the same key.
        log(format_args!("warn result of {} not stored: {why}", job.slug));
    }
}

/// A one-off process: web and worker never change the schema.
async fn migrate() -> Result<(), Box<dyn Error>> {
    let config = DatabaseConfig::from_env()?;
    Store::attach(&config).migrate().await.map_err(|why| why.to_string())?;
    Ok(())
}

/// Serves until `stop`, then lets the requests in hand finish, for `grace` at the longest.
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

/// Writes why the program cannot do what it was asked to stderr.
fn complain(message: impl Display) {
    let _ = writeln!(io::stderr().lock(), "links: {message}");
}
