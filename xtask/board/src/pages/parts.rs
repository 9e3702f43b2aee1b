//! The parts of pages that follow the room. Each has an id: only those that differ from what a page has are sent again.

use std::sync::Arc;

use grader::factors::Factor;
use grader::text::Lang;
use maud::{Markup, PreEscaped, html};
use qrcodegen::{QrCode, QrCodeEcc};

use super::factor;
use crate::messages::Messages;
use crate::pace::Pace;
use crate::room::{Announcement, Group, Room};
use crate::standing::State;

/// One part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The id of its outermost element.
    pub id: String,
    /// The id of the element that it is added to when it is new.
    pub within: &'static str,
    /// The element.
    pub html: String,
}

/// All parts of a page, in their order.
pub type Picture = Arc<Vec<Part>>;

/// A part from its markup.
pub fn part(id: impl Into<String>, within: &'static str, markup: Markup) -> Part {
    Part { id: id.into(), within, html: markup.into_string() }
}

/// The parts that belong into one element.
pub fn within(picture: &Picture, parent: &str) -> Markup {
    html! { @for part in picture.iter().filter(|part| part.within == parent) { (PreEscaped(&part.html)) } }
}

/// A state as a sign with a word: colours alone say nothing to many.
pub fn state(state: State, words: &dyn Messages) -> Markup {
    let sign = match state {
        State::Open => "·",
        State::Blocked => "■",
        State::Failed => "✗",
        State::Core => "◐",
        State::Passed => "✓",
    };
    html! { span aria-hidden="true" { (sign) } span.unseen { (words.state(state)) } }
}

/// What a check proves; its id for one that this board does not know.
pub fn fact(number: u8, check: &str, lang: Lang, words: &dyn Messages) -> String {
    if check.is_empty() {
        return words.blocked().to_owned();
    }
    let known = factor(number).checks().iter().find(|known| known.id == check);
    known.map_or_else(|| check.to_owned(), |known| known.fact.get(lang).to_owned())
}

/// `factor-3/check (reason)`, as the terminal says it.
pub fn code(group: &Group) -> String {
    let check = if group.check.is_empty() { String::new() } else { format!("/{}", group.check) };
    format!("factor-{}{check} ({})", group.factor, group.reason)
}

/// The page of the book about a factor.
pub fn chapter(book: &str, factor: &Factor, lang: &str) -> String {
    let section = if factor.number == 0 { "" } else { "#mistakes" };
    format!("{}/{lang}/{}.html{section}", book.trim_end_matches('/'), factor.page())
}

/// Where the room is on its track, and how much time is left.
pub fn pace(pace: &Pace, lang: Lang, words: &dyn Messages) -> Markup {
    let (Some(track), Some((origin, share))) = (pace.track(), pace.plan()) else { return html! { p #pace {} } };
    let name = if lang == Lang::En { &track.en } else { &track.ko };
    let page = pace.page().unwrap_or_default();
    html! {
        p #pace {
            strong { (title(&page, lang)) } " · " (name) ", " (words.step(pace.step + 1, track.pages.len())) " · "
            strong { time.left data-until=(pace.end) {} } " " (words.left()) " · "
            span.behind data-origin=(origin) data-share=(share) data-since=(pace.since)
                data-late=(words.late()) data-early=(words.early()) data-even=(words.as_planned()) {}
        }
    }
}

/// A page of the book by its name; only factors have titles here.
fn title(page: &str, lang: Lang) -> String {
    match grader::factors::find(page) {
        Some(factor) if page.starts_with("factor-") => format!("{}. {}", factor.number, factor.title.get(lang)),
        _ => page.to_owned(),
    }
}

/// The last announcement, which a screen reader reads out when it comes.
pub fn announcement(room: &Room, words: &dyn Messages) -> Markup {
    html! {
        div #say role="status" {
            @if let Some(last) = room.last_announcement() { p.say { (sentence(last, words)) " " small { (super::ago(last.at)) } } }
        }
    }
}

/// What an announcement says.
pub fn sentence(announcement: &Announcement, words: &dyn Messages) -> String {
    match announcement.factor {
        Some(factor) => words.solution_open(factor),
        None => announcement.words.clone(),
    }
}

/// A QR code, as a drawing.
pub fn qr(text: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return html! {} };
    let size = code.size();
    let dark = |(x, y): (i32, i32)| code.get_module(x, y).then(|| format!("M{},{}h1v1h-1z", x + 4, y + 4));
    let path: String = (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).filter_map(dark).collect();
    let whole = size + 8;
    html! {
        svg.qr role="img" aria-label=(label) viewBox={ "0 0 " (whole) " " (whole) } {
            rect width=(whole) height=(whole) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::messages;

    #[test]
    fn checks_are_told_as_facts_and_pages_by_their_titles() {
        let words = messages(Lang::Ko);
        let check = &factor(3).checks()[0];
        assert_eq!(fact(3, check.id, Lang::Ko, words), check.fact.ko);
        assert_eq!(fact(3, "from-the-future", Lang::Ko, words), "from-the-future");
        assert_eq!(title("factor-03-config", Lang::Ko), "3. 설정");
        assert_eq!(title("set-up", Lang::En), "set-up");
    }
}
