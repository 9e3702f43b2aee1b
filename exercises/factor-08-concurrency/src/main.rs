//! `links` of factor 8: makes short links, and previews of them. There is one of it, on a large machine.

mod config;
mod http;
mod store;
mod worker;

use std::error::Error;
use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::config::{DatabaseConfig, WebConfig, WorkerConfig};
use crate::http::Links;
use crate::store::Store;

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match std::env::args().nth(1).as_deref() {
        Some("web") => web().await,
        Some("worker") => work().await,
        Some("migrate") => migrate().await,
        _ => {
            eprintln!("usage: factor-08-concurrency web|worker|migrate");
            return ExitCode::from(2);
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("links: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn web() -> Result<(), Box<dyn Error>> {
    let config = WebConfig::from_env()?;
    let stop = stop_signal()?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, config.port)).await?;
    println!("listening on port {}", config.port);
    let store = Store::attach(&config.database);
    // TODO(factor 8): previews come late on Mondays, so we need twice as many workers. What do we start twice?
    tokio::spawn(worker::work(WorkerConfig::from_env()?, stop.clone()));
    tokio::spawn(keep_totals(store.clone()));
    let links =
        Links { store, screen: config.screen, public_base_url: config.public_base_url, release_id: config.release_id };
    let (mut stopping, mut stop) = (stop.clone(), stop);
    let graceful = async move { drop(stopping.wait_for(|stop| *stop).await) };
    tokio::select! {
        ended = axum::serve(listener, http::app(links)).with_graceful_shutdown(graceful) => ended?,
        () = async { drop(stop.wait_for(|stop| *stop).await); sleep(config.shutdown_grace).await } => {}
    }
    Ok(())
}

/// Counts links and clicks, so that the screen in the hall is always up to date.
// TODO(factor 8): three of this process, thirty of it. How often is this done, and who asked?
async fn keep_totals(store: Store) {
    loop {
        sleep(Duration::from_secs(1)).await;
        if let Err(why) = store.count_totals().await {
            println!("totals not counted: {why}");
        }
    }
}

async fn work() -> Result<(), Box<dyn Error>> {
    let config = WorkerConfig::from_env()?;
    if std::env::var_os("IN_BACKGROUND").is_none() {
        return Ok(to_background()?);
    }
    worker::work(config, stop_signal()?).await;
    Ok(())
}

/// Starts this program once more, for itself, and notes its number for the script that ends it.
// TODO(factor 8): it crashes at night, or a newer release is to replace it. Who notices, and whom does the platform stop?
fn to_background() -> std::io::Result<()> {
    let mut command = Command::new(std::env::current_exe()?);
    let worker = command.args(std::env::args_os().skip(1)).env("IN_BACKGROUND", "1").process_group(0).spawn()?;
    std::fs::write("links-worker.pid", worker.id().to_string())
}

async fn migrate() -> Result<(), Box<dyn Error>> {
    Store::attach(&DatabaseConfig::from_env()?).migrate().await.map_err(|why| why.to_string())?;
    Ok(())
}

/// Becomes true at SIGTERM or SIGINT.
fn stop_signal() -> std::io::Result<watch::Receiver<bool>> {
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
