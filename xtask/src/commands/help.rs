//! `--help` and `--version`.

use grader::outcome::ExitCode;

use crate::help::Topic;
use crate::session::Session;
use crate::trouble::Trouble;

/// Shows a help page.
pub fn run(session: &mut Session, topic: Topic) -> Result<ExitCode, Trouble> {
    let page = topic.words().get(session.lang);
    session.say(page.trim_end())?;
    Ok(ExitCode::Passed)
}

/// Shows the version.
pub fn version(session: &mut Session) -> Result<ExitCode, Trouble> {
    session.say(concat!("twelve-factor workshop ", env!("CARGO_PKG_VERSION")))?;
    Ok(ExitCode::Passed)
}
