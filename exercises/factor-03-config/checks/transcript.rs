//! The same conversation with every deploy, taken apart so that two of them can be compared field by field.

use std::collections::BTreeMap;

use hyper::Method;
use serde_json::{Value, json};

use crate::lab::service::Service;
use crate::lab::stub::{Answer, Stub};
use crate::text::{Text, text};

/// Fields and headers that differ each time, or that belong to the connection.
const CHANGING: [&str; 6] = ["/slug", "/short_url", "/created_at", " date", " content-length", " connection"];

/// What a service answered, by place: `POST /v1/links (denied) /error`, `GET /healthz status`.
#[derive(Debug)]
pub struct Transcript {
    places: BTreeMap<String, String>,
}

impl Transcript {
    /// Holds the conversation and ends the service.
    pub async fn of(service: Service, screen: &Stub) -> Self {
        screen.deny("denied.example");
        let asked_before = screen.calls().len();
        let mut transcript = Self { places: BTreeMap::new() };
        for path in ["/healthz", "/readyz", "/version", "/nothing-here"] {
            transcript.exchange(&service, Method::GET, path, "", None).await;
        }
        let link = |target: &str| Some(json!({ "target": target, "prefix": "p" }));
        let links = "/v1/links";
        transcript.exchange(&service, Method::POST, links, "allowed", link("https://allowed.example/a")).await;
        transcript.exchange(&service, Method::POST, links, "denied", link("https://denied.example/b")).await;
        transcript.exchange(&service, Method::POST, links, "malformed", Some(json!({ "target": 1 }))).await;
        screen.answer(Answer::Status(500));
        transcript.exchange(&service, Method::POST, links, "screen fails", link("https://failing.example/c")).await;
        screen.answer(Answer::Verdict);
        transcript.note("requests that screen received", (screen.calls().len() - asked_before).to_string());
        service.end().await;
        transcript
    }

    /// The positive control: a conversation in which nothing works compares nothing.
    pub fn has_created_a_link(&self) -> bool {
        self.places.get("POST /v1/links (allowed) status").is_some_and(|status| status == "201")
    }

    /// Leaves out every place at which an equal deploy answered something else.
    pub fn forget_what_differs_from(&mut self, twin: &Self) {
        self.places.retain(|place, value| twin.places.get(place) == Some(value));
    }

    /// The first place at which another deploy differs, as what was expected and what was seen.
    pub fn difference_from(&self, other: &Self) -> Option<(Text, Text)> {
        let differs = |(place, value): &(&String, &String)| other.places.get(*place) != Some(value);
        let (place, expected) = self.places.iter().find(differs)?;
        let seen = other.places.get(place).map_or("nothing", String::as_str);
        let say = |value: &str| text(format!("{place}: {value}"), format!("{place}: {value}"));
        Some((say(expected), say(seen)))
    }

    async fn exchange(&mut self, service: &Service, method: Method, path: &str, case: &str, body: Option<Value>) {
        let request = if case.is_empty() { format!("{method} {path}") } else { format!("{method} {path} ({case})") };
        match service.request(method, path, body.as_ref()).await {
            Err(why) => self.note(&format!("{request} status"), why.to_string()),
            Ok(reply) => {
                self.note(&format!("{request} status"), reply.status.to_string());
                for (name, value) in &reply.headers {
                    self.note(&format!("{request} {name}"), String::from_utf8_lossy(value.as_bytes()).into_owned());
                }
                self.fields(&request, &reply.json());
            }
        }
    }

    fn fields(&mut self, place: &str, value: &Value) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| self.fields(&format!("{place} /{name}"), value))
            }
            value => self.note(place, value.to_string()),
        }
    }

    fn note(&mut self, place: &str, value: String) {
        if !CHANGING.iter().any(|changing| place.ends_with(changing)) && !is_a_time(&value) {
            self.places.insert(place.to_owned(), value);
        }
    }
}

/// `2026-11-22T09:00:00Z` and its kin: two deploys may say the same second by chance, and the third another.
fn is_a_time(value: &str) -> bool {
    let shape: String = value.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape.contains("0000-00-00T00:00") || shape.contains("0000-00-00 00:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcript(places: &[(&str, &str)]) -> Transcript {
        let mut transcript = Transcript { places: BTreeMap::new() };
        places.iter().for_each(|(place, value)| transcript.note(place, (*value).to_owned()));
        transcript
    }

    #[test]
    fn what_equal_deploys_do_not_share_is_not_compared() {
        let mut reference = transcript(&[("GET /healthz /uptime", "1"), ("GET /healthz status", "200")]);
        reference
            .forget_what_differs_from(&transcript(&[("GET /healthz /uptime", "2"), ("GET /healthz status", "200")]));
        let named = transcript(&[("GET /healthz /uptime", "3"), ("GET /healthz status", "500")]);
        let (expected, seen) = reference.difference_from(&named).expect("the status differs");
        assert_eq!((expected.en.as_str(), seen.en.as_str()), ("GET /healthz status: 200", "GET /healthz status: 500"));
    }

    #[test]
    fn times_and_slugs_are_not_compared() {
        let reference = transcript(&[("a /at", "\"2026-11-22T09:00:00Z\""), ("b /slug", "p-1"), ("c date", "Sun")]);
        assert!(reference.places.is_empty(), "{reference:?}");
    }
}
