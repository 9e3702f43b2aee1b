//! The estimate of a page's minutes, below its title.

use grader::text::Lang;

use crate::page::{Minutes, Page};

/// Puts the estimate below the first heading, if the page has one.
pub fn below_title(markdown: &str, page: &Page) -> String {
    let Some(minutes) = page.minutes() else { return markdown.to_owned() };
    let mut done = false;
    let mut out = String::with_capacity(markdown.len() + 100);
    for line in markdown.split_inclusive('\n') {
        out.push_str(line);
        if !done && line.starts_with("# ") {
            out.push_str(&format!("\n<p class=\"minutes\">{}</p>\n\n", sentence(minutes, page.lang)));
            done = true;
        }
    }
    out
}

fn sentence(Minutes { read, work }: Minutes, lang: Lang) -> String {
    match (lang, work) {
        (Lang::En, 0) => format!("Estimated time: {read} min to read"),
        (Lang::En, _) => format!("Estimated time: {read} min to read, {work} min for the exercise"),
        (Lang::Ko, 0) => format!("예상 시간: 읽기 {read}분"),
        (Lang::Ko, _) => format!("예상 시간: 읽기 {read}분, 실습 {work}분"),
    }
}
