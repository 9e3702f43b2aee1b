//! The help pages: texts in `help/`, one per command and language.

use grader::text::Words;

/// What there is a help page for; the commands and the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// `cargo xtask` itself.
    Overview,
    /// `check`.
    Check,
    /// `watch`.
    Watch,
    /// `list`.
    List,
    /// `hint`.
    Hint,
    /// `reset`.
    Reset,
    /// `diff`.
    Diff,
    /// `solution`.
    Solution,
    /// `start`.
    Start,
    /// `checkpoint`.
    Checkpoint,
    /// `doctor`.
    Doctor,
    /// `prefetch`.
    Prefetch,
    /// `bundle`.
    Bundle,
    /// `unbundle`.
    Unbundle,
    /// `rehearse`.
    Rehearse,
    /// `tidy`.
    Tidy,
    /// `test`.
    Test,
    /// `prove`.
    Prove,
    /// `mutant`.
    Mutant,
    /// `bench`.
    Bench,
    /// `book`.
    Book,
    /// `board`.
    Board,
    /// `join`.
    Join,
    /// `hand`.
    Hand,
    /// `manifests`.
    Manifests,
}

impl Topic {
    /// All of them.
    pub const ALL: [Topic; 25] = [
        Topic::Overview,
        Topic::Check,
        Topic::Watch,
        Topic::List,
        Topic::Hint,
        Topic::Reset,
        Topic::Diff,
        Topic::Solution,
        Topic::Start,
        Topic::Checkpoint,
        Topic::Doctor,
        Topic::Prefetch,
        Topic::Bundle,
        Topic::Unbundle,
        Topic::Rehearse,
        Topic::Tidy,
        Topic::Test,
        Topic::Prove,
        Topic::Mutant,
        Topic::Bench,
        Topic::Book,
        Topic::Board,
        Topic::Join,
        Topic::Hand,
        Topic::Manifests,
    ];

    /// The command's name; that of the whole is empty.
    pub fn name(self) -> &'static str {
        match self {
            Topic::Overview => "",
            Topic::Check => "check",
            Topic::Watch => "watch",
            Topic::List => "list",
            Topic::Hint => "hint",
            Topic::Reset => "reset",
            Topic::Diff => "diff",
            Topic::Solution => "solution",
            Topic::Start => "start",
            Topic::Checkpoint => "checkpoint",
            Topic::Doctor => "doctor",
            Topic::Prefetch => "prefetch",
            Topic::Bundle => "bundle",
            Topic::Unbundle => "unbundle",
            Topic::Rehearse => "rehearse",
            Topic::Tidy => "tidy",
            Topic::Test => "test",
            Topic::Prove => "prove",
            Topic::Mutant => "mutant",
            Topic::Bench => "bench",
            Topic::Book => "book",
            Topic::Board => "board",
            Topic::Join => "join",
            Topic::Hand => "hand",
            Topic::Manifests => "manifests",
        }
    }

    /// The command of that name.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.name() == word && !word.is_empty())
    }

    /// The page.
    pub fn words(self) -> Words {
        match self {
            Topic::Overview => {
                Words { en: include_str!("../help/en/overview.txt"), ko: include_str!("../help/ko/overview.txt") }
            }
            Topic::Check => {
                Words { en: include_str!("../help/en/check.txt"), ko: include_str!("../help/ko/check.txt") }
            }
            Topic::Watch => {
                Words { en: include_str!("../help/en/watch.txt"), ko: include_str!("../help/ko/watch.txt") }
            }
            Topic::List => Words { en: include_str!("../help/en/list.txt"), ko: include_str!("../help/ko/list.txt") },
            Topic::Hint => Words { en: include_str!("../help/en/hint.txt"), ko: include_str!("../help/ko/hint.txt") },
            Topic::Reset => {
                Words { en: include_str!("../help/en/reset.txt"), ko: include_str!("../help/ko/reset.txt") }
            }
            Topic::Diff => Words { en: include_str!("../help/en/diff.txt"), ko: include_str!("../help/ko/diff.txt") },
            Topic::Solution => {
                Words { en: include_str!("../help/en/solution.txt"), ko: include_str!("../help/ko/solution.txt") }
            }
            Topic::Start => {
                Words { en: include_str!("../help/en/start.txt"), ko: include_str!("../help/ko/start.txt") }
            }
            Topic::Checkpoint => {
                Words { en: include_str!("../help/en/checkpoint.txt"), ko: include_str!("../help/ko/checkpoint.txt") }
            }
            Topic::Doctor => {
                Words { en: include_str!("../help/en/doctor.txt"), ko: include_str!("../help/ko/doctor.txt") }
            }
            Topic::Prefetch => {
                Words { en: include_str!("../help/en/prefetch.txt"), ko: include_str!("../help/ko/prefetch.txt") }
            }
            Topic::Bundle => {
                Words { en: include_str!("../help/en/bundle.txt"), ko: include_str!("../help/ko/bundle.txt") }
            }
            Topic::Unbundle => {
                Words { en: include_str!("../help/en/unbundle.txt"), ko: include_str!("../help/ko/unbundle.txt") }
            }
            Topic::Rehearse => {
                Words { en: include_str!("../help/en/rehearse.txt"), ko: include_str!("../help/ko/rehearse.txt") }
            }
            Topic::Tidy => Words { en: include_str!("../help/en/tidy.txt"), ko: include_str!("../help/ko/tidy.txt") },
            Topic::Test => Words { en: include_str!("../help/en/test.txt"), ko: include_str!("../help/ko/test.txt") },
            Topic::Prove => {
                Words { en: include_str!("../help/en/prove.txt"), ko: include_str!("../help/ko/prove.txt") }
            }
            Topic::Mutant => {
                Words { en: include_str!("../help/en/mutant.txt"), ko: include_str!("../help/ko/mutant.txt") }
            }
            Topic::Bench => {
                Words { en: include_str!("../help/en/bench.txt"), ko: include_str!("../help/ko/bench.txt") }
            }
            Topic::Book => Words { en: include_str!("../help/en/book.txt"), ko: include_str!("../help/ko/book.txt") },
            Topic::Board => {
                Words { en: include_str!("../help/en/board.txt"), ko: include_str!("../help/ko/board.txt") }
            }
            Topic::Join => Words { en: include_str!("../help/en/join.txt"), ko: include_str!("../help/ko/join.txt") },
            Topic::Hand => Words { en: include_str!("../help/en/hand.txt"), ko: include_str!("../help/ko/hand.txt") },
            Topic::Manifests => {
                Words { en: include_str!("../help/en/manifests.txt"), ko: include_str!("../help/ko/manifests.txt") }
            }
        }
    }
}
