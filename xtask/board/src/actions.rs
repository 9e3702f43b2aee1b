//! What the instructor can do.

use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use grader::factors::FACTORS;
use serde::Deserialize;

use crate::app::{App, Shared};
use crate::guard::Instructor;
use crate::hub::now;
use crate::keys;
use crate::pace::{Pace, tracks};
use crate::store::Write;

/// How long a new join code holds.
pub const CODE_HOLDS: i64 = 12 * 60 * 60 * 1000;

/// The longest announcement, in letters: more would not be read on a terminal.
const LONGEST: usize = 300;

/// A button that was pressed.
#[derive(Debug, Deserialize)]
pub struct Pressed {
    #[serde(rename = "do")]
    what: String,
}

/// An announcement.
#[derive(Debug, Deserialize)]
pub struct Said {
    words: String,
}

/// A factor that was chosen.
#[derive(Debug, Deserialize)]
pub struct Chosen {
    factor: u8,
}

/// How many can join.
#[derive(Debug, Deserialize)]
pub struct Seats {
    seats: u16,
}

/// A box that was ticked.
#[derive(Debug, Deserialize)]
pub struct Confirmed {
    really: String,
}

/// `POST /pace`
pub async fn pace(State(app): Shared, _: Instructor, Form(pressed): Form<Pressed>) -> Response {
    let now = now();
    let pace = app.room().settings.pace.clone();
    let next = match pressed.what.as_str() {
        "next" => pace.step_to(pace.step + 1, now),
        "back" => pace.step_to(pace.step.saturating_sub(1), now),
        "longer" => pace.extend(5),
        "stop" => Pace::default(),
        other => match tracks().iter().find(|track| other.strip_prefix("begin:") == Some(&track.id)) {
            Some(track) => Pace::begin(track, now),
            None => return StatusCode::BAD_REQUEST.into_response(),
        },
    };
    write(&app, Write::Pace(next)).await
}

/// `POST /announcements`
pub async fn announce(State(app): Shared, _: Instructor, Form(said): Form<Said>) -> Response {
    let plain = said.words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST);
    let words = plain.collect::<String>().trim().to_owned();
    if words.is_empty() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    write(&app, Write::Announce { words, factor: None, now: now() }).await
}

/// `POST /solutions`
pub async fn open_solution(State(app): Shared, _: Instructor, Form(chosen): Form<Chosen>) -> Response {
    let known = FACTORS.iter().any(|factor| factor.number == chosen.factor);
    if !known {
        return StatusCode::BAD_REQUEST.into_response();
    }
    write(&app, Write::Announce { words: String::new(), factor: Some(chosen.factor), now: now() }).await
}

/// `POST /door`
pub async fn door(State(app): Shared, _: Instructor, Form(pressed): Form<Pressed>) -> Response {
    match pressed.what.as_str() {
        "lock" => write(&app, Write::Lock(true)).await,
        "unlock" => write(&app, Write::Lock(false)).await,
        "code" => match keys::join_code() {
            Ok(code) => write(&app, Write::Code { code, end: now() + CODE_HOLDS }).await,
            Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        },
        _ => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// `POST /capacity`
pub async fn capacity(State(app): Shared, _: Instructor, Form(seats): Form<Seats>) -> Response {
    write(&app, Write::Capacity(i64::from(seats.seats))).await
}

/// `POST /attendees/ID/hand`
pub async fn hand_done(State(app): Shared, _: Instructor, Path(attendee): Path<String>) -> Response {
    write(&app, Write::HandDone { attendee }).await
}

/// `POST /attendees/ID/remove`
pub async fn remove(State(app): Shared, _: Instructor, Path(attendee): Path<String>) -> Response {
    write(&app, Write::Leave { attendee }).await
}

/// `POST /forget`: everything goes, and the old code with it.
pub async fn forget(State(app): Shared, _: Instructor, Form(confirmed): Form<Confirmed>) -> Response {
    if confirmed.really != "yes" {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let Ok(code) = keys::join_code() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    if app.store.write(Write::Forget).await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    write(&app, Write::Code { code, end: now() + CODE_HOLDS }).await
}

async fn write(app: &App, what: Write) -> Response {
    match app.store.write(what).await {
        Ok(_) => Redirect::to("/room").into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
