//! `doctor`: is this machine ready, and if not, which command makes it so. Needs no network.
//!
//! Each finding is a function of what was read; `readings` reads, everything else judges.

use grader::outcome::ExitCode;
use grader::subject::Workspace;
use grader::text::{Text, text};
use serde_json::json;

use super::book;
use crate::cli::DoctorOptions;
use crate::session::Session;
use crate::trouble::Trouble;

mod backing;
mod engine;
mod mend;
mod place;
mod readings;
mod sandbox;
mod space;
mod surroundings;
mod system;
mod tools;

use system::System;

/// What one look at the machine found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable name.
    pub id: &'static str,
    /// How bad it is.
    pub state: State,
    /// What was looked at and found.
    pub found: Text,
    /// What follows, and the fix; only where there is something to say.
    pub advice: Option<Advice>,
}

/// What to do about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What it means for the workshop.
    pub meaning: Text,
    /// What mends it on this system.
    pub fix: Fix,
}

/// What mends something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    /// A command that any shell can run for the person.
    Command(String),
    /// A command that changes the shell in which it is typed, so nobody else can run it.
    Type(String),
    /// Something that a person does.
    Do(Text),
}

impl Fix {
    /// As it is shown.
    fn shown(&self) -> Text {
        match self {
            Fix::Command(command) | Fix::Type(command) => text(command.clone(), command.clone()),
            Fix::Do(words) => words.clone(),
        }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Good,
    /// The workshop works, with less comfort or with checks that stay UNGRADED.
    Limited,
    /// The workshop does not work.
    Missing,
}

impl State {
    /// For reports of programs and people alike, next to the symbol.
    pub fn word(self) -> &'static str {
        match self {
            State::Good => "OK",
            State::Limited => "LIMITED",
            State::Missing => "MISSING",
        }
    }
}

impl Finding {
    /// Something that is as it should be.
    pub fn good(id: &'static str, found: Text) -> Self {
        Self { id, state: State::Good, found, advice: None }
    }

    /// Something that is not.
    pub fn bad(id: &'static str, state: State, found: Text, meaning: Text, fix: Fix) -> Self {
        Self { id, state, found, advice: Some(Advice { meaning, fix }) }
    }

    /// Something that this system does not tell.
    pub fn unknown(id: &'static str, en: &str, ko: &str) -> Self {
        Self::bad(
            id,
            State::Limited,
            text(format!("{en}: could not be found out"), format!("{ko}: 확인하지 못했습니다")),
            text("Probably nothing.", "대개 문제가 되지 않습니다."),
            Fix::Do(text("nothing to do", "그대로 두어도 됩니다")),
        )
    }
}

/// Looks at everything and says what to do, or does it.
pub fn run(session: &mut Session, options: &DoctorOptions) -> Result<ExitCode, Trouble> {
    if options.fix {
        return mend::run(session, options.yes);
    }
    if !options.json {
        return look(session);
    }
    let findings = findings(session);
    session.say(as_value(&findings))?;
    Ok(code(&findings))
}

/// Looks at everything and says what to do.
pub fn look(session: &mut Session) -> Result<ExitCode, Trouble> {
    let findings = findings(session);
    findings.iter().try_for_each(|finding| show(session, finding))?;
    close(session, &findings)?;
    Ok(code(&findings))
}

/// Everything that was found, in the order in which it is mended best.
fn findings(session: &Session) -> Vec<Finding> {
    let workspace = &session.workspace;
    let system = System::detect();
    let mut findings = vec![system::known(&system)];
    findings.extend(of_tools(workspace, &system));
    findings.push(tools::books(book::is_current(session)));
    findings.extend(of_machine(workspace, &system));
    findings.push(sandbox::sandbox(&supervisor::sandbox_available(), &system, readings::switch));
    findings.push(surroundings::hangul(&readings::variable, &system));
    findings.extend(backing::servers(workspace, &system));
    findings
}

fn of_tools(workspace: &Workspace, system: &System) -> [Finding; 4] {
    let (root, wanted) = (&workspace.root, readings::wanted_toolchain(&workspace.root));
    [
        tools::toolchain(readings::rustc(root).as_deref(), &wanted),
        tools::linker(readings::answers("cc", &["--version"]), system),
        tools::git(readings::git().as_deref(), system),
        tools::crates(&readings::offline_fetch(root)),
    ]
}

fn of_machine(workspace: &Workspace, system: &System) -> Vec<Finding> {
    let mounts = readings::mounts();
    let temp = std::env::temp_dir();
    vec![
        space::disk(readings::free(&workspace.target)),
        space::temp(readings::written(&temp), readings::free(&temp), &mounts, &temp),
        space::target(readings::written(&workspace.own()), &mounts, workspace, system),
        space::memory(readings::memory()),
        space::processors(readings::processors()),
        space::open_files(readings::open_files(), system),
        place::drive(&mounts, &workspace.root, system),
        place::events(&mounts, &workspace.root, readings::inotify(), system),
        place::clock(readings::now(), readings::newest(&workspace.root), system),
        surroundings::loopback(readings::loopback()),
        surroundings::proxy(&readings::variable),
        surroundings::scanner(&readings::processes()),
    ]
}

fn code(findings: &[Finding]) -> ExitCode {
    let ready = findings.iter().all(|finding| finding.state != State::Missing);
    if ready { ExitCode::Passed } else { ExitCode::Failed }
}

fn show(session: &mut Session, finding: &Finding) -> Result<(), Trouble> {
    let style = session.style();
    let word = finding.state.word();
    let marked = match finding.state {
        State::Good => style.good(&format!("✓ {word}     ")),
        State::Limited => style.unsure(&format!("! {word}")),
        State::Missing => style.bad(&format!("✗ {word}")),
    };
    session.say(format!("{marked}  {}", finding.found.get(session.lang)))?;
    let Some(advice) = &finding.advice else { return Ok(()) };
    session.say(format!("             {}", advice.meaning.get(session.lang)))?;
    let (fix, shown) = (session.messages().fix(), advice.fix.shown());
    Ok(session.say(format!("             {fix} {}", style.command(shown.get(session.lang))))?)
}

fn close(session: &mut Session, findings: &[Finding]) -> Result<(), Trouble> {
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let words = session.messages().doctor_result(count(State::Missing), count(State::Limited));
    session.say("")?;
    Ok(session.say(words)?)
}

fn as_value(findings: &[Finding]) -> serde_json::Value {
    let both = |text: &Text| json!({ "en": text.en, "ko": text.ko });
    let findings: Vec<_> = findings
        .iter()
        .map(|finding| {
            let meaning = finding.advice.as_ref().map(|advice| both(&advice.meaning));
            let fix = finding.advice.as_ref().map(|advice| both(&advice.fix.shown()));
            let state = finding.state.word().to_lowercase();
            json!({ "id": finding.id, "state": state, "found": both(&finding.found), "meaning": meaning, "fix": fix })
        })
        .collect();
    json!({ "format_version": 1, "findings": findings })
}
