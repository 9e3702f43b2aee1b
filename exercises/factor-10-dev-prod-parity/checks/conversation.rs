//! The same sixty requests to every build and in every environment, noted so that the answers can be compared.

use hyper::Method;
use serde_json::{Value, json};

use super::hangul::decomposed;
use super::scene::{items, slug_of, status_of};
use crate::lab::chance::Chance;
use crate::lab::secrets::percent_encoded;
use crate::lab::service::Service;
use crate::lab::stub::{Answer, Stub};
use crate::links::{System, Transcript};

/// A host that the partner denies.
const DENIED: &str = "https://denied.example/";
/// The label under which the first link is made.
const FIRST: &str = "10 POST /v1/links";

/// What is said, drawn once: every deploy is told the same.
#[derive(Debug)]
pub struct Script {
    targets: Vec<String>,
    word: String,
}

/// One deploy's part in it.
struct Talk<'a> {
    service: &'a Service,
    transcript: Transcript,
    /// How many requests were sent.
    sent: usize,
    slugs: Vec<String>,
}

impl Script {
    /// Draws the targets.
    pub fn draw(chance: &Chance) -> Self {
        let target = |_| format!("https://{}.example/{}", chance.word(10), chance.word(6));
        Self { targets: (0..4).map(target).collect(), word: chance.word(8) }
    }

    /// Holds the conversation.
    pub async fn hold(&self, system: &System, service: &Service) -> Transcript {
        let screen = &system.screen;
        screen.deny("denied.example");
        let asked_before = screen.calls().len();
        let mut talk = Talk { service, transcript: Transcript::default(), sent: 9, slugs: Vec::new() };
        talk.submits(&self.targets).await;
        talk.submits_what_is_odd(&self.targets[0], &self.word).await;
        talk.has_trouble_with(screen, &self.word).await;
        talk.looks().await;
        talk.lists(&self.word).await;
        for call in screen.calls().into_iter().skip(asked_before) {
            let right = call.header("authorization") == Some(&format!("Bearer {}", system.deploy.key));
            talk.transcript
                .note(&format!("screen asked about {}", call.json()["target"]), format!("key right: {right}"));
        }
        talk.transcript.note("requests that screen received", (screen.calls().len() - asked_before).to_string());
        talk.transcript
    }
}

/// The positive control: a conversation in which nothing works compares nothing.
pub fn has_created_a_link(transcript: &Transcript) -> bool {
    transcript.holds(&format!("{FIRST} status"), "201")
}

impl Talk<'_> {
    async fn submits(&mut self, targets: &[String]) {
        for target in targets {
            self.post(json!({ "target": target })).await;
        }
        self.post(json!({ "target": targets[0] })).await;
        for prefix in
            [json!("tteok"), json!("l"), json!(""), json!("A"), json!("a b"), json!("x".repeat(200)), json!(7)]
        {
            self.post(json!({ "target": targets[1], "prefix": prefix })).await;
        }
        self.post(json!({ "target": targets[2], "unknown": true })).await;
    }

    /// Where a developer's machine is looked upon kindly, and where lengths and characters end.
    async fn submits_what_is_odd(&mut self, known: &str, word: &str) {
        let of_length = |length: usize| format!("https://{word}.example/{}", "x".repeat(length - word.len() - 17));
        let targets = [
            format!("http://localhost/{word}"),
            format!("http://localhost:3000/{word}"),
            format!("http://127.0.0.1:8080/{word}"),
            format!("http://[::1]/{word}"),
            format!("http://dev.{word}.test/"),
            format!("http://{word}.local/"),
            format!("https://test.example/{word}"),
            format!("ftp://{word}.example/"),
            format!("javascript:{word}"),
            format!("//{word}.example/"),
            word.to_owned(),
            String::new(),
            format!("{known}/떡볶이"),
            format!("{known}/{}", decomposed("떡볶이")),
            format!("{known}/'\"%_\\🍡"),
            format!("{known}/a b"),
            of_length(2000),
            of_length(2001),
            of_length(5000),
        ];
        for target in targets {
            self.post(json!({ "target": target })).await;
        }
        for body in [json!({ "target": 1 }), json!({ "target": null }), json!({}), json!([]), json!("x")] {
            self.post(body).await;
        }
    }

    async fn has_trouble_with(&mut self, screen: &Stub, word: &str) {
        self.post(json!({ "target": DENIED })).await;
        for answer in [Answer::Status(500), Answer::Garbage, Answer::Redirect("http://127.0.0.1:1/".to_owned())] {
            screen.answer(answer);
            let target = format!("https://{word}.example/trouble/{}", self.sent);
            self.post(json!({ "target": target })).await;
        }
        screen.answer(Answer::Verdict);
    }

    async fn looks(&mut self) {
        for path in ["/healthz", "/readyz", "/version", "/nothing-here", "/v1/links/l-000000", "/v1/links/%25", "/r/x"]
        {
            self.get(path, path).await;
        }
        let Some(slug) = self.slugs.first().cloned() else { return };
        for _ in 0..3 {
            self.get(&format!("/r/{slug}"), "/r/{link}").await;
        }
        self.get(&format!("/v1/links/{slug}"), "/v1/links/{link}").await;
        for method in [Method::PUT, Method::POST] {
            self.send(method, &format!("/v1/links/{slug}"), "/v1/links/{link}", Some(json!({}))).await;
        }
    }

    async fn lists(&mut self, word: &str) {
        let paths =
            ["limit=0", "limit=-1", "limit=101", "limit=x", "limit=9223372036854775807", "limit=9223372036854775808"];
        for query in paths {
            let path = format!("/v1/links?{query}");
            self.get(&path, &path).await;
        }
        for q in [word, &word.to_uppercase(), "%", "_", "'", "\\", "떡볶이", &decomposed("떡볶이"), "🍡", "", "\0"]
        {
            self.list(&format!("/v1/links?limit=100&q={}", percent_encoded(q))).await;
        }
        self.list("/v1/links?limit=2").await;
    }

    async fn post(&mut self, body: Value) {
        self.send(Method::POST, "/v1/links", "/v1/links", Some(body)).await;
    }

    async fn get(&mut self, path: &str, shown: &str) {
        self.send(Method::GET, path, shown, None).await;
    }

    async fn send(&mut self, method: Method, path: &str, shown: &str, body: Option<Value>) {
        self.sent += 1;
        let label = format!("{} {method} {shown}", self.sent);
        let number = self.slugs.len();
        let answer = self.service.request(method, path, body.as_ref()).await;
        if let Some(slug) = slug_of(&answer) {
            self.transcript.call(&slug, &format!("{{link {number}}}"));
            self.slugs.push(slug);
        }
        self.transcript.take(&label, &answer);
    }

    /// Links that are equally new come in the order of their slugs, which each deploy draws for itself: so a full list is
    /// compared without its order, and of a part of one only how many there are.
    async fn list(&mut self, path: &str) {
        self.sent += 1;
        let label = format!("{} GET {path}", self.sent);
        let answer = self.service.request(Method::GET, path, None).await;
        self.transcript.note(&format!("{label} status"), status_of(&answer));
        let Some(links) = items(&answer) else { return };
        self.transcript.note(&format!("{label} length"), links.len().to_string());
        if path.contains("limit=100") {
            let mut shown: Vec<String> = links
                .iter()
                .map(|link| format!("{} {} {}", link["target"], link["clicks"], link["submissions"]))
                .collect();
            shown.sort_unstable();
            self.transcript.note(&format!("{label} links"), shown.join("\n"));
        }
    }
}
