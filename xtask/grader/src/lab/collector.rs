//! The grader as collector of spans: a client of `workshop-otlp`, a program of its own because it is made of heavy crates and
//! decodes what somebody else sends.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::check::{CheckResult, LabError, Missing};
use crate::lab::Lab;
use crate::programs;
use crate::text::text;

/// A running collector. Dropping it ends it.
#[derive(Debug)]
pub struct Collector {
    /// Its port on loopback.
    pub port: u16,
    shared: Arc<Shared>,
    reader: JoinHandle<()>,
    /// Kept for its end: the program lives as long as its standard input is open.
    _child: Child,
}

#[derive(Debug, Default)]
struct Shared {
    heard: Mutex<Heard>,
    /// How many lines have come.
    lines: watch::Sender<usize>,
}

/// What services told so far.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Every span, in the order of arrival.
    pub spans: Vec<Span>,
    /// Why requests were refused.
    pub refused: Vec<String>,
    /// Whether somebody tried to speak gRPC.
    pub grpc: bool,
}

/// A span, with the name of the service that made it. Ids are written as in `traceparent`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Span {
    /// `service.name` of its resource.
    pub service: String,
    /// What it is called.
    pub name: String,
    /// `server`, `client`, `internal`, `producer`, `consumer` or `unspecified`.
    pub kind: String,
    /// Its trace.
    pub trace: String,
    /// Itself.
    pub span: String,
    /// Its parent; empty for the first of a trace.
    pub parent: String,
    /// Spans elsewhere that it belongs to, as trace and span.
    pub links: Vec<[String; 2]>,
    /// Its attributes, as text.
    pub attributes: BTreeMap<String, String>,
}

/// A line of the program.
#[derive(Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
enum Line {
    Listening { port: u16 },
    Spans { spans: Vec<Span> },
    Refused { path: String, why: String },
    Grpc,
}

impl Lab {
    /// Starts a collector.
    ///
    /// # Errors
    ///
    /// A program that cannot be compiled or started.
    pub async fn collector(&self) -> CheckResult<Collector> {
        let program =
            programs::OTLP.built(self.bench.site(), &mut |stage, detail| self.bench.news(stage, detail)).await?;
        let failed = |why: &dyn std::fmt::Display| LabError::new("cannot start workshop-otlp", why);
        let mut command = Command::new(program);
        command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| failed(&error))?;
        let output = child.stdout.take().ok_or_else(|| failed(&"it has no output"))?;
        let mut lines = BufReader::new(output).lines();
        let first = self.until("collector", lines.next_line()).await.and_then(Result::ok).flatten();
        let Some(Line::Listening { port }) = first.and_then(|line| serde_json::from_str(&line).ok()) else {
            return Err(failed(&"it does not say where it listens").into());
        };
        let shared = Arc::new(Shared::default());
        let reader = tokio::spawn(listen(lines, Arc::clone(&shared)));
        Ok(Collector { port, shared, reader, _child: child })
    }
}

impl Collector {
    /// Its address, as `OTEL_EXPORTER_OTLP_ENDPOINT` says it.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it heard so far.
    ///
    /// # Errors
    ///
    /// [`Missing`] for a service that speaks gRPC alone: the standard allows that, and this collector cannot hear it.
    pub fn heard(&self) -> CheckResult<Heard> {
        let heard = self.shared.heard().clone();
        if heard.grpc && heard.spans.is_empty() { Err(no_grpc().into()) } else { Ok(heard) }
    }

    /// Returns when a span has come for which `wanted` returns something.
    pub async fn first<T>(&self, wanted: impl Fn(&Span) -> Option<T>) -> T {
        let mut lines = self.shared.lines.subscribe();
        loop {
            lines.borrow_and_update();
            if let Some(found) = self.shared.heard().spans.iter().find_map(&wanted) {
                return found;
            }
            // The sender lives in `self`, so waiting can only end with a line.
            drop(lines.changed().await);
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Shared {
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn listen(mut lines: Lines<BufReader<ChildStdout>>, shared: Arc<Shared>) {
    while let Ok(Some(line)) = lines.next_line().await {
        let mut heard = shared.heard();
        match serde_json::from_str(&line) {
            Ok(Line::Spans { spans }) => heard.spans.extend(spans),
            Ok(Line::Refused { path, why }) => heard.refused.push(format!("{path}: {why}")),
            Ok(Line::Grpc) => heard.grpc = true,
            Ok(Line::Listening { .. }) | Err(_) => {}
        }
        drop(heard);
        shared.lines.send_modify(|lines| *lines += 1);
    }
}

fn no_grpc() -> Missing {
    Missing {
        what: text(
            "a collector that speaks gRPC: the service answered OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf with gRPC",
            "gRPC를 쓰는 수집기가 없습니다. OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf를 주었지만 서비스는 gRPC로 보냈습니다",
        ),
        fix: text(
            "let the exporter follow OTEL_EXPORTER_OTLP_PROTOCOL; most libraries bring OTLP over HTTP as an option of the same package",
            "내보내기 모듈이 OTEL_EXPORTER_OTLP_PROTOCOL을 따르게 하십시오. 대부분의 라이브러리는 같은 패키지의 옵션으로 HTTP 방식도 제공합니다",
        ),
    }
}
