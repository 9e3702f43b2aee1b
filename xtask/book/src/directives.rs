//! What stands alone on a line between `{{#` and `}}`, and what it becomes before mdBook renders the page.

use anyhow::{Error, Result, anyhow, bail};
use grader::factors::{self, Factor};

use crate::lines::{Kind, Line, lines};
use crate::page::Page;
use crate::project::Project;
use crate::tracks;

mod check;
pub mod include;
mod minutes;
pub mod mistakes;
mod proof;
pub mod quiz;

pub use quiz::Quiz;

/// A directive as it stands in a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directive<'a> {
    /// `check` of `{{#check factor-3}}`.
    pub name: &'a str,
    /// `factor-3` of `{{#check factor-3}}`; may be empty.
    pub argument: &'a str,
}

impl<'a> Directive<'a> {
    /// Reads a line that is a directive and nothing else.
    pub fn parse(line: &'a str) -> Option<Self> {
        let inside = line.trim().strip_prefix("{{#")?.strip_suffix("}}")?;
        let (name, argument) = inside.split_once(' ').unwrap_or((inside, ""));
        Some(Self { name, argument: argument.trim() })
    }
}

/// The Markdown that mdBook gets: includes resolved, directives replaced, minutes below the title.
pub fn expand(page: &Page, project: &Project) -> Result<String> {
    let parts = parts(page, project).into_iter().collect::<Result<Vec<_>>>()?;
    Ok(minutes::below_title(&(parts.join("\n") + "\n"), page))
}

/// What cannot be replaced, each with its place.
pub fn problems(page: &Page, project: &Project) -> Vec<Error> {
    parts(page, project).into_iter().filter_map(Result::err).collect()
}

/// What each line becomes; a quiz is several lines.
fn parts(page: &Page, project: &Project) -> Vec<Result<String>> {
    let all: Vec<Line> = lines(&page.text).collect();
    let mut parts = Vec::with_capacity(all.len());
    let mut rest = all.as_slice();
    while let [line, after @ ..] = rest {
        rest = after;
        let part = match line.kind {
            Kind::Code => in_code(line, page, project),
            Kind::Prose if quiz::begins(line.text) => quiz::take(line, after).map(|(quiz, after)| {
                rest = after;
                quiz.html(page.lang)
            }),
            Kind::Prose => in_prose(line, page, project),
            Kind::Opens(_) | Kind::Closes => Ok(line.text.to_owned()),
        };
        parts.push(part.map_err(|error| anyhow!("{}: {error}", page.place(line.number))));
    }
    parts
}

fn in_code(line: &Line, page: &Page, project: &Project) -> Result<String> {
    match include::Include::parse(line.text) {
        Some(include) => include.text(page, project).map(|text| text.trim_end().to_owned()),
        None => Ok(line.text.to_owned()),
    }
}

fn in_prose(line: &Line, page: &Page, project: &Project) -> Result<String> {
    let Some(Directive { name, argument }) = Directive::parse(line.text) else {
        return Ok(line.text.to_owned());
    };
    match name {
        "check" => Ok(check::command(factor(argument)?, page.lang)),
        "checks" => Ok(check::table(factor(argument)?, page.lang)),
        "mistakes" => mistakes::list(factor(argument)?, page.lang, project),
        "tracks" => tracks::table(page.lang, project),
        "proof" => proof::tables(page.lang, project),
        "include" => bail!("includes code outside a code fence; put ``` around it"),
        _ => bail!(
            "knows no directive `{name}`; there are check, checks, mistakes, proof, tracks, quiz, and include in code"
        ),
    }
}

fn factor(name: &str) -> Result<&'static Factor> {
    factors::with_id(name).ok_or_else(|| anyhow!("knows no factor `{name}`; write it as `factor-3`"))
}
