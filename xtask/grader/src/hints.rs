//! Hints: Markdown files with one section per reason code and three steps in each.
//!
//! A section is `## reason-code`; its steps are the numbered paragraphs `1.`, `2.` and `3.` at the start of a line. What
//! belongs to a step (more paragraphs, a fenced command) is indented by three spaces.

use crate::factors::Factor;
use crate::text::{Lang, Words};

/// How many steps every hint has: a story, the principle, a way to do it.
pub const STEPS: usize = 3;

/// Hints for the reasons why a service is BLOCKED, which every factor shares.
pub const GENERAL: Words = Words { en: include_str!("../hints/en.md"), ko: include_str!("../hints/ko.md") };

/// Step `step_number` (1 to [`STEPS`]) for a reason code of `factor`: its own hint, or else the general one.
pub fn find(factor: &Factor, reason: &str, step_number: usize, lang: Lang) -> Option<String> {
    let own = step(factor.exercise.hints.get(lang), reason, step_number);
    own.or_else(|| step(GENERAL.get(lang), reason, step_number))
}

/// Step `step` (1, 2 or 3) of the section `## reason`, without its number; `None` where there is no such step.
pub fn step(markdown: &str, reason: &str, step: usize) -> Option<String> {
    let mut lines = section(markdown, reason)?.skip_while(|line| step_number(line) != Some(step));
    let first = lines.next()?;
    let rest = lines.take_while(|line| step_number(line).is_none()).map(dedent);
    let (_, words) = first.split_once(". ")?;
    let step: Vec<&str> = std::iter::once(words.trim()).chain(rest).collect();
    Some(step.join("\n").trim().to_owned())
}

/// The reason codes that have a section, in the order of the file.
pub fn codes(markdown: &str) -> Vec<&str> {
    markdown.lines().filter_map(code).collect()
}

/// The lines between `## reason` and the next heading of that level.
fn section<'a>(markdown: &'a str, reason: &str) -> Option<impl Iterator<Item = &'a str>> {
    let mut lines = markdown.lines();
    lines.find(|line| code(line) == Some(reason))?;
    Some(lines.take_while(|line| code(line).is_none()))
}

fn code(line: &str) -> Option<&str> {
    line.strip_prefix("## ").map(str::trim)
}

fn step_number(line: &str) -> Option<usize> {
    let (number, _) = line.split_once(". ")?;
    number.parse().ok()
}

/// Removes the three spaces that tie a line to its step, and no more: deeper indentation is code.
fn dedent(line: &str) -> &str {
    let spaces = line.len() - line.trim_start_matches(' ').len();
    &line[spaces.min(3)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# Hints

## first-code

1. Who gave
   the value?
2. Look at `main`.

   ```
   fn main() {
       run();
   }
   ```
3. Done.

## second-code

1. Only one step.
";

    #[test]
    fn a_step_is_found_by_code_and_number() {
        assert_eq!(step(FILE, "first-code", 1).as_deref(), Some("Who gave\nthe value?"));
        assert_eq!(step(FILE, "first-code", 3).as_deref(), Some("Done."));
        assert_eq!(step(FILE, "second-code", 1).as_deref(), Some("Only one step."));
    }

    #[test]
    fn code_in_a_step_keeps_its_own_indentation() {
        let expected = "Look at `main`.\n\n```\nfn main() {\n    run();\n}\n```";
        assert_eq!(step(FILE, "first-code", 2).as_deref(), Some(expected));
    }

    #[test]
    fn what_does_not_exist_is_none() {
        assert_eq!(step(FILE, "second-code", 2), None);
        assert_eq!(step(FILE, "first", 1), None);
        assert_eq!(step(FILE, "first-code", 0), None);
    }

    #[test]
    fn every_general_code_has_every_step_in_both_languages() {
        let codes_en = codes(GENERAL.en);
        assert_eq!(codes_en, codes(GENERAL.ko));
        assert_eq!(codes_en.len(), 10);
        for code in codes_en {
            for number in 1..=STEPS {
                assert!(step(GENERAL.en, code, number).is_some(), "{code} {number}, English");
                assert!(step(GENERAL.ko, code, number).is_some(), "{code} {number}, Korean");
            }
        }
    }

    #[test]
    fn a_blocked_service_of_any_factor_gets_a_general_hint() {
        let factor = crate::factors::find("factor-15").expect("it is in the table");
        assert!(find(factor, "never-listened", 1, Lang::Ko).is_some());
        assert!(find(factor, "no-such-code", 1, Lang::En).is_none());
    }
}
