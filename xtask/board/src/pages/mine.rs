//! An attendee's own page: one's own results, numbers of the room, and one's hand. Nobody else's row is on it.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use grader::factors::FACTORS;
use grader::text::Lang;
use maud::{Markup, html};
use serde::Deserialize;

use super::parts::{Part, Picture, announcement, pace, part, state, within};
use super::{Page, projector};
use crate::app::Shared;
use crate::guard::{Browser, Wished};
use crate::hub::now;
use crate::messages::{Messages, messages};
use crate::room::{Attendee, Room};
use crate::store::Write;

/// `GET /me`
pub async fn page(State(app): Shared, Browser(who): Browser, Wished(lang): Wished) -> Response {
    let words = messages(lang);
    let room = app.room_with(&who).await;
    let Some((room, me)) = room.as_ref().and_then(|room| Some((room, room.attendees.get(&who)?))) else {
        return Redirect::to("/").into_response();
    };
    let (shared, own): (Picture, Picture) = (picture(room, lang), Arc::new(own(me, words)));
    let body = html! {
        h1 { (words.my_page()) }
        div #say-in { (within(&shared, "say-in")) }
        div #pace-in { (within(&shared, "pace-in")) }
        div #hand-in { (within(&own, "hand-in")) }
        div #own-in { (within(&own, "own-in")) }
        p.note { (words.self_reported()) }
        h2 { (words.whole_room()) }
        ul.bars #factors { (within(&shared, "factors")) }
        p.note { (words.privacy()) }
    };
    let title = words.my_page();
    Page { lang, title, path: "/me", stream: Some("/stream/me"), instructor: false, body }.into_response()
}

/// What all attendees see alike.
pub fn picture(room: &Room, lang: Lang) -> Picture {
    let words = messages(lang);
    let mut parts = vec![
        part("say", "say-in", announcement(room, words)),
        part("pace", "pace-in", pace(&room.settings.pace, lang, words)),
    ];
    parts.extend(projector::bars(room, lang, words));
    Arc::new(parts)
}

/// What only this one sees.
pub fn own(me: &Attendee, words: &dyn Messages) -> Vec<Part> {
    vec![part("hand", "hand-in", hand(me, words)), part("own", "own-in", results(me, words))]
}

fn hand(me: &Attendee, words: &dyn Messages) -> Markup {
    let up = me.hand > 0;
    html! {
        form.live #hand method="post" action="/me/hand" {
            p role="status" { @if up { (words.my_hand_is_up()) } }
            button #hand-button name="up" value=(if up { "no" } else { "yes" }) {
                (if up { words.lower_hand() } else { words.raise_hand() })
            }
        }
    }
}

fn results(me: &Attendee, words: &dyn Messages) -> Markup {
    html! {
        ul #own {
            @for factor in &FACTORS {
                li {
                    (words.factor(factor.number)) " " span.s { (state(me.state(factor.number), words)) }
                    @if let Some(now) = me.standings.get(&factor.number) {
                        @if now.state.is_stuck() { " " code { (now.check) " (" (now.reason) ")" } }
                    }
                }
            }
        }
    }
}

/// Up or down.
#[derive(Debug, Deserialize)]
pub struct Hand {
    up: String,
}

/// `POST /me/hand`
pub async fn raise(State(app): Shared, Browser(who): Browser, Form(hand): Form<Hand>) -> Response {
    let write = match hand.up.as_str() {
        "yes" => Write::HandUp { attendee: who, now: now() },
        _ => Write::HandDone { attendee: who },
    };
    match app.store.write(write).await {
        Ok(_) => Redirect::to("/me").into_response(),
        Err(_) => axum::http::StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
