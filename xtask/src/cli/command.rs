//! What `cargo xtask` can be asked to do.

use std::path::PathBuf;

use crate::help::Topic;

/// What `cargo xtask` can do. A factor stays a word here: whether it exists is the command's business.
#[derive(Debug, PartialEq)]
pub enum Command {
    /// Where am I, what is next.
    Overview,
    /// The help of everything, or of one command.
    Help(Topic),
    /// The version.
    Version,
    /// Grade.
    Check(Box<CheckOptions>),
    /// Grade on save.
    Watch(WatchOptions),
    /// The factors and their exercises.
    List {
        /// For programs.
        json: bool,
    },
    /// The next hint for the last failure.
    Hint(HintOptions),
    /// Bring the starter back.
    Reset {
        /// The factor, if named.
        factor: Option<String>,
        /// Do not ask.
        yes: bool,
    },
    /// What the attendee changed.
    Diff {
        /// The factor, if named.
        factor: Option<String>,
    },
    /// Where the reference solution is.
    Solution(SolutionOptions),
    /// A repository of the attendee's own.
    Start {
        /// The factor, or `capstone`.
        factor: String,
        /// The language, if it is not Rust.
        language: Option<String>,
        /// The new folder.
        path: Option<PathBuf>,
    },
    /// The reference for whoever works on a repository of their own.
    Checkpoint {
        /// The factor up to which it has to be right.
        factor: String,
        /// The new folder.
        path: Option<PathBuf>,
    },
    /// Is this machine ready?
    Doctor(DoctorOptions),
    /// Download and compile all that the room would have to.
    Prefetch {
        /// No images of containers.
        without_images: bool,
    },
    /// Everything for a room without internet in one file.
    Bundle {
        /// The file.
        file: PathBuf,
        /// No images of containers.
        without_images: bool,
    },
    /// Take over what a bundle holds.
    Unbundle {
        /// The file.
        file: PathBuf,
        /// No images of containers.
        without_images: bool,
    },
    /// Does this machine hold a whole track?
    Rehearse {
        /// Core checks only.
        core: bool,
    },
    /// Is the project complete?
    Tidy {
        /// Rewrite the generated files.
        fix: bool,
    },
    /// The project's own tests.
    Test(TestOptions),
    /// Are the checks right?
    Prove(ProveOptions),
    /// Write a wrong service.
    Mutant(MutantOptions),
    /// How fast is it, and how much memory does it take?
    Bench(BenchOptions),
    /// Build, read and test the books.
    Book(BookOptions),
    /// Show a room how it is doing.
    Board(BoardOptions),
    /// Take part in a room.
    Join(JoinOptions),
    /// Ask for help.
    Hand {
        /// What it is about, if named.
        factor: Option<String>,
        /// It was answered.
        down: bool,
    },
    /// Judge Kubernetes manifests.
    Manifests(ManifestsOptions),
}

/// The options of `check`.
#[derive(Debug, Default, PartialEq)]
pub struct CheckOptions {
    /// The factor, if named.
    pub factor: Option<String>,
    /// A folder with an `app.toml`, instead of the exercise.
    pub path: Option<PathBuf>,
    /// Grade the reference solution.
    pub solution: bool,
    /// Every factor.
    pub all: bool,
    /// The release runs in a container.
    pub in_container: bool,
    /// Core checks only.
    pub core: bool,
    /// UNGRADED counts as not passed.
    pub strict: bool,
    /// Repeats a run's random values.
    pub seed: Option<u64>,
    /// JSON lines on standard output.
    pub json: bool,
    /// A JUnit file as well.
    pub junit: Option<PathBuf>,
    /// An HTML page as well.
    pub html: Option<PathBuf>,
    /// The only checks; empty for all.
    pub only: Vec<String>,
    /// Show every failure in full.
    pub verbose: bool,
}

/// The options of `watch`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WatchOptions {
    /// The factor, if named.
    pub factor: Option<String>,
    /// A folder with an `app.toml`, instead of the exercise.
    pub path: Option<PathBuf>,
    /// Core checks only.
    pub core: bool,
    /// Do not wait for saves.
    pub manual_run: bool,
    /// Show every failure in full.
    pub verbose: bool,
}

impl WatchOptions {
    /// The `check` that each save stands for.
    pub fn check(&self) -> CheckOptions {
        CheckOptions { factor: self.factor.clone(), path: self.path.clone(), ..CheckOptions::default() }
    }
}

/// The options of `hint`.
#[derive(Debug, Default, PartialEq)]
pub struct HintOptions {
    /// The factor, if named.
    pub factor: Option<String>,
    /// 1 to 3.
    pub step: Option<usize>,
    /// A reason code, instead of the last failure's.
    pub reason: Option<String>,
}

/// The options of `solution`.
#[derive(Debug, Default, PartialEq)]
pub struct SolutionOptions {
    /// The factor, if named.
    pub factor: Option<String>,
    /// Open it although the core checks have not passed.
    pub anyway: bool,
    /// Show how the exercise differs from it.
    pub diff: bool,
}

/// The options of `doctor`.
#[derive(Debug, Default, PartialEq)]
pub struct DoctorOptions {
    /// For programs.
    pub json: bool,
    /// Mend what can be mended, after asking.
    pub fix: bool,
    /// Do not ask.
    pub yes: bool,
}

/// The options of `test`.
#[derive(Debug, Default, PartialEq)]
pub struct TestOptions {
    /// Install what the tests need first.
    pub setup: bool,
    /// Do not ask before installing.
    pub yes: bool,
    /// Leave out what takes minutes.
    pub fast: bool,
}

/// The options of `prove`.
#[derive(Debug, Default, PartialEq)]
pub struct ProveOptions {
    /// The factor; all of them otherwise.
    pub factor: Option<String>,
    /// Every mutant against every check.
    pub full: bool,
    /// The only cases and checks; empty for all.
    pub only: Vec<String>,
    /// Repeats the random values of an earlier run.
    pub seed: Option<u64>,
    /// What an interrupted proof had shown is proved again.
    pub afresh: bool,
    /// The cases again and again, beside a load.
    pub soak: Option<Soak>,
}

/// How a soak is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Soak {
    /// How many times each case is proved.
    pub rounds: usize,
    /// How many threads do nothing but take the cores' time.
    pub load: usize,
}

/// The options of `mutant edit`.
#[derive(Debug, Default, PartialEq)]
pub struct MutantOptions {
    /// The factor.
    pub factor: String,
    /// The mutant's name.
    pub name: String,
    /// Write an open copy back, without opening it again.
    pub write: bool,
}

/// The options of `bench`.
#[derive(Debug, Default, PartialEq)]
pub struct BenchOptions {
    /// The factor; factor 3 otherwise.
    pub factor: Option<String>,
    /// Counted runs.
    pub runs: usize,
    /// Measure a build from an empty target folder too.
    pub cold: bool,
}

/// The options of `book`.
#[derive(Debug, Default, PartialEq)]
pub struct BookOptions {
    /// Build them even if they are up to date.
    pub build: bool,
    /// Serve them and open them in the browser.
    pub open: bool,
    /// Look for everything that breaks a rule.
    pub test: bool,
    /// A page, or a page and a section, whose two languages say the same.
    pub accept: Option<String>,
    /// Do not ask before accepting.
    pub yes: bool,
    /// The server's port.
    pub port: Option<u16>,
}

/// The options of `board`.
#[derive(Debug, Default, PartialEq)]
pub struct BoardOptions {
    /// What else to do than to show it.
    pub task: BoardTask,
    /// The address to listen on.
    pub listen: Option<String>,
    /// The port to listen on.
    pub port: Option<u16>,
    /// Do not ask before deleting.
    pub yes: bool,
}

/// What to do with the board.
#[derive(Debug, Default, PartialEq)]
pub enum BoardTask {
    /// Show it.
    #[default]
    Serve,
    /// Show it, with so many simulated attendees.
    Rehearse(String),
    /// Write the report of the day into a folder.
    Report(PathBuf),
    /// Delete everything.
    Forget,
    /// Measure it.
    Bench,
}

/// The options of `join`.
#[derive(Debug, Default, PartialEq)]
pub struct JoinOptions {
    /// The address of the invitation; without it, what was joined is shown.
    pub invitation: Option<String>,
    /// The nickname.
    pub name: Option<String>,
    /// Leave, and delete everything there.
    pub leave: bool,
    /// What the instructor said, for programs.
    pub json: bool,
}

/// The options of `manifests`.
#[derive(Debug, Default, PartialEq)]
pub struct ManifestsOptions {
    /// A folder, a file, or `-`.
    pub path: PathBuf,
    /// A program that prints the manifests, and its arguments, separated by spaces.
    pub render: Option<String>,
    /// For programs.
    pub json: bool,
    /// The resolved Pods.
    pub pods: bool,
}
