//! The help pages: texts in `help/`, one per command and language.

use grader::text::Words;

/// What there is a help page for; the commands and the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// `cargo xtask` itself.
    Overview,
    /// `check`.
    Check,
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
    /// `doctor`.
    Doctor,
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
}

impl Topic {
    /// All of them.
    pub const ALL: [Topic; 15] = [
        Topic::Overview,
        Topic::Check,
        Topic::List,
        Topic::Hint,
        Topic::Reset,
        Topic::Diff,
        Topic::Solution,
        Topic::Start,
        Topic::Doctor,
        Topic::Tidy,
        Topic::Test,
        Topic::Prove,
        Topic::Mutant,
        Topic::Bench,
        Topic::Book,
    ];

    /// The command's name; that of the whole is empty.
    pub fn name(self) -> &'static str {
        match self {
            Topic::Overview => "",
            Topic::Check => "check",
            Topic::List => "list",
            Topic::Hint => "hint",
            Topic::Reset => "reset",
            Topic::Diff => "diff",
            Topic::Solution => "solution",
            Topic::Start => "start",
            Topic::Doctor => "doctor",
            Topic::Tidy => "tidy",
            Topic::Test => "test",
            Topic::Prove => "prove",
            Topic::Mutant => "mutant",
            Topic::Bench => "bench",
            Topic::Book => "book",
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
            Topic::Doctor => {
                Words { en: include_str!("../help/en/doctor.txt"), ko: include_str!("../help/ko/doctor.txt") }
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
        }
    }
}
