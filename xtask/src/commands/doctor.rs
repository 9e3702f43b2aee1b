//! `doctor`: is this machine ready, and if not, which command makes it so. Needs no network.

use grader::outcome::ExitCode;
use grader::text::Text;
use serde_json::json;

use crate::session::Session;
use crate::trouble::Trouble;

mod backing;
mod machine;
mod programs;
mod system;

/// What one look at the machine found.
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
pub struct Advice {
    /// What it means for the workshop.
    pub meaning: Text,
    /// The step or the command that mends it on this system.
    pub fix: Text,
}

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq)]
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
    pub fn bad(id: &'static str, state: State, found: Text, meaning: Text, fix: Text) -> Self {
        Self { id, state, found, advice: Some(Advice { meaning, fix }) }
    }
}

/// Looks at everything and says what to do.
pub fn run(session: &mut Session, as_json: bool) -> Result<ExitCode, Trouble> {
    let system = system::System::detect();
    let workspace = &session.workspace;
    let mut findings = vec![
        programs::toolchain(workspace),
        programs::git(&system),
        machine::disk(workspace),
        machine::target(workspace),
        machine::memory(),
        machine::processors(),
        machine::open_files(&system),
        machine::drive(workspace, &system),
        programs::sandbox(&system),
        machine::hangul(&system),
    ];
    findings.extend(backing::servers(workspace));
    if as_json {
        session.say(as_value(&findings))?;
    } else {
        findings.iter().try_for_each(|finding| show(session, finding))?;
        close(session, &findings)?;
    }
    let ready = findings.iter().all(|finding| finding.state != State::Missing);
    Ok(if ready { ExitCode::Passed } else { ExitCode::Failed })
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
    let fix = session.messages().fix();
    Ok(session.say(format!("             {fix} {}", style.command(advice.fix.get(session.lang))))?)
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
            let fix = finding.advice.as_ref().map(|advice| both(&advice.fix));
            let state = finding.state.word().to_lowercase();
            json!({ "id": finding.id, "state": state, "found": both(&finding.found), "meaning": meaning, "fix": fix })
        })
        .collect();
    json!({ "format_version": 1, "findings": findings })
}
