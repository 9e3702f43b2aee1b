//! The pages: what they have in common.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use grader::factors::{FACTORS, Factor};
use grader::text::Lang;
use maud::{DOCTYPE, Markup, html};

use crate::messages::{Messages, messages};

pub mod attendee;
pub mod mine;
pub mod parts;
pub mod projector;
pub mod public;
pub mod report;
pub mod room;

const STYLE: &str = include_str!("assets/board.css");
const SCRIPT: &str = include_str!("assets/board.js");

/// A page that is to be shown.
pub struct Page<'a> {
    /// Its language.
    pub lang: Lang,
    /// Its title.
    pub title: &'a str,
    /// Its own path: the other language has the same one.
    pub path: &'a str,
    /// What follows the room, if something does.
    pub stream: Option<&'a str>,
    /// Whether the instructor sees it.
    pub instructor: bool,
    /// What is on it.
    pub body: Markup,
}

impl IntoResponse for Page<'_> {
    fn into_response(self) -> Response {
        let words = messages(self.lang);
        let page = html! {
            (DOCTYPE)
            html lang=(words.code()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · " (words.board()) }
                    link rel="stylesheet" href="/board.css";
                    link rel="icon" href="data:,";
                    script src="/board.js" defer {}
                }
                body data-stream=[self.stream] {
                    a.skip href="#content" { (words.skip()) }
                    (navigation(&self, words))
                    main id="content" {
                        @if self.stream.is_some() {
                            noscript { p.note { (words.needs_script()) } }
                            p.note #lost role="status" hidden { (words.reconnecting()) }
                        }
                        (self.body)
                    }
                }
            }
        };
        // Whoever chose a language keeps it.
        let kept = format!("lang={}; SameSite=Strict; Path=/; Max-Age=2592000", words.code());
        let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()), (header::SET_COOKIE, kept)];
        (headers, page.into_string()).into_response()
    }
}

fn navigation(page: &Page, words: &dyn Messages) -> Markup {
    let (other, code) = match page.lang {
        Lang::En => (words.other_language(), "ko"),
        Lang::Ko => (words.other_language(), "en"),
    };
    html! {
        header {
            nav aria-label=(words.board()) {
                @if page.instructor {
                    @for (path, name) in [
                        ("/room", words.room()), ("/projector", words.projector()), ("/report", words.report()),
                    ] {
                        a href=(path) aria-current=[(path == page.path).then_some("page")] { (name) }
                    }
                } @else {
                    span.name { (words.board()) }
                }
                a.language href={ (page.path) "?lang=" (code) } lang=(code) hreflang=(code) { (other) }
            }
        }
    }
}

/// A page that says one thing.
pub fn plain(lang: Lang, status: StatusCode, title: &str, path: &str, body: Markup) -> Response {
    let page = Page { lang, title, path, stream: None, instructor: false, body };
    (status, page).into_response()
}

/// There is no such page.
pub fn missing(lang: Lang) -> Response {
    let words = messages(lang);
    plain(lang, StatusCode::NOT_FOUND, words.not_found(), "/", html! { h1 { (words.not_found()) } })
}

/// `/board.css`
pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

/// `/board.js`
pub async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT).into_response()
}

/// The factor of that number; the database holds none that does not exist.
pub fn factor(number: u8) -> &'static Factor {
    FACTORS.get(usize::from(number)).unwrap_or(&FACTORS[0])
}

/// How long ago something was; the script keeps it up to date.
pub fn ago(at: i64) -> Markup {
    html! { time.ago data-since=(at) {} }
}
