//! The command line as typed commands. `options` is the table of every option; this file gives the words their meaning.

use std::ffi::OsString;
use std::path::PathBuf;

use grader::factors;

use crate::help::Topic;
use crate::messages::Wrong;
use grader::locale;

mod command;
mod options;
pub mod similar;

pub use command::{
    BenchOptions, BoardOptions, BoardTask, BookOptions, CheckOptions, Command, DoctorOptions, HintOptions, JoinOptions,
    ManifestsOptions, MutantOptions, ProveOptions, Soak, SolutionOptions, TestOptions, WatchOptions,
};
use options::{Given, read};

/// A command line that was understood.
#[derive(Debug, PartialEq)]
pub struct Cli {
    /// Whether colours and rewritten lines are unwanted.
    pub plain: bool,
    /// What to do.
    pub command: Command,
}

/// Counted runs of `bench` when none are named.
const RUNS: usize = 5;

/// Understands the words after `cargo xtask`.
pub fn parse(words: Vec<OsString>) -> Result<Cli, Wrong> {
    let given = read(words)?;
    let command = command(&given)?;
    if let Some(value) = given.value("lang") {
        locale::named(value).ok_or_else(|| Wrong::Language(value.to_owned()))?;
    }
    Ok(Cli { plain: given.has("plain"), command })
}

fn command(given: &Given) -> Result<Command, Wrong> {
    let Some(name) = given.words.first() else {
        return Ok(match (given.has("help"), given.has("version")) {
            (true, _) => Command::Help(Topic::Overview),
            (_, true) => Command::Version,
            _ => Command::Overview,
        });
    };
    let asks_for_help = name == "help";
    let about = if asks_for_help { given.words.get(1) } else { Some(name) };
    let topic = about.map_or(Ok(Topic::Overview), |word| topic(word))?;
    if asks_for_help || given.has("help") {
        return Ok(Command::Help(topic));
    }
    given.only_options_of(topic)?;
    build(topic, given)
}

fn topic(word: &str) -> Result<Topic, Wrong> {
    Topic::named(word).ok_or_else(|| {
        if factors::find(word).is_some() {
            return Wrong::FactorAsCommand(word.to_owned());
        }
        let similar = similar::closest(word, Topic::ALL.iter().map(|topic| topic.name()));
        Wrong::UnknownCommand { word: word.to_owned(), similar }
    })
}

fn build(topic: Topic, given: &Given) -> Result<Command, Wrong> {
    let words = match topic {
        Topic::Hint | Topic::Start | Topic::Checkpoint => 2,
        Topic::Mutant => 3,
        Topic::Bundle | Topic::Manifests | Topic::Unbundle => 1,
        _ => usize::from(takes_factor(topic)),
    };
    if let Some(extra) = given.words.get(words + 1) {
        return Err(Wrong::TooManyWords { command: topic.name(), word: extra.clone() });
    }
    let factor = given.words.get(1).cloned();
    Ok(match topic {
        Topic::Overview => Command::Overview,
        Topic::Check => Command::Check(Box::new(check(factor, given)?)),
        Topic::Watch => Command::Watch(WatchOptions {
            factor,
            path: given.value("path").map(PathBuf::from),
            core: given.has("core"),
            manual_run: given.has("manual-run"),
            verbose: given.has("verbose"),
        }),
        Topic::List => Command::List { json: given.has("json") },
        Topic::Hint => Command::Hint(hint(given)?),
        Topic::Reset => Command::Reset { factor, yes: given.has("yes") },
        Topic::Diff => Command::Diff { factor },
        Topic::Solution => {
            Command::Solution(SolutionOptions { factor, anyway: given.has("anyway"), diff: given.has("diff") })
        }
        Topic::Start => {
            let factor = factor.ok_or(Wrong::StartWhat)?;
            Command::Start { factor, language: given.value("in-language").map(str::to_owned), path: folder(given)? }
        }
        Topic::Checkpoint => Command::Checkpoint { factor: factor.ok_or(Wrong::CheckpointWhat)?, path: folder(given)? },
        Topic::Doctor => Command::Doctor(doctor(given)?),
        Topic::Prefetch => Command::Prefetch { without_images: given.has("without-images") },
        Topic::Bundle => {
            let file = factor.map(PathBuf::from).ok_or(Wrong::WhichBundle(topic.name()))?;
            Command::Bundle { file, without_images: given.has("without-images") }
        }
        Topic::Unbundle => {
            let file = factor.map(PathBuf::from).ok_or(Wrong::WhichBundle(topic.name()))?;
            Command::Unbundle { file, without_images: given.has("without-images") }
        }
        Topic::Rehearse => Command::Rehearse { core: given.has("core") },
        Topic::Tidy => Command::Tidy { fix: given.has("fix") },
        Topic::Test => {
            let (setup, yes, fast) = (given.has("setup"), given.has("yes"), given.has("fast"));
            Command::Test(TestOptions { setup, yes, fast })
        }
        Topic::Prove => Command::Prove(prove(factor, given)?),
        Topic::Mutant => Command::Mutant(mutant(given)?),
        Topic::Bench => {
            let runs = given.value("runs").map(|value| value.parse().map_err(|_| Wrong::Runs(value.to_owned())));
            Command::Bench(BenchOptions {
                factor,
                runs: runs.transpose()?.unwrap_or(RUNS).max(1),
                cold: given.has("cold"),
            })
        }
        Topic::Book => Command::Book(book(given)?),
        Topic::Board => Command::Board(board(given)?),
        Topic::Join => Command::Join(join(factor, given)?),
        Topic::Hand => Command::Hand { factor, down: given.has("down") },
        Topic::Manifests => Command::Manifests(ManifestsOptions {
            path: factor.ok_or(Wrong::ManifestsWhat)?.into(),
            render: given.value("render").map(str::to_owned),
            json: given.has("json"),
            pods: given.has("pods"),
        }),
    })
}

fn takes_factor(topic: Topic) -> bool {
    matches!(
        topic,
        Topic::Check
            | Topic::Watch
            | Topic::Reset
            | Topic::Diff
            | Topic::Solution
            | Topic::Prove
            | Topic::Bench
            | Topic::Join
            | Topic::Hand
    )
}

/// The folder that is to be made, as the last word or as an option.
fn folder(given: &Given) -> Result<Option<PathBuf>, Wrong> {
    match (given.words.get(2), given.value("path")) {
        (Some(_), Some(_)) => Err(Wrong::Together("DIR", "--path")),
        (word, option) => Ok(word.map(String::as_str).or(option).map(PathBuf::from)),
    }
}

fn doctor(given: &Given) -> Result<DoctorOptions, Wrong> {
    let [json, fix, yes] = ["json", "fix", "yes"].map(|name| given.has(name));
    if json && fix {
        return Err(Wrong::OneWay("--json, --fix"));
    }
    Ok(DoctorOptions { json, fix, yes })
}

fn seed(given: &Given) -> Result<Option<u64>, Wrong> {
    given.value("seed").map(|value| value.parse().map_err(|_| Wrong::Seed(value.to_owned()))).transpose()
}

fn prove(factor: Option<String>, given: &Given) -> Result<ProveOptions, Wrong> {
    let not_both = [("--quick", "--full"), ("--soak", "--afresh")];
    if let Some((one, other)) = not_both.into_iter().find(|(one, other)| given.has(&one[2..]) && given.has(&other[2..]))
    {
        return Err(Wrong::Together(one, other));
    }
    if given.has("load") && !given.has("soak") {
        return Err(Wrong::LoadWithoutSoak);
    }
    let number = |option: &'static str| {
        let parsed = |value: &str| value.parse().map_err(|_| Wrong::Count(option, value.to_owned()));
        given.value(option).map(parsed).transpose()
    };
    let load = number("load")?.unwrap_or(0);
    let soak = number("soak")?.map(|rounds| Soak { rounds, load });
    if soak.is_some_and(|soak| soak.rounds == 0) {
        return Err(Wrong::Count("soak", "0".to_owned()));
    }
    let (full, afresh, only) = (given.has("full"), given.has("afresh"), given.values("only"));
    Ok(ProveOptions { factor, full, only, seed: seed(given)?, afresh, soak })
}

fn book(given: &Given) -> Result<BookOptions, Wrong> {
    let ways = ["build", "open", "test", "accept"].map(|way| given.has(way));
    if ways.iter().filter(|given| **given).count() > 1 {
        return Err(Wrong::OneWay("--build, --open, --test, --accept"));
    }
    let port = given.value("port").map(|value| value.parse().map_err(|_| Wrong::Port(value.to_owned())));
    let [build, open, test, _] = ways;
    let accept = given.value("accept").map(str::to_owned);
    Ok(BookOptions { build, open, test, accept, yes: given.has("yes"), port: port.transpose()? })
}

fn board(given: &Given) -> Result<BoardOptions, Wrong> {
    let ways = ["rehearse", "report", "forget", "bench"].map(|way| given.has(way));
    if ways.iter().filter(|given| **given).count() > 1 {
        return Err(Wrong::OneWay("--rehearse, --report, --forget, --bench"));
    }
    let task = match (given.value("rehearse"), given.value("report"), given.has("forget"), given.has("bench")) {
        (Some(attendees), ..) => BoardTask::Rehearse(attendees.to_owned()),
        (_, Some(folder), ..) => BoardTask::Report(PathBuf::from(folder)),
        (_, _, true, _) => BoardTask::Forget,
        (_, _, _, true) => BoardTask::Bench,
        _ => BoardTask::Serve,
    };
    let port = given.value("port").map(|value| value.parse().map_err(|_| Wrong::Port(value.to_owned())));
    let listen = given.value("listen").map(str::to_owned);
    Ok(BoardOptions { task, listen, port: port.transpose()?, yes: given.has("yes") })
}

/// The word is an address here, and no factor.
fn join(invitation: Option<String>, given: &Given) -> Result<JoinOptions, Wrong> {
    let (leave, json) = (given.has("leave"), given.has("json"));
    if leave && invitation.is_some() {
        return Err(Wrong::OneWay("URL, --leave"));
    }
    Ok(JoinOptions { invitation, name: given.value("name").map(str::to_owned), leave, json })
}

/// `mutant edit factor-3 forgets-the-key`; there is no other verb yet.
fn mutant(given: &Given) -> Result<MutantOptions, Wrong> {
    match &given.words[1..] {
        [verb, factor, name] if verb == "edit" => {
            Ok(MutantOptions { factor: factor.clone(), name: name.clone(), write: given.has("write") })
        }
        _ => Err(Wrong::MutantWhat),
    }
}

fn check(factor: Option<String>, given: &Given) -> Result<CheckOptions, Wrong> {
    let in_container = match given.value("in") {
        None | Some("process") => false,
        Some("container") => true,
        Some(other) => return Err(Wrong::In(other.to_owned())),
    };
    if given.has("path") && given.has("solution") {
        return Err(Wrong::Together("--path", "--solution"));
    }
    if given.has("all") && factor.is_some() {
        return Err(Wrong::AllAndOne);
    }
    Ok(CheckOptions {
        factor,
        path: given.value("path").map(PathBuf::from),
        solution: given.has("solution"),
        all: given.has("all"),
        in_container,
        core: given.has("core"),
        strict: given.has("strict"),
        seed: seed(given)?,
        json: given.has("json"),
        junit: given.value("junit").map(PathBuf::from),
        html: given.value("html").map(PathBuf::from),
        only: given.values("only"),
        verbose: given.has("verbose"),
    })
}

/// `hint factor-3 2` and, inside the exercise's folder, `hint 2`: a lone number up to three is a step there, and a
/// factor everywhere else, so the command decides.
fn hint(given: &Given) -> Result<HintOptions, Wrong> {
    let step = given.words.get(2).map(|word| match word.parse() {
        Ok(step @ 1..=grader::hints::STEPS) => Ok(step),
        _ => Err(Wrong::Step(word.clone())),
    });
    let reason = given.value("reason").map(str::to_owned);
    Ok(HintOptions { factor: given.words.get(1).cloned(), step: step.transpose()?, reason })
}

#[cfg(test)]
mod tests;
