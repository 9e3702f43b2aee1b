//! The same conversation with every deploy.

use hyper::Method;
use serde_json::json;

use crate::lab::service::Service;
use crate::lab::stub::{Answer, Stub};
use crate::links::Transcript;

/// Holds the conversation and ends the service.
pub async fn converse(service: Service, screen: &Stub) -> Transcript {
    screen.deny("denied.example");
    let asked_before = screen.calls().len();
    let mut transcript = Transcript::default();
    for path in ["/healthz", "/readyz", "/version", "/nothing-here"] {
        drop(transcript.exchange(&service, &format!("GET {path}"), Method::GET, path, None).await);
    }
    submit(&mut transcript, &service, "allowed", json!("https://allowed.example/a")).await;
    submit(&mut transcript, &service, "denied", json!("https://denied.example/b")).await;
    submit(&mut transcript, &service, "malformed", json!(1)).await;
    screen.answer(Answer::Status(500));
    submit(&mut transcript, &service, "screen fails", json!("https://failing.example/c")).await;
    screen.answer(Answer::Verdict);
    transcript.note("requests that screen received", (screen.calls().len() - asked_before).to_string());
    service.end().await;
    transcript
}

/// The positive control: a conversation in which nothing works compares nothing.
pub fn has_created_a_link(transcript: &Transcript) -> bool {
    transcript.holds("POST /v1/links (allowed) status", "201")
}

async fn submit(transcript: &mut Transcript, service: &Service, case: &str, target: serde_json::Value) {
    let body = json!({ "target": target, "prefix": "p" });
    let label = format!("POST /v1/links ({case})");
    drop(transcript.exchange(service, &label, Method::POST, "/v1/links", Some(&body)).await);
}
