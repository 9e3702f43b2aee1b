//! `{{#include path:anchor}}` in a code fence. A file or an anchor that is missing or empty is an error, never an empty block.

use std::path::{Component, Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use grader::{factors, pristine};

use crate::language::code;
use crate::page::Page;
use crate::project::{Project, read};

/// A part of a file that a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Include<'a> {
    /// Relative to the page.
    pub path: &'a str,
    /// The part's name; without it the whole file is shown.
    pub anchor: Option<&'a str>,
}

impl<'a> Include<'a> {
    /// Reads a line of a code fence.
    pub fn parse(line: &'a str) -> Option<Self> {
        let directive = super::Directive::parse(line).filter(|directive| directive.name == "include")?;
        let (path, anchor) = match directive.argument.split_once(':') {
            Some((path, anchor)) => (path, Some(anchor)),
            None => (directive.argument, None),
        };
        Some(Self { path, anchor })
    }

    /// Where the file is, relative to the workshop's folder.
    pub fn file(&self, page: &Page) -> Result<PathBuf> {
        let mut path = PathBuf::from("book").join(code(page.lang));
        for part in Path::new(self.path).components() {
            let left = match part {
                Component::ParentDir => path.pop(),
                Component::Normal(name) => {
                    path.push(name);
                    true
                }
                Component::CurDir => true,
                _ => false,
            };
            if !left {
                bail!("includes {}, which is not below the workshop's folder", self.path);
            }
        }
        Ok(path)
    }

    /// What the page shows.
    pub fn text(&self, page: &Page, project: &Project) -> Result<String> {
        let text = source(&self.file(page)?, project)?;
        let part = match self.anchor {
            Some(anchor) => anchored(&text, anchor).map_err(|why| anyhow!("includes {}, {why}", self.path))?,
            None => text.lines().filter(|line| !is_mark(line)).collect(),
        };
        if part.iter().all(|line| line.trim().is_empty()) {
            bail!("includes nothing: {}:{} is empty", self.path, self.anchor.unwrap_or_default());
        }
        Ok(dedented(&part))
    }
}

/// Starters come as they were delivered: a reader who has repaired the exercise still reads the chapter about the broken one.
fn source(path: &Path, project: &Project) -> Result<String> {
    let in_exercise = path.strip_prefix("exercises").ok().and_then(|rest| {
        let mut parts = rest.components();
        let factor = factors::find(parts.next()?.as_os_str().to_str()?)?;
        Some((factor, parts.as_path().to_str()?.to_owned()))
    });
    if let Some((factor, inside)) = in_exercise
        && let Some(file) = pristine::parse(factor.exercise.pristine)?.into_iter().find(|file| file.path == inside)
    {
        return Ok(file.content);
    }
    read(&project.root.join(path))
}

/// The lines between `ANCHOR: name` and `ANCHOR_END: name`, without the marks of other anchors.
fn anchored<'a>(text: &'a str, anchor: &str) -> Result<Vec<&'a str>, String> {
    let has = |line: &str, mark: &str| {
        line.split_once(mark).is_some_and(|(_, name)| name.split_whitespace().next() == Some(anchor))
    };
    let mut lines = text.lines();
    if !lines.any(|line| has(line, "ANCHOR:")) {
        return Err(format!("which has no `ANCHOR: {anchor}`"));
    }
    let mut part = Vec::new();
    for line in lines {
        if has(line, "ANCHOR_END:") {
            return Ok(part);
        }
        if !is_mark(line) {
            part.push(line);
        }
    }
    Err(format!("which has no `ANCHOR_END: {anchor}` after its `ANCHOR: {anchor}`"))
}

/// Whether a line only marks where a part begins or ends.
pub fn is_mark(line: &str) -> bool {
    line.contains("ANCHOR: ") || line.contains("ANCHOR_END: ")
}

/// A part of a nested block begins at the margin: narrow screens have no room to waste.
fn dedented(lines: &[&str]) -> String {
    let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let margin = lines.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    lines.iter().flat_map(|line| [line.get(margin..).unwrap_or_default(), "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "fn a() {\n    // ANCHOR: outer\n    one();\n    // ANCHOR: inner\n    if x {\n        two();\n    }\n    // ANCHOR_END: inner\n    // ANCHOR_END: outer\n}\n// ANCHOR: open\n";

    #[test]
    fn an_anchor_gives_its_lines_at_the_margin() {
        assert_eq!(dedented(&anchored(SOURCE, "inner").unwrap()), "if x {\n    two();\n}\n");
        assert_eq!(anchored(SOURCE, "outer").unwrap().len(), 4);
    }

    #[test]
    fn a_missing_anchor_is_an_error_and_so_is_one_without_end() {
        assert!(anchored(SOURCE, "inne").unwrap_err().contains("no `ANCHOR: inne`"));
        assert!(anchored(SOURCE, "open").unwrap_err().contains("ANCHOR_END: open"));
    }

    #[test]
    fn a_path_outside_the_workshop_is_refused() {
        let page = Page { name: "x".to_owned(), lang: grader::text::Lang::En, text: String::new() };
        let file = |path| Include { path, anchor: None }.file(&page);
        assert_eq!(file("../../solutions/x/src/a.rs").unwrap(), Path::new("solutions/x/src/a.rs"));
        assert!(file("../../../etc/passwd").is_err() && file("/etc/passwd").is_err());
    }
}
