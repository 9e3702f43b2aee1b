//! `links web` of the warm-up: answers what a platform asks of every service.
//!
//! Run with `PORT=8080 RELEASE_ID=friday cargo run --package solution-00-set-up -- web`.

use std::io::{self, Write};
use std::net::Ipv4Addr;

use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::var("PORT")?.parse()?;
    // The platform names the release when it starts it (`release-is-told`): the same program may be part of another one
    // tomorrow, with other configuration, so its own version would be the answer to a different question.
    let release = std::env::var("RELEASE_ID").unwrap_or_else(|_| "unreleased".to_owned());

    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await?;
    writeln!(io::stdout(), "listening on port {port}, release {release}")?;
    axum::serve(listener, app(release)).await?;
    Ok(())
}

fn app(release: String) -> Router {
    let version = json!({"app": "links", "build": env!("CARGO_PKG_VERSION"), "release": release});
    Router::new()
        .route("/healthz", get(async || Json(json!({"status": "ok"}))))
        .route("/version", get(async || Json(version)))
}
