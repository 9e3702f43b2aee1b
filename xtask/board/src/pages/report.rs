//! The report at the end of the day, as a page and as a table for a spreadsheet.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use grader::factors::FACTORS;
use grader::text::Lang;
use maud::{Markup, html};

use super::parts::{code, fact, sentence, state};
use super::{Page, factor};
use crate::app::Shared;
use crate::event::What;
use crate::guard::{Instructor, Wished};
use crate::messages::{Messages, messages};
use crate::room::{Group, Room};
use crate::store::read::Kept;

/// `GET /report`
pub async fn page(State(app): Shared, _: Instructor, Wished(lang): Wished) -> Response {
    let words = messages(lang);
    let Ok(events) = app.store.events().await else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let body = html! {
        p { a href="/report.csv" download="report.csv" { (words.as_csv()) } }
        (report(&app.room(), &events, lang, words))
    };
    Page { lang, title: words.report(), path: "/report", stream: None, instructor: true, body }.into_response()
}

/// `GET /report.csv`
pub async fn csv(State(app): Shared, _: Instructor) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
    (headers, table(&app.room())).into_response()
}

/// What happened on this day.
pub fn report(room: &Room, events: &[Kept], lang: Lang, words: &dyn Messages) -> Markup {
    html! {
        h1 { (words.report()) }
        p { (words.joined(room.attendees.len())) ". " (words.self_reported()) }
        div.wide tabindex="0" role="region" aria-label=(words.attendee()) {
            table {
                thead {
                    tr {
                        th scope="col" { (words.attendee()) }
                        @for factor in &FACTORS { th scope="col" { (factor.number) ". " (factor.title.get(lang)) } }
                    }
                }
                tbody {
                    @for attendee in room.in_order() {
                        tr {
                            th scope="row" { (attendee.nickname) }
                            @for factor in &FACTORS {
                                td {
                                    (state(attendee.state(factor.number), words))
                                    @if let Some(now) = attendee.standings.get(&factor.number) { " " small { (words.runs(now.runs)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
        h2 { (words.groups()) }
        ol {
            @for group in ever_failed(events).iter().take(20) {
                li {
                    strong { (words.people(group.who.len())) } " · " (factor(group.factor).title.get(lang)) ": "
                    (fact(group.factor, &group.check, lang, words)) " " code { (code(group)) }
                }
            }
        }
        h2 { (words.announcements()) }
        ol { @for said in &room.announcements { li { (sentence(said, words)) } } }
    }
}

/// What was failed with at any time, by how many.
fn ever_failed(events: &[Kept]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for event in events {
        let What::Graded(graded) = &event.what else { continue };
        let Some((check, reason)) = graded.stuck() else { continue };
        let same = |group: &&mut Group| {
            (group.factor, group.check.as_str(), group.reason.as_str()) == (graded.factor, check, reason)
        };
        let who = (event.at, event.attendee.clone(), String::new());
        match groups.iter_mut().find(same) {
            Some(group) if group.who.iter().all(|known| known.1 != event.attendee) => group.who.push(who),
            Some(_) => {}
            None => groups.push(Group {
                factor: graded.factor,
                check: check.to_owned(),
                reason: reason.to_owned(),
                who: vec![who],
            }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.who.len()));
    groups
}

/// One line per attendee and factor.
pub fn table(room: &Room) -> String {
    let mut lines = vec!["nickname,factor,state,core_passed,runs,check,reason,solution".to_owned()];
    for attendee in room.in_order() {
        for (number, now) in &attendee.standings {
            let fields = [
                attendee.nickname.clone(),
                format!("factor-{number}"),
                format!("{:?}", now.state).to_lowercase(),
                now.core_passed.to_string(),
                now.runs.to_string(),
                now.check.clone(),
                now.reason.clone(),
                format!("{:?}", now.solution).to_lowercase(),
            ];
            lines.push(fields.iter().map(|field| quoted(field)).collect::<Vec<_>>().join(","));
        }
    }
    // Excel takes a file without this mark for one in an old encoding.
    format!("\u{feff}{}\r\n", lines.join("\r\n"))
}

/// A field of a spreadsheet. One that begins like a formula would be run as one.
fn quoted(field: &str) -> String {
    let guard = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", field.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_runs_no_nickname() {
        assert_eq!(quoted("=cmd()"), "\"'=cmd()\"");
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }
}
