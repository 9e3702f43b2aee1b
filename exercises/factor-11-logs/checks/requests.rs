//! Requests that can be recognised in a log, and the lines that report them.

use hyper::Method;
use serde_json::{Value, json};

use crate::check::{CheckResult, Failure, LabError, Speaker};
use crate::lab::Lab;
use crate::lab::logs::Logs;
use crate::lab::service::{Service, Startup};
use crate::lab::start::Start;
use crate::links::describe;
use crate::text::{Text, text};

/// Both streams, for checks in which it does not matter which one carries the events.
pub const EITHER: [Speaker; 2] = [Speaker::Stdout, Speaker::Stderr];
/// The stream that events belong to.
pub const STDOUT: [Speaker; 1] = [Speaker::Stdout];

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// A random word that no other request of the run has: in its path, or as `X-Request-Id` and in its target.
    pub word: String,
    /// Its path.
    pub path: String,
    /// The status of its answer.
    pub status: u16,
}

impl Asked {
    /// Whether the line says which request it was and how it was answered.
    pub fn is_reported_in(&self, line: &str) -> bool {
        line.contains(&self.word) && has_number(line, self.status)
    }
}

/// Starts a service as the smoke test did. That it does not come up this time proves nothing about its log.
pub async fn running(start: Start) -> CheckResult<Service> {
    let (service, startup) = start.go().await?;
    match startup {
        Startup::Listening => Ok(service),
        other => {
            let seen = describe(&other, service.port()).en;
            Err(LabError::new("the service came up in the smoke test, and now", seen).into())
        }
    }
}

/// `GET /r/<word>`: a path of its own for every request, so that its event can be told from all others.
pub async fn visit(lab: &Lab, service: &Service) -> CheckResult<Asked> {
    let word = lab.chance().word(12);
    let path = format!("/r/{word}");
    let reply = service.request(Method::GET, &path, None).await;
    let reply = reply.map_err(|why| LabError::new(format!("GET {path}"), why))?;
    Ok(Asked { word, path, status: reply.status })
}

/// Several visits, one after the other: each one is answered before the next begins.
pub async fn visits(lab: &Lab, service: &Service, number: usize) -> CheckResult<Vec<Asked>> {
    let mut asked = Vec::with_capacity(number);
    for _ in 0..number {
        asked.push(visit(lab, service).await?);
    }
    Ok(asked)
}

/// `POST /v1/links` with a random `X-Request-Id`, which also stands in the target where `body` makes one of it.
pub async fn create(lab: &Lab, service: &Service, body: impl Fn(&str) -> Value) -> CheckResult<Asked> {
    let word = lab.chance().word(12);
    let headers = [("x-request-id", word.as_str())];
    let reply = service.request_with(Method::POST, "/v1/links", &headers, Some(&body(&word))).await;
    let reply = reply.map_err(|why| LabError::new("POST /v1/links", why))?;
    Ok(Asked { word, path: "/v1/links".to_owned(), status: reply.status })
}

/// A body that asks for a link to a host of its own.
pub fn link_to(word: &str) -> Value {
    json!({ "target": format!("https://{word}.example/") })
}

/// The lines of these streams so far, stdout first.
pub fn lines(logs: &Logs, speakers: &[Speaker]) -> Result<Vec<String>, LabError> {
    let mut lines = Vec::new();
    for speaker in speakers {
        lines.extend(logs.raw(*speaker)?.iter().map(|line| line.text()));
    }
    Ok(lines)
}

/// The requests that no line reports. A service that writes neither ids nor targets may report equal requests by as
/// many equal lines.
pub fn unreported<'a>(asked: &'a [Asked], lines: &[String]) -> Vec<&'a Asked> {
    let alike = |one: &&Asked, other: &Asked| one.path == other.path && one.status == other.status;
    let counted = |request: &&Asked| {
        let reports = lines.iter().filter(|line| line.contains(&request.path) && has_number(line, request.status));
        reports.count() >= asked.iter().filter(|other| alike(request, other)).count()
    };
    let reported = |request: &&Asked| lines.iter().any(|line| request.is_reported_in(line));
    asked.iter().filter(|request| !reported(request) && !counted(request)).collect()
}

/// Gives the service the time to report `asked`; ends with the last line, or when no line came for a while.
pub async fn settle(lab: &Lab, service: &Service, asked: &[Asked], speakers: &[Speaker]) -> bool {
    let reported = |logs: &Logs| lines(logs, speakers).is_ok_and(|lines| unreported(asked, &lines).is_empty());
    lab.until("log", service.logs().settle(lab.quiet(), reported)).await.unwrap_or_default()
}

/// Asks the service to end and makes it end, and returns all it ever wrote. Its folders stay.
pub async fn all_it_wrote(service: &Service) -> Logs {
    if service.stop().await.is_none() {
        service.kill().await;
    }
    service.logs().clone()
}

/// The failure of a service in whose log no request can be recognised, so that nothing can be said about its events.
pub fn no_events(did: Text, logs: &Logs) -> Failure {
    let expected = text("stdout reports the requests", "stdout에 요청이 기록되어야 합니다");
    let seen = text(
        "no line of stdout names the path or id of a request and its status",
        "요청의 경로나 ID와 상태 코드를 담은 줄이 stdout에 없습니다",
    );
    Failure::new("no-events", did, expected, seen).with_log(logs.last(12))
}

/// Whether the number stands in the line on its own, and not as a part of a longer number or word.
fn has_number(line: &str, number: u16) -> bool {
    let number = number.to_string();
    let joins = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    line.match_indices(&number).any(|(at, _)| {
        !line[..at].ends_with(joins) && !line[at + number.len()..].starts_with(|c: char| joins(c) && c != '.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(word: &str, path: &str, status: u16) -> Asked {
        Asked { word: word.to_owned(), path: path.to_owned(), status }
    }

    #[test]
    fn a_status_is_a_number_of_its_own() {
        for line in [r#"{"status":404,"path":"/x"}"#, "GET /x 404", "status=404 path=/x", "[404]", "answered 404."] {
            assert!(has_number(line, 404), "{line}");
        }
        for line in ["GET /x404 200", "took 0.404 s", "4040", "port 14041"] {
            assert!(!has_number(line, 404), "{line}");
        }
    }

    #[test]
    fn equal_requests_are_reported_by_id_or_by_number() {
        let all = [asked("aaa", "/v1/links", 201), asked("bbb", "/v1/links", 201)];
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        assert!(unreported(&all, &lines(&["aaa 201", "bbb 201"])).is_empty());
        assert!(unreported(&all, &lines(&["POST /v1/links 201", "POST /v1/links 201"])).is_empty());
        assert_eq!(unreported(&all, &lines(&["POST /v1/links 201"])).len(), 2);
        assert_eq!(unreported(&all, &lines(&["aaa 201", "bbb /v1/links"])), [&all[1]]);
    }
}
