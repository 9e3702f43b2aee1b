//! A one-off whose name somebody does not quite remember.

use super::{Program, Start};

impl Start {
    /// Puts `word` in the place of the one-off's own name. Nothing where its command has no such word.
    #[must_use]
    pub fn misspelt(mut self, word: &str) -> Option<Self> {
        let Program::OneOff(name, arguments) = &self.program else { return None };
        let command = self.lab.bench.subject.app().admin.get(*name)?;
        let typed = command.iter().map(|known| if known == name { word } else { known }).map(str::to_owned);
        let typed: Vec<String> = typed.chain(arguments.iter().cloned()).collect();
        let named = command.iter().any(|known| known == name);
        self.program = Program::Command(typed);
        named.then_some(self)
    }
}
