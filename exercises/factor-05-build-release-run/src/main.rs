//! `links web` of factor 5: makes short links. The image is nearly finished; the rest happens when it starts.

mod config;
mod http;

use std::net::Ipv4Addr;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;

// TODO(factor 5): the same build goes to staging and to production, with other settings. What is this called there?
pub const RELEASE: &str = concat!("v", env!("CARGO_PKG_VERSION"));

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("web") {
        eprintln!("usage: factor-05-build-release-run web");
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

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    // TODO(factor 5): the platform starts this at 3 a.m., from an image that nobody may write to.
    config::render()?;
    let config = Config::read()?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, config.port)).await?;
    println!("listening on port {}", config.port);
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    axum::serve(listener, http::app(config)).with_graceful_shutdown(shutdown).await?;
    Ok(())
}
