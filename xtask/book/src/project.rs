//! The workshop's folder, the pages of both books in their order, and what is wrong with them.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use grader::text::Lang;

use crate::language::code;
use crate::page::Page;

/// The workshop's folder.
#[derive(Clone, Debug)]
pub struct Project {
    /// Where `book/`, `exercises/` and `solutions/` are.
    pub root: PathBuf,
}

/// Something to mend: where, what, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// A path, or a path and a line.
    pub place: String,
    /// What is wrong there and what would be right.
    pub what: String,
}

impl Finding {
    /// A finding at `place`.
    pub fn new(place: impl fmt::Display, what: impl fmt::Display) -> Self {
        Self { place: place.to_string(), what: what.to_string() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl Project {
    /// The folder of the books.
    pub fn book(&self) -> PathBuf {
        self.root.join("book")
    }

    /// The pages of one language, in the order of its summary.
    pub fn pages(&self, lang: Lang) -> Result<Vec<Page>> {
        let folder = self.book().join(code(lang));
        let summary = read(&folder.join("SUMMARY.md"))?;
        named_pages(&summary)
            .map(|name| {
                let text = read(&folder.join(format!("{name}.md")))?;
                Ok(Page { name: name.to_owned(), lang, text })
            })
            .collect()
    }

    /// The page of that name in `lang`.
    pub fn page(&self, lang: Lang, name: &str) -> Result<Page> {
        let text = read(&self.book().join(code(lang)).join(format!("{name}.md")))?;
        Ok(Page { name: name.to_owned(), lang, text })
    }
}

/// The pages that a summary links, without `.md`, in order.
pub fn named_pages(summary: &str) -> impl Iterator<Item = &str> {
    summary.lines().filter_map(|line| line.split_once("](")?.1.split_once(".md)").map(|(name, _)| name))
}

/// The text of a file, with its path in the error.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
