//! `tidy`: is the project complete?

use grader::outcome::ExitCode;

use crate::session::Session;
use crate::tidy;
use crate::trouble::Trouble;

/// Shows every finding; with `fix`, rewrites the generated files first.
pub fn run(session: &mut Session, fix: bool) -> Result<ExitCode, Trouble> {
    let messages = session.messages();
    if fix {
        for path in tidy::fix(&session.workspace.root)? {
            session.say(messages.tidy_wrote(&path))?;
        }
    }
    let findings = tidy::findings(&session.workspace.root)?;
    for finding in &findings {
        session.say(finding)?;
    }
    if findings.is_empty() {
        session.say(messages.tidy_clean(tidy::RULES.len()))?;
        return Ok(ExitCode::Passed);
    }
    session.say(messages.tidy_found(findings.len()))?;
    Ok(ExitCode::Failed)
}
