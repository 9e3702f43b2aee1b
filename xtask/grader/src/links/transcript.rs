//! A conversation with a service, taken apart so that the same conversation with another deploy can be compared with it
//! field by field.

use std::collections::BTreeMap;

use hyper::Method;
use serde_json::Value;

use crate::lab::http::{NoReply, Reply};
use crate::lab::service::Service;
use crate::text::{Text, text};

/// Fields and headers that differ each time, or that belong to the connection.
const CHANGING: [&str; 6] = ["/slug", "/short_url", "/created_at", " date", " content-length", " connection"];

/// What a service answered, by place: `POST /v1/links (denied) /error`, `GET /healthz status`.
#[derive(Debug, Default)]
pub struct Transcript {
    places: BTreeMap<String, String>,
    /// Words that each deploy draws for itself, and what they are called here.
    names: Vec<(String, String)>,
}

impl Transcript {
    /// Sends a request, notes the answer under `label`, and returns it.
    pub async fn exchange(
        &mut self,
        service: &Service,
        label: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Reply, NoReply> {
        let answer = service.request(method, path, body).await;
        self.take(label, &answer);
        answer
    }

    /// Notes an answer under `label`.
    pub fn take(&mut self, label: &str, answer: &Result<Reply, NoReply>) {
        match answer {
            Err(why) => self.note(&format!("{label} status"), why.to_string()),
            Ok(reply) => {
                self.note(&format!("{label} status"), reply.status.to_string());
                for (name, value) in &reply.headers {
                    self.note(&format!("{label} {name}"), String::from_utf8_lossy(value.as_bytes()).into_owned());
                }
                self.fields(label, &reply.json());
            }
        }
    }

    /// Calls a word that the deploy has drawn, such as a slug, by a name: it is compared by its place from now on.
    pub fn call(&mut self, word: &str, name: &str) {
        self.names.push((word.to_owned(), name.to_owned()));
    }

    /// Notes something else that can be compared. What is known to change is left out.
    pub fn note(&mut self, place: &str, value: String) {
        if !CHANGING.iter().any(|changing| place.ends_with(changing)) && !is_a_time(&value) {
            let named = |value: String, (word, name): &(String, String)| value.replace(word, name);
            self.places.insert(place.to_owned(), self.names.iter().fold(value, named));
        }
    }

    /// Whether this was noted. A positive control: a conversation in which nothing works compares nothing.
    pub fn holds(&self, place: &str, value: &str) -> bool {
        self.places.get(place).is_some_and(|known| known == value)
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

    fn fields(&mut self, place: &str, value: &Value) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| self.fields(&format!("{place} /{name}"), value))
            }
            Value::Array(items) => {
                self.note(&format!("{place} length"), items.len().to_string());
                items.iter().enumerate().for_each(|(at, item)| self.fields(&format!("{place} /{at}"), item));
            }
            value => self.note(place, value.to_string()),
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
        let mut transcript = Transcript::default();
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

    #[test]
    fn what_a_deploy_has_drawn_is_compared_by_its_place() {
        let drawn = |slug: &str| {
            let mut transcript = Transcript::default();
            transcript.call(slug, "{first}");
            transcript.note("GET / location", format!("/r/{slug}"));
            transcript
        };
        assert!(drawn("p-1").difference_from(&drawn("p-2")).is_none());
        assert!(drawn("p-1").holds("GET / location", "/r/{first}"));
    }
}
