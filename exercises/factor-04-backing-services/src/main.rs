//! `links` of factor 4: it works well with the database, the Redis, the partner and the mail server of the machine on
//! which it was written.
//!
//! ```sh
//! links migrate                                   # prepares the database
//! links admin create-user --name N --role user    # the password comes from NEW_USER_PASSWORD
//! links web                                       # serves
//! ```

mod config;
mod http;
mod resources;

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::config::{Config, database_from_env, required};
use crate::resources::Resources;

const USAGE: &str = "usage: links web | migrate | admin create-user --name NAME --role user|admin";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["web"] => web().await,
        ["migrate"] => migrate().await,
        ["admin", "create-user", "--name", name, "--role", role @ ("user" | "admin")] => create_user(name, role).await,
        _ => {
            complain(USAGE);
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(error);
            ExitCode::FAILURE
        }
    }
}

/// Connects what it needs, then serves.
async fn web() -> Result<(), Box<dyn Error>> {
    let config = Config::from_env()?;
    let shutdown = shutdown_signal()?;
    let resources = Resources::attach(&config).await?;
    let (port, grace) = (config.port, config.shutdown_grace);
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
        .await
        .map_err(|error| format!("cannot listen on port {port} (PORT): {error}"))?;
    log(format_args!("listening port={port} release={}", config.release_id));
    serve(listener, http::app(config, resources), shutdown, grace).await?;
    log("stopped");
    Ok(())
}

async fn migrate() -> Result<(), Box<dyn Error>> {
    let applied = resources::migrate(&database_from_env()?).await?;
    log(format_args!("migrated applied={applied}"));
    Ok(())
}

async fn create_user(name: &str, role: &str) -> Result<(), Box<dyn Error>> {
    let database = database_from_env()?;
    // An argument could be read by everybody on the machine (`ps`).
    let password = required("NEW_USER_PASSWORD", |text| Some(text.to_owned()))?;
    resources::create_user(&database, name, role, &password).await?;
    log(format_args!("created user={name} role={role}"));
    Ok(())
}

/// Serves until `shutdown` completes, then lets the requests in hand finish, for `grace` at the longest.
async fn serve(
    listener: TcpListener,
    app: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) -> io::Result<()> {
    let (asked, was_asked) = oneshot::channel();
    let shutdown = async move {
        shutdown.await;
        let _ = asked.send(());
    };
    tokio::select! {
        ended = axum::serve(listener, app).with_graceful_shutdown(shutdown) => ended,
        _ = async { let _ = was_asked.await; tokio::time::sleep(grace).await } => Ok(()),
    }
}

/// Completes at SIGTERM, which the platform sends, or at SIGINT, which Ctrl-C sends.
fn shutdown_signal() -> io::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Writes one line to stdout. A reader that has gone must not cost a customer the answer.
pub fn log(line: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Writes why the program cannot run to stderr.
fn complain(message: impl Display) {
    let _ = writeln!(io::stderr().lock(), "links: {message}");
}
