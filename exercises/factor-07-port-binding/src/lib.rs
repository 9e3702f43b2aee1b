//! What both apps do alike: serve HTTP until the platform says stop, and say what went wrong.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use axum::Router;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

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
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Writes why the program cannot run to stderr.
fn complain(app: &str, message: &str) {
    let _ = writeln!(io::stderr().lock(), "{app}: {message}");
}
