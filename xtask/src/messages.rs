//! Every sentence of the command line, once per language.

use grader::check::Tier;
use grader::text::Lang;

use crate::progress::Unusable;
use crate::starter::ChangeKind;

mod board;
mod en;
mod ko;

pub use board::{BoardMessages, board};
use en::En;
use ko::Ko;

/// The sentences in `lang`.
pub fn messages(lang: Lang) -> &'static dyn Messages {
    match lang {
        Lang::En => &En,
        Lang::Ko => &Ko,
    }
}

/// Where a factor stands for the attendee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Passed on this machine.
    Passed,
    /// The core checks have passed, the factor has not.
    CorePassed,
    /// A check fails.
    Failed,
    /// The service does not build, start or answer.
    Blocked,
    /// Not graded yet.
    Open,
}

impl State {
    /// All of them.
    pub const ALL: [State; 5] = [State::Passed, State::CorePassed, State::Failed, State::Blocked, State::Open];
}

/// What can be wrong with a command line, or with what it asks for here. Each variant is one sentence per language.
#[derive(Debug, PartialEq)]
pub enum Wrong {
    /// No such command.
    UnknownCommand { word: String, similar: Option<String> },
    /// A factor stands where a command is expected.
    FactorAsCommand(String),
    /// No such option.
    UnknownOption { option: String, similar: Option<String> },
    /// The option belongs to other commands.
    OptionElsewhere { option: &'static str, command: &'static str, belongs: Vec<&'static str> },
    /// An option without its value.
    MissingValue(&'static str),
    /// A flag with a value.
    UnexpectedValue(String),
    /// A word that is not Unicode.
    NotUnicode(String),
    /// A word too many.
    TooManyWords { command: &'static str, word: String },
    /// No language of the workshop.
    Language(String),
    /// No number.
    Seed(String),
    /// No step of a hint.
    Step(String),
    /// No way to run a service.
    In(String),
    /// No port.
    Port(String),
    /// No invitation to a board.
    Invitation(String),
    /// An invitation that begins with `https:`.
    SecureBoard,
    /// No nickname, and nobody to ask.
    WhichName,
    /// Nothing was joined.
    NotJoined,
    /// More than one of these options.
    OneWay(&'static str),
    /// Two options that contradict each other.
    Together(&'static str, &'static str),
    /// `--all` and a factor.
    AllAndOne,
    /// `start` without a factor.
    StartWhat,
    /// `checkpoint` without a factor, or with the warm-up.
    CheckpointWhat,
    /// `start capstone --in-language`.
    CapstoneIsRust,
    /// No such factor.
    UnknownFactor { word: String, similar: Option<String> },
    /// No factor was named and the folder names none, but `command` needs one; `next` would be a likely one.
    WhichFactor { command: &'static str, next: String },
    /// No such check.
    UnknownCheck { word: String, similar: Option<String>, known: Vec<String> },
    /// No such case of a proof, and no such check.
    UnknownCase { word: String, similar: Option<String>, known: Vec<String> },
    /// `mutant` without `edit`, a factor and a name.
    MutantWhat,
    /// No number of runs.
    Runs(String),
    /// An option that wants a whole number, and what it was given.
    Count(&'static str, String),
    /// `--load` is part of a soak.
    LoadWithoutSoak,
    /// No such reason code.
    UnknownReason { factor: String, word: String, similar: Option<String>, known: Vec<String> },
    /// An `app.toml` that cannot be used, in the words of its error.
    Manifest(String),
    /// The exercise of `factor` does not exist in this language, but in the `known` ones.
    NoSuchLanguage { factor: String, word: String, known: Vec<String> },
    /// The folder for `start` holds something.
    NotEmpty(String),
    /// The core checks of this factor have not passed.
    SolutionLocked(String),
    /// `manifests` without a folder.
    ManifestsWhat,
    /// A question, and nobody to ask.
    NeedsYes(&'static str),
    /// `bundle` or `unbundle` without a file.
    WhichBundle(&'static str),
    /// A bundle's name that does not say how it is compressed.
    BundleName(String),
    /// An address instead of a file.
    BundleAddress(String),
}

/// A repository of the attendee's own, with where it lies as they would write it.
#[derive(Debug)]
pub enum Readme<'a> {
    /// Of one exercise.
    Exercise { factor: &'a str, path: &'a str },
    /// Of the capstone's start.
    Capstone { path: &'a str },
    /// Of the complete service, for the factors up to this one.
    Checkpoint { number: &'a str, path: &'a str },
}

/// What the commands for a room without internet tell. Each variant is a sentence or two per language.
#[derive(Debug)]
pub enum Note<'a> {
    /// How many crates are here and are not, their bytes, and how many of these were downloaded now.
    Crates { here: usize, missing: usize, bytes: u64, new: u64 },
    /// No container engine answers.
    NoEngine,
    /// An image is being downloaded.
    Pulling(&'a str),
    /// An image could not be downloaded.
    NotPulled { image: &'a str, why: &'a str },
    /// An image is here.
    ImageHere { image: &'a str, bytes: u64 },
    /// The end of `prefetch`: the steps that failed, and what all of it took.
    Prefetched { troubled: &'a [&'a str], seconds: u64 },
    /// The program that packs and unpacks is compiled first.
    CompilingPacker,
    /// So many crates are missing, also for this system.
    CratesMissing(usize),
    /// So many crates are missing, which only other systems need.
    CratesOfThisSystem(usize),
    /// The workshop's folder is no repository.
    NoSource,
    /// So many files differ from the commit that is bundled.
    Uncommitted(usize),
    /// An image will be missing in the bundle.
    ImageAbsent(&'a str),
    /// Images are written to a file.
    SavingImages { images: usize, bytes: u64 },
    /// So many files are packed.
    Packing(usize),
    /// The bundle is there.
    Bundled { file: &'a str },
    /// The program that unpacks could not be compiled.
    NoPacker { file: &'a str },
    /// A bundle is read and compared.
    Unpacking,
    /// Where, when and from which commit a bundle was made.
    MadeOn { platform: &'a str, made: &'a str, commit: &'a str },
    /// The bundle was made from another commit.
    OtherCommit,
    /// A crate is another than the lock file wants.
    WrongCrate(&'a str),
    /// How many of the locked crates the bundle had, and how many of these were new.
    CratesTaken { here: usize, new: usize, of: usize },
    /// The books are ready to be read.
    BooksTaken,
    /// The books in the bundle were built from other pages.
    BooksOfOtherPages,
    /// The bundle holds no images.
    NoImages,
    /// The bundle holds images, and nobody to use them.
    ImagesUnused,
    /// The images are for another platform than the engine's.
    OtherPlatform { images: &'a str, engine: &'a str },
    /// Images are loaded.
    LoadingImages(&'a [String]),
    /// The engine could not load them.
    NotLoaded(&'a str),
    /// Cargo still wants to download something.
    StillMissing,
    /// Everything works without a network.
    Unbundled,
}

/// The sentences. A language is a unit struct, so the compiler proves that none is missing.
pub trait Messages: Sync {
    /// What is wrong with the command line, and the line that helps.
    fn wrong(&self, wrong: &Wrong) -> String;
    /// What a command for a room without internet tells.
    fn note(&self, note: &Note<'_>) -> String;
    /// The machine or the tool failed; `why` is the operating system's.
    fn failed(&self, why: &str) -> String;
    /// The progress file cannot be used and stays as it is.
    fn progress_unusable(&self, unusable: &Unusable, path: &str) -> String;

    /// The heading of the overview.
    fn title(&self, passed: usize, of: usize) -> String;
    /// Where a factor stands, in a few words.
    fn state(&self, state: State) -> &'static str;
    /// How long ago something was, `seconds` of it.
    fn ago(&self, seconds: u64) -> String;
    /// An estimate in minutes.
    fn minutes(&self, minutes: u64) -> String;
    /// The name of the bar over all factors.
    fn all_factors(&self) -> &'static str;
    /// What the bar over all factors shows.
    fn bar_of_factors(&self, passed: usize, of: usize) -> String;
    /// What the bar of a track shows; `left` minutes belong to what is not passed.
    fn bar_of_track(&self, passed: usize, of: usize, left: u64) -> String;
    /// Marks the factor to work on.
    fn you_are_here(&self) -> &'static str;
    /// What failed first in the last run.
    fn first_failure(&self, check: &str, reason: &str) -> String;
    /// What to read before the first run.
    fn read_first(&self, path: &str) -> String;
    /// The name of the README in this language.
    fn readme(&self) -> &'static str;
    /// Before the next command.
    fn next(&self) -> &'static str;
    /// Before the command that shows the next hint.
    fn next_hint(&self) -> &'static str;
    /// How much a check counts, in a word.
    fn tier(&self, tier: Tier) -> &'static str;

    /// The heading of a hint.
    fn hint_title(&self, what: &str, reason: &str, step: usize) -> String;
    /// There is nothing to give a hint for.
    fn no_failure(&self, factor: &str, graded: bool) -> String;
    /// There is no hint for this reason.
    fn no_hint(&self, reason: &str) -> String;

    /// Nothing differs from the starter.
    fn nothing_to_reset(&self, factor: &str) -> String;
    /// What happened to a file, as a word of fixed width.
    fn change(&self, kind: ChangeKind) -> &'static str;
    /// Asks whether the files above may be restored.
    fn ask_reset(&self) -> String;
    /// The answer was no.
    fn nothing_done(&self) -> &'static str;
    /// The starter is back; `backup` holds what was changed.
    fn reset_done(&self, factor: &str, backup: &str) -> String;
    /// `diff` has nothing to show.
    fn nothing_changed(&self, factor: &str) -> String;
    /// Where the solution is.
    fn solution_at(&self, path: &str, factor: &str, skipped: bool) -> String;
    /// The attendee's own repository is made.
    fn started(&self, factor: &str, path: &str) -> String;
    /// The attendee's own repository for the capstone is made.
    fn capstone_started(&self, path: &str) -> String;
    /// A reference that satisfies everything up to a factor is written.
    fn checkpoint_written(&self, factor: &str, path: &str) -> String;
    /// What stands first in the README of a repository of the attendee's own.
    fn own_readme(&self, of: &Readme<'_>) -> String;

    /// Before the step that mends a finding of `doctor`.
    fn fix(&self) -> &'static str;
    /// Asks whether the command above may be run.
    fn ask_run(&self) -> &'static str;
    /// The command above needs somebody who agrees to it.
    fn left_to_you(&self) -> &'static str;
    /// The last line of `doctor`.
    fn doctor_result(&self, missing: usize, limited: usize) -> String;

    /// `tidy` found nothing.
    fn tidy_clean(&self, rules: usize) -> String;
    /// How many findings `tidy` has.
    fn tidy_found(&self, findings: usize) -> String;
    /// `tidy --fix` wrote a file.
    fn tidy_wrote(&self, path: &str) -> String;

    /// Asks whether these packages may be installed.
    fn ask_install(&self, packages: &str) -> String;
    /// How a proof ended: cases that hold, cases that do not, seconds.
    fn proved(&self, hold: usize, wrong: usize, seconds: u64) -> String;
    /// In how many cases this machine could not run every check that is asked for.
    fn proved_in_part(&self, cases: usize) -> String;
    /// These factors were proved whole, and the lock that says so was written.
    fn proved_whole(&self, factors: &str, lock: &str) -> String;
    /// What these factors were proved with was written for the books.
    fn proof_kept(&self, factors: &str, file: &str) -> String;
    /// So many cases were proved before an earlier proof was interrupted.
    fn taken_over(&self, cases: usize) -> String;
    /// How long the rest takes, in minutes.
    fn about_left(&self, minutes: u64) -> String;
    /// A person ended a proof; whether the next one goes on from there.
    fn interrupted_proof(&self, goes_on: bool) -> &'static str;
    /// A round of a soak begins.
    fn soak_round(&self, round: usize, of: usize, seed: u64) -> String;
    /// What came of a soak: whole rounds, check runs, cases that did not hold.
    fn soaked(&self, rounds: usize, checks: usize, changed: usize) -> String;
    /// A person ended the command.
    fn interrupted(&self) -> &'static str;
    /// Where a mutant's copy lies, and the file that becomes the patch's header.
    fn mutant_open(&self, copy: &str, header: &str) -> String;
    /// Without an editor, Enter says that the editing is done.
    fn mutant_press_enter(&self) -> &'static str;
    /// The patch was written.
    fn mutant_written(&self, patch: &str) -> String;
    /// The end of a rehearsal: the steps that are not ready, and what all of it took.
    fn rehearsed(&self, troubled: &[&str], seconds: u64) -> String;
    /// From a save to the verdict, against building and starting alone; seconds, medians.
    fn bench_loop(&self, graded: f64, bare: f64, ratio: f64, runs: usize) -> String;
    /// The grader's peak memory in MiB, with a quiet service and with one that writes a gigabyte.
    fn bench_memory(&self, quiet: f64, flooded: f64) -> String;
    /// This system does not tell a program's memory.
    fn bench_no_memory(&self) -> &'static str;
    /// Processor seconds from an empty target folder, and how many crates the grader is made of.
    fn bench_cold(&self, tool: f64, service: f64, crates: usize) -> String;

    /// The books are what their sources say.
    fn book_is_current(&self, path: &str) -> String;
    /// The program that builds the books is compiled first.
    fn book_compiling(&self) -> &'static str;
    /// The program that judges manifests is compiled first.
    fn manifests_compiling(&self) -> &'static str;
    /// The books were built.
    fn book_built(&self, path: &str, seconds: f64) -> String;
    /// The books could not be built, for the reasons above.
    fn book_not_built(&self) -> &'static str;
    /// Every rule of the books is kept.
    fn book_clean(&self) -> &'static str;
    /// Some are not: see above.
    fn book_found(&self) -> &'static str;
    /// Both languages of this page or section are as they were accepted.
    fn book_nothing_to_accept(&self, what: &str) -> String;
    /// Asks whether both languages say the same.
    fn ask_accept(&self, what: &str) -> String;
    /// The lock was written.
    fn book_accepted(&self, what: &str) -> String;

    /// The program that watches is compiled first.
    fn watch_compiling(&self) -> &'static str;

    /// Before a container engine is started.
    fn starting_engine(&self) -> &'static str;
    /// Before images are fetched or made.
    fn providing_images(&self) -> &'static str;
    /// Every package is there.
    fn all_installed(&self) -> &'static str;
    /// A system without apt-get.
    fn install_yourself(&self, packages: &str) -> String;
    /// A part of the tests goes on.
    fn still_running(&self, part: &str, minutes: u64) -> String;
    /// A part of the tests failed.
    fn part_failed(&self, part: &str, again: &str) -> String;
}
