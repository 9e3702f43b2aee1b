//! The instructor's page: attendees and factors, hands, what the room fails with, and everything that can be done.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use grader::factors::FACTORS;
use grader::text::Lang;
use maud::{Markup, html};

use super::parts::{Part, Picture, chapter, code, fact, pace, part, qr, state, within};
use super::{Page, ago, factor};
use crate::app::{App, Shared};
use crate::guard::{Instructor, Wished};
use crate::messages::{Messages, messages};
use crate::pace::tracks;
use crate::room::{Attendee, Room};
use crate::standing::{Solution, Standing};

/// `GET /room`
pub async fn page(State(app): Shared, _: Instructor, Wished(lang): Wished) -> Response {
    let words = messages(lang);
    let room = app.room();
    let picture = picture(&app, &room, lang);
    let body = html! {
        h1 { (words.room()) }
        div.columns {
            section aria-labelledby="hands-title" { h2 #hands-title { (words.hands()) } div #hands-in { (within(&picture, "hands-in")) } }
            section aria-labelledby="groups-title" { h2 #groups-title { (words.groups()) } div #groups-in { (within(&picture, "groups-in")) } }
        }
        (table(&picture, words))
        div.columns {
            (pacing(&picture, words))
            (announcing(words, lang))
            (joining(&room, &picture, words))
            (data(words))
        }
    };
    let title = words.room();
    Page { lang, title, path: "/room", stream: Some("/stream/room"), instructor: true, body }.into_response()
}

/// The parts that follow the room.
pub fn picture(app: &App, room: &Room, lang: Lang) -> Picture {
    let words = messages(lang);
    let mut parts = vec![
        part("hands", "hands-in", hands(room, words)),
        part("groups", "groups-in", groups(app, room, lang, words)),
        part("joined", "joined-in", html! { p #joined { (words.joined(room.attendees.len())) } }),
        part("pace", "pace-in", pace(&room.settings.pace, lang, words)),
        part("door", "door-in", door(app, room, words)),
    ];
    parts.extend(room.in_order().into_iter().map(|attendee| row(attendee, words)));
    Arc::new(parts)
}

fn table(picture: &Picture, words: &dyn Messages) -> Markup {
    html! {
        section aria-labelledby="table-title" {
            h2 #table-title { (words.attendee()) }
            div #joined-in { (within(picture, "joined-in")) }
            p.note { (words.self_reported()) }
            div.wide tabindex="0" role="region" aria-labelledby="table-title" {
                table {
                    thead {
                        tr {
                            th scope="col" { (words.attendee()) }
                            @for factor in &FACTORS {
                                th scope="col" { abbr title=(words.factor(factor.number)) { (factor.number) } }
                            }
                            th scope="col" { (words.stuck_on()) }
                            th scope="col" { (words.last_seen()) }
                        }
                    }
                    tbody #rows data-empty=(words.nobody()) { (within(picture, "rows")) }
                }
            }
        }
    }
}

fn row(attendee: &Attendee, words: &dyn Messages) -> Part {
    let id = format!("a-{}", attendee.id);
    let hand = attendee.hand > 0;
    let markup = html! {
        tr id=(id) {
            th scope="row" {
                a href={ "/attendees/" (attendee.id) } { (attendee.nickname) }
                @if hand { " " span aria-hidden="true" { "✋" } span.unseen { (words.hand_event(true)) } }
            }
            @for factor in &FACTORS {
                @let now = attendee.standings.get(&factor.number);
                @let (class, solution) = cell(now);
                td class=(class) title=[(solution != Solution::Closed).then(|| words.solution(solution))] {
                    (state(attendee.state(factor.number), words))
                    @if solution != Solution::Closed { sup aria-hidden="true" { "?" } span.unseen { ", " (words.solution(solution)) } }
                }
            }
            td {
                @if let Some((number, stuck)) = attendee.stuck() {
                    code { "factor-" (number) @if !stuck.check.is_empty() { "/" (stuck.check) } } " " (stuck.reason) " · "
                    span.stuck { (ago(stuck.since)) }
                }
            }
            td { (ago(attendee.seen)) }
        }
    };
    part(id, "rows", markup)
}

fn cell(standing: Option<&Standing>) -> (String, Solution) {
    let standing = standing.cloned().unwrap_or_default();
    (format!("s-{:?}", standing.state).to_lowercase(), standing.solution)
}

fn hands(room: &Room, words: &dyn Messages) -> Markup {
    let up = room.hands();
    html! {
        div #hands {
            p role="status" { @if up.is_empty() { (words.no_hands()) } @else { (words.hands_up(up.len())) } }
            ol {
                @for attendee in up {
                    li {
                        a href={ "/attendees/" (attendee.id) } { (attendee.nickname) } " · "
                        @if let Some(number) = attendee.hand_factor { (words.factor(number)) " · " }
                        (ago(attendee.hand)) " "
                        form.inline method="post" action={ "/attendees/" (attendee.id) "/hand" } {
                            button id={ "done-" (attendee.id) } aria-label={ (words.hand_done()) ": " (attendee.nickname) } { (words.hand_done()) }
                        }
                    }
                }
            }
        }
    }
}

fn groups(app: &App, room: &Room, lang: Lang, words: &dyn Messages) -> Markup {
    let groups = room.groups();
    html! {
        div #groups {
            @if groups.is_empty() { p { (words.no_groups()) } }
            ol {
                @for group in groups.iter().take(8) {
                    li {
                        strong { (words.people(group.who.len())) } " · " (fact(group.factor, &group.check, lang, words))
                        br; code { (code(group)) } " · "
                        a href=(chapter(&app.book, factor(group.factor), words.code())) { (words.chapter()) }
                        @if !app.mistakes.of(group.factor, &group.check, &group.reason).is_empty() {
                            " · " a href={ "/mistakes/" (group.factor) "/" (group.check) "/" (group.reason) } { (words.mistake()) }
                        }
                        br; small { @for (n, (since, _, name)) in group.who.iter().enumerate() {
                            @if n > 0 { ", " } (name) " " (ago(*since))
                        } }
                    }
                }
            }
        }
    }
}

fn pacing(picture: &Picture, words: &dyn Messages) -> Markup {
    let korean = words.code() == "ko";
    html! {
        section aria-labelledby="pace-title" {
            h2 #pace-title { (words.pace()) }
            div #pace-in { (within(picture, "pace-in")) }
            form.live method="post" action="/pace" {
                button name="do" value="back" { (words.back()) }
                button name="do" value="next" { (words.next()) }
                button name="do" value="longer" { (words.longer()) }
                button name="do" value="stop" { (words.stop_pace()) }
                @for track in tracks() {
                    button name="do" value={ "begin:" (track.id) } {
                        (words.begin()) ": " (if korean { &track.ko } else { &track.en })
                    }
                }
            }
        }
    }
}

fn announcing(words: &dyn Messages, lang: Lang) -> Markup {
    html! {
        section aria-labelledby="say-title" {
            h2 #say-title { (words.announcements()) }
            form.live method="post" action="/announcements" {
                label for="words" { (words.announcement()) }
                input #words name="words" maxlength="300" required autocomplete="off";
                button { (words.announce()) }
            }
            form.live method="post" action="/solutions" {
                label for="factor" { (words.open_solution()) }
                select #factor name="factor" {
                    @for factor in &FACTORS { option value=(factor.number) { (factor.number) ". " (factor.title.get(lang)) } }
                }
                button { (words.open_solution()) }
            }
        }
    }
}

fn joining(room: &Room, picture: &Picture, words: &dyn Messages) -> Markup {
    html! {
        section aria-labelledby="door-title" {
            h2 #door-title { (words.joining()) }
            div #door-in { (within(picture, "door-in")) }
            form.live method="post" action="/door" {
                button name="do" value="code" { (words.new_code()) }
                button name="do" value="lock" { (words.lock()) }
                button name="do" value="unlock" { (words.unlock()) }
            }
            form.live method="post" action="/capacity" {
                label for="seats" { (words.seats()) }
                input #seats name="seats" type="number" min="0" max="5000" value=(room.settings.capacity) required;
                button { (words.set()) }
            }
        }
    }
}

fn door(app: &App, room: &Room, words: &dyn Messages) -> Markup {
    let wrong = app.counts.wrong_codes.load(Ordering::Relaxed);
    html! {
        div #door {
            @if room.settings.locked { p { (words.locked()) } }
            p { code { "cargo xtask join " (app.invitation(&room.settings.code)) } }
            (qr(&app.invitation(&room.settings.code), words.invitation()))
            @if wrong > 0 { p.note { (words.wrong_codes(wrong)) } }
        }
    }
}

fn data(words: &dyn Messages) -> Markup {
    html! {
        section aria-labelledby="data-title" {
            h2 #data-title { (words.data()) }
            form method="post" action="/forget" {
                label { input type="checkbox" name="really" value="yes" required; " " (words.really()) }
                button { (words.forget()) }
            }
        }
    }
}
