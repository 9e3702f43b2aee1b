//! Watch mode in English.

use super::{Messages, Note};
use crate::input::Scope;
use crate::state::Filter;

/// English.
pub struct En;

impl Messages for En {
    fn note(&self, note: &Note) -> String {
        match note {
            Note::CoreOpen => {
                "The core checks pass. When you have finished experimenting, press n for the next exercise.".to_owned()
            }
            Note::NextLocked => "n opens the next exercise once the core checks pass; l lists all.".to_owned(),
            Note::NothingFailed => "Nothing failed, so there is nothing to hint at.".to_owned(),
            Note::NothingLeft => "Every other exercise is passed. l lists them.".to_owned(),
            Note::NothingDone => "Nothing was changed.".to_owned(),
            Note::NoKeys => "Standard input is closed, so keys are off. Ctrl-C ends it.".to_owned(),
            Note::Blind(why) => format!("Saves cannot be seen here ({why}): press Enter to grade."),
            Note::Said(words) => words.clone(),
        }
    }

    fn grading(&self, scope: Scope) -> &'static str {
        match scope {
            Scope::Core => "Grading the core checks",
            Scope::Whole => "Grading all checks",
            Scope::Every => "Grading every exercise",
        }
    }

    fn waiting(&self) -> &'static str {
        "Waiting for a save"
    }

    fn waiting_for_enter(&self) -> &'static str {
        "Press Enter to grade"
    }

    fn stopping(&self) -> &'static str {
        "Stopping what is running"
    }

    fn watching(&self, name: &str) -> String {
        format!("Watching {name}; each save is graded. Ctrl-C ends it.")
    }

    fn key(&self, key: char) -> &'static str {
        match key {
            'n' => "next",
            'h' => "hint",
            'l' => "list",
            'c' => "check all",
            'r' => "reset",
            's' => "solution",
            _ => "quit",
        }
    }

    fn enter(&self) -> &'static str {
        "grade now"
    }

    fn list_keys(&self, filter: Filter) -> String {
        let shown = match filter {
            Filter::All => "all",
            Filter::Open => "to do",
            Filter::Passed => "passed",
        };
        format!("↑↓:move  Enter:choose  f:filter ({shown})  Esc:back  q:quit")
    }

    fn list_is_empty(&self) -> &'static str {
        "None. f shows others."
    }

    fn ask_reset(&self) -> &'static str {
        "Put the starter's files back? Yours are kept in a backup."
    }

    fn answers(&self) -> &'static str {
        "y:put them back  any other key:leave them"
    }

    fn hint(&self, what: &str, reason: &str) -> String {
        format!("{what} ({reason})")
    }

    fn step(&self, step: usize, of: usize) -> String {
        format!("Hint {step} of {of}")
    }

    fn last_step(&self) -> &'static str {
        "This was the last step."
    }

    fn back(&self) -> &'static str {
        "Esc:report"
    }

    fn typed_keys(&self) -> &'static str {
        "Type a letter and Enter."
    }

    fn ignored(&self) -> &'static str {
        "(not now: something is being graded)"
    }

    fn next(&self) -> &'static str {
        "Next:"
    }
}
