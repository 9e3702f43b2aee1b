//! A chapter about a factor goes the way that readers know from the others.

use anyhow::Result;
use grader::factors;

use crate::directives::{Directive, quiz};
use crate::language::BOTH;
use crate::lines::{Kind, lines};
use crate::page::Page;
use crate::project::{Finding, Project};

/// The sections below the title, by id.
const SECTIONS: [&str; 9] =
    ["story", "rule", "experiment", "exercise", "mistakes", "kubernetes", "disagreements", "quiz", "afterwards"];
/// What each chapter shows of its own factor.
const DIRECTIVES: [&str; 3] = ["check", "checks", "mistakes"];
/// Questions at its end.
const QUIZZES: usize = 3;

/// Every chapter that leaves the way.
pub fn findings(project: &Project) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for lang in BOTH {
        for page in project.pages(lang)? {
            if let Some(factor) = factors::find(&page.name).filter(|factor| factor.folder() == page.name) {
                found.extend(chapter(&page, &factor.id()).into_iter().map(|what| Finding::new(page.path(), what)));
            }
        }
    }
    Ok(found)
}

fn chapter(page: &Page, factor: &str) -> Vec<String> {
    let mut found = Vec::new();
    let sections = page.sections();
    let ids: Vec<&str> =
        sections.iter().map(|section| section.id.as_str()).filter(|id| SECTIONS.contains(id)).collect();
    if ids != SECTIONS {
        found.push(format!("has the sections {}, not {} in this order", ids.join(", "), SECTIONS.join(", ")));
    }
    let prose = || lines(&page.text).filter(|line| line.kind == Kind::Prose);
    let shown: Vec<Directive> = prose().filter_map(|line| Directive::parse(line.text)).collect();
    for name in DIRECTIVES {
        if !shown.contains(&Directive { name, argument: factor }) {
            found.push(format!("does not show `{{{{#{name} {factor}}}}}`"));
        }
    }
    let quizzes = quiz::all(&page.text).unwrap_or_default().len();
    if quizzes != QUIZZES {
        found.push(format!("asks {quizzes} questions, not {QUIZZES}"));
    }
    if page.minutes().is_none_or(|minutes| minutes.work == 0) {
        found.push("does not say how long its exercise takes: `<!-- minutes: read 10, work 25 -->`".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use grader::text::Lang;

    fn page(text: &str) -> Page {
        Page { name: "factor-03-config".to_owned(), lang: Lang::En, text: text.to_owned() }
    }

    fn good() -> String {
        let sections: String = SECTIONS.iter().map(|id| format!("## {id} {{#{id}}}\n\n")).collect();
        let shown: String = DIRECTIVES.iter().map(|name| format!("{{{{#{name} factor-3}}}}\n\n")).collect();
        let quiz = |n| format!("{{{{#quiz q{n}}}}}\nQ?\n\n- [ ] a\n  b\n- [x] c\n  d\n{{{{/quiz}}}}\n\n");
        let quizzes: String = (0..QUIZZES).map(quiz).collect();
        format!("<!-- minutes: read 10, work 25 -->\n# T {{#t}}\n\n{sections}{shown}{quizzes}")
    }

    #[test]
    fn a_chapter_that_goes_the_usual_way_is_left_alone() {
        assert_eq!(chapter(&page(&good()), "factor-3"), [""; 0]);
    }

    #[test]
    fn whatever_is_left_out_is_found() {
        for (change, expected) in [
            (("## rule {#rule}", ""), "has the sections"),
            (("{{#mistakes factor-3}}", "{{#mistakes factor-6}}"), "does not show `{{#mistakes factor-3}}`"),
            (("q0}}\nQ?", "}}\n"), "questions"),
            ((", work 25", ""), "how long"),
        ] {
            let found = chapter(&page(&good().replace(change.0, change.1)), "factor-3").join("; ");
            assert!(found.contains(expected), "{change:?}: {found}");
        }
    }
}
