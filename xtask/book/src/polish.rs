//! What is changed in the pages and scripts that mdBook wrote: no forked template, but exact replacements.
//!
//! Each replacement says how often it must be found. When a new version of mdBook words something differently, the build
//! fails here instead of showing half a page in English.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use grader::text::Lang;

use crate::directives::mistakes;
use crate::project::{Project, read};

mod chrome;
mod korean;

/// One replacement.
#[derive(Clone, Debug)]
struct Edit {
    find: String,
    put: String,
    times: Times,
}

/// How often the words must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    /// Exactly so often.
    Exactly(usize),
    /// Once or more.
    Some,
    /// As often as these other words.
    Like(&'static str),
}

impl Edit {
    fn new(find: impl Into<String>, put: impl Into<String>, times: Times) -> Self {
        Self { find: find.into(), put: put.into(), times }
    }

    /// Replaces all, and complains when mdBook no longer says it.
    fn apply(&self, text: &mut String) -> Result<()> {
        let found = text.matches(&self.find).count();
        let right = match self.times {
            Times::Exactly(times) => found == times,
            Times::Some => found > 0,
            Times::Like(other) => found == text.matches(other).count(),
        };
        if !right {
            bail!("has `{}` {found} times, not {:?}: did mdBook change it?", self.find, self.times);
        }
        *text = text.replace(&self.find, &self.put);
        Ok(())
    }
}

/// Everything that is done to one book.
pub fn book(project: &Project, lang: Lang, out: &Path) -> Result<()> {
    for path in pages(out)? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        edit(&path, |html| page(html, &name, lang, project))?;
    }
    if lang == Lang::Ko {
        edit(&out.join("book.js"), |script| all(script, &korean::book_js()))?;
        edit(&out.join("searcher.js"), |script| all(script, &korean::searcher_js()))?;
    }
    Ok(())
}

fn page(html: &mut String, name: &str, lang: Lang, project: &Project) -> Result<()> {
    if name == "toc.html" {
        return Ok(());
    }
    diffs(html, project)?;
    if lang == Lang::Ko {
        all(html, &korean::page())?;
    }
    all(html, &chrome::edits(name, lang))
}

/// The pages that mdBook wrote for readers.
pub fn pages(out: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(out).with_context(|| format!("cannot list {}", out.display()))?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut pages: Vec<PathBuf> =
        paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "html")).collect();
    pages.sort();
    Ok(pages)
}

fn edit(path: &Path, change: impl FnOnce(&mut String) -> Result<()>) -> Result<()> {
    let mut text = read(path)?;
    change(&mut text).map_err(|why| anyhow!("{} {why}", path.display()))?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn all(text: &mut String, edits: &[Edit]) -> Result<()> {
    edits.iter().try_for_each(|edit| edit.apply(text))
}

/// The diffs of mistakes come last, so that the search index does not know them.
fn diffs(html: &mut String, project: &Project) -> Result<()> {
    const BEFORE: &str = "<pre data-diff=\"";
    const AFTER: &str = "\"></pre>";
    let mut out = String::with_capacity(html.len());
    let mut rest = html.as_str();
    while let Some((before, after)) = rest.split_once(BEFORE) {
        let (key, after) = after.split_once(AFTER).ok_or_else(|| anyhow!("has a diff that mdBook changed"))?;
        out.push_str(before);
        out.push_str(&mistakes::diff(key, project)?);
        rest = after;
    }
    out.push_str(rest);
    *html = out;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_mdbook_no_longer_says_are_an_error() {
        let edit = Edit::new("Search", "검색", Times::Exactly(1));
        let mut once = "<p>Search</p>".to_owned();
        edit.apply(&mut once).unwrap();
        assert_eq!(once, "<p>검색</p>");
        let why = edit.apply(&mut once).unwrap_err().to_string();
        assert!(why.contains("0 times"), "{why}");
    }
}
