//! Everything that can happen while somebody watches.

use grader::Ended;
use grader::event::Event;

/// What comes in.
pub enum Input {
    /// A key.
    Key(Key),
    /// A file of the service differs from what it was.
    Saved,
    /// The run that goes on says something.
    Event(Box<Event>),
    /// The run ended, or could not begin, for this reason.
    Ended(Result<Ended, String>),
    /// The last of all exercises has been graded.
    AllEnded,
    /// A signal asks this program to end.
    Signal,
    /// Standard input is closed where lines are typed.
    NoKeys,
    /// Nobody is there any more who could read.
    Gone,
    /// The size of the terminal changed.
    Resized,
    /// A file system that reports nothing, and why.
    Blind(String),
}

/// The keys that mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A letter, whatever the keyboard's script is.
    Letter(char),
    /// A number, where whole lines are typed.
    Number(u8),
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// One line.
    Up,
    /// One line.
    Down,
    /// One page.
    PageUp,
    /// One page.
    PageDown,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// Ctrl-C where the terminal hands it over as a key.
    Interrupt,
}

impl Key {
    /// The key of a character: small, and the Latin one where the keyboard writes Hangul.
    pub fn of(character: char) -> Self {
        const HANGUL: [(char, char); 13] = [
            ('ㅜ', 'n'),
            ('ㅗ', 'h'),
            ('ㅣ', 'l'),
            ('ㅊ', 'c'),
            ('ㄱ', 'r'),
            ('ㄲ', 'r'),
            ('ㄴ', 's'),
            ('ㅂ', 'q'),
            ('ㅃ', 'q'),
            ('ㄹ', 'f'),
            ('ㅛ', 'y'),
            ('ㅓ', 'j'),
            ('ㅏ', 'k'),
        ];
        let latin = HANGUL.iter().find(|(hangul, _)| *hangul == character).map(|(_, latin)| *latin);
        Key::Letter(latin.unwrap_or_else(|| character.to_ascii_lowercase()))
    }
}

/// What is to be done, decided by the state.
#[derive(Debug, PartialEq)]
pub enum Wish {
    /// Grade what is watched.
    Grade(Scope),
    /// End the run that goes on.
    Interrupt,
    /// Show one more step of the hint.
    Hint,
    /// Turn to the next exercise.
    GoOn,
    /// Turn to this factor's exercise.
    TurnTo(u8),
    /// Show what a reset would change.
    AskReset,
    /// Put the starter back.
    Reset,
    /// Show where the solution is.
    Solution,
    /// End, with the way it came about.
    Leave(Leave),
}

/// Which checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The core checks.
    Core,
    /// All checks of the factor.
    Whole,
    /// All checks of every exercise.
    Every,
}

/// How somebody left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// With `q`.
    Quit,
    /// With Ctrl-C or another signal.
    Interrupted,
}
