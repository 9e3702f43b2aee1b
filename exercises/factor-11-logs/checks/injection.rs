//! What visitors write into a log: line breaks, quotes and terminal control, everywhere a request has room for text.

use hyper::Method;
use serde_json::json;

use super::event::{has_field, object};
use super::requests::{Asked, STDOUT, all_it_wrote, no_events, running, settle, unreported, visit};
use crate::check::{CheckResult, Failure, LabError, Speaker};
use crate::lab::Lab;
use crate::lab::logs::contains;
use crate::lab::service::Service;
use crate::links::System;
use crate::text::{Text, text};

/// Plays a visitor who knows how logs are read.
pub async fn one_event_one_line(lab: Lab) -> CheckResult {
    let system = System::attach(&lab).await?;
    let service = running(system.web(&lab)).await?;
    let forgery = Forgery::new(&lab);
    let before = visit(&lab, &service).await?;
    forgery.send(&service).await?;
    // The last request is the control: with its event everything before it has been written too.
    let asked = [before, visit(&lab, &service).await?];
    settle(&lab, &service, &asked, &STDOUT).await;
    let logs = all_it_wrote(&service).await;
    service.end().await;
    let lines: Vec<Vec<u8>> = logs.raw(Speaker::Stdout)?.into_iter().map(|line| line.bytes).collect();
    let texts: Vec<String> = lines.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    if !unreported(&asked, &texts).is_empty() {
        return Err(no_events(forgery.did(), &logs).into());
    }
    match forgery.found(&lines, &texts, &asked[0]) {
        None => Ok(()),
        Some((reason, expected, seen)) => {
            Err(Failure::new(reason, forgery.did(), expected, seen).with_log(logs.last(12)).into())
        }
    }
}

/// Texts that would do harm if they got into the log as they are.
struct Forgery {
    /// A whole event, as a text after a line break.
    event: String,
    /// The name of a field, as a text after a quote.
    field: String,
    /// A sequence that sets the title of the reader's terminal.
    control: String,
}

impl Forgery {
    fn new(lab: &Lab) -> Self {
        let word = || lab.chance().word(10);
        Self {
            event: format!("level=info event={}", word()),
            field: format!("admin_{}", word()),
            control: format!("\u{1b}]0;{}\u{7}", word()),
        }
    }

    fn did(&self) -> Text {
        text(
            "sent line breaks, quotes and terminal control in path, query, User-Agent, X-Request-Id and target",
            "경로, 쿼리, User-Agent, X-Request-Id, target에 줄바꿈, 따옴표, 터미널 제어 문자를 넣어 보냄",
        )
    }

    /// Whatever the answers are: every refusal is a good one, and so is every link.
    async fn send(&self, service: &Service) -> CheckResult {
        let Self { event, field, control } = self;
        let broken = format!("\r\n{event}\n{control}\n{event}");
        let escaped = percent_encoded(&broken);
        let agents = [
            format!("a\",\"{field}\":\"1"),
            format!("a\" {field}=1 b=\"\u{2028}"),
            format!("a {field}=1 b"),
            "\\\" \\".to_owned(),
        ];
        for agent in &agents {
            let headers = [("user-agent", agent.as_str()), ("x-request-id", agent.as_str())];
            sent(service.request_with(Method::GET, &format!("/r/{escaped}?q={escaped}"), &headers, None).await)?;
        }
        let quoted = format!("a\" {field}=1 \",\"{field}\":\"1");
        for target in [format!("https://a.example/{broken}"), format!("https://a.example/{quoted}"), broken.clone()] {
            let body = json!({ "target": target, "prefix": broken });
            sent(service.request(Method::POST, "/v1/links", Some(&body)).await)?;
            let body = json!({ "target": target });
            sent(service.request(Method::POST, "/v1/links", Some(&body)).await)?;
        }
        Ok(())
    }

    /// The first harm done, in the order of its weight. `reported` tells the format: the event of a harmless request.
    fn found(&self, lines: &[Vec<u8>], texts: &[String], reported: &Asked) -> Option<(&'static str, Text, Text)> {
        // A terminal begins a line after a carriage return too.
        let begins = |text: &String| text.split('\r').any(|piece| piece.trim_start().starts_with(&self.event));
        if let Some(line) = texts.iter().find(|text| begins(text)) {
            let expected = text("no line begins as the visitor wished", "방문자가 지어낸 줄이 없어야 합니다");
            let seen = text(
                format!("an event that never happened: {}", shown(line)),
                format!("일어난 적 없는 이벤트가 있습니다: {}", shown(line)),
            );
            return Some(("event-forged", expected, seen));
        }
        if let Some(line) = lines.iter().position(|line| contains(line, self.control.as_bytes())) {
            let expected =
                text("control characters are escaped or left out", "제어 문자를 이스케이프하거나 빼야 합니다");
            let line = shown(&texts[line]);
            let seen = text(format!("they stand in {line} as they came"), format!("받은 그대로 들어 있습니다: {line}"));
            return Some(("control-characters", expected, seen));
        }
        if let Some(line) = texts.iter().find(|text| has_field(text, &self.field)) {
            let expected = text(
                format!("{} is part of a value and no field", self.field),
                format!("{} 글자는 값의 일부여야 하고 필드가 되면 안 됩니다", self.field),
            );
            return Some(("field-forged", expected, text(shown(line), shown(line))));
        }
        let is_json = texts.iter().any(|text| reported.is_reported_in(text) && object(text).is_some());
        let unreadable = texts.iter().find(|text| !text.trim().is_empty() && object(text).is_none())?;
        is_json.then(|| {
            let expected = text(
                "every line is a JSON object, since the events are",
                "이벤트가 JSON이므로 모든 줄이 JSON 객체여야 합니다",
            );
            ("line-does-not-parse", expected, text(shown(unreadable), shown(unreadable)))
        })
    }
}

/// Without an answer nobody knows whether the request reached the log.
fn sent<T, E: std::fmt::Display>(reply: Result<T, E>) -> CheckResult {
    reply.map(drop).map_err(|why| LabError::new("a request with unusual text was not answered", why).into())
}

/// With escapes, so that the report does not do what the log did.
fn shown(line: &str) -> String {
    let escaped = line.escape_debug().to_string();
    match escaped.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &escaped[..end]),
        None => escaped,
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
