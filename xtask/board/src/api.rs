//! What attendees' machines say: they join, report, raise hands and leave.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{App, Shared};
use crate::event::{self, Batch, FORMAT_VERSION, MOST_EVENTS};
use crate::guard::Device;
use crate::hub::now;
use crate::keys::{self, Purpose};
use crate::limits::Key;
use crate::nickname;
use crate::room::{Announcement, Room};
use crate::store::{Arrived, Busy, Done, Write};

/// How long the way from a terminal to a browser stays open.
const TICKET: i64 = 10 * 60 * 1000;

/// The shortest thing that only one machine knows.
const SHORTEST_DEVICE: usize = 32;

/// A request to join.
#[derive(Debug, Deserialize)]
pub struct Join {
    format_version: u64,
    code: String,
    nickname: String,
    /// A random word that the machine made and keeps: asking twice is joining once.
    device: String,
}

/// `POST /api/v1/join`: 201 and the device's token.
pub async fn join(State(app): Shared, body: Bytes) -> Response {
    let Ok(join) = serde_json::from_slice::<Join>(&body) else { return wrong("the body is no request to join") };
    if let Some(refusal) = unusable(&app, &join) {
        return refusal;
    }
    let Some(nickname) = nickname::clean(&join.nickname) else { return wrong("the nickname cannot be shown") };
    let attendee = keys::attendee(&join.device);
    let write = Write::Join { attendee: attendee.clone(), nickname, now: now() };
    match app.store.write(write).await {
        Ok(Done::Joined(nickname)) => {
            let token = app.keys.signed(Purpose::Device, &attendee);
            (StatusCode::CREATED, Json(json!({ "token": token, "nickname": nickname, "room": app.keys.room() })))
                .into_response()
        }
        Ok(Done::Locked) => said(StatusCode::FORBIDDEN, "locked"),
        Ok(_) => said(StatusCode::FORBIDDEN, "full"),
        Err(busy) => again(&app, busy),
    }
}

/// Guessing is stopped for all at once, because whoever guesses could come from anywhere.
fn unusable(app: &App, join: &Join) -> Option<Response> {
    if join.format_version > FORMAT_VERSION {
        return Some(said(StatusCode::BAD_REQUEST, "newer"));
    }
    if !app.limits.has(&Key::WrongCode) || !app.limits.take(&Key::Join) {
        return Some(later(StatusCode::TOO_MANY_REQUESTS, "1"));
    }
    if !is_current(&app.room(), &join.code) {
        app.limits.take(&Key::WrongCode);
        app.counts.wrong_codes.fetch_add(1, Ordering::Relaxed);
        return Some(said(StatusCode::FORBIDDEN, "wrong-code"));
    }
    let usable = join.device.len() >= SHORTEST_DEVICE && join.device.len() <= 128;
    (!usable).then(|| wrong("`device` is no random word"))
}

/// Whether the code opens the door.
pub fn is_current(room: &Room, code: &str) -> bool {
    let settings = &room.settings;
    !settings.code.is_empty() && now() < settings.code_end && keys::normal_code(code) == settings.code
}

/// `POST /api/v1/events`: 201 where something was new, 200 where all was known; only what is on the disk is acknowledged.
pub async fn events(State(app): Shared, Device(attendee): Device, body: Bytes) -> Response {
    if !app.limits.take(&Key::Body(attendee.clone())) {
        return later(StatusCode::TOO_MANY_REQUESTS, "1");
    }
    let Ok(batch) = serde_json::from_slice::<Batch>(&body) else { return wrong("the body is no batch of events") };
    if batch.format_version > FORMAT_VERSION {
        return said(StatusCode::BAD_REQUEST, "newer");
    }
    if batch.events.len() > MOST_EVENTS {
        return said(StatusCode::PAYLOAD_TOO_LARGE, "too-many-events");
    }
    let (events, mut refused) = sorted(batch);
    let taken = app.store.write(Write::Events { attendee: attendee.clone(), events, now: now() }).await;
    let receipt = match taken {
        Ok(Done::Events(receipt)) => receipt,
        Ok(_) => return said(StatusCode::UNAUTHORIZED, "unknown"),
        Err(busy) => return again(&app, busy),
    };
    refused.extend(receipt.clashing.iter().map(|id| json!({ "id": id, "why": "its number belongs to another event" })));
    count(&app, receipt.stored, receipt.known, refused.len());
    let status = if receipt.stored > 0 { StatusCode::CREATED } else { StatusCode::OK };
    let answer = json!({ "stored": receipt.stored, "known": receipt.known, "refused": refused });
    (status, Json(with_news(answer, &app.room()))).into_response()
}

/// What can be read, with its time by the board's clock, and what cannot.
fn sorted(batch: Batch) -> (Vec<Arrived>, Vec<Value>) {
    let here = now();
    let (mut events, mut refused) = (Vec::new(), Vec::new());
    for value in batch.events {
        let id = value.get("id").and_then(Value::as_str).map(|id| id.chars().take(64).collect::<String>());
        match event::read(value) {
            Ok(event) => {
                // Two clocks differ by who knows what; how long ago something was is the same on both.
                let ago = batch.now.saturating_sub(event.at).max(0);
                events.push(Arrived { at: here.saturating_sub(ago).max(0), event });
            }
            Err(why) => refused.push(json!({ "id": id, "why": why })),
        }
    }
    (events, refused)
}

fn count(app: &App, stored: usize, known: usize, refused: usize) {
    app.counts.stored.fetch_add(stored as u64, Ordering::Relaxed);
    app.counts.known.fetch_add(known as u64, Ordering::Relaxed);
    app.counts.refused.fetch_add(refused as u64, Ordering::Relaxed);
}

/// `GET /api/v1/news`: what the instructor has said.
pub async fn news(State(app): Shared, Device(attendee): Device) -> Response {
    let Some(room) = app.room_with(&attendee).await else { return said(StatusCode::UNAUTHORIZED, "unknown") };
    Json(with_news(json!({}), &room)).into_response()
}

fn with_news(mut answer: Value, room: &Room) -> Value {
    let news: Vec<Value> = room.announcements.iter().rev().take(5).rev().map(shown).collect();
    answer["announcements"] = Value::Array(news);
    answer
}

fn shown(announcement: &Announcement) -> Value {
    json!({ "id": announcement.id, "factor": announcement.factor, "words": announcement.words })
}

/// `POST /api/v1/ticket`: a word that signs a browser in, for ten minutes.
pub async fn ticket(State(app): Shared, Device(attendee): Device) -> Json<Value> {
    Json(json!({ "ticket": app.keys.signed_until(Purpose::Ticket, &attendee, now() + TICKET) }))
}

/// `DELETE /api/v1/me`: everything about this attendee goes.
pub async fn leave(State(app): Shared, Device(attendee): Device) -> Response {
    match app.store.write(Write::Leave { attendee }).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(busy) => again(&app, busy),
    }
}

fn wrong(why: &'static str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": "malformed", "why": why }))).into_response()
}

/// An answer that a program understands.
fn said(status: StatusCode, error: &'static str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}

fn later(status: StatusCode, seconds: &'static str) -> Response {
    (status, [(header::RETRY_AFTER, seconds)], Json(json!({ "error": "later" }))).into_response()
}

/// Nothing was written, so nothing is acknowledged.
fn again(app: &Arc<App>, Busy: Busy) -> Response {
    app.counts.busy.fetch_add(1, Ordering::Relaxed);
    later(StatusCode::SERVICE_UNAVAILABLE, "2")
}
