// What this process says about itself: numbers for a graph, spans for the question "why was this one slow?" (factor 13).
//
// Numbers are counted and collected: somebody asks `/metrics` now and then. Spans are sent, in batches and by the way, so no
// request ever waits for a collector.

import { ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { Counter, Histogram, Registry } from "prom-client";

import { log } from "./log.js";

// How long the last spans may take to leave. It comes on top of the drain, so the platform's patience must cover both.
const FLUSH_MS = 2000;
// Methods are words that a caller makes up; only those of HTTP become values of a label.
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export const registry = new Registry();
// Each label has a handful of values, whoever visits: one time series per visitor is what fills the memory of a monitoring
// system, and a scanner is a visitor too.
const labelNames = ["method", "route", "status"];
const registers = [registry];
const requests = new Counter({ name: "http_requests_total", help: "Requests that were answered", labelNames, registers });
const seconds = { name: "http_request_duration_seconds", help: "How long each of them took" };
const durations = new Histogram({ ...seconds, labelNames, registers });

const propagator = new W3CTraceContextPropagator();
const getter = { get: (carrier, key) => carrier[key], keys: Object.keys };
const setter = { set: (carrier, key, value) => (carrier[key] = value) };
// Its sampler follows the caller's decision, and records whatever nobody has decided about.
let provider = new BasicTracerProvider();

/** Begins to tell. A collector that cannot be reached is no reason not to serve: nothing is asked of it here. */
export function start({ collector, serviceName }) {
  const spanProcessors = [];
  if (collector) {
    const exporter = new OTLPTraceExporter({ url: `${collector}/v1/traces`, timeoutMillis: FLUSH_MS });
    // Out of a queue that has an end: when the collector is away, spans are lost and nothing else.
    spanProcessors.push(new BatchSpanProcessor(exporter, { scheduledDelayMillis: 1000 }));
  }
  provider = new BasicTracerProvider({ resource: resourceFromAttributes({ "service.name": serviceName }), spanProcessors });
}

/** Sends what has not been sent, but not for ever. The last spans are those of the requests during which the platform decided to
 * end this process: nobody's are looked for more often. */
export async function flush() {
  const late = new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
  await Promise.race([provider.shutdown().catch(() => {}), late]);
}

/** A span, in the trace that was begun elsewhere. Without one, or with one that cannot be read, a new trace begins. */
export function spanOf(name, kind, headers) {
  return provider.getTracer("links").startSpan(name, { kind }, propagator.extract(ROOT_CONTEXT, headers, getter));
}

/** The span as whoever continues its trace is told of it. It names this span and not the one that we were told of, or the next
 * service would take our caller for its own. */
export function traceparentOf(span) {
  const headers = {};
  propagator.inject(trace.setSpan(ROOT_CONTEXT, span), headers, setter);
  return headers.traceparent ?? "";
}

/** Watches each request from the outside of all handlers, so that none can forget to: what was refused, what failed and what does
 * not exist is counted, logged and traced like a success. */
export function observed(request, response, next) {
  const began = process.hrtime.bigint();
  const method = METHODS.has(request.method) ? request.method : "_OTHER";
  const path = request.url.split("?", 1)[0];
  request.span = spanOf(method, SpanKind.SERVER, request.headers);
  response.once("finish", () => {
    // The route as the router knows it, and one word for all paths that it does not know. Everybody can invent paths.
    const route = request.route?.path ?? "unmatched";
    const labels = { method, route, status: response.statusCode };
    requests.inc(labels);
    durations.observe(labels, Number(process.hrtime.bigint() - began) / 1e9);
    request.span.updateName(`${method} ${route}`);
    request.span.setAttributes({ "http.request.method": method, "http.route": route, "http.response.status_code": labels.status });
    // The path without its query, and of the headers these alone: `Authorization` opens accounts.
    const fields = { method: request.method, path, status: labels.status, request_id: request.headers["x-request-id"] };
    log.info({ ...fields, trace_id: request.span.spanContext().traceId }, "request");
  });
  // After the answer, or when the client has gone without it.
  response.once("close", () => request.span.end());
  next();
}
