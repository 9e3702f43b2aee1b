//! What a process of `links` says about itself (factor 13): numbers for a graph, spans for the question "why was this one
//! slow?", and lines for whoever reads along. All of it goes through libraries that everybody uses, in formats that every platform reads.
//!
//! Numbers are counted and collected: somebody asks `/metrics` now and then. Spans are sent: a thread of their own collects them
//! and takes them away, so no request ever waits for a collector (`telemetry-never-hurts`).

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tracing::field::Empty;
use tracing::{Instrument, Span, info, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::TelemetryConfig;
use crate::log;

/// How long the last spans may take to leave. It comes on top of the drain, so the platform's patience must cover both.
const FLUSH: Duration = Duration::from_secs(2);

/// What takes the spans away; [`Telemetry::flush`] sends the last of them.
#[derive(Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
}

impl Telemetry {
    // ANCHOR: start
    /// Begins to tell. A collector that cannot be reached is no reason not to serve: nothing is asked of it here.
    ///
    /// # Errors
    ///
    /// Where the collector's address is none.
    pub fn start(config: &TelemetryConfig) -> Result<Self, String> {
        let resource = Resource::builder().with_service_name(config.service_name.clone()).build();
        // Its sampler follows the caller's decision, and records whatever nobody has decided about (`trace-continues`).
        let mut provider = SdkTracerProvider::builder().with_resource(resource);
        if config.collector.is_some() {
            let exporter = SpanExporter::builder().with_http().build();
            let exporter = exporter.map_err(|why| format!("OTEL_EXPORTER_OTLP_ENDPOINT cannot be used: {why}"))?;
            // In batches, by a thread of their own, out of a queue that has an end: when the collector is away, spans are lost
            // and nothing else. The simple exporter would send each span while its request waits.
            provider = provider.with_batch_exporter(exporter);
        }
        let provider = provider.build();
        let tracer = provider.tracer("links");
        // Only what this program says itself: the exporter's HTTP client speaks of its requests too, and each span about the
        // sending of spans would have to be sent. How much is logged (`LOG_LEVEL`) is another question.
        let own = filter_fn(|metadata| metadata.target().starts_with(env!("CARGO_CRATE_NAME")));
        tracing_subscriber::registry()
            .with(log::events(config.log_level))
            .with(tracing_opentelemetry::layer().with_tracer(tracer).with_filter(own))
            .init();
        Ok(Self { provider })
    }

    /// Sends what has not been sent, for [`FLUSH`] at the longest. The last spans are those of the requests during which the
    /// platform decided to end this process: nobody's are looked for more often (`spans-exported`).
    pub fn flush(self) {
        if let Err(why) = self.provider.shutdown_with_timeout(FLUSH) {
            info!("the last spans may be lost: {why}");
        }
    }
    // ANCHOR_END: start
}

/// What tells series apart. Each label has a handful of values, whoever visits: one time series per visitor is what fills
/// the memory of a monitoring system, and a scanner is a visitor too (`cardinality-bounded`).
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    method: &'static str,
    route: String,
    status: u32,
}

struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
}

static METRICS: LazyLock<Metrics> = LazyLock::new(|| {
    let requests = Family::<Labels, Counter>::default();
    let durations = Family::<Labels, Histogram, fn() -> Histogram>::new_with_constructor(seconds);
    let mut registry = Registry::default();
    // The format adds `_total` to the name of a counter by itself.
    registry.register("http_requests", "Requests that were answered", requests.clone());
    registry.register("http_request_duration_seconds", "How long each of them took", durations.clone());
    Metrics { registry, requests, durations }
});

/// From five milliseconds to ten seconds: finer than that, nobody looks.
fn seconds() -> Histogram {
    Histogram::new([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
}

/// `GET /metrics`, for whoever collects numbers.
pub async fn metrics() -> Response {
    let mut page = String::new();
    if let Err(why) = text::encode(&mut page, &METRICS.registry) {
        return (axum::http::StatusCode::INTERNAL_SERVER_ERROR, why.to_string()).into_response();
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(axum::http::header::CONTENT_TYPE, kind)], page).into_response()
}

// ANCHOR: observe
/// Watches one request from the outside of all handlers, so that none can forget to count: what was refused, what failed and
/// what does not exist is counted like a success (`metrics-count-right`).
pub async fn observe(request: Request, next: Next) -> Response {
    // The route as the router knows it, and one word for all paths that it does not know. Never the path: everybody can
    // invent paths.
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = known(request.method());
    let span = info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        url.path = request.uri().path(),
        http.response.status_code = Empty,
        trace_id = Empty,
    );
    // The caller's trace goes on; where there is none, or none that can be read, a new one begins.
    let began = Instant::now();
    if span.set_parent(PROPAGATOR.extract(&carrier(request.headers()))).is_ok() {
        span.record("trace_id", trace_id(&span));
    }
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    span.record("http.response.status_code", status);
    let labels = Labels { method, route, status: status.into() };
    METRICS.requests.get_or_create(&labels).inc();
    METRICS.durations.get_or_create(&labels).observe(began.elapsed().as_secs_f64());
    response
}
// ANCHOR_END: observe

/// Reads and writes the header `traceparent` of W3C Trace Context.
static PROPAGATOR: LazyLock<TraceContextPropagator> = LazyLock::new(TraceContextPropagator::new);

// ANCHOR: context
/// The span as whoever continues its trace is told of it: headers for a call, text for a row. It names this span and not the
/// one that we were told of, or the next service would take our caller for its own (`trace-continues`).
pub fn headers_of(span: &Span) -> HashMap<String, String> {
    let mut headers = HashMap::new();
    PROPAGATOR.inject_context(&span.context(), &mut headers);
    headers
}

/// What [`headers_of`] the current span says, to be kept in a row.
pub fn context_to_keep() -> String {
    serde_json::to_string(&headers_of(&Span::current())).unwrap_or_default()
}

/// Goes on with a trace that was kept. A row that holds none, or something else, costs the trace and not the job.
pub fn continues(span: &Span, kept: &str) {
    let headers: HashMap<String, String> = serde_json::from_str(kept).unwrap_or_default();
    // It fails where the span is switched off, and then there is nothing to connect.
    let _ = span.set_parent(PROPAGATOR.extract(&headers));
}
// ANCHOR_END: context

/// Methods are words that a caller makes up; only those of HTTP become values of a label.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("_OTHER")
}

fn carrier(headers: &HeaderMap) -> HashMap<String, String> {
    let known = headers.iter().filter(|(name, _)| ["traceparent", "tracestate"].contains(&name.as_str()));
    known.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned()))).collect()
}

fn trace_id(span: &Span) -> String {
    use opentelemetry::trace::TraceContextExt;
    span.context().span().span_context().trace_id().to_string()
}
