//! What a page consists of, apart from its words: what must be the same in both languages.

use std::collections::BTreeSet;

use mdbook_markdown::pulldown_cmark::{BlockQuoteKind, Event, HeadingLevel, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use crate::lines::{Kind, lines};

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: usize,
    /// Its explicit id.
    pub id: Option<String>,
    /// Its words.
    pub title: String,
    /// Its line, from 1.
    pub line: usize,
    /// Where it begins.
    pub start: usize,
}

/// The headings of a page, in order.
pub fn headings(text: &str) -> Vec<Heading> {
    let mut headings = Vec::new();
    let mut inside = false;
    for (event, range) in new_cmark_parser(text, &MarkdownOptions::default()).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                let line = text[..range.start].matches('\n').count() + 1;
                let id = id.map(|id| id.to_string());
                headings.push(Heading { level: number(level), id, title: String::new(), line, start: range.start });
                inside = true;
            }
            Event::End(TagEnd::Heading(_)) => inside = false,
            Event::Text(words) | Event::Code(words) if inside => {
                if let Some(heading) = headings.last_mut() {
                    heading.title.push_str(&words);
                }
            }
            _ => {}
        }
    }
    headings
}

fn number(level: HeadingLevel) -> usize {
    level as usize
}

/// The words of a page with their lines, without code and HTML.
pub fn prose(text: &str) -> Vec<(usize, String)> {
    let mut words: Vec<(usize, String)> = Vec::new();
    let mut in_code = false;
    for (event, range) in new_cmark_parser(text, &MarkdownOptions::default()).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(part) if !in_code => {
                let line = text[..range.start].matches('\n').count() + 1;
                match words.last_mut() {
                    Some((last, joined)) if *last == line => joined.push_str(&part),
                    _ => words.push((line, part.to_string())),
                }
            }
            Event::Code(_) => words.extend(words.last().map(|(line, _)| (*line, String::new()))),
            _ => {}
        }
    }
    words
}

/// The kinds of admonitions, in order.
pub fn admonitions(text: &str) -> Vec<&'static str> {
    let events = new_cmark_parser(text, &MarkdownOptions::default());
    events
        .filter_map(|event| match event {
            Event::Start(Tag::BlockQuote(kind)) => kind.map(kind_name),
            _ => None,
        })
        .collect()
}

fn kind_name(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "NOTE",
        BlockQuoteKind::Tip => "TIP",
        BlockQuoteKind::Important => "IMPORTANT",
        BlockQuoteKind::Warning => "WARNING",
        BlockQuoteKind::Caution => "CAUTION",
    }
}

/// Where the links of a page lead, without the part of an address that names a language.
pub fn link_targets(text: &str) -> BTreeSet<String> {
    let events = new_cmark_parser(text, &MarkdownOptions::default());
    events
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Some(without_language(&dest_url)),
            _ => None,
        })
        .collect()
}

/// `https://kubernetes.io/ko/docs/` and `https://kubernetes.io/docs/` are one page.
fn without_language(address: &str) -> String {
    const LANGUAGES: [&str; 8] = ["ko", "en", "ko-kr", "en-us", "ko_kr", "en_us", "ko-KR", "en-US"];
    // `README.ko.md` is the Korean `README.md`.
    let address = address.replace("README.ko.md", "README.md").replace("CONTRACT.ko.md", "CONTRACT.md");
    address.split('/').filter(|part| !LANGUAGES.contains(part)).collect::<Vec<_>>().join("/")
}

/// The languages of the code fences, in order.
pub fn fences(text: &str) -> Vec<String> {
    lines(text)
        .filter_map(|line| match line.kind {
            Kind::Opens(language) => Some(language.to_owned()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_have_levels_ids_and_lines() {
        let found = headings("# A `b` {#a}\n\ntext\n\n## 설정\n");
        assert_eq!((found[0].level, found[0].id.as_deref(), found[0].title.as_str()), (1, Some("a"), "A b"));
        assert_eq!((found[1].level, &found[1].id, found[1].line), (2, &None, 5));
    }

    #[test]
    fn prose_has_no_code() {
        let found = prose("하나 `의존성` 둘\n\n```\n의존성\n```\n\n셋\n");
        let words: String = found.iter().map(|(line, words)| format!("{line}:{words} ")).collect();
        assert!(words.contains("하나") && words.contains("7:셋") && !words.contains("의존성"), "{words}");
    }

    #[test]
    fn an_address_in_another_language_is_the_same_page() {
        let targets = |text| link_targets(text).into_iter().collect::<Vec<_>>();
        assert_eq!(targets("[a](https://k8s.io/ko/docs/)"), targets("[a](https://k8s.io/docs/)"));
        assert_ne!(targets("[a](a.md#x)"), targets("[a](a.md#y)"));
    }
}
