//! `links web` of factor 2: makes short links with whatever the machine happens to have.

mod config;
mod host;
mod http;

use std::net::Ipv4Addr;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("web") {
        eprintln!("usage: factor-02-dependencies web");
        return ExitCode::from(2);
    }
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("links: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let config = Config::from_env()?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, config.port)).await.map_err(|error| error.to_string())?;
    println!("{} listening on port {}, release {}", host::now().await, config.port, config.release_id);
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let served = axum::serve(listener, http::app(config)).with_graceful_shutdown(shutdown).await;
    served.map_err(|error| error.to_string())
}
