//! Rules of the pages as readers get them.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use grader::text::Lang;

use super::links;
use crate::html::{Piece, Tag, pieces};
use crate::language::{BOTH, code, other};
use crate::polish::pages;
use crate::project::{Finding, read};

/// What in a page holds no words of ours: mdBook's own shortcuts, and code.
const CODE: [&str; 5] = ["code", "pre", "script", "style", "kbd"];

/// Everything that is wrong in the books below `out`.
pub fn rendered(out: &Path) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for lang in BOTH {
        for path in pages(&out.join(code(lang)))? {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let html = read(&path)?;
            let place = format!("{}/{name}", code(lang));
            found.extend(page(&pieces(&html), &name, lang).into_iter().map(|what| Finding::new(&place, what)));
        }
    }
    found.extend(links::findings(out)?);
    Ok(found)
}

fn page(pieces: &[Piece], name: &str, lang: Lang) -> Vec<String> {
    let mut found = texts(pieces, lang);
    found.extend(empty_code(pieces));
    found.extend(ids(pieces));
    let tags = || pieces.iter().filter_map(tag);
    found.extend(tags().filter_map(foreign_load));
    found.extend(language(pieces, name, lang));
    found.extend(tags().filter(|tag| tag.name == "img" && tag.attribute("alt").is_none_or(str::is_empty)).map(|tag| {
        format!("has an image without words for those who do not see it: {}", tag.attribute("src").unwrap_or_default())
    }));
    found
}

fn tag(piece: &Piece) -> Option<&Tag> {
    match piece {
        Piece::Open(tag) => Some(tag),
        _ => None,
    }
}

/// Markdown that was not understood.
fn texts(pieces: &[Piece], lang: Lang) -> Vec<String> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Open(tag) if CODE.contains(&tag.name.as_str()) => depth += 1,
            Piece::Close(name) if CODE.contains(&name.as_str()) => depth = depth.saturating_sub(1),
            Piece::Text(text) if depth == 0 => found.extend(torn(text, lang)),
            _ => {}
        }
    }
    found
}

fn torn(text: &str, lang: Lang) -> Option<String> {
    let marks = ["**", "{{#", "{{/", "](", "[!"];
    if let Some(mark) = marks.iter().find(|mark| text.contains(**mark)) {
        return Some(format!("shows a literal `{mark}`: {}", around(text, mark)));
    }
    // `*(괄호)*도` is torn like `**`; a star beside a Latin letter may be a multiplication.
    let star = lang == Lang::Ko
        && text.match_indices('*').any(|(at, _)| text[at + 1..].starts_with(hangul) || text[..at].ends_with(hangul));
    star.then(|| format!("shows a literal `*` beside Korean: {}", around(text, "*")))
}

fn hangul(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

/// The words around a mark, on one line.
fn around(text: &str, mark: &str) -> String {
    let at = text.find(mark).unwrap_or(0);
    let before = text[..at].chars().rev().take(20).collect::<Vec<_>>().into_iter().rev();
    let words: String = before.chain(text[at..].chars().take(30)).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn empty_code(pieces: &[Piece]) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = "the beginning";
    for window in pieces.windows(2) {
        match window {
            [Piece::Text(text), _] if !text.trim().is_empty() => before = text,
            [Piece::Open(tag), after] if tag.name == "code" => {
                let empty =
                    matches!(after, Piece::Close(_)) || matches!(after, Piece::Text(text) if text.trim().is_empty());
                if empty {
                    found.push(format!("has empty code after `{}`", around(before.trim_end(), "")));
                }
            }
            _ => {}
        }
    }
    found
}

fn ids(pieces: &[Piece]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let ids = pieces.iter().filter_map(tag).filter_map(|tag| tag.attribute("id"));
    ids.filter(|id| !seen.insert(*id)).map(|id| format!("has two elements with the id `{id}`")).collect()
}

/// Links may lead elsewhere; nothing may be loaded from there.
fn foreign_load(tag: &Tag) -> Option<String> {
    let loads = ["src", "srcset", "data", "poster"].iter().find_map(|name| tag.attribute(name));
    let relation = tag.attribute("rel").unwrap_or_default();
    let linked = (tag.name == "link" && relation != "canonical").then(|| tag.attribute("href")).flatten();
    let address = loads.into_iter().chain(linked).find(|address| is_foreign(address))?;
    Some(format!("loads {address} from another host"))
}

fn is_foreign(address: &str) -> bool {
    address.starts_with("http:") || address.starts_with("https:") || address.starts_with("//")
}

/// `<html lang>`, and where it says that the other language is.
fn language(pieces: &[Piece], name: &str, lang: Lang) -> Vec<String> {
    let tags: Vec<&Tag> = pieces.iter().filter_map(tag).collect();
    let mut found = Vec::new();
    let html = tags.iter().find(|tag| tag.name == "html").and_then(|tag| tag.attribute("lang"));
    if html != Some(code(lang)) {
        found.push(format!("says lang={html:?}, not {}", code(lang)));
    }
    if name == "toc.html" {
        return found;
    }
    let links = |element: &str, language: Lang| {
        let (code, address) = (code(language), format!("../{}/{name}", code(language)));
        let right = |tag: &&&Tag| tag.attribute("hreflang") == Some(code) && tag.attribute("href") == Some(&address);
        tags.iter().filter(|tag| tag.name == element).filter(right).count()
    };
    if links("a", other(lang)) != 1 {
        found.push("has no link to itself in the other language".to_owned());
    }
    if BOTH.iter().any(|language| links("link", *language) != 1) {
        found.push("does not name itself in both languages with <link rel=alternate>".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(html: &str) -> String {
        let pieces = pieces(html);
        let mut found = texts(&pieces, Lang::Ko);
        found.extend(empty_code(&pieces));
        found.extend(ids(&pieces));
        found.extend(pieces.iter().filter_map(tag).filter_map(foreign_load));
        found.join("; ")
    }

    #[test]
    fn what_readers_must_not_see_is_found() {
        for (html, expected) in [
            ("<p>**설정(config)**을 읽습니다</p>", "literal `**`"),
            ("<p>*(괄호)*도</p>", "literal `*` beside Korean"),
            ("<p>{{#include a.rs}}</p>", "literal `{{#`"),
            ("<pre><code class=x></code></pre>", "empty code"),
            ("<i id=a></i><b id=a></b>", "two elements with the id `a`"),
            ("<script src=https://example.org/x.js></script>", "from another host"),
            ("<link rel=stylesheet href=//example.org/x.css>", "from another host"),
        ] {
            assert!(says(html).contains(expected), "{html}: {}", says(html));
        }
    }

    #[test]
    fn what_readers_may_see_is_left_alone() {
        for html in [
            "<p>2 * 3 과 4</p>",
            "<pre><code>**kwargs {{#if}}</code></pre>",
            "<a href=https://example.org/>글</a>",
            "<script>'**'</script>",
        ] {
            assert_eq!(says(html), "", "{html}");
        }
    }

    #[test]
    fn a_page_knows_itself_in_the_other_language() {
        let page = "<html lang=ko><link rel=alternate hreflang=en href=../en/a.html><link rel=alternate hreflang=ko href=../ko/a.html><a hreflang=en href=../en/a.html>English</a>";
        let says = |html: &str| language(&pieces(html), "a.html", Lang::Ko).len();
        assert_eq!(says(page), 0);
        assert_eq!(says(&page.replace("../en/a.html>English", "../en/b.html>English")), 1);
        assert_eq!(says(&page.replace("hreflang=ko", "hreflang=fr")), 1);
        assert_eq!(says(&page.replace("lang=ko>", "lang=en>")), 1);
    }
}
