//! `links` of factor 9: makes short links, and previews of them. Please do not restart it during the day.

mod config;
mod http;
mod store;
mod worker;

use std::error::Error;
use std::net::Ipv4Addr;
use std::process::ExitCode;

use tokio::net::TcpListener;

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
            eprintln!("usage: factor-09-disposability web|worker|migrate");
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
    let store = Store::attach(&config.database);
    // TODO(factor 9): this was quick in the first year. How long does a start take when everybody uses the service?
    let known = store.every_link().await.map_or(0, |links| links.len());
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, config.port)).await?;
    println!("listening on port {}, {known} links are known", config.port);
    println!("requests in hand would get {:?} at the end", config.shutdown_grace);
    let links =
        Links { store, screen: config.screen, public_base_url: config.public_base_url, release_id: config.release_id };
    // TODO(factor 9): Ctrl-C works well. Is this what a platform does when it wants a process to end?
    // TODO(factor 9): somebody opens a connection, sends half a request, and goes to lunch. When does this return?
    let shutdown = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
    axum::serve(listener, http::app(links)).with_graceful_shutdown(shutdown).await?;
    Ok(())
}

async fn work() -> Result<(), Box<dyn Error>> {
    worker::work(WorkerConfig::from_env()?).await;
    Ok(())
}

async fn migrate() -> Result<(), Box<dyn Error>> {
    Store::attach(&DatabaseConfig::from_env()?).migrate().await.map_err(|why| why.to_string())?;
    Ok(())
}
