//! What all checks of this factor do: bring up a deploy whatever its `migrate` is worth, run one-offs, look at a database.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::{CheckResult, Failure, LabError, LogLine, Speaker, Stop};
use crate::lab::Lab;
use crate::lab::looks::looking;
use crate::lab::one_off::OneOff;
use crate::lab::postgres::Postgres;
use crate::lab::process::Exit;
use crate::lab::proxy::{Mode, Proxy};
use crate::lab::service::Service;
use crate::lab::start::Start;
use crate::links::System;
pub use crate::links::scene::{create, has_title, is_ready, preview, serving, slowed};
use crate::text::{Text, text};

/// What a database may need on a machine of the reference's speed, in milliseconds: patient, since many are made here at once.
const DATABASE: f64 = 10_000.0;
/// What a one-off may wait for that is made to stand still, or that meets others: longer than that takes.
const PATIENCE: f64 = 30_000.0;
/// A grace that no check reaches.
const FOREVER: &str = "600";
/// More answers of a database than a one-off needs in any design that is known.
pub const MOST_STEPS: u64 = 200;

/// The one-offs of the contract, with arguments that make sense.
pub const MIGRATE: &str = "migrate";
pub const CREATE_USER: &str = "create-user";
pub const PURGE: &str = "purge";
pub const BACKFILL: &str = "backfill-previews";
/// All of them.
pub const ONE_OFFS: [&str; 4] = [MIGRATE, CREATE_USER, PURGE, BACKFILL];

/// `web` with patience for a slow machine.
pub fn web(lab: &Lab, system: &System) -> Start {
    system.web(lab).set("SHUTDOWN_GRACE_SECONDS", FOREVER).set("DB_TIMEOUT_MS", slowed(lab, DATABASE))
}

/// `worker` with the same patience, which looks for jobs often.
pub fn worker(lab: &Lab, system: &System) -> Start {
    system.worker(lab).set("JOB_POLL_MS", "20").set("DB_TIMEOUT_MS", slowed(lab, DATABASE))
}

/// A one-off in the same release and configuration, with the password of a new user at hand.
pub fn one_off(lab: &Lab, system: &System, name: &'static str, arguments: &[&str]) -> Start {
    let start = lab.one_off(name, arguments).environment(&system.environment());
    start.set("NEW_USER_PASSWORD", lab.chance().word(16)).set("DB_TIMEOUT_MS", slowed(lab, PATIENCE))
}

/// Arguments with which a one-off does what it is for.
pub fn sensible(lab: &Lab, name: &str) -> Vec<String> {
    let words: &[&str] = match name {
        CREATE_USER => &["--name", &format!("user-{}", lab.chance().word(8)), "--role", "user"],
        PURGE => &["--older-than-days", "30"],
        _ => &[],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A one-off with [`sensible`] arguments.
pub fn sensible_one_off(lab: &Lab, system: &System, name: &'static str) -> Start {
    let arguments = sensible(lab, name);
    one_off(lab, system, name, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A deploy on a database of its own, after `migrate`. Whatever that was worth, `web` becomes ready in it: the smoke test has
/// seen so. What `migrate` itself owes is the subject of other checks.
pub async fn deployed(lab: &Lab) -> CheckResult<System> {
    let system = System::fresh(lab).await?;
    migrated(lab, &system).await?;
    Ok(system)
}

/// Runs `migrate` until it has ended, or serves instead of ending.
pub async fn migrated(lab: &Lab, system: &System) -> CheckResult {
    let service = one_off(lab, system, MIGRATE, &[]).offering_port().run().await?;
    drop(end_or_ports(lab, &service).await);
    service.end().await;
    Ok(())
}

/// How a one-off ended, or the ports on which it listens instead of ending. Ports are looked for only where the end is late,
/// because that is costly.
pub async fn end_or_ports(lab: &Lab, service: &Service) -> Result<Option<Exit>, BTreeSet<u16>> {
    let listens = || async { service.listening_ports().filter(|ports| !ports.is_empty()) };
    let late = async {
        lab.soon(service.main_ended()).await;
        looking(listens).await
    };
    // The end is waited for from the start, so that what is known of this wait is all the time that a correct one-off took.
    tokio::select! {
        biased;
        exit = service.exit() => Ok(exit),
        ports = late => Err(ports),
    }
}

/// What stands in a database: its schema, and a word for the rows of each table.
pub type State = (String, BTreeMap<String, String>);

/// What stands in a database now.
pub async fn state(postgres: &Postgres) -> CheckResult<State> {
    Ok((postgres.schema().await?, postgres.rows().await?))
}

/// Makes sure that nothing which a dead process has sent arrives any more, and lets others through again.
pub async fn bury(lab: &Lab, proxy: &Proxy) -> CheckResult {
    // Again and again: a connection that the dead had begun may be accepted only now.
    let cut = || async {
        proxy.cut();
        (proxy.counters().open == 0).then_some(())
    };
    let gone = lab.watch("buried", cut).await;
    proxy.thaw();
    Ok(gone.ok_or_else(|| LabError::new("a dead process", "its connections are still open"))?)
}

/// A one-off that gets one answer of its database at a time.
pub struct StepByStep<'l> {
    lab: &'l Lab,
    proxy: Proxy,
    service: Service,
}

impl<'l> StepByStep<'l> {
    /// Starts it, by way of a proxy of its own.
    pub async fn start(lab: &'l Lab, start: Start, postgres: &Postgres) -> CheckResult<Self> {
        let proxy = postgres.another_way(lab).await?;
        proxy.freeze_after_replies(1);
        let url = postgres.url_by(&proxy, postgres.credentials());
        let service = start.set("DATABASE_URL", url).run().await?;
        Ok(Self { lab, proxy, service })
    }

    /// Whether it stands still behind an answer; not, when it has ended.
    pub async fn stands_still(&self) -> bool {
        let stands = async {
            tokio::select! {
                biased;
                () = self.service.main_ended() => false,
                () = self.proxy.frozen() => true,
            }
        };
        self.lab.until("step", stands).await.unwrap_or(false)
    }

    /// Lets it have the next answer.
    pub fn goes_on(&self) {
        self.proxy.freeze_after_replies(1);
        self.proxy.set(Mode::Pass);
    }

    /// Lets it have everything, and waits for its end.
    pub async fn ends(self) -> OneOff {
        self.proxy.thaw();
        let exit = self.service.exit().await;
        OneOff { exit, lines: self.service.logs().lines() }
    }
}

/// How a one-off ended, for a report.
pub fn end_of(exit: Option<Exit>) -> Text {
    match exit {
        Some(exit) => text(format!("it ended with {exit}"), format!("끝났습니다({})", exit.text().ko)),
        None => text("it did not end", "끝나지 않았습니다"),
    }
}

/// What a one-off wrote to its standard error.
pub fn complaint(lines: &[LogLine]) -> String {
    let lines = lines.iter().filter(|line| line.speaker == Speaker::Stderr && !line.text.trim().is_empty());
    lines.map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// A failure with the last lines of a process.
pub fn failure(reason: &'static str, did: &Text, expected: Text, seen: Text, lines: Vec<LogLine>) -> Stop {
    Failure::new(reason, did.clone(), expected, seen).with_log(lines).into()
}
