//! What the search must find: random targets, what is looked for in them, and the rule of the contract, computed here.

use super::hangul::{composed, decomposed};
use crate::lab::chance::Chance;

/// What a query tries out; each has a reason code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A and a.
    Case,
    /// What `like` takes for something else: `%`, `_` and the backslash.
    Wildcard,
    /// Hangul, composed and taken apart.
    Form,
    /// Quotes, emoji, and very long texts.
    Character,
}

/// A query and what it tries out.
#[derive(Clone, Debug)]
pub struct Query {
    /// What is looked for.
    pub q: String,
    /// Why.
    pub kind: Kind,
}

/// Random targets and queries.
#[derive(Debug)]
pub struct Oracle {
    /// No two are equal, however they are compared.
    pub targets: Vec<String>,
    /// Each finds at least one of them.
    pub queries: Vec<Query>,
}

/// Which of the targets a query finds, by their place.
pub fn found_by(q: &str, targets: &[String]) -> Vec<usize> {
    let wanted = folded(q);
    (0..targets.len()).filter(|at| folded(&targets[*at]).contains(&wanted)).collect()
}

/// The form in which the contract compares. Case is that of A to Z: no query holds another letter with one.
fn folded(text: &str) -> String {
    composed(text).to_ascii_lowercase()
}

impl Oracle {
    /// Draws everything.
    pub fn draw(chance: &Chance) -> Self {
        let mut oracle = Self { targets: Vec::new(), queries: Vec::new() };
        oracle.cases(chance);
        oracle.wildcards(chance);
        oracle.forms(chance);
        oracle.characters(chance);
        oracle
    }

    fn cases(&mut self, chance: &Chance) {
        let word = chance.word(8);
        let mixed = mixed(chance, &word);
        self.targets(chance, &[&mixed, &word.to_uppercase(), &word]);
        self.queries(Kind::Case, &[&word, &word.to_uppercase(), &self::mixed(chance, &word)]);
    }

    /// Every special character beside targets in which something else stands in its place.
    fn wildcards(&mut self, chance: &Chance) {
        for special in ['%', '_', '\\'] {
            let (before, behind) = (chance.word(4), chance.word(4));
            let at = |middle: &str| format!("{before}{middle}{behind}");
            let exact = at(&special.to_string());
            self.targets(chance, &[&exact, &at("x"), &at(""), &at("xyz"), &at(&format!("{special}{special}"))]);
            let open = format!("{before}{special}");
            self.queries(Kind::Wildcard, &[&exact, &open, &special.to_string(), &at(&format!("{special}{special}"))]);
        }
    }

    /// The second syllable is the first one with a final consonant: taken apart, one begins like the other.
    fn forms(&mut self, chance: &Chance) {
        let word = syllables(chance, 3);
        let open = syllable(chance.below(399), 0);
        let closed = char::from_u32(u32::from(open) + 1 + u32::try_from(chance.below(27)).unwrap_or_default());
        let (open, closed) = (open.to_string(), closed.unwrap_or(open).to_string());
        let tag = chance.word(5);
        self.targets(chance, &[&word, &decomposed(&word), &format!("{tag}{open}"), &format!("{tag}{closed}")]);
        let (opened, apart) = (format!("{tag}{open}"), format!("{tag}{}", decomposed(&closed)));
        self.queries(Kind::Form, &[&word, &decomposed(&word), &opened, &decomposed(&opened), &apart]);
    }

    fn characters(&mut self, chance: &Chance) {
        let word = chance.word(5);
        let long = chance.word(1500);
        let texts = [
            format!("{word}'{word}"),
            format!("{word}\"{word}"),
            format!("{word}🍡{word}"),
            format!("{word}🍢{word}"),
            format!("{word}👩‍🍳{word}"),
            format!("{word};--{word}"),
            format!("{word}$1{word}"),
            long.clone(),
        ];
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        self.targets(chance, &texts);
        let queries = ["'", "\"", "🍡", "👩‍🍳", ";--", "$1"].map(|middle| format!("{word}{middle}"));
        queries.iter().for_each(|q| self.queries(Kind::Character, &[q]));
        let part: String = long.chars().skip(200).take(900).collect();
        self.queries(Kind::Character, &[&part, "'", "🍡"]);
    }

    /// A target for each text; a random word in front keeps equal ones apart.
    fn targets(&mut self, chance: &Chance, texts: &[&str]) {
        let target = |text: &&str| format!("https://{}.example/{text}", chance.word(9));
        self.targets.extend(texts.iter().map(target));
    }

    fn queries(&mut self, kind: Kind, queries: &[&str]) {
        self.queries.extend(queries.iter().map(|q| Query { q: (*q).to_owned(), kind }));
    }
}

fn mixed(chance: &Chance, word: &str) -> String {
    let flip = |c: char| if chance.below(2) == 0 { c.to_ascii_uppercase() } else { c };
    word.chars().map(flip).collect()
}

fn syllables(chance: &Chance, number: usize) -> String {
    (0..number).map(|_| syllable(chance.below(399), 1 + chance.below(27))).collect()
}

/// The syllable of a pair of leading consonant and vowel (there are 399) and a final consonant, 0 for none.
fn syllable(pair: u64, last: u64) -> char {
    u32::try_from(0xAC00 + pair * 28 + last).ok().and_then(char::from_u32).unwrap_or('가')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_that_of_the_contract() {
        let targets = ["a/Menu", "a/100%", "a/100x", "a/각"].map(str::to_owned);
        assert_eq!(found_by("mENU", &targets), [0]);
        assert_eq!(found_by("100%", &targets), [1]);
        assert!(found_by("가", &targets).is_empty());
        assert_eq!(found_by(&decomposed("각"), &targets), [3]);
        assert_eq!(found_by("", &targets), [0, 1, 2, 3]);
    }

    #[test]
    fn every_query_finds_something_and_leaves_something_out() {
        for seed in 1..50 {
            let Oracle { targets, queries } = Oracle::draw(&Chance::new(seed, "oracle"));
            assert!(targets.len() < 100 && targets.iter().all(|target| target.len() <= 2000));
            for Query { q, .. } in &queries {
                let found = found_by(q, &targets).len();
                assert!((1..targets.len()).contains(&found), "{q:?} finds {found} of {}", targets.len());
            }
        }
    }
}
