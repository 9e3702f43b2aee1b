//! `links web` of factor 3: makes short links. It works on my machine, and on the server.

mod config;
mod http;

use std::net::Ipv4Addr;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("web") {
        eprintln!("usage: factor-03-config web");
        return ExitCode::from(2);
    }
    // TODO(factor 3): somebody sets a variable for this deploy, and this folder has a file. Who wins?
    dotenvy::dotenv_override().ok();
    match run(Config::load()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("links: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(config: Config) -> std::io::Result<()> {
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
    axum::serve(listener, http::app(config)).with_graceful_shutdown(shutdown).await
}
