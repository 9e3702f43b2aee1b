//! `links`: a web process, a worker, and everything that is done once as a process of its own. All of them are this one
//! program, started with the same environment.
//!
//! ```sh
//! links migrate                                   # brings the schema, once per release and before its other processes
//! links web                                       # serves
//! links worker                                    # makes previews
//! links admin create-user --name N --role user    # the password comes from NEW_USER_PASSWORD
//! links admin purge --older-than-days 365         # deletes old links
//! links admin backfill-previews                   # has previews made that are missing
//! ```

use std::error::Error;
use std::process::ExitCode;

use jjalda::config::{WebConfig, WorkerConfig, log_level};
use jjalda::http::{self, Links};
use jjalda::mail::Mail;
use jjalda::partner::Partner;
use jjalda::sessions::Sessions;
use jjalda::store::Store;
use jjalda::{admin, log, serve, worker};

const USAGE: &str = "usage: links web | worker | migrate | admin create-user --name NAME --role user|admin \
                     | admin purge --older-than-days DAYS | admin backfill-previews";

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["web"] => web().await,
        ["worker"] => work().await,
        ["migrate"] => admin::migrate().await,
        ["admin", "create-user", "--name", name, "--role", role] => admin::create_user(name, role).await,
        ["admin", "purge", "--older-than-days", days] => admin::purge(days).await,
        ["admin", "backfill-previews"] => admin::backfill_previews().await,
        // Whatever is not understood to its last word is not done: of `purge --older-than-days 30 --dry-run`, somebody who
        // overlooks the end does the opposite of what was asked.
        _ => {
            log::complain("links", USAGE);
            return ExitCode::from(2);
        }
    };
    log::ended("links", outcome)
}

/// Serves. It does not wait for its backing services: `/readyz` says when they are there.
async fn web() -> Outcome {
    log::to_stdout(log_level()?);
    let config = WebConfig::from_env()?;
    let stop = serve::stop_signal()?;
    let listener = serve::listen(config.port).await?;
    tracing::info!(port = config.port, release = config.database.release_id, commit = jjalda::COMMIT, "listening");
    let links = Links {
        sessions: Sessions::attach(&config.sessions, config.database.timeout)?,
        store: Store::attach(&config.database),
        partner: Partner::attach(config.screen),
        mail: Mail::attach(config.mail),
        public_base_url: config.public_base_url,
        release_id: config.database.release_id,
    };
    serve::until(listener, http::app(links), stop, config.shutdown_grace).await?;
    Ok(())
}

async fn work() -> Outcome {
    log::to_stdout(log_level()?);
    let config = WorkerConfig::from_env()?;
    let stop = serve::stop_signal()?;
    worker::work(config, stop).await;
    tracing::info!("stopped, no job is in hand");
    Ok(())
}
