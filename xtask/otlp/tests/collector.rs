//! Sends to `workshop-otlp` what services send, and what they should not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use serde_json::{Value, json};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

struct Collector {
    child: Child,
    lines: BufReader<ChildStdout>,
    port: u16,
}

impl Collector {
    fn start() -> Self {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("workshop-otlp"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let mut collector = Self { child, lines, port: 0 };
        collector.port = u16::try_from(collector.line()["port"].as_u64().unwrap()).unwrap();
        collector
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Sends a request and returns the first line of the answer.
    fn post(&self, path: &str, kind: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.lines().next().unwrap().to_owned()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It ends with its input; a test that waits for ever shows that it does not.
        self.child.wait().unwrap();
    }
}

/// A message with one span, as JSON; numbers as the standard wants them, in text.
fn message() -> Value {
    json!({ "resourceSpans": [{
        "resource": { "attributes": [{ "key": "service.name", "value": { "stringValue": "tteok" } }] },
        "scopeSpans": [{ "spans": [{
            "traceId": TRACE, "spanId": SPAN, "name": "GET /v1/links/{slug}", "kind": 2,
            "startTimeUnixNano": "1", "endTimeUnixNano": "2",
            "attributes": [{ "key": "http.response.status_code", "value": { "intValue": "200" } }],
            "links": [{ "traceId": TRACE, "spanId": SPAN }],
        }] }],
    }] })
}

#[test]
fn both_encodings_are_read_alike() {
    let mut collector = Collector::start();
    let text = message().to_string();
    let told: ExportTraceServiceRequest = serde_json::from_str(&text).unwrap();
    assert_eq!(collector.post("/v1/traces", "application/json", text.as_bytes()), "HTTP/1.1 200 OK");
    let first = collector.line();
    assert_eq!(collector.post("/v1/traces", "application/x-protobuf", &told.encode_to_vec()), "HTTP/1.1 200 OK");
    assert_eq!(collector.line(), first);
    let expected = json!({ "what": "spans", "spans": [{
        "service": "tteok", "name": "GET /v1/links/{slug}", "kind": "server", "trace": TRACE, "span": SPAN, "parent": "",
        "links": [[TRACE, SPAN]], "attributes": { "http.response.status_code": "200" },
    }] });
    assert_eq!(first, expected);
}

#[test]
fn what_no_collector_takes_is_refused_and_told() {
    let mut collector = Collector::start();
    let mut refused = |path: &str, kind: &str, body: &[u8], status: &str, why: &str| {
        assert_eq!(collector.post(path, kind, body), format!("HTTP/1.1 {status}"));
        let line = collector.line();
        assert_eq!(line["what"], "refused");
        assert!(line["why"].as_str().unwrap().contains(why), "{line}");
    };
    let good = message().to_string();
    refused("/", "application/json", good.as_bytes(), "404 Not Found", "/v1/traces");
    refused("/v1/traces", "text/plain", good.as_bytes(), "400 Bad Request", "text/plain");
    refused("/v1/traces", "application/json", b"{", "400 Bad Request", "EOF");
    refused("/v1/traces", "application/x-protobuf", b"\xff\xff", "400 Bad Request", "");
    let zero = good.replace(TRACE, &"0".repeat(32));
    refused("/v1/traces", "application/json", zero.as_bytes(), "400 Bad Request", "no valid id");
}

#[test]
fn whoever_speaks_grpc_is_recognised() {
    let mut collector = Collector::start();
    let mut stream = TcpStream::connect(("127.0.0.1", collector.port)).unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    assert_eq!(collector.line(), json!({ "what": "grpc" }));
}

#[test]
fn it_ends_with_its_input() {
    drop(Collector::start());
}
