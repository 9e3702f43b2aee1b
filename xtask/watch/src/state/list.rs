//! The list of factors: a filter, and a mark that moves over what it leaves.

use grader::factors::Factor;

use crate::input::Key;

/// Which factors are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All fifteen.
    #[default]
    All,
    /// Those that are not passed.
    Open,
    /// Those that are passed.
    Passed,
}

/// What is listed and where the mark is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The filter.
    pub filter: Filter,
    /// The place of the mark among what is listed.
    pub at: usize,
    /// The factor that the mark is to stand at when the list opens.
    pub wanted: Option<u8>,
    /// The factors that are listed now, by number; whoever draws the list knows them.
    pub listed: Vec<u8>,
}

/// What a key in the list leads to.
pub enum Step {
    /// On with the list.
    Stay,
    /// Back to the report.
    Back,
    /// This factor's exercise is to be watched.
    Choose(u8),
}

impl Filter {
    /// Whether a factor is listed.
    pub fn takes(self, passed: bool) -> bool {
        match self {
            Filter::All => true,
            Filter::Open => !passed,
            Filter::Passed => passed,
        }
    }

    fn next(self) -> Self {
        match self {
            Filter::All => Filter::Open,
            Filter::Open => Filter::Passed,
            Filter::Passed => Filter::All,
        }
    }
}

impl List {
    /// All factors, with the mark at `factor`.
    pub fn at(factor: u8) -> Self {
        Self { wanted: Some(factor), ..Self::default() }
    }

    /// Tells which factors are listed; the mark stays inside.
    pub fn show<'a>(&mut self, factors: impl Iterator<Item = &'a Factor>) {
        self.listed = factors.map(|factor| factor.number).collect();
        let wanted = self.wanted.take().and_then(|wanted| self.listed.iter().position(|number| *number == wanted));
        self.at = wanted.unwrap_or(self.at).min(self.listed.len().saturating_sub(1));
    }

    /// Takes a key.
    pub fn on(&mut self, key: Key) -> Step {
        match key {
            Key::Up | Key::Letter('k') => self.at = self.at.saturating_sub(1),
            Key::Down | Key::Letter('j') => self.at = (self.at + 1).min(self.listed.len().saturating_sub(1)),
            Key::Home | Key::PageUp => self.at = 0,
            Key::End | Key::PageDown => self.at = self.listed.len().saturating_sub(1),
            Key::Letter('f') => {
                // The mark stays with its factor, if the next filter leaves it.
                let wanted = self.listed.get(self.at).copied();
                *self = Self { filter: self.filter.next(), wanted, ..Self::default() };
            }
            Key::Enter => return self.listed.get(self.at).map_or(Step::Stay, |number| Step::Choose(*number)),
            Key::Number(wanted) => {
                return if self.listed.contains(&wanted) { Step::Choose(wanted) } else { Step::Stay };
            }
            Key::Escape | Key::Letter('l') => return Step::Back,
            _ => {}
        }
        Step::Stay
    }
}
