//! What both apps do alike: take the port that the platform chose, and serve HTTP on it until the platform says stop.
//!
//! There is no web server around them. Each program brings its own, as a library that was declared and compiled in, so a release
//! and a port are all that it takes to have an HTTP service (`self-contained`).

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

// ANCHOR: port
/// The port that the platform chose for this process.
///
/// `PORT` and no other variable. `LINKS_PORT` looks like a careful name, but wherever a Service is called `links` Kubernetes
/// sets it itself, to something like `tcp://10.96.7.7:80` (`service-links-immune`). And there is no default: a port that
/// the program knows is a port that the platform does not (`binds-given-port`).
///
/// # Errors
///
/// `PORT` is missing, or is none.
pub fn port() -> Result<u16, String> {
    let given = env::var("PORT").map_err(|_| "PORT is missing; expected a TCP port, 1 to 65535")?;
    match given.parse() {
        // Port 0 means "any that is free", and nobody would ever learn which one that was.
        Ok(port @ 1..) => Ok(port),
        _ => Err("PORT is malformed; expected a TCP port, 1 to 65535".to_owned()),
    }
}
// ANCHOR_END: port

// ANCHOR: listen
/// Opens `port` on every address of the machine.
///
/// 127.0.0.1 is reached from the same machine alone, and in a container the machine is that container: the probes of a
/// Pod and its Service come from outside (`reachable-beyond-loopback`). Whom a service may talk to is decided by the network
/// around it, not by an address on which nobody can reach it.
///
/// # Errors
///
/// Somebody else has the port. There is no second try with another one: the callers were told this one, so a service on the
/// next one is running and unreachable (`port-conflict-is-fatal`).
pub async fn listen(port: u16) -> Result<TcpListener, String> {
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))
        .await
        .map_err(|error| format!("cannot listen on port {port} (PORT): {error}"))
}
// ANCHOR_END: listen

/// Serves until SIGTERM, then lets the requests in hand finish.
///
/// # Errors
///
/// The signal cannot be listened for, or the listener fails.
pub async fn serve(listener: TcpListener, app: Router) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let shutdown = async move {
        terminate.recv().await;
    };
    axum::serve(listener, app).with_graceful_shutdown(shutdown).await
}

/// Runs the one process type that an app has, and says as what it ends.
pub async fn process(app: &str, web: impl Future<Output = Result<(), Box<dyn Error>>>) -> ExitCode {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    if arguments != ["web"] {
        complain(app, "the only process type is `web`; everything else is set in the environment");
        return ExitCode::from(2);
    }
    match web.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(app, &error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Writes one line to stdout.
pub fn log(line: &str) {
    // `println!` panics when the reader has gone, and that panic would cost a customer the answer.
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Writes why the program cannot run to stderr.
fn complain(app: &str, message: &str) {
    let _ = writeln!(io::stderr().lock(), "{app}: {message}");
}
