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

use jjalda::config::{TelemetryConfig, WebConfig, WorkerConfig};
use jjalda::http::{self, Links};
use jjalda::mail::Mail;
use jjalda::partner::Partner;
use jjalda::sessions::Sessions;
use jjalda::store::Store;
use jjalda::telemetry::Telemetry;
use jjalda::{admin, log, serve, worker};

const USAGE: &str = "usage: links web | worker | migrate | admin create-user --name NAME --role user|admin \
                     | admin purge --older-than-days DAYS | admin backfill-previews";

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["web"] => told(web()),
        ["worker"] => told(work()),
        ["migrate"] => told(admin::migrate()),
        ["admin", "create-user", "--name", name, "--role", role] => told(admin::create_user(name, role)),
        ["admin", "purge", "--older-than-days", days] => told(admin::purge(days)),
        ["admin", "backfill-previews"] => told(admin::backfill_previews()),
        // Whatever is not understood to its last word is not done: of `purge --older-than-days 30 --dry-run`, somebody who
        // overlooks the end does the opposite of what was asked.
        _ => {
            log::complain("links", USAGE);
            return ExitCode::from(2);
        }
    };
    log::ended("links", outcome)
}

/// Runs a process and tells what it does, to the last span. The order is the point: the runtime ends first, so that every
/// request has ended its span; then what is left is sent, outside of the runtime, because sending blocks.
fn told(process: impl Future<Output = Outcome>) -> Outcome {
    let telemetry = Telemetry::start(&TelemetryConfig::from_env()?)?;
    let ended = tokio::runtime::Runtime::new()?.block_on(process);
    telemetry.flush();
    ended
}

/// Serves. It does not wait for its backing services: `/readyz` says when they are there.
async fn web() -> Outcome {
    let config = WebConfig::from_env()?;
    let stop = serve::stop_signal()?;
    let listener = serve::listen(config.port).await?;
    tracing::info!(port = config.port, release = config.database.release_id, commit = jjalda::COMMIT, "listening");
    let links = Links {
        sessions: Sessions::attach(&config.sessions, config.database.timeout)?,
        store: Store::attach(&config.database),
        hash_cost: config.hash_cost,
        partner: Partner::attach(config.screen),
        mail: Mail::attach(config.mail),
        public_base_url: config.public_base_url,
        release_id: config.database.release_id,
    };
    serve::until(listener, http::app(links), stop, config.shutdown_grace).await?;
    Ok(())
}

async fn work() -> Outcome {
    let config = WorkerConfig::from_env()?;
    let stop = serve::stop_signal()?;
    worker::work(config, stop).await;
    tracing::info!("stopped, no job is in hand");
    Ok(())
}
