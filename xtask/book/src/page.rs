//! One page of one book, as its author wrote it.

use grader::text::Lang;

use crate::language::code;
use crate::outline::headings;

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The file's name without `.md`; the same in both languages.
    pub name: String,
    /// Its language.
    pub lang: Lang,
    /// All of it.
    pub text: String,
}

/// A part of a page: a heading and what follows it until the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section<'a> {
    /// The heading's id; the same in both languages.
    pub id: String,
    /// Its text, heading included, without white space at its end.
    pub text: &'a str,
}

/// How long a page takes: estimates of its author.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Minutes {
    /// To read it.
    pub read: u32,
    /// To do its exercise.
    pub work: u32,
}

impl Page {
    /// Where a line of it is.
    pub fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.path())
    }

    /// Its path below the workshop's folder.
    pub fn path(&self) -> String {
        format!("book/{}/{}.md", code(self.lang), self.name)
    }

    /// Its sections, in order. What stands before the first heading belongs to the first section.
    pub fn sections(&self) -> Vec<Section<'_>> {
        let headings = headings(&self.text);
        let ends = headings.iter().skip(1).map(|heading| heading.start).chain([self.text.len()]);
        let starts = std::iter::once(0).chain(headings.iter().skip(1).map(|heading| heading.start));
        let ranges = starts.zip(ends);
        let section = |(heading, (start, end)): (&crate::outline::Heading, (usize, usize))| Section {
            id: heading.id.clone().unwrap_or_default(),
            text: self.text[start..end].trim_end(),
        };
        headings.iter().zip(ranges).map(section).collect()
    }

    /// The estimate in the page's first line, if there is one.
    pub fn minutes(&self) -> Option<Minutes> {
        Minutes::parse(self.text.lines().next()?)
    }
}

impl Minutes {
    /// `<!-- minutes: read 10, work 25 -->`
    pub fn parse(line: &str) -> Option<Self> {
        let words = line.trim().strip_prefix("<!-- minutes:")?.strip_suffix("-->")?;
        let mut minutes = Self::default();
        for part in words.split(',') {
            let (what, number) = part.trim().split_once(' ')?;
            let number = number.trim().parse().ok()?;
            match what {
                "read" => minutes.read = number,
                "work" => minutes.work = number,
                _ => return None,
            }
        }
        Some(minutes)
    }

    /// Both together.
    pub fn total(self) -> u32 {
        self.read + self.work
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_end_where_the_next_begins() {
        let text = "<!-- minutes: read 5 -->\n# Title {#title}\n\nOne.\n\n## Two {#two}\n\n```md\n## no heading\n```\n";
        let page = Page { name: "x".to_owned(), lang: Lang::En, text: text.to_owned() };
        let sections = page.sections();
        let ids: Vec<&str> = sections.iter().map(|section| section.id.as_str()).collect();
        assert_eq!(ids, ["title", "two"]);
        assert!(sections[0].text.starts_with("<!-- minutes") && sections[0].text.ends_with("One."));
        assert!(sections[1].text.ends_with("```"));
    }

    #[test]
    fn minutes_are_read_or_refused() {
        assert_eq!(Minutes::parse("<!-- minutes: read 10, work 25 -->"), Some(Minutes { read: 10, work: 25 }));
        assert_eq!(Minutes::parse("<!-- minutes: read 5 -->"), Some(Minutes { read: 5, work: 0 }));
        for wrong in ["# Title", "<!-- minutes: 5 -->", "<!-- minutes: read five -->", "<!-- minutes: sleep 5 -->"] {
            assert_eq!(Minutes::parse(wrong), None, "{wrong}");
        }
    }
}
