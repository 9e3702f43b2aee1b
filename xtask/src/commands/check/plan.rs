//! Which subjects `check` grades for which factors.

use std::path::Path;

use grader::factors::{FACTORS, Factor};
use grader::marks;
use grader::report::TerminalOptions;
use grader::subject::Subject;

use crate::cli::{CheckOptions, similar};
use crate::messages::Wrong;
use crate::place::{self, Kind, Place};
use crate::runs;
use crate::session::Session;
use crate::trouble::Trouble;
use crate::workspace;

/// One run.
#[derive(Clone, Debug)]
pub struct Run {
    /// What is graded.
    pub subject: Subject,
    /// For which factors.
    pub factors: Vec<&'static Factor>,
    /// The only checks to run; empty for all.
    pub only: Vec<String>,
    /// Whether it is the attendee's own work, whose progress is kept.
    pub own: bool,
    /// The options that grade the same subject again.
    pub flags: String,
    /// The options that run the same checks again.
    pub selection: String,
}

impl Run {
    /// A name for the run's folder: the factor, or `all`.
    pub fn label(&self) -> String {
        match self.factors.as_slice() {
            [factor] => factor.id(),
            _ => "all".to_owned(),
        }
    }

    /// How a report of this run differs from any other.
    pub fn shown(&self, session: &Session, base: TerminalOptions) -> TerminalOptions {
        let marked = self.factors.iter().flat_map(|factor| marks::find(&self.subject, factor)).collect();
        let runs = workspace::shown(&runs::folder(&session.workspace)).into();
        let (flags, selection) = (self.flags.clone(), self.selection.clone());
        TerminalOptions { runs, flags, selection, marked, ..base }
    }
}

/// Finds out what is meant: a folder, everything, a factor, or the place where the command was called.
pub fn plan(session: &Session, options: &CheckOptions) -> Result<Vec<Run>, Trouble> {
    let kind = if options.solution { Kind::Solution } else { Kind::Exercise };
    let mut runs = if let Some(path) = &options.path {
        vec![elsewhere(session, options, path)?]
    } else if options.all {
        FACTORS.iter().map(|factor| known(session, factor, kind)).collect::<Result<_, _>>()?
    } else if let Some(word) = &options.factor {
        vec![known(session, place::meant(Some(word), session)?, kind)?]
    } else {
        vec![here(session, options)?]
    };
    if !options.only.is_empty() {
        runs.iter_mut().try_for_each(|run| select(run, &options.only))?;
    }
    for run in &mut runs {
        run.selection = selection(options, &run.only);
    }
    Ok(runs)
}

fn known(session: &Session, factor: &'static Factor, kind: Kind) -> Result<Run, Trouble> {
    let (folder, flags) = match kind {
        Kind::Solution => (session.workspace.solution(factor), "--solution"),
        _ => (session.workspace.exercise(factor), ""),
    };
    let subject = Subject::open(&folder, &session.workspace)?;
    let (own, flags) = (kind == Kind::Exercise, flags.to_owned());
    Ok(Run { subject, factors: vec![factor], only: Vec::new(), own, flags, selection: String::new() })
}

/// The folder that the command was called in says what is meant.
fn here(session: &Session, options: &CheckOptions) -> Result<Run, Trouble> {
    let factor = place::meant(None, session)?;
    match place::here(session) {
        Some(Place { kind: Kind::Started, .. }) if !options.solution => {
            let started = session.store().load().unwrap_or_default().factor(factor).started;
            elsewhere(session, options, &started.unwrap_or_default())
        }
        Some(Place { kind: Kind::Solution, .. }) => known(session, factor, Kind::Solution),
        _ => known(session, factor, if options.solution { Kind::Solution } else { Kind::Exercise }),
    }
}

/// A folder by `--path`: a factor's own folder is graded for that factor, any other for all that have checks.
fn elsewhere(session: &Session, options: &CheckOptions, path: &Path) -> Result<Run, Trouble> {
    let subject = Subject::open(path, &session.workspace)?;
    let progress = session.store().load().unwrap_or_default();
    let place = place::of(&subject.folder, &session.workspace, &progress);
    let factors = match (&options.factor, place) {
        (Some(word), _) => vec![place::meant(Some(word), session)?],
        (None, Some(place)) if !options.all => vec![place::meant(Some(place.factor.slug), session)?],
        (None, _) => FACTORS.iter().collect(),
    };
    let asked: Vec<u8> = factors.iter().map(|factor| factor.number).collect();
    let own = place.is_some_and(|place| place.kind != Kind::Solution && asked == [place.factor.number]);
    let flags = format!("--path {}", quoted(&path.display().to_string()));
    Ok(Run { subject, factors, only: Vec::new(), own, flags, selection: String::new() })
}

/// `--only`: with or without the factor before it, as reports print it.
fn select(run: &mut Run, only: &[String]) -> Result<(), Wrong> {
    run.only = only.iter().map(|word| named(run, word)).collect::<Result<_, _>>()?;
    // A factor without any of them would have nothing to run, and nothing is no pass.
    run.factors.retain(|factor| factor.checks().iter().any(|check| run.only.iter().any(|id| id == check.id)));
    Ok(())
}

/// The id of the check that a word names.
fn named(run: &Run, word: &str) -> Result<String, Wrong> {
    let wanted = word.rsplit('/').next().unwrap_or(word);
    let known: Vec<&str> = run.factors.iter().flat_map(|factor| factor.checks()).map(|check| check.id).collect();
    if known.contains(&wanted) {
        return Ok(wanted.to_owned());
    }
    let similar = similar::closest(wanted, known.iter().copied());
    let known = known.into_iter().map(str::to_owned).collect();
    Err(Wrong::UnknownCheck { word: word.to_owned(), similar, known })
}

fn selection(options: &CheckOptions, only: &[String]) -> String {
    let core = options.core.then(|| "--core".to_owned());
    let place = options.in_container.then(|| "--in container".to_owned());
    core.into_iter()
        .chain(place)
        .chain(only.iter().map(|check| format!("--only {check}")))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The repeated command can be pasted into a shell.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+@".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}
