//! `links web` of factor 11: makes short links and keeps a careful diary about it.

mod config;
mod http;
mod log;

use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::log::Log;

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("web") {
        eprintln!("usage: factor-11-logs web");
        return ExitCode::from(2);
    }
    let log = Arc::new(Log::open().expect("the log file can be opened"));
    match run(log.clone()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // TODO(factor 11): the release does not start, and the platform shows an empty log. Where is this line?
            log.line(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(log: Arc<Log>) -> Result<(), String> {
    let config = Config::from_env()?;
    // TODO(factor 11): every line goes to a log store that the whole company can search. Is this one meant for all?
    println!("starting with {config:?}");
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, config.port)).await.map_err(|error| error.to_string())?;
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    // TODO(factor 11): one process of three has gone quiet. Was it asked to end, or did it crash?
    let served = axum::serve(listener, http::app(config, log)).with_graceful_shutdown(shutdown).await;
    served.map_err(|error| error.to_string())
}
