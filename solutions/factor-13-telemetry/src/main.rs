//! `links` of factor 13: the platform can see how it is, how much it does and where the time goes, without asking anybody who
//! wrote it.
//!
//! ```sh
//! export DATABASE_URL=postgres://links:local@localhost/links SCREEN_URL=http://localhost:9000 SCREEN_API_KEY=local
//! export OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 OTEL_SERVICE_NAME=links
//! cargo run --package solution-13-telemetry -- migrate
//! PORT=8080 PUBLIC_BASE_URL=http://localhost:8080 cargo run --package solution-13-telemetry -- web
//! cargo run --package solution-13-telemetry -- worker
//! ```

mod config;
mod http;
mod store;
mod telemetry;

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
use tracing::{Instrument, info, info_span, warn};

use crate::config::{DatabaseConfig, TelemetryConfig, WebConfig, WorkerConfig};
use crate::http::{Links, ask, client};
use crate::store::{Job, Store};
use crate::telemetry::{Telemetry, continues};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let ended = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["web"] => told(web()),
        ["worker"] => told(work()),
        ["migrate"] => told(migrate()),
        _ => {
            complain("usage: solution-13-telemetry web|worker|migrate");
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

/// Runs a process and tells what it does, to the last span. The order is the point: the runtime ends first, so that every
/// request has ended its span; then what is left is sent, outside of the runtime, because sending blocks.
fn told(process: impl Future<Output = Result<(), Box<dyn Error>>>) -> Result<(), Box<dyn Error>> {
    let telemetry = Telemetry::start(&TelemetryConfig::from_env()?)?;
    let ended = tokio::runtime::Runtime::new()?.block_on(process);
    telemetry.flush();
    ended
}

async fn web() -> Result<(), Box<dyn Error>> {
    let config = WebConfig::from_env()?;
    let stop = stop_signal()?;
    let port = config.port;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
        .await
        .map_err(|error| format!("cannot listen on port {port} (PORT): {error}"))?;
    info!(port, release = config.release_id, "listening");
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
    info!("worker started");
    while !*stop.borrow() {
        match store.claim(config.lease).await {
            Ok(Some(job)) => attempt(&config, &store, &client, &job).await,
            Ok(None) => drop(timeout(config.poll, stop.wait_for(|stop| *stop)).await),
            Err(why) => {
                warn!("{why}");
                drop(timeout(config.poll, stop.wait_for(|stop| *stop)).await);
            }
        }
    }
    Ok(())
}

// ANCHOR: attempt
/// One attempt at a job, as part of the trace of the request that has asked for it: minutes may lie between the two, and
/// whoever looks for "my preview is missing" starts at the request.
async fn attempt(config: &WorkerConfig, store: &Store, client: &Client, job: &Job) {
    let span = info_span!("preview", otel.kind = "consumer", slug = job.slug);
    continues(&span, &job.context);
    let done = async {
        let answer = ask(client, &config.screen, "previews", Some(&job.key), json!({ "target": job.target })).await;
        let stored = match answer.as_ref().map(|answer| answer["title"].as_str()) {
            Ok(Some(title)) => store.finish(job, title).await,
            Ok(None) | Err(_) => {
                warn!("no title for {}: {}", job.slug, answer.err().unwrap_or("screen named none"));
                store.postpone(job).await
            }
        };
        if let Err(why) = stored {
            // The lease runs out, and the job is done again with the same key.
            warn!("result of {} not stored: {why}", job.slug);
        }
    };
    done.instrument(span).await;
}
// ANCHOR_END: attempt

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

/// Writes why the program cannot do what it was asked to stderr.
fn complain(message: impl Display) {
    let _ = writeln!(io::stderr().lock(), "links: {message}");
}
