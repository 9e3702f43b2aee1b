//! One attendee's time line, for the instructor, and what a mistake looks like.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use grader::text::Lang;
use maud::{Markup, html};

use super::parts::fact;
use super::{Page, ago, factor, missing};
use crate::app::Shared;
use crate::event::{Graded, What};
use crate::guard::{Instructor, Wished};
use crate::messages::{Messages, messages};
use crate::standing::{Solution, Standing};
use crate::store::read::Kept;

/// `GET /attendees/ID`
pub async fn page(State(app): Shared, _: Instructor, Path(id): Path<String>, Wished(lang): Wished) -> Response {
    let words = messages(lang);
    let room = app.room();
    let Some(attendee) = room.attendees.get(&id) else { return missing(lang) };
    let Ok(events) = app.store.time_line(&id).await else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let body = html! {
        h1 { (attendee.nickname) }
        h2 { (words.time_line()) }
        p.note { (words.self_reported()) }
        @if events.is_empty() { p { (words.nothing_yet()) } }
        ol.line { @for event in events.iter().rev() { li { (ago(event.at)) " · " (told(event, lang, words)) } } }
        form method="post" action={ "/attendees/" (id) "/remove" } { button { (words.remove()) } }
    };
    let path = format!("/attendees/{id}");
    Page { lang, title: &attendee.nickname, path: &path, stream: None, instructor: true, body }.into_response()
}

fn told(event: &Kept, lang: Lang, words: &dyn Messages) -> Markup {
    match &event.what {
        What::Hand { raised, .. } => html! { (words.hand_event(*raised)) },
        What::Solution { factor, skipped } => {
            let how = if *skipped { Solution::Skipped } else { Solution::Opened };
            html! { (words.factor(*factor)) ": " (words.solution(how)) }
        }
        What::Graded(graded) => run(graded, lang, words),
    }
}

fn run(graded: &Graded, lang: Lang, words: &dyn Messages) -> Markup {
    let mut alone = Standing::default();
    alone.take(1, 0, &What::Graded(graded.clone()));
    let passed = graded.checks.iter().filter(|check| check.verdict == "PASS").count();
    html! {
        (words.factor(graded.factor)) ": " strong { (words.state(alone.state)) }
        @if !graded.checks.is_empty() { ", PASS " (passed) "/" (graded.checks.len()) }
        @if let Some((check, reason)) = graded.stuck() {
            br; (fact(graded.factor, check, lang, words)) " " code { (check) " (" (reason) ")" }
        }
    }
}

/// `GET /mistakes/FACTOR/CHECK/REASON`
pub async fn mistake(
    State(app): Shared,
    _: Instructor,
    Path((number, check, reason)): Path<(u8, String, String)>,
    Wished(lang): Wished,
) -> Response {
    let words = messages(lang);
    let mistakes = app.mistakes.of(number, &check, &reason);
    if mistakes.is_empty() {
        return missing(lang);
    }
    let body = html! {
        h1 { (words.mistake()) }
        p { (words.factor(number)) ", " (factor(number).title.get(lang)) ": " (fact(number, &check, lang, words)) " " code { (check) " (" (reason) ")" } }
        @for mistake in mistakes {
            h2 { (mistake.what.get(lang)) }
            pre.diff tabindex="0" { @for line in mistake.diff.lines() { (changed(line)) } }
        }
    };
    let path = format!("/mistakes/{number}/{check}/{reason}");
    Page { lang, title: words.mistake(), path: &path, stream: None, instructor: true, body }.into_response()
}

fn changed(line: &str) -> Markup {
    match line.as_bytes().first() {
        Some(b'+') if !line.starts_with("+++") => html! { ins { (line) "\n" } },
        Some(b'-') if !line.starts_with("---") => html! { del { (line) "\n" } },
        _ => html! { (line) "\n" },
    }
}
