//! Around the text: the other language, the skip link, a menu that the keyboard reaches, and the two themes that we test.

use grader::text::{Lang, Words};

use super::{Edit, Times};
use crate::language::{BOTH, code, name, other};

const SKIP: Words = Words { en: "Skip to the text", ko: "본문으로 건너뛰기" };

/// The replacements for a page, after mdBook's words have been translated.
pub fn edits(page: &str, lang: Lang) -> Vec<Edit> {
    let mut edits = vec![alternates(page), switch(page, lang), skip_link(lang), main(), toggle()];
    edits.extend(["rust", "coal", "ayu"].map(without_theme));
    edits
}

/// Search engines and browsers learn that the page exists twice.
fn alternates(page: &str) -> Edit {
    let link = |lang| {
        let code = code(lang);
        format!("<link rel=\"alternate\" hreflang=\"{code}\" href=\"../{code}/{page}\">\n    ")
    };
    let links: String = BOTH.map(link).concat();
    Edit::new("</head>", format!("{links}</head>"), Times::Exactly(1))
}

/// A link, so that it works without JavaScript; `language.js` adds the section that is being read.
fn switch(page: &str, lang: Lang) -> Edit {
    let other = other(lang);
    let (code, name) = (code(other), name(other));
    let link = format!(
        "<a class=\"language-switch\" hreflang=\"{code}\" lang=\"{code}\" href=\"../{code}/{page}\">{name}</a>"
    );
    let buttons = "<div class=\"right-buttons\">";
    Edit::new(buttons, format!("{buttons}\n                        {link}"), Times::Exactly(1))
}

fn skip_link(lang: Lang) -> Edit {
    let link = format!("<body>\n    <a class=\"skip-link\" href=\"#text\">{}</a>", SKIP.get(lang));
    Edit::new("<body>", link, Times::Exactly(1))
}

/// Where the skip link leads. The element takes the focus, so that the next Tab goes on from there.
fn main() -> Edit {
    Edit::new("<main>", "<main id=\"text\" tabindex=\"-1\">", Times::Exactly(1))
}

/// mdBook's menu button is a `<label>`: a mouse can press it, a keyboard cannot reach it. `keyboard.js` does the rest.
fn toggle() -> Edit {
    let label = "<label id=\"mdbook-sidebar-toggle\"";
    Edit::new(label, format!("{label} role=\"button\" tabindex=\"0\""), Times::Exactly(1))
}

/// Contrast and colours are tested in `light` and `navy` alone.
fn without_theme(theme: &str) -> Edit {
    let title = format!("{}{}", theme[..1].to_uppercase(), &theme[1..]);
    let entry = format!(
        "<li role=\"none\"><button role=\"menuitem\" class=\"theme\" id=\"mdbook-theme-{theme}\">{title}</button></li>"
    );
    Edit::new(entry, "", Times::Exactly(1))
}
