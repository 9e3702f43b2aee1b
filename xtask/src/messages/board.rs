//! The sentences of `board`, `join` and `hand`, once per language.

use grader::text::Lang;

use crate::board::News;

mod en;
mod ko;

/// The sentences in `lang`.
pub fn board(lang: Lang) -> &'static dyn BoardMessages {
    match lang {
        Lang::En => &en::En,
        Lang::Ko => &ko::Ko,
    }
}

/// The sentences.
pub trait BoardMessages: Sync {
    /// Asks for a nickname.
    fn ask_name(&self) -> &'static str;
    /// The machine has joined.
    fn joined(&self, nickname: &str, board: &str) -> String;
    /// What the board is told, and how to leave.
    fn what_is_told(&self) -> &'static str;
    /// Where the attendee's own page is.
    fn own_page(&self, url: &str) -> String;
    /// How to ask for help.
    fn how_to_raise(&self) -> &'static str;
    /// The board refused to let the machine join.
    fn refused(&self, error: &str) -> String;
    /// The board could not be reached.
    fn unreachable(&self, board: &str, why: &str) -> String;
    /// The machine has left, and the board has deleted everything.
    fn left(&self) -> &'static str;
    /// The machine has left, but the board could not be told.
    fn left_untold(&self, board: &str) -> String;
    /// The hand is up.
    fn hand_up(&self) -> &'static str;
    /// The hand is down.
    fn hand_down(&self) -> &'static str;
    /// The hand will go up or down when the board can be reached.
    fn hand_waits(&self) -> &'static str;
    /// Something that the instructor said.
    fn board_news(&self, news: &News) -> String;
    /// So many reports wait.
    fn board_waiting(&self, events: usize) -> String;
    /// The board does not know this machine.
    fn board_unknown(&self) -> &'static str;
    /// The board is newer than this program.
    fn board_newer(&self) -> &'static str;
    /// The board is compiled first.
    fn board_compiling(&self) -> &'static str;
    /// Asks whether everything may be deleted.
    fn ask_forget(&self) -> &'static str;
}
