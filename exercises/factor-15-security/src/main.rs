//! `links` of factor 15: the complete service. It does what everybody who means well asks for.
//!
//! * `http.rs`: who may ask for what, how much, and what of an answer is shown.
//! * `accounts.rs`: passwords, sessions, and guesses.
//! * `store.rs`: links, and whose they are.
//! * `screen.rs`: the partner.
//!
//! ```sh
//! links migrate                                   # prepares the database
//! links admin create-user --name N --role user    # the password comes from NEW_USER_PASSWORD
//! links web                                       # serves
//! links worker                                    # fetches titles
//! ```

mod accounts;
mod config;
mod http;
mod screen;
mod store;

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

use crate::accounts::Accounts;
use crate::config::{Config, Database, Partner, required};
use crate::screen::Screen;
use crate::store::Store;

const USAGE: &str = "usage: links web | worker | migrate | admin create-user --name NAME --role user|admin";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["web"] => web().await,
        ["worker"] => worker().await,
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

async fn web() -> Result<(), Box<dyn Error>> {
    let config = Config::from_env()?;
    let shutdown = shutdown_signal()?;
    let store = Store::new(&config.database);
    let accounts = Accounts::new(&config.accounts, &store)?;
    let screen = Screen::new(config.screen);
    let (port, grace) = (config.port, config.shutdown_grace);
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
        .await
        .map_err(|error| format!("cannot listen on port {port} (PORT): {error}"))?;
    log(format_args!("info listening port={port} release={}", config.release_id));
    let app = http::app(http::Links {
        store,
        accounts,
        screen,
        public_base_url: config.public_base_url,
        release_id: config.release_id,
    });
    serve(listener, app, shutdown, grace).await?;
    log("info stopped");
    Ok(())
}

/// Asks the partner for the titles that are missing, one after another. It listens nowhere.
async fn worker() -> Result<(), Box<dyn Error>> {
    let (database, partner, pause) = (Database::from_env()?, Partner::from_env()?, config::job_poll()?);
    let shutdown = shutdown_signal()?;
    let (store, screen) = (Store::new(&database), Screen::new(partner));
    let work = async {
        loop {
            match store.preview_next(&screen).await {
                Ok(true) => {}
                Ok(false) => tokio::time::sleep(pause).await,
                Err(error) => {
                    log(format_args!("error worker: {error}"));
                    tokio::time::sleep(pause).await;
                }
            }
        }
    };
    tokio::select! {
        () = work => {}
        () = shutdown => log("info stopped"),
    }
    Ok(())
}

async fn migrate() -> Result<(), Box<dyn Error>> {
    let applied = store::migrate(&Database::from_env()?).await?;
    log(format_args!("info migrated applied={applied}"));
    Ok(())
}

async fn create_user(name: &str, role: &str) -> Result<(), Box<dyn Error>> {
    let database = Database::from_env()?;
    // An argument could be read by everybody on the machine (`ps`).
    let password = required("NEW_USER_PASSWORD", |text| Some(text.to_owned()))?;
    accounts::create_user(&Store::new(&database), name, role, &password).await?;
    log(format_args!("info created user={name} role={role}"));
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
