//! The board from outside: what it promises to attendees' machines, to browsers and to the instructor, on both databases.
//!
//! PostgreSQL runs as a program of this machine; without one its half is skipped, except on the build server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod client;
mod crashes;
mod database;
mod ingestion;
mod pages;
mod postgres;
mod replicas;
mod rooms;
mod streams;
mod world;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use database::Database;
use postgres::Postgres;

/// What has to hold on both databases.
type Scenario = (&'static str, fn(&Database));

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let scenarios: Vec<Scenario> =
        [ingestion::ALL, access::ALL, pages::ALL, streams::ALL, rooms::ALL, crashes::ALL].concat();
    let mut trials: Vec<Trial> = scenarios
        .iter()
        .map(|(name, run)| {
            let run = *run;
            trial(format!("sqlite::{name}"), move || run(&Database::sqlite()))
        })
        .collect();
    trials.extend(crashes::SQLITE.iter().map(|(name, run)| {
        let run = *run;
        trial(format!("sqlite::{name}"), move || run(&Database::sqlite()))
    }));
    let server = if arguments.list { None } else { Postgres::start().map(Arc::new) };
    for (name, run) in scenarios.into_iter().chain(replicas::ALL.iter().copied()) {
        let Some(server) = server.clone() else { break };
        trials.push(trial(format!("postgres::{name}"), move || run(&Database::postgres(&server))));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Exiting would leave the server behind.
    drop(server);
    conclusion.exit_code()
}

fn trial(name: String, run: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        run();
        Ok(())
    })
}
