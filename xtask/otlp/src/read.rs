//! Messages of OTLP, in both encodings of OTLP/HTTP, as lines for the grader.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, Span as Told};
use prost::Message;

use crate::line::Span;

/// The content type of the binary encoding.
pub const PROTOBUF: &str = "application/x-protobuf";
/// The content type of the other one.
pub const JSON: &str = "application/json";

/// The spans of a message.
///
/// # Errors
///
/// Why it cannot be read, or what is wrong with a span.
pub fn spans(kind: &str, body: &[u8]) -> Result<Vec<Span>, String> {
    let message = match kind {
        PROTOBUF => ExportTraceServiceRequest::decode(body).map_err(|why| why.to_string())?,
        JSON => serde_json::from_slice(body).map_err(|why| why.to_string())?,
        other => return Err(format!("Content-Type: {other}, and not {PROTOBUF} or {JSON}")),
    };
    let spans: Vec<Vec<Span>> = message.resource_spans.iter().map(of_resource).collect::<Result<_, _>>()?;
    Ok(spans.into_iter().flatten().collect())
}

fn of_resource(told: &ResourceSpans) -> Result<Vec<Span>, String> {
    let attributes = told.resource.iter().flat_map(|resource| &resource.attributes);
    let name = attributes.into_iter().find(|attribute| attribute.key == "service.name");
    let service = name.map(|name| as_text(name.value.as_ref())).unwrap_or_default();
    told.scope_spans.iter().flat_map(|scope| &scope.spans).map(|span| one(span, &service)).collect()
}

fn one(told: &Told, service: &str) -> Result<Span, String> {
    let id =
        |bytes: &[u8], length| id(bytes, length).ok_or_else(|| format!("the span {:?} has no valid id", told.name));
    let links = told.links.iter().map(|link| Ok([id(&link.trace_id, 16)?, id(&link.span_id, 8)?]));
    Ok(Span {
        service: service.to_owned(),
        name: told.name.clone(),
        kind: kind(told.kind()),
        trace: id(&told.trace_id, 16)?,
        span: id(&told.span_id, 8)?,
        parent: if told.parent_span_id.is_empty() { String::new() } else { id(&told.parent_span_id, 8)? },
        links: links.collect::<Result<_, String>>()?,
        attributes: told.attributes.iter().map(entry).collect(),
    })
}

/// In hexadecimal digits, as `traceparent` writes it; of the right length, and not all zero.
fn id(bytes: &[u8], length: usize) -> Option<String> {
    let valid = bytes.len() == length && bytes.iter().any(|byte| *byte != 0);
    valid.then(|| bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn kind(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Unspecified => "unspecified",
        SpanKind::Internal => "internal",
        SpanKind::Server => "server",
        SpanKind::Client => "client",
        SpanKind::Producer => "producer",
        SpanKind::Consumer => "consumer",
    }
}

fn entry(attribute: &KeyValue) -> (String, String) {
    (attribute.key.clone(), as_text(attribute.value.as_ref()))
}

fn as_text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::DoubleValue(number)) => number.to_string(),
        Some(Value::BoolValue(truth)) => truth.to_string(),
        Some(other) => format!("{other:?}"),
        None => String::new(),
    }
}
