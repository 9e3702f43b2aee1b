//! The sandbox shows what a service reaches for, and lets through what it may have.

mod bridges;
mod files;
mod network;
mod place;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the other test program uses the rest")]
mod support;

use std::io::Write;
use std::process::{ExitCode, Stdio};

use libtest_mimic::{Failed, Trial};
use place::Place;
use supervisor::protocol::Report;
use support::User;

fn main() -> ExitCode {
    support::lives(tests)
}

/// A test that needs a place to run.
type Test = fn(&Place) -> Result<(), Failed>;

/// Every test as the user who runs the tests, and if that is root, as an ordinary one too.
fn tests() -> Vec<Trial> {
    let mut users = vec![("", User::Myself)];
    if rustix::process::geteuid().is_root() {
        users.push(("as_an_ordinary_user::", User::Ordinary));
    }
    users.into_iter().flat_map(|(prefix, user)| tests_of(prefix, user)).collect()
}

fn tests_of(prefix: &str, user: User) -> Vec<Trial> {
    let missing = missing(user);
    if let Some(missing) = &missing {
        let _ = writeln!(std::io::stderr(), "{prefix}sandbox: not tested on this machine, which lacks {missing}");
    }
    // On the project's own machines a sandbox is expected: there its absence is a failure.
    let strict = std::env::var("CI").is_ok_and(|value| value == "true");
    let trial = |(name, run): (&str, Test)| {
        let lack = missing.clone();
        let skip = lack.is_some() && !strict;
        support::test(format!("{prefix}{name}"), move || {
            lack.map_or_else(|| run(&Place::new(user)?), |lack| Err(lack.into()))
        })
        .with_ignored_flag(skip)
    };
    [network::TESTS, bridges::TESTS, files::TESTS].concat().into_iter().map(trial).collect()
}

fn missing(user: User) -> Option<String> {
    let report = probe(user).map_err(|error| error.message().unwrap_or_default().to_owned());
    match report {
        Ok(Report::SandboxReady) => None,
        Ok(Report::SandboxUnavailable { missing }) => Some(missing),
        Ok(other) => Some(format!("{other:?}")),
        Err(error) => Some(error),
    }
}

fn probe(user: User) -> Result<Report, Failed> {
    let place = Place::new(user)?;
    let mut command = user.command(&place.executable);
    let output = command.args([supervisor::COMMAND, "--probe"]).stdin(Stdio::null()).output()?;
    Ok(serde_json::from_slice(&output.stdout)?)
}
