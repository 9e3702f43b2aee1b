//! `screen web` of factor 14: the service that `ci/pipeline` tests, builds and releases. What is taught here lies in `ci/`.
//!
//! Run with
//!
//! ```sh
//! PORT=8080 DENY_HOSTS=bad.example cargo run --package solution-14-automation -- web
//! ```

use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use solution_14_automation::config::Config;
use solution_14_automation::http;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if arguments != ["web"] {
        complain("usage: solution-14-automation web");
        return ExitCode::from(2);
    }
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let config = Config::from_env()?;
    let mut terminate = signal(SignalKind::terminate())?;
    let port = config.port;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
        .await
        .map_err(|error| format!("cannot listen on port {port} (PORT): {error}"))?;
    let shutdown = async move {
        terminate.recv().await;
    };
    axum::serve(listener, http::app(config)).with_graceful_shutdown(shutdown).await?;
    Ok(())
}

/// Writes why the program cannot run to stderr.
fn complain(message: &str) {
    let _ = writeln!(io::stderr().lock(), "screen: {message}");
}
