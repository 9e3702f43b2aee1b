//! Both languages have the same structure: the switch between them keeps its place, and neither is ahead.

use anyhow::Result;
use grader::text::Lang;

use crate::directives::include::Include;
use crate::directives::{Directive, quiz};
use crate::lines::{Kind, lines};
use crate::outline::{admonitions, fences, headings, link_targets};
use crate::page::Page;
use crate::project::{Finding, Project, named_pages, read};

/// Reads from a page what must be the same in both languages.
type Read = fn(&Page) -> Vec<String>;

/// What must be the same, and how it is read.
const SHARED: [(&str, Read); 7] = [
    ("minutes", minutes),
    ("headings", heading_ids),
    ("directives", directives),
    ("quizzes", quizzes),
    ("includes", includes),
    ("code fences", |page| fences(&page.text)),
    ("admonitions", |page| admonitions(&page.text).iter().map(|kind| (*kind).to_owned()).collect()),
];

/// Every difference in structure, the first one per page and kind.
pub fn findings(project: &Project) -> Result<Vec<Finding>> {
    let mut found = summaries(project)?;
    for (en, ko) in pairs(project)? {
        found.extend(SHARED.iter().filter_map(|(what, read)| difference(what, &ko, &read(&en), &read(&ko))));
        found.extend(links(&en, &ko));
    }
    Ok(found)
}

/// The pages that both summaries name.
pub fn pairs(project: &Project) -> Result<Vec<(Page, Page)>> {
    let (en, ko) = (project.pages(Lang::En)?, project.pages(Lang::Ko)?);
    let pair = |en: Page| ko.iter().find(|ko| ko.name == en.name).cloned().map(|ko| (en, ko));
    Ok(en.into_iter().filter_map(pair).collect())
}

/// Both summaries name the same pages in the same order, and every page of the folders.
fn summaries(project: &Project) -> Result<Vec<Finding>> {
    let summary = |lang: &str| read(&project.book().join(lang).join("SUMMARY.md"));
    let (en, ko) = (summary("en")?, summary("ko")?);
    let (en, ko): (Vec<&str>, Vec<&str>) = (named_pages(&en).collect(), named_pages(&ko).collect());
    let mut found = Vec::new();
    if en != ko {
        found
            .push(Finding::new("book/ko/SUMMARY.md", "names other pages than book/en/SUMMARY.md, or in another order"));
    }
    for (lang, named) in [("en", &en), ("ko", &ko)] {
        for entry in std::fs::read_dir(project.book().join(lang))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let page = name.strip_suffix(".md").filter(|page| *page != "SUMMARY");
            if page.is_some_and(|page| !named.contains(&page)) {
                found.push(Finding::new(format!("book/{lang}/{name}"), "stands in no SUMMARY.md, so nobody finds it"));
            }
        }
    }
    Ok(found)
}

fn difference(what: &str, ko: &Page, en_has: &[String], ko_has: &[String]) -> Option<Finding> {
    if en_has == ko_has {
        return None;
    }
    let at = en_has.iter().zip(ko_has).take_while(|(en, ko)| en == ko).count();
    let item = |items: &[String]| items.get(at).map_or_else(|| "nothing".to_owned(), |item| format!("`{item}`"));
    let (english, korean) = (item(en_has), item(ko_has));
    let number = at + 1;
    Some(Finding::new(
        ko.path(),
        format!("differs in {what}, at number {number}: English has {english}, Korean {korean}"),
    ))
}

fn links(en: &Page, ko: &Page) -> Vec<Finding> {
    let (english, korean) = (link_targets(&en.text), link_targets(&ko.text));
    let only = |one: &Page, other: &str, targets: Vec<&String>| {
        let say = |target: &String| Finding::new(one.path(), format!("links {target}, the {other} page does not"));
        targets.into_iter().map(say).collect::<Vec<_>>()
    };
    let mut found = only(en, "Korean", english.difference(&korean).collect());
    found.extend(only(ko, "English", korean.difference(&english).collect()));
    found
}

fn minutes(page: &Page) -> Vec<String> {
    page.minutes().map(|minutes| format!("{minutes:?}")).into_iter().collect()
}

fn heading_ids(page: &Page) -> Vec<String> {
    let mark = |heading: &crate::outline::Heading| {
        format!("{} {{#{}}}", "#".repeat(heading.level), heading.id.as_deref().unwrap_or("no id"))
    };
    headings(&page.text).iter().map(mark).collect()
}

fn directives(page: &Page) -> Vec<String> {
    let prose = lines(&page.text).filter(|line| line.kind == Kind::Prose);
    prose
        .filter_map(|line| Directive::parse(line.text))
        .map(|found| format!("{} {}", found.name, found.argument))
        .collect()
}

/// One that cannot be read is found by the rule about sources.
fn quizzes(page: &Page) -> Vec<String> {
    quiz::all(&page.text).unwrap_or_default().iter().map(quiz::Quiz::shape).collect()
}

fn includes(page: &Page) -> Vec<String> {
    let code = lines(&page.text).filter(|line| line.kind == Kind::Code);
    let name = |include: Include| format!("{}:{}", include.path, include.anchor.unwrap_or_default());
    code.filter_map(|line| Include::parse(line.text)).map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(lang: Lang, text: &str) -> Page {
        Page { name: "x".to_owned(), lang, text: text.to_owned() }
    }

    const EN: &str = "<!-- minutes: read 5 -->\n# A {#a}\n\n> [!NOTE]\n> Look [there](b.md#c).\n\n{{#check factor-3}}\n\n```rust\n{{#include ../../a.rs:b}}\n```\n\n## C {#c}\n\n{{#quiz q}}\nQ?\n\n- [ ] a\n  b\n- [x] c\n  d\n{{/quiz}}\n";

    #[test]
    fn each_kind_of_drift_is_found() {
        let drift = |change: (&str, &str)| {
            let (en, ko) = (page(Lang::En, EN), page(Lang::Ko, &EN.replace(change.0, change.1)));
            let found: Vec<Finding> =
                SHARED.iter().filter_map(|(what, read)| difference(what, &ko, &read(&en), &read(&ko))).collect();
            found.into_iter().chain(links(&en, &ko)).map(|found| found.what).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(drift(("", "")), "");
        for (change, expected) in [
            (("read 5", "read 6"), "minutes"),
            (("## C {#c}", "### C {#c}"), "headings"),
            (("{#c}", "{#d}"), "headings"),
            (("factor-3", "factor-11"), "directives"),
            (("- [ ] a\n  b\n- [x] c\n  d", "- [x] a\n  b\n- [ ] c\n  d"), "quizzes"),
            (("a.rs:b", "a.rs:c"), "includes"),
            (("```rust", "```toml"), "code fences"),
            (("[!NOTE]", "[!TIP]"), "admonitions"),
            (("b.md#c", "b.md#d"), "links b.md#c"),
        ] {
            assert!(drift(change).contains(expected), "{change:?}: {}", drift(change));
        }
    }
}
