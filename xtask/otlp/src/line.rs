//! What the grader is told, one line of JSON at a time.

use std::collections::BTreeMap;

use serde::Serialize;

/// One line.
#[derive(Debug, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Line {
    /// It can be reached.
    Listening {
        /// On this port of loopback.
        port: u16,
    },
    /// A request brought these spans.
    Spans {
        /// In the order of the message.
        spans: Vec<Span>,
    },
    /// A request brought something else.
    Refused {
        /// Where it went.
        path: String,
        /// What was wrong with it.
        why: String,
    },
    /// Somebody began to speak HTTP/2, as gRPC does.
    Grpc,
}

/// A span, with the name of the service that made it. Ids are written as in `traceparent`.
#[derive(Debug, Default, PartialEq, Serialize)]
pub struct Span {
    /// `service.name` of its resource.
    pub service: String,
    /// What it is called.
    pub name: String,
    /// `server`, `client`, `internal`, `producer`, `consumer` or `unspecified`.
    pub kind: &'static str,
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
