//! Every sentence of the board, once per language.

use grader::text::Lang;

use crate::options::Wrong;
use crate::standing::{Solution, State};

mod en;
mod ko;

/// The sentences in `lang`.
pub fn messages(lang: Lang) -> &'static dyn Messages {
    match lang {
        Lang::En => &en::En,
        Lang::Ko => &ko::Ko,
    }
}

/// The sentences.
pub trait Messages: Sync {
    /// What the program does and which options it has.
    fn help(&self) -> &'static str;
    /// A command line or an environment that cannot be understood.
    fn wrong(&self, wrong: &Wrong) -> String;
    /// The machine refused something.
    fn failed(&self, why: &str) -> String;
    /// Where attendees join.
    fn join_at(&self, url: &str) -> String;
    /// The instructor's own address, which is secret.
    fn instructor_at(&self, url: &str) -> String;
    /// What is shown to the room.
    fn projector_at(&self, url: &str) -> String;
    /// Who can reach the board: this machine alone.
    fn only_this_machine(&self) -> &'static str;
    /// Who can reach the board: everybody in this network.
    fn whole_network(&self, address: &str) -> String;
    /// What to do where the venue keeps laptops apart.
    fn isolated(&self) -> &'static str;
    /// How to end it.
    fn how_to_stop(&self) -> &'static str;
    /// Everything was forgotten.
    fn forgotten(&self) -> &'static str;
    /// Forgetting needs a yes.
    fn forget_needs_yes(&self) -> &'static str;
    /// Where the report was written.
    fn report_written(&self, folder: &str) -> String;
    /// Simulated attendees are at work.
    fn rehearsing(&self, attendees: usize) -> String;

    /// The board's name.
    fn board(&self) -> &'static str;
    /// The code of this language.
    fn code(&self) -> &'static str;
    /// Leads to the same page in the other language.
    fn other_language(&self) -> &'static str;
    /// Jumps over the navigation.
    fn skip(&self) -> &'static str;
    /// The room's page.
    fn room(&self) -> &'static str;
    /// The projector's page.
    fn projector(&self) -> &'static str;
    /// The report's page.
    fn report(&self) -> &'static str;
    /// The same as a table for a spreadsheet.
    fn as_csv(&self) -> &'static str;
    /// The page cannot follow what happens.
    fn needs_script(&self) -> &'static str;
    /// The connection is lost and being made again.
    fn reconnecting(&self) -> &'static str;
    /// Results come from attendees' machines.
    fn self_reported(&self) -> &'static str;

    /// How many have joined.
    fn joined(&self, n: usize) -> String;
    /// Nobody has joined yet.
    fn nobody(&self) -> &'static str;
    /// Heading of the column with names.
    fn attendee(&self) -> &'static str;
    /// Heading of the column with what somebody is stuck on.
    fn stuck_on(&self) -> &'static str;
    /// Heading of the column with the time of the last word.
    fn last_seen(&self) -> &'static str;
    /// The state of a factor.
    fn state(&self, state: State) -> &'static str;
    /// How the solution was opened.
    fn solution(&self, solution: Solution) -> &'static str;
    /// The service does not build, start or answer.
    fn blocked(&self) -> &'static str;
    /// A factor's short name.
    fn factor(&self, number: u8) -> String;

    /// Heading of raised hands.
    fn hands(&self) -> &'static str;
    /// No hand is up.
    fn no_hands(&self) -> &'static str;
    /// How many hands are up.
    fn hands_up(&self, n: usize) -> String;
    /// Takes a hand down.
    fn hand_done(&self) -> &'static str;
    /// Heading of what the room fails with.
    fn groups(&self) -> &'static str;
    /// Nobody fails.
    fn no_groups(&self) -> &'static str;
    /// How many fail with it.
    fn people(&self, n: usize) -> String;
    /// Leads to the chapter.
    fn chapter(&self) -> &'static str;
    /// Unfolds the diff of a mistake.
    fn mistake(&self) -> &'static str;

    /// Heading of pacing.
    fn pace(&self) -> &'static str;
    /// Begins a track.
    fn begin(&self) -> &'static str;
    /// To the next page.
    fn next(&self) -> &'static str;
    /// To the page before.
    fn back(&self) -> &'static str;
    /// Five minutes more.
    fn longer(&self) -> &'static str;
    /// Ends the pacing.
    fn stop_pace(&self) -> &'static str;
    /// What is left of a step's time.
    fn left(&self) -> &'static str;
    /// The room is `#` minutes behind the plan.
    fn late(&self) -> &'static str;
    /// The room is `#` minutes ahead of the plan.
    fn early(&self) -> &'static str;
    /// The room is where the plan wants it.
    fn as_planned(&self) -> &'static str;
    /// A step of how many.
    fn step(&self, n: usize, of: usize) -> String;

    /// Heading of announcements.
    fn announcements(&self) -> &'static str;
    /// What the field for an announcement is for.
    fn announcement(&self) -> &'static str;
    /// Sends an announcement.
    fn announce(&self) -> &'static str;
    /// Opens a solution for all.
    fn open_solution(&self) -> &'static str;
    /// A solution is open.
    fn solution_open(&self, factor: u8) -> String;

    /// Heading of joining.
    fn joining(&self) -> &'static str;
    /// Makes a new code.
    fn new_code(&self) -> &'static str;
    /// Nobody can join any more.
    fn lock(&self) -> &'static str;
    /// People can join again.
    fn unlock(&self) -> &'static str;
    /// Nobody can join now.
    fn locked(&self) -> &'static str;
    /// How many can join.
    fn seats(&self) -> &'static str;
    /// Sets how many can join.
    fn set(&self) -> &'static str;
    /// How many wrong codes were tried.
    fn wrong_codes(&self, n: u64) -> String;
    /// Heading of the invitation.
    fn invitation(&self) -> &'static str;
    /// What to do with the command.
    fn invitation_how(&self) -> &'static str;
    /// What the board will know, and what not.
    fn privacy(&self) -> &'static str;
    /// The code in the address is not, or no longer, right.
    fn wrong_code(&self) -> &'static str;
    /// Heading of the data.
    fn data(&self) -> &'static str;
    /// Removes everything.
    fn forget(&self) -> &'static str;
    /// Removes one attendee.
    fn remove(&self) -> &'static str;
    /// Confirms that everything shall go.
    fn really(&self) -> &'static str;

    /// Heading of signing in.
    fn sign_in(&self) -> &'static str;
    /// What the field for the secret is for.
    fn secret(&self) -> &'static str;
    /// The secret is another one.
    fn wrong_secret(&self) -> &'static str;
    /// Who has no cookie.
    fn not_signed_in(&self) -> &'static str;
    /// Heading of an attendee's own page.
    fn my_page(&self) -> &'static str;
    /// Raises one's hand.
    fn raise_hand(&self) -> &'static str;
    /// Takes it down.
    fn lower_hand(&self) -> &'static str;
    /// One's hand is up.
    fn my_hand_is_up(&self) -> &'static str;
    /// Heading of what the room has passed.
    fn whole_room(&self) -> &'static str;
    /// How many have passed a factor.
    fn passed_of(&self, passed: usize, of: usize) -> String;
    /// Heading of a time line.
    fn time_line(&self) -> &'static str;
    /// Nothing was reported.
    fn nothing_yet(&self) -> &'static str;
    /// Runs of a factor.
    fn runs(&self, n: i64) -> String;
    /// A hand went up or down.
    fn hand_event(&self, raised: bool) -> &'static str;
    /// There is no such page.
    fn not_found(&self) -> &'static str;
}
