//! How long the pages are: words in English, eojeol in Korean.

use std::fmt::Write as _;

use anyhow::Result;
use grader::text::Lang;

use crate::outline::prose;
use crate::page::{Minutes, Page};
use crate::project::Project;

/// Words of a chapter about a factor.
const ENGLISH: std::ops::RangeInclusive<usize> = 1200..=2000;
/// The same story takes fewer, longer words in Korean.
const KOREAN: std::ops::RangeInclusive<usize> = 1000..=1600;

/// A table of all pages; `<` and `>` mark chapters that are shorter or longer than planned.
pub fn report(project: &Project) -> Result<String> {
    let mut report = format!("{:28} {:>7} {:>7} {:>9}\n", "page", "en", "ko", "minutes");
    for (en, ko) in project.pages(Lang::En)?.iter().zip(project.pages(Lang::Ko)?) {
        let Minutes { read, work } = en.minutes().unwrap_or_default();
        let (english, korean) = (count(en), count(&ko));
        let mark = |words, planned: &std::ops::RangeInclusive<usize>| match en.name.starts_with("factor-") {
            true if words < *planned.start() => '<',
            true if words > *planned.end() => '>',
            _ => ' ',
        };
        let (mark_en, mark_ko) = (mark(english, &ENGLISH), mark(korean, &KOREAN));
        // A string takes every write.
        let _ = writeln!(report, "{:28} {english:>6}{mark_en} {korean:>6}{mark_ko} {read:>4}+{work}", en.name);
    }
    Ok(report)
}

fn count(page: &Page) -> usize {
    prose(&page.text).iter().flat_map(|(_, words)| words.split_whitespace()).filter(|word| is_word(word)).count()
}

fn is_word(word: &str) -> bool {
    word.contains(char::is_alphanumeric)
}
