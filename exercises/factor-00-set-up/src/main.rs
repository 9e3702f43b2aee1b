//! `links web` of the warm-up: answers what a platform asks of every service, and lacks one line.

use std::net::Ipv4Addr;

use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::var("PORT")?.parse()?;

    let release = "unreleased".to_owned();
    // TODO(factor 0): take away the two slashes before `let`, save the file, and check again.
    // let release = std::env::var("RELEASE_ID").unwrap_or(release);

    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await?;
    println!("listening on port {port}, release {release}");
    axum::serve(listener, app(release)).await?;
    Ok(())
}

fn app(release: String) -> Router {
    let version = json!({"app": "links", "build": env!("CARGO_PKG_VERSION"), "release": release});
    Router::new()
        .route("/healthz", get(async || Json(json!({"status": "ok"}))))
        .route("/version", get(async || Json(version)))
}
