//! The sentences of watch mode, once per language.

use grader::text::Lang;

use crate::input::Scope;
use crate::state::Filter;

mod en;
mod ko;

/// The sentences in `lang`.
pub fn messages(lang: Lang) -> &'static dyn Messages {
    match lang {
        Lang::En => &en::En,
        Lang::Ko => &ko::Ko,
    }
}

/// A sentence for a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The core checks have just passed for the first time.
    CoreOpen,
    /// The next exercise is not open yet.
    NextLocked,
    /// There is nothing to give a hint for.
    NothingFailed,
    /// Every exercise is passed.
    NothingLeft,
    /// The answer was no.
    NothingDone,
    /// Nobody types.
    NoKeys,
    /// The file system reports nothing, for this reason.
    Blind(String),
    /// Words that are ready in the reader's language.
    Said(String),
}

/// The sentences. A language is a unit struct, so the compiler proves that none is missing.
pub trait Messages: Sync {
    /// The note as a sentence.
    fn note(&self, note: &Note) -> String;
    /// What is being graded.
    fn grading(&self, scope: Scope) -> &'static str;
    /// Nothing goes on; a save begins a run.
    fn waiting(&self) -> &'static str;
    /// Nothing goes on; Enter begins a run.
    fn waiting_for_enter(&self) -> &'static str;
    /// A run is being ended.
    fn stopping(&self) -> &'static str;
    /// The first line where lines stay.
    fn watching(&self, name: &str) -> String;
    /// What a key does, in a word.
    fn key(&self, key: char) -> &'static str;
    /// What Enter does, in a word or two.
    fn enter(&self) -> &'static str;
    /// The keys of the list.
    fn list_keys(&self, filter: Filter) -> String;
    /// The filter leaves nothing.
    fn list_is_empty(&self) -> &'static str;
    /// Asks whether the files below may be put back.
    fn ask_reset(&self) -> &'static str;
    /// How to answer.
    fn answers(&self) -> &'static str;
    /// The heading of a hint.
    fn hint(&self, what: &str, reason: &str) -> String;
    /// The heading of a step of it.
    fn step(&self, step: usize, of: usize) -> String;
    /// There is no further step.
    fn last_step(&self) -> &'static str;
    /// The way back to the report.
    fn back(&self) -> &'static str;
    /// How keys are typed where lines are read.
    fn typed_keys(&self) -> &'static str;
    /// A line was typed while something was graded.
    fn ignored(&self) -> &'static str;
    /// Before the command that comes next.
    fn next(&self) -> &'static str;
}
