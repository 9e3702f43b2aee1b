//! What the whole room sees: the way in, the time, and numbers. No name is ever on it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use grader::factors::FACTORS;
use grader::text::Lang;
use maud::{Markup, html};

use super::Page;
use super::parts::{Part, Picture, announcement, code, fact, pace, part, qr, within};
use crate::app::{App, Shared};
use crate::guard::{Instructor, Wished};
use crate::messages::{Messages, messages};
use crate::room::Room;
use crate::standing::State as At;

/// `GET /projector`
pub async fn page(State(app): Shared, _: Instructor, Wished(lang): Wished) -> Response {
    let words = messages(lang);
    let picture = picture(&app, &app.room(), lang);
    let body = html! {
        h1.unseen { (words.projector()) }
        div.projector {
            section aria-label=(words.joining()) { div #way-in { (within(&picture, "way-in")) } }
            section aria-label=(words.whole_room()) {
                div #say-in { (within(&picture, "say-in")) }
                div #pace-in { (within(&picture, "pace-in")) }
                div #numbers-in { (within(&picture, "numbers-in")) }
                ul.bars #factors { (within(&picture, "factors")) }
                h2 { (words.groups()) }
                div #groups-in { (within(&picture, "groups-in")) }
            }
        }
    };
    let title = words.projector();
    Page { lang, title, path: "/projector", stream: Some("/stream/projector"), instructor: true, body }.into_response()
}

/// The parts that follow the room.
pub fn picture(app: &App, room: &Room, lang: Lang) -> Picture {
    let words = messages(lang);
    let mut parts = vec![
        part("way", "way-in", way(app, room, words)),
        part("say", "say-in", announcement(room, words)),
        part("pace", "pace-in", pace(&room.settings.pace, lang, words)),
        part("numbers", "numbers-in", numbers(room, words)),
        part("groups", "groups-in", groups(room, lang, words)),
    ];
    parts.extend(bars(room, lang, words));
    Arc::new(parts)
}

fn way(app: &App, room: &Room, words: &dyn Messages) -> Markup {
    html! {
        div #way {
            @if room.settings.locked { p { (words.locked()) } } @else {
                (qr(&app.invitation(&room.settings.code), words.invitation()))
                p { code.big { "cargo xtask join " (app.invitation(&room.settings.code)) } }
            }
        }
    }
}

fn numbers(room: &Room, words: &dyn Messages) -> Markup {
    html! { p #numbers { (words.joined(room.attendees.len())) " · " (words.hands_up(room.hands().len())) } }
}

/// One bar per factor: how many have passed, and how many have not. Attendees see the same.
pub fn bars(room: &Room, lang: Lang, words: &dyn Messages) -> Vec<Part> {
    let all = room.attendees.len();
    let bars = FACTORS.iter().map(|factor| {
        let counts = room.count(factor.number);
        let passed = counts[At::Passed as usize];
        let id = format!("f-{}", factor.number);
        let markup = html! {
            li id=(id) {
                span { (factor.number) ". " (factor.title.get(lang)) }
                meter min="0" max=(all.max(1)) value=(passed) aria-label=(words.factor(factor.number)) {}
                span { (words.passed_of(passed, all)) }
            }
        };
        part(id, "factors", markup)
    });
    bars.collect()
}

fn groups(room: &Room, lang: Lang, words: &dyn Messages) -> Markup {
    let groups = room.groups();
    html! {
        ol #groups {
            @for group in groups.iter().take(3) {
                li {
                    strong { (words.people(group.who.len())) } " · " (fact(group.factor, &group.check, lang, words))
                    br; code { (code(group)) }
                }
            }
        }
    }
}
