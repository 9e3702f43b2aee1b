//! The sentences of `board`, `join` and `hand` in English.

use grader::text::count_en;

use super::BoardMessages;
use crate::board::News;

/// English.
pub struct En;

impl BoardMessages for En {
    fn ask_name(&self) -> &'static str {
        "What shall the room call you? Any nickname will do:"
    }

    fn joined(&self, nickname: &str, board: &str) -> String {
        format!("You are in the room at {board} as {nickname}.")
    }

    fn what_is_told(&self) -> &'static str {
        "After each check the instructor's board is told its verdicts and reason codes: no code, no logs, no file names. `cargo xtask join --leave` ends it and deletes what was told."
    }

    fn own_page(&self, url: &str) -> String {
        format!("Your page, for ten minutes by this link: {url}")
    }

    fn how_to_raise(&self) -> &'static str {
        "Need a hand? cargo xtask hand"
    }

    fn refused(&self, error: &str) -> String {
        match error {
            "wrong-code" => "The code is not right, or no longer: the current one is on the projector.".to_owned(),
            "locked" => "The door is closed. Ask the instructor to open it.".to_owned(),
            "full" => "The room is full. Ask the instructor.".to_owned(),
            "later" => "Too many are at the door. Try again in a few seconds.".to_owned(),
            "newer" => self.board_newer().to_owned(),
            "malformed" => "The board cannot show this nickname. Try another one: --name Ann".to_owned(),
            other => format!("This is no board of the workshop, or a broken one ({other})."),
        }
    }

    fn unreachable(&self, board: &str, why: &str) -> String {
        format!(
            "The board at {board} cannot be reached ({why}). Are you in the same network? Some venues keep laptops apart. The workshop works without it."
        )
    }

    fn left(&self) -> &'static str {
        "You have left the room. The board has deleted what it knew about you."
    }

    fn left_untold(&self, board: &str) -> String {
        format!(
            "This machine reports nothing any more. {board} could not be told: ask the instructor to remove you there."
        )
    }

    fn hand_up(&self) -> &'static str {
        "Your hand is up. Take it down with: cargo xtask hand --down"
    }

    fn hand_down(&self) -> &'static str {
        "Your hand is down."
    }

    fn hand_waits(&self) -> &'static str {
        "The board cannot be reached now, and will hear of it later. Raise your real hand meanwhile."
    }

    fn board_news(&self, news: &News) -> String {
        match news.factor {
            Some(factor) => {
                format!(
                    "From the instructor: the solution of factor {factor} is open. cargo xtask solution factor-{factor}"
                )
            }
            None => format!("From the instructor: {}", news.words),
        }
    }

    fn board_waiting(&self, events: usize) -> String {
        match events {
            0 => "The board cannot be reached now.".to_owned(),
            _ => {
                let are = if events == 1 { "waits" } else { "wait" };
                format!("The board cannot be reached now: {} {are} to be sent.", count_en(events, "report"))
            }
        }
    }

    fn board_unknown(&self) -> &'static str {
        "The board does not know this machine any more. Join again: cargo xtask join URL"
    }

    fn board_newer(&self) -> &'static str {
        "The board is newer than your copy of the workshop. Update it: git pull"
    }

    fn board_compiling(&self) -> &'static str {
        "Compiling the board. The first time it takes one to three minutes."
    }

    fn ask_forget(&self) -> &'static str {
        "Delete attendees, results and announcements for good? [y/N]"
    }
}
