//! The board's sentences in English.

use grader::text::count_en;

use super::Messages;
use crate::options::Wrong;
use crate::standing::{Solution, State};

/// English.
pub struct En;

impl Messages for En {
    fn help(&self) -> &'static str {
        include_str!("en.txt")
    }

    fn wrong(&self, wrong: &Wrong) -> String {
        let why = match wrong {
            Wrong::Words(why) => why.clone(),
            Wrong::Port(value) => format!("{value} is not a port"),
            Wrong::Number(value) => format!("{value} is not a number of attendees between 1 and 2000"),
            Wrong::Address(value) => format!("{value} is not an address to listen on, such as 0.0.0.0 or 192.168.0.10"),
            Wrong::Grace(value) => format!("SHUTDOWN_GRACE_SECONDS: {value} is not a number of seconds"),
            Wrong::Language(value) => format!("{value} is not a language of the workshop; there are en and ko"),
            Wrong::SecretNeeded => {
                "BOARD_SECRET is not set: boards that share a database need one secret of 16 characters or more"
                    .to_owned()
            }
            Wrong::Database(why) => format!("DATABASE_URL cannot be used: {why}"),
        };
        format!("workshop-board: {why}\nSee: workshop-board --help")
    }

    fn failed(&self, why: &str) -> String {
        format!("The board cannot go on: {why}")
    }

    fn join_at(&self, url: &str) -> String {
        format!("Attendees join with:   cargo xtask join {url}")
    }

    fn instructor_at(&self, url: &str) -> String {
        format!("Yours alone (secret):  {url}")
    }

    fn projector_at(&self, url: &str) -> String {
        format!("For the projector:     {url}   (no names; sign in with the line above first)")
    }

    fn only_this_machine(&self) -> &'static str {
        "Only this machine can reach the board. For the room: cargo xtask board --listen 0.0.0.0"
    }

    fn whole_network(&self, address: &str) -> String {
        format!(
            "Everybody in this network can reach the board at {address}; only those with the code can join, only you see names."
        )
    }

    fn isolated(&self) -> &'static str {
        "If laptops cannot reach it, the venue keeps them apart: use a hotspot or a cable and a switch of your own. Without a board the workshop works as well; results wait and are sent later."
    }

    fn how_to_stop(&self) -> &'static str {
        "Ctrl-C ends the board; what was reported stays, and attendees go on by themselves when it is back."
    }

    fn forgotten(&self) -> &'static str {
        "Attendees, results and announcements are deleted."
    }

    fn forget_needs_yes(&self) -> &'static str {
        "This deletes attendees, results and announcements for good. Add --yes to do it."
    }

    fn report_written(&self, folder: &str) -> String {
        format!("The report is in {folder}: report.html and report.csv")
    }

    fn rehearsing(&self, attendees: usize) -> String {
        format!("{} are at work; Ctrl-C sends them home.", count_en(attendees, "simulated attendee"))
    }

    fn board(&self) -> &'static str {
        "Board"
    }

    fn code(&self) -> &'static str {
        "en"
    }

    fn other_language(&self) -> &'static str {
        "한국어"
    }

    fn skip(&self) -> &'static str {
        "To the content"
    }

    fn room(&self) -> &'static str {
        "Room"
    }

    fn projector(&self) -> &'static str {
        "Projector"
    }

    fn report(&self) -> &'static str {
        "Report"
    }

    fn as_csv(&self) -> &'static str {
        "As a table (CSV)"
    }

    fn needs_script(&self) -> &'static str {
        "Without JavaScript this page shows how things stood when it was loaded. Load it again to see more."
    }

    fn reconnecting(&self) -> &'static str {
        "The connection to the board is lost. It is being made again; nothing is missed."
    }

    fn self_reported(&self) -> &'static str {
        "Self-reported: each machine tells its own results."
    }

    fn joined(&self, n: usize) -> String {
        format!("{n} joined")
    }

    fn nobody(&self) -> &'static str {
        "Nobody has joined yet."
    }

    fn attendee(&self) -> &'static str {
        "Attendee"
    }

    fn stuck_on(&self) -> &'static str {
        "Stuck on"
    }

    fn last_seen(&self) -> &'static str {
        "Last heard"
    }

    fn state(&self, state: State) -> &'static str {
        match state {
            State::Open => "not yet",
            State::Blocked => "blocked",
            State::Failed => "failing",
            State::Core => "core passed",
            State::Passed => "passed",
        }
    }

    fn solution(&self, solution: Solution) -> &'static str {
        match solution {
            Solution::Closed => "",
            Solution::Opened => "solution opened",
            Solution::Skipped => "solution opened before core passed",
        }
    }

    fn blocked(&self) -> &'static str {
        "The service does not build, start or answer"
    }

    fn factor(&self, number: u8) -> String {
        if number == 0 { "Set-up".to_owned() } else { format!("Factor {number}") }
    }

    fn hands(&self) -> &'static str {
        "Raised hands"
    }

    fn no_hands(&self) -> &'static str {
        "No hand is up."
    }

    fn hands_up(&self, n: usize) -> String {
        format!("{} up", count_en(n, "hand"))
    }

    fn hand_done(&self) -> &'static str {
        "Done"
    }

    fn groups(&self) -> &'static str {
        "What the room fails with"
    }

    fn no_groups(&self) -> &'static str {
        "Nobody fails right now."
    }

    fn people(&self, n: usize) -> String {
        if n == 1 { "1 person".to_owned() } else { format!("{n} people") }
    }

    fn chapter(&self) -> &'static str {
        "Chapter"
    }

    fn mistake(&self) -> &'static str {
        "The mistake"
    }

    fn pace(&self) -> &'static str {
        "Pacing"
    }

    fn begin(&self) -> &'static str {
        "Begin"
    }

    fn next(&self) -> &'static str {
        "Next"
    }

    fn back(&self) -> &'static str {
        "Back"
    }

    fn longer(&self) -> &'static str {
        "5 minutes more"
    }

    fn stop_pace(&self) -> &'static str {
        "End"
    }

    fn left(&self) -> &'static str {
        "left"
    }

    fn late(&self) -> &'static str {
        "# min behind the plan"
    }

    fn early(&self) -> &'static str {
        "# min ahead of the plan"
    }

    fn as_planned(&self) -> &'static str {
        "as planned"
    }

    fn step(&self, n: usize, of: usize) -> String {
        format!("step {n} of {of}")
    }

    fn announcements(&self) -> &'static str {
        "Announcements"
    }

    fn announcement(&self) -> &'static str {
        "To everybody, in terminal and book"
    }

    fn announce(&self) -> &'static str {
        "Announce"
    }

    fn open_solution(&self) -> &'static str {
        "Open the solution"
    }

    fn solution_open(&self, factor: u8) -> String {
        format!("The solution of factor {factor} is open: cargo xtask solution factor-{factor} --anyway")
    }

    fn joining(&self) -> &'static str {
        "Joining"
    }

    fn new_code(&self) -> &'static str {
        "New code"
    }

    fn lock(&self) -> &'static str {
        "Close the door"
    }

    fn unlock(&self) -> &'static str {
        "Open the door"
    }

    fn locked(&self) -> &'static str {
        "The door is closed: nobody can join."
    }

    fn seats(&self) -> &'static str {
        "Seats (0: any number)"
    }

    fn set(&self) -> &'static str {
        "Set"
    }

    fn wrong_codes(&self, n: u64) -> String {
        format!("{} tried", count_en(usize::try_from(n).unwrap_or(usize::MAX), "wrong code"))
    }

    fn invitation(&self) -> &'static str {
        "Join the room"
    }

    fn invitation_how(&self) -> &'static str {
        "In your copy of the workshop, in a terminal:"
    }

    fn privacy(&self) -> &'static str {
        "The board sees a nickname of your choice, verdicts and reason codes. It never sees code, logs, file names or your machine's name. `cargo xtask join --leave` deletes all of it."
    }

    fn wrong_code(&self) -> &'static str {
        "This code is not right, or no longer. Look at the projector for the current one."
    }

    fn data(&self) -> &'static str {
        "Data"
    }

    fn forget(&self) -> &'static str {
        "Delete everything"
    }

    fn remove(&self) -> &'static str {
        "Remove from the board"
    }

    fn really(&self) -> &'static str {
        "Yes, delete attendees, results and announcements for good"
    }

    fn sign_in(&self) -> &'static str {
        "Instructor"
    }

    fn secret(&self) -> &'static str {
        "The secret from the terminal in which the board runs"
    }

    fn wrong_secret(&self) -> &'static str {
        "That is not the secret."
    }

    fn not_signed_in(&self) -> &'static str {
        "This page is for those who have joined, or for the instructor. `cargo xtask join` in your terminal prints a link that signs this browser in."
    }

    fn my_page(&self) -> &'static str {
        "My page"
    }

    fn raise_hand(&self) -> &'static str {
        "Raise my hand"
    }

    fn lower_hand(&self) -> &'static str {
        "Take my hand down"
    }

    fn my_hand_is_up(&self) -> &'static str {
        "Your hand is up. Somebody will come."
    }

    fn whole_room(&self) -> &'static str {
        "The whole room"
    }

    fn passed_of(&self, passed: usize, of: usize) -> String {
        format!("{passed} of {of} passed")
    }

    fn time_line(&self) -> &'static str {
        "Time line"
    }

    fn nothing_yet(&self) -> &'static str {
        "Nothing was reported yet."
    }

    fn runs(&self, n: i64) -> String {
        if n == 1 { "1 run".to_owned() } else { format!("{n} runs") }
    }

    fn hand_event(&self, raised: bool) -> &'static str {
        if raised { "Hand up" } else { "Hand down" }
    }

    fn not_found(&self) -> &'static str {
        "There is no such page."
    }
}
