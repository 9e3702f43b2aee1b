//! The numbers of this process, for whoever asks `/metrics` now and then.

use std::sync::LazyLock;
use std::time::Instant;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::log;

/// What tells series apart: the monitoring system keeps one for each combination, for as long as it keeps anything.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    method: String,
    path: String,
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

/// `GET /metrics`.
pub async fn metrics() -> Response {
    let mut page = String::new();
    if let Err(why) = text::encode(&mut page, &METRICS.registry) {
        return (StatusCode::INTERNAL_SERVER_ERROR, why.to_string()).into_response();
    }
    ([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], page).into_response()
}

/// Watches one request from the outside of all handlers, so that none can forget to count.
pub async fn observe(request: Request, next: Next) -> Response {
    // TODO(factor 13): how many different values will these two have on the day on which a scanner finds the service?
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let began = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    log(format_args!("info {method} {path} {status}"));
    let labels = Labels { method, path, status: status.into() };
    METRICS.requests.get_or_create(&labels).inc();
    METRICS.durations.get_or_create(&labels).observe(began.elapsed().as_secs_f64());
    response
}
