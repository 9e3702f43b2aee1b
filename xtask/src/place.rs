//! Which factor a folder belongs to, and which one a command means when none is named.

use std::path::Path;

use grader::factors::{self, FACTORS, Factor};
use grader::subject::Workspace;

use crate::cli::similar;
use crate::messages::Wrong;
use crate::progress::Progress;
use crate::session::Session;
use crate::track;

/// Whose folder it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The exercise.
    Exercise,
    /// The reference solution.
    Solution,
    /// A repository of the attendee's own, made by `start`.
    Started,
}

/// What a folder is part of.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its factor.
    pub factor: &'static Factor,
    /// Whose folder.
    pub kind: Kind,
}

/// The place that `folder` lies in, if the workshop knows it.
pub fn of(folder: &Path, workspace: &Workspace, progress: &Progress) -> Option<Place> {
    let folder = folder.canonicalize().ok()?;
    FACTORS.iter().find_map(|factor| {
        let known = [
            (Kind::Exercise, Some(workspace.exercise(factor))),
            (Kind::Solution, Some(workspace.solution(factor))),
            (Kind::Started, progress.factor(factor).started),
        ];
        let inside = |root: &Path| root.canonicalize().is_ok_and(|root| folder.starts_with(root));
        let found = known.into_iter().find(|(_, root)| root.as_deref().is_some_and(inside));
        found.map(|(kind, _)| Place { factor, kind })
    })
}

/// The place of the current folder.
pub fn here(session: &Session) -> Option<Place> {
    let progress = session.store().load().unwrap_or_default();
    of(&std::env::current_dir().ok()?, &session.workspace, &progress)
}

/// The factor that a word names.
pub fn named(word: &str) -> Result<&'static Factor, Wrong> {
    factors::find(word).ok_or_else(|| {
        let ids: Vec<String> = FACTORS.iter().map(Factor::id).collect();
        let known = FACTORS.iter().map(|factor| factor.slug).chain(ids.iter().map(String::as_str));
        Wrong::UnknownFactor { word: word.to_owned(), similar: similar::closest(word, known) }
    })
}

/// The factor that a word names, or else the current one, which the overview marks.
pub fn meant(word: Option<&str>, session: &Session) -> Result<&'static Factor, Wrong> {
    word.map_or_else(|| Ok(current(session)), named)
}

/// The factor that a word names, or else the one whose folder this is. A `command` that changes or reveals something asks
/// for it: there a guess would do harm.
pub fn meant_exactly(word: Option<&str>, command: &'static str, session: &Session) -> Result<&'static Factor, Wrong> {
    let which = || Wrong::WhichFactor { command, next: current(session).id() };
    match word {
        Some(word) => named(word),
        None => here(session).map(|place| place.factor).ok_or_else(which),
    }
}

/// The factor to work on: that of the current folder, else the first in the order of teaching that is not passed, else
/// the first. Whoever has begun with a factor needs the warm-up no more.
pub fn current(session: &Session) -> &'static Factor {
    let progress = session.store().load().unwrap_or_default();
    let passed = |factor: &Factor| progress.factor(factor).standing == Some(crate::progress::Standing::Passed);
    let here = here(session).map(|place| place.factor);
    let taught = track::taught();
    let has_begun = taught.iter().any(|factor| factor.number > 0 && progress.factors.contains_key(&factor.id()));
    let done = |factor: &Factor| passed(factor) || (has_begun && factor.number == 0);
    let open = taught.iter().copied().find(|factor| !done(factor));
    here.or(open).or_else(|| taught.first().copied()).unwrap_or(&FACTORS[0])
}
