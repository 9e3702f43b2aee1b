//! `manifests`: judges Kubernetes manifests, in a program of its own that is compiled when it is first needed.

use std::process::Command;

use grader::outcome::ExitCode;
use grader::text::Lang;

use crate::cli::ManifestsOptions;
use crate::programs::{Program, compiled, exit_code};
use crate::session::Session;
use crate::trouble::Trouble;

const JUDGE: Program = Program { package: "kube", binary: "workshop-kube" };

/// Passes the options on; the program's exit code is one of ours.
pub fn run(session: &mut Session, options: &ManifestsOptions) -> Result<ExitCode, Trouble> {
    let judge = compiled(session, &JUDGE, session.messages().manifests_compiling())?;
    let mut command = Command::new(judge);
    command.arg(&options.path).args(["--lang", if session.lang == Lang::Ko { "ko" } else { "en" }]);
    for (flag, wanted) in [("--json", options.json), ("--pods", options.pods), ("--plain", session.plain)] {
        command.args(wanted.then_some(flag));
    }
    if let Some(render) = &options.render {
        command.arg("--").args(render.split_whitespace());
    }
    let known = [ExitCode::Passed, ExitCode::Failed, ExitCode::Usage, ExitCode::Ungraded];
    let code = exit_code(command)?;
    Ok(known.into_iter().find(|known| *known as i32 == code).unwrap_or(ExitCode::GraderError))
}
