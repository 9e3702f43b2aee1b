//! What mistakes look like: the mutants of the workshop that fail for a reason, each a sentence and a diff.

use std::collections::HashMap;
use std::path::Path;

use grader::factors::FACTORS;
use grader::prove::patches::{Mutant, header_of, list};
use grader::text::{Text, text};

/// By factor, check and reason.
#[derive(Debug, Default)]
pub struct Mistakes(HashMap<(u8, String, String), Vec<Mistake>>);

/// One mistake that people make.
#[derive(Clone, Debug)]
pub struct Mistake {
    /// What they do.
    pub what: Text,
    /// How the reference would have to be changed to do the same.
    pub diff: String,
}

impl Mistakes {
    /// Those of the workshop in `root`; none where it is not.
    pub fn read(root: &Path) -> Self {
        let mut all = Self::default();
        for factor in &FACTORS {
            let folder = root.join("solutions").join(factor.folder()).join("mutants");
            for file in list(&folder).unwrap_or_default() {
                all.add(factor.number, &file);
            }
        }
        all
    }

    /// The mistakes that end like this.
    pub fn of(&self, factor: u8, check: &str, reason: &str) -> &[Mistake] {
        self.0.get(&(factor, check.to_owned(), reason.to_owned())).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, factor: u8, file: &Path) {
        let (Ok(mutant), Ok(patch)) = (Mutant::read(file), std::fs::read_to_string(file)) else { return };
        let diff = patch[header_of(&patch).len()..].to_owned();
        for claim in mutant.fails {
            let mistake = Mistake { what: text(mutant.en.clone(), mutant.ko.clone()), diff: diff.clone() };
            self.0.entry((factor, claim.check, claim.reason)).or_default().push(mistake);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_code_has_a_mistake_to_show() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let mistakes = Mistakes::read(root);
        for factor in &FACTORS {
            for check in factor.checks() {
                for reason in check.reasons {
                    assert!(!mistakes.of(factor.number, check.id, reason).is_empty(), "{} ({reason})", check.id);
                }
            }
        }
        assert!(Mistakes::read(Path::new("/nowhere")).of(3, "x", "y").is_empty());
    }
}
