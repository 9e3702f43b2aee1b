//! `prefetch`: downloads and compiles everything that would otherwise be downloaded and compiled in the room.
//!
//! Each part goes on where an earlier run was interrupted, and none of them stops the others.

use grader::factors::{FACTORS, Factor};
use grader::manifest::Manifest;
use grader::outcome::ExitCode;

use super::steps::Steps;
use super::{book, watch};
use crate::messages::Note;
use crate::programs::{Program, cargo, succeeds};
use crate::room::PROGRAM;
use crate::room::crates::{Downloads, Reach, fetch, locked};
use crate::room::engine::{self, Failure};
use crate::session::Session;
use crate::trouble::Trouble;
use crate::watching::builds;

/// The first step, by the command that it is.
pub const CRATES: &str = "cargo fetch --locked";

/// The programs that are compiled when somebody first needs them, in the way in which that will be done.
const TOOLS: [Program; 4] =
    [Program { package: "backing", binary: "workshop-backing" }, book::reader::SERVER, watch::WATCHER, PROGRAM];

/// Does all parts and says which are here now.
pub fn run(session: &mut Session, without_images: bool) -> Result<ExitCode, Trouble> {
    let mut steps = Steps::new(TOOLS.len() + FACTORS.len() + if without_images { 2 } else { 3 });
    steps.step(session, CRATES, anyway(crates))?;
    if !without_images {
        steps.step(session, "images", anyway(images))?;
    }
    steps.step(session, "book", anyway(|session| book::build(session, false)))?;
    for tool in TOOLS {
        steps.step(session, tool.binary, anyway(|session| compile(session, &["--package", tool.package])))?;
    }
    for factor in &FACTORS {
        steps.step(session, &factor.folder(), anyway(|session| exercise(session, factor)))?;
    }
    let (code, troubled, seconds) = steps.sum_up(session)?;
    session.say(session.messages().note(&Note::Prefetched { troubled: &troubled, seconds }))?;
    Ok(code)
}

/// One part that cannot be had is no reason to leave out the others.
fn anyway(
    work: impl FnOnce(&mut Session) -> Result<ExitCode, Trouble>,
) -> impl FnOnce(&mut Session) -> Result<ExitCode, Trouble> {
    move |session| {
        let lang = session.lang;
        Ok(work(session).unwrap_or_else(|trouble| {
            trouble.report(lang);
            ExitCode::Failed
        }))
    }
}

/// Downloads the crates that are not here yet, for every system.
pub fn crates(session: &mut Session) -> Result<ExitCode, Trouble> {
    let (wanted, downloads) = (locked(&session.workspace.root)?, Downloads::find()?);
    let before = downloads.bytes(&wanted);
    let fetched = succeeds(fetch(cargo(session), Reach::Everything))?;
    let bytes = downloads.bytes(&wanted);
    let (missing, new) = (downloads.missing(&wanted).len(), bytes - before.min(bytes));
    session.say(session.messages().note(&Note::Crates { here: wanted.len() - missing, missing, bytes, new }))?;
    Ok(if fetched && missing == 0 { ExitCode::Passed } else { ExitCode::Failed })
}

/// Downloads the images, if an engine answers. Without one there is nothing that could use them, which is no failure.
fn images(session: &mut Session) -> Result<ExitCode, Trouble> {
    let Some(engine) = engine::find() else {
        session.say(session.messages().note(&Note::NoEngine))?;
        return Ok(ExitCode::Passed);
    };
    let mut code = ExitCode::Passed;
    for image in engine::wanted(&session.workspace.root)? {
        if engine.size(&image).is_none() {
            session.say(session.messages().note(&Note::Pulling(&image)))?;
            match engine.pull(&image) {
                Ok(()) => {}
                Err(Failure::Interrupted) => return Ok(ExitCode::Interrupted),
                Err(Failure::Because(why)) => {
                    session.say(session.messages().note(&Note::NotPulled { image: &image, why: &why }))?;
                    code = ExitCode::Failed;
                }
            }
        }
        if let Some(bytes) = engine.size(&image) {
            session.say(session.messages().note(&Note::ImageHere { image: &image, bytes }))?;
        }
    }
    Ok(code)
}

/// Compiles an exercise in each way in which it will be: for `check`, for `watch`, and as production runs it where that differs.
fn exercise(session: &mut Session, factor: &Factor) -> Result<ExitCode, Trouble> {
    let folder = factor.folder();
    // What an attendee has broken fails last: everything that it depends on is compiled before.
    let usual = ["--keep-going", "--package", &folder];
    let watched = builds(&session.workspace).display().to_string();
    let mut ways = vec![usual.to_vec(), [&usual[..], &["--target-dir", &watched]].concat()];
    let manifest = Manifest::read(&session.workspace.root.join("exercises").join(&folder));
    if manifest.is_ok_and(|manifest| manifest.shipped().is_some()) {
        ways.push([&usual[..], &["--release"]].concat());
    }
    let codes: Vec<ExitCode> = ways.iter().map(|words| compile(session, words)).collect::<Result<_, _>>()?;
    Ok(codes.into_iter().find(|code| *code != ExitCode::Passed).unwrap_or(ExitCode::Passed))
}

fn compile(session: &mut Session, words: &[&str]) -> Result<ExitCode, Trouble> {
    let mut build = cargo(session);
    build.args(["build", "--locked"]).args(words);
    Ok(if succeeds(build)? { ExitCode::Passed } else { ExitCode::Failed })
}
