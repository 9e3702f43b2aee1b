//! `screen web`: the partner of `links`, an app of its own with a release and a port of its own.
//!
//! ```sh
//! PORT=9000 DENY_HOSTS=bad.example screen web
//! ```

use std::error::Error;
use std::process::ExitCode;

use jjalda::config::{log_level, port, shutdown_grace};
use jjalda::screen::{Screen, app};
use jjalda::{log, serve};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if arguments != ["web"] {
        log::complain("screen", "usage: screen web");
        return ExitCode::from(2);
    }
    log::ended("screen", web().await)
}

async fn web() -> Result<(), Box<dyn Error>> {
    log::to_stdout(log_level()?);
    let (port, grace) = (port()?, shutdown_grace()?);
    let screen = Screen::from_env()?;
    let stop = serve::stop_signal()?;
    let listener = serve::listen(port).await?;
    tracing::info!(port, release = screen.release_id, commit = jjalda::COMMIT, "listening");
    serve::until(listener, app(screen), stop, grace).await?;
    Ok(())
}
