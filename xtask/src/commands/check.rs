//! `check`: grades, reports, and remembers.

use std::cell::Cell;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use grader::backing::Backing;
use grader::event::{Event, Observer};
use grader::outcome::{ExitCode, Outcome};
use grader::report::{Html, JUnit, JsonLines, Many, RunFiles, Terminal, TerminalOptions};
use grader::{Ended, Request, Selection, grade};

use crate::board;
use crate::cli::CheckOptions;
use crate::progress::now;
use crate::progress::record::record;
use crate::runs;
use crate::session::Session;
use crate::trouble::Trouble;
use crate::workspace;

mod plan;
pub mod recent;

pub use plan::{Run, plan};

/// Grades what the options name, one run per subject; the worst run decides the exit code.
pub fn run(session: &mut Session, options: &CheckOptions) -> Result<ExitCode, Trouble> {
    let runs = plan(session, options)?;
    let several = runs.len() > 1;
    let backing = Backing::default();
    let mut worst = ExitCode::Passed;
    for run in &runs {
        let file_of = |file: &PathBuf| if several { for_one(file, run) } else { file.clone() };
        let how = How {
            in_container: options.in_container,
            selection: Selection { core_only: options.core, only: run.only.clone() },
            strict: options.strict,
            seed: options.seed,
            junit: options.junit.as_ref().map(file_of),
            html: options.html.as_ref().map(file_of),
            builds: None,
            backing: backing.clone(),
        };
        let code = grade_one(session, run, how, shown(session, options, run))?.exit_code(options.strict);
        worst = worse(worst, code);
        if code == ExitCode::Interrupted {
            break;
        }
    }
    board::deliver(session, options.json);
    Ok(worst)
}

/// How a subject is graded.
#[derive(Default)]
pub struct How {
    /// In a container.
    pub in_container: bool,
    /// Which checks.
    pub selection: Selection,
    /// Whether UNGRADED counts as not passed.
    pub strict: bool,
    /// Repeats a run's random values.
    pub seed: Option<u64>,
    /// A JUnit file as well.
    pub junit: Option<PathBuf>,
    /// An HTML page as well.
    pub html: Option<PathBuf>,
    /// Where services of the workshop are built, if not in its target folder.
    pub builds: Option<PathBuf>,
    /// The backing services, which may serve several runs.
    pub backing: Backing,
}

/// Grades one subject, shows it to `shown`, keeps the run, and remembers what it means for the attendee.
pub fn grade_one(session: &Session, run: &Run, how: How, shown: Box<dyn Observer>) -> Result<Ended, Trouble> {
    let run_id = runs::begin(&session.workspace, &run.label()).map_err(|error| {
        let folder = workspace::shown(&runs::folder(&session.workspace));
        Trouble::failed(format!("cannot make the folder of the run in {folder}"), error)
    })?;
    let request = Request {
        workspace: session.workspace.clone(),
        workshop: session.workspace.clone(),
        supervisor: std::env::current_exe().map_err(|error| Trouble::failed("cannot find this program", error))?,
        subject: run.subject.clone(),
        patch: None,
        in_container: how.in_container,
        factors: run.factors.clone(),
        selection: how.selection,
        seed: how.seed,
        run_id: run_id.clone(),
        strict: how.strict,
        builds: how.builds,
        known_waits: None,
        backing: how.backing,
    };
    let said = Rc::new(Cell::new(false));
    let kept = kept(session, run, &run_id, how.junit, how.html)?;
    let ended = grade(&request, &mut Watched { kept, shown, said: Rc::clone(&said) });
    match &ended {
        Ended::Finished(outcome) => remember(session, run, outcome)?,
        // Before the first event, and where standard output takes nothing, there is no report that could have told it.
        Ended::Failed(error) if !said.get() => return Err(Trouble::Failed(error.clone())),
        Ended::Failed(_) | Ended::Interrupted => {}
    }
    runs::finish(&session.workspace, &run_id)
        .map_err(|error| Trouble::failed("cannot keep the runs in order", error))?;
    Ok(ended)
}

/// What is kept: the run's folder, a JUnit file and a page if wished, and what a board is told.
fn kept(
    session: &Session,
    run: &Run,
    run_id: &str,
    junit: Option<PathBuf>,
    html: Option<PathBuf>,
) -> Result<Many, Trouble> {
    let files = RunFiles::new(runs::folder(&session.workspace).join(run_id), session.lang)
        .map_err(|error| Trouble::failed("cannot write into the folder of the run", error))?;
    let mut kept: Vec<Box<dyn Observer>> = vec![Box::new(files)];
    kept.extend(junit.map(|file| Box::new(JUnit::new(file, session.lang)) as Box<dyn Observer>));
    kept.extend(html.map(|file| Box::new(Html::new(file, session.lang)) as Box<dyn Observer>));
    kept.extend(board::observer(session, run.own));
    Ok(Many(kept))
}

/// What is shown: a report for a person, or JSON lines.
fn shown(session: &Session, options: &CheckOptions, run: &Run) -> Box<dyn Observer> {
    // The run goes on being graded for nobody when the reader of a pipe has left, so the pipe's error must be seen.
    let out = Box::new(io::stdout());
    if options.json {
        return Box::new(JsonLines::new(out));
    }
    let lang = session.lang;
    let base = if session.plain { TerminalOptions::plain(lang) } else { TerminalOptions::for_stdout(lang) };
    Box::new(Terminal::new(out, TerminalOptions { verbose: options.verbose, ..run.shown(session, base) }))
}

/// Progress belongs to the attendee's own work; other subjects leave no trace in it.
fn remember(session: &Session, run: &Run, outcome: &Outcome) -> Result<(), Trouble> {
    if !run.own {
        return Ok(());
    }
    let store = session.store();
    for decided in &outcome.factors {
        if let Err(unusable) = store.update(decided.factor, |known| record(known, decided, now()))? {
            let path = workspace::shown(&store.path());
            crate::console::complain(&session.messages().progress_unusable(&unusable, &path));
        }
    }
    Ok(())
}

/// `results.xml` becomes `results-factor-3.xml`: several runs would overwrite each other.
fn for_one(file: &Path, run: &Run) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let name = match file.extension() {
        Some(extension) => format!("{stem}-{}.{}", run.label(), extension.to_string_lossy()),
        None => format!("{stem}-{}", run.label()),
    };
    file.with_file_name(name)
}

fn worse(one: ExitCode, other: ExitCode) -> ExitCode {
    // In the order of an outcome with several factors; an interruption outweighs all.
    let order = [
        ExitCode::Passed,
        ExitCode::Ungraded,
        ExitCode::Failed,
        ExitCode::Blocked,
        ExitCode::Usage,
        ExitCode::GraderError,
        ExitCode::Interrupted,
    ];
    let rank = |code: ExitCode| order.iter().position(|known| *known == code);
    if rank(one) >= rank(other) { one } else { other }
}

/// Notices whether the person was told how the run ended.
struct Watched {
    kept: Many,
    shown: Box<dyn Observer>,
    said: Rc<Cell<bool>>,
}

impl Observer for Watched {
    fn observe(&mut self, event: &Event) -> io::Result<()> {
        let kept = self.kept.observe(event);
        let shown = self.shown.observe(event);
        if matches!(event, Event::RunAborted { .. }) {
            self.said.set(shown.is_ok());
        }
        kept.and(shown)
    }
}
