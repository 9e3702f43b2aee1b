//! Rules of a single page: minutes, ids, directives and includes that can be resolved.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::directives::{problems, quiz};
use crate::language::BOTH;
use crate::outline::headings;
use crate::page::{Minutes, Page};
use crate::project::{Finding, Project};

/// All that is wrong in one page, whatever the other language says.
pub fn findings(project: &Project) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for lang in BOTH {
        let mut quizzes = BTreeSet::new();
        for page in project.pages(lang)? {
            found.extend(begins_well(&page));
            found.extend(ids(&page));
            found.extend(unresolved(&page, project));
            // A quiz that cannot be read is already found.
            for quiz in quiz::all(&page.text).unwrap_or_default() {
                if !quizzes.insert(quiz.id.clone()) {
                    found.push(Finding::new(
                        page.path(),
                        format!("has a second quiz `{}`: ids are unique in a book", quiz.id),
                    ));
                }
            }
        }
    }
    Ok(found)
}

/// The estimate, then the title.
fn begins_well(page: &Page) -> Option<Finding> {
    let mut lines = page.text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default();
    let title = if first.starts_with("<!--") { lines.next().unwrap_or_default() } else { first };
    if first.starts_with("<!--") && Minutes::parse(first).is_none() {
        return Some(Finding::new(page.place(1), "has no estimate such as `<!-- minutes: read 10, work 25 -->`"));
    }
    (!title.starts_with("# ")).then(|| Finding::new(page.path(), "does not begin with `# Title {#id}`"))
}

/// Ids come from their authors: those that mdBook derives change with every translation.
fn ids(page: &Page) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for heading in headings(&page.text) {
        let place = page.place(heading.line);
        match heading.id {
            None => found.push(Finding::new(place, format!("`{}` has no id: write `{{#id}}` after it", heading.title))),
            Some(id) if !is_ascii_id(&id) => {
                found.push(Finding::new(place, format!("`{id}` is no id in lower case letters, digits and hyphens")));
            }
            Some(id) if !seen.insert(id.clone()) => found.push(Finding::new(place, format!("has a second id `{id}`"))),
            Some(_) => {}
        }
    }
    found
}

fn is_ascii_id(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Directives, quizzes and includes are those that the build understands.
fn unresolved(page: &Page, project: &Project) -> Vec<Finding> {
    let finding = |error: anyhow::Error| {
        let words = error.to_string();
        let (place, what) = words.split_once(": ").unwrap_or((&words, ""));
        Finding::new(place, what)
    };
    problems(page, project).into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use grader::text::Lang;

    fn page(text: &str) -> Page {
        Page { name: "x".to_owned(), lang: Lang::Ko, text: text.to_owned() }
    }

    #[test]
    fn pages_begin_with_an_estimate_or_a_title() {
        assert_eq!(begins_well(&page("# A {#a}\n")), None);
        assert_eq!(begins_well(&page("<!-- minutes: read 5 -->\n\n# A {#a}\n")), None);
        assert!(begins_well(&page("<!-- minutes: 5 -->\n# A {#a}\n")).is_some());
        assert!(begins_well(&page("Words.\n")).is_some());
    }

    #[test]
    fn ids_are_explicit_ascii_and_unique() {
        let found = ids(&page("# A {#a}\n\n## B\n\n## C {#설정}\n\n## D {#a}\n"));
        let lines: Vec<&str> = found.iter().map(|found| found.place.as_str()).collect();
        assert_eq!(lines, ["book/ko/x.md:3", "book/ko/x.md:5", "book/ko/x.md:7"]);
    }
}
