//! `links` of factor 12: a web process, a worker, and everything that is done once as a process of its own. All of them are
//! this one program, started with the same environment.
//!
//! ```sh
//! links migrate                                   # brings the schema, once per release and before its other processes
//! links web                                       # serves
//! links worker                                    # makes previews
//! links admin create-user --name N --role user    # the password comes from NEW_USER_PASSWORD
//! links admin purge --older-than-days 365         # deletes old links
//! links admin backfill-previews                   # has previews made that are missing
//! ```
//!
//! Nobody logs in anywhere for the last four: a platform starts them as it starts the first two.

mod admin;
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
use reqwest::Client;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::config::{WebConfig, WorkerConfig};
use crate::http::{Links, ask, client};
use crate::store::{Job, Store};

const USAGE: &str = "usage: links web | worker | migrate | admin create-user --name NAME --role user|admin \
                     | admin purge --older-than-days DAYS | admin backfill-previews";

// ANCHOR: commands
#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["web"] => web().await,
        ["worker"] => work().await,
        ["migrate"] => admin::migrate().await,
        ["admin", "create-user", "--name", name, "--role", role] => admin::create_user(name, role).await,
        ["admin", "purge", "--older-than-days", days] => admin::purge(days).await,
        ["admin", "backfill-previews"] => admin::backfill_previews().await,
        // Whatever is not understood to its last word is not done: of `purge --older-than-days 30 --dry-run`, somebody who
        // overlooks the end does the opposite of what was asked (`exit-codes-are-honest`).
        _ => {
            complain(USAGE);
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // The one sentence that a pipeline or a Job understands. An error that is written down and forgotten here lets the
        // release go on without its schema.
        Err(error) => {
            complain(error);
            ExitCode::FAILURE
        }
    }
}
// ANCHOR_END: commands

/// Serves, and never touches the schema: of ten replicas, ten would do it, at the moment at which all of them are needed, with
/// the right to change tables in the hands of a process that the world can reach (`web-does-not-migrate`). Until `migrate` has
/// run, `/readyz` says no, and that is enough.
async fn web() -> Result<(), Box<dyn Error>> {
    let config = WebConfig::from_env()?;
    let stop = stop_signal()?;
    let port = config.port;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
        .await
        .map_err(|error| format!("cannot listen on port {port} (PORT): {error}"))?;
    log(format_args!("info listening port={port} release={}", config.database.release_id));
    let links = Links {
        store: Store::attach(&config.database),
        screen: config.screen,
        public_base_url: config.public_base_url,
        release_id: config.database.release_id,
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
            log(format_args!("warn no title for {}: {}", job.slug, answer.err().unwrap_or("screen named none")));
            store.postpone(job, config.attempts).await
        }
    };
    if let Err(why) = stored {
        // The lease runs out, and the job is done again with the same key.
        log(format_args!("warn result of {} not stored: {why}", job.slug));
    }
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
