//! What a platform asks: is it alive, can it work, and how much has it done?

use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::Shared;

/// `GET /healthz`: the process runs.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: it can take requests, which needs the database, and will go on doing so.
pub async fn ready(State(app): Shared) -> Response {
    if app.stop.was_asked() {
        return (StatusCode::SERVICE_UNAVAILABLE, "ending\n").into_response();
    }
    if !app.store.answers().await {
        return (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response();
    }
    "ok\n".into_response()
}

/// `GET /metrics`
pub async fn metrics(State(app): Shared) -> Response {
    let (counts, room) = (&app.counts, app.room());
    let numbers = [
        ("board_events_stored_total", "counter", "Events that were new.", counts.stored.load(Ordering::Relaxed)),
        ("board_events_known_total", "counter", "Events that came again.", counts.known.load(Ordering::Relaxed)),
        (
            "board_events_refused_total",
            "counter",
            "Events that could not be read.",
            counts.refused.load(Ordering::Relaxed),
        ),
        ("board_busy_total", "counter", "Requests that were asked to come again.", counts.busy.load(Ordering::Relaxed)),
        ("board_wrong_codes_total", "counter", "Wrong join codes.", counts.wrong_codes.load(Ordering::Relaxed)),
        ("board_watching", "gauge", "Pages that follow the room.", counts.watching.load(Ordering::Relaxed) as u64),
        ("board_attendees", "gauge", "Attendees of the room.", room.attendees.len() as u64),
        ("board_hands", "gauge", "Raised hands.", room.hands().len() as u64),
    ];
    let lines = numbers
        .iter()
        .map(|(name, kind, help, value)| format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n"));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], lines.collect::<String>()).into_response()
}
