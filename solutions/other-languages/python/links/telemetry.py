"""What this process says about itself: numbers for a graph, spans for the question "why was this one slow?" (factor 13).

Numbers are counted and collected: somebody asks `/metrics` now and then. Spans are sent: a thread of their own collects them
and takes them away, so no request ever waits for a collector.
"""

import logging
import threading
import time

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from links import config, log

# How long the last spans may take to leave. It comes on top of the drain, so the platform's patience must cover both.
FLUSH_SECONDS = 2
# Methods are words that a caller makes up; only those of HTTP become values of a label.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

disable_created_metrics()
REGISTRY = CollectorRegistry()
# Each label has a handful of values, whoever visits: one time series per visitor is what fills the memory of a monitoring
# system, and a scanner is a visitor too.
LABELS = ["method", "route", "status"]
REQUESTS = Counter("http_requests", "Requests that were answered", LABELS, registry=REGISTRY)
SECONDS = Histogram("http_request_duration_seconds", "How long each of them took", LABELS, registry=REGISTRY)

tracer = trace.get_tracer("links")
propagator = TraceContextTextMapPropagator()


def start(settings: config.Telemetry) -> None:
    """Begins to tell. A collector that cannot be reached is no reason not to serve: nothing is asked of it here."""
    # Its sampler follows the caller's decision, and records whatever nobody has decided about.
    provider = TracerProvider(resource=Resource.create({"service.name": settings.service_name}), shutdown_on_exit=False)
    if settings.collector:
        exporter = OTLPSpanExporter(f"{settings.collector}/v1/traces", timeout=FLUSH_SECONDS)
        # In batches, out of a queue that has an end: when the collector is away, spans are lost and nothing else.
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    trace.set_tracer_provider(provider)
    # Once a second it would say that the collector is away, and with a stack trace; that is what the collector's owner watches.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)


def flush() -> None:
    """Sends what has not been sent, but not for ever. The last spans are those of the requests during which the platform
    decided to end this process: nobody's are looked for more often."""
    # A thread that does not keep the process alive: the exporter would go on trying while the platform waits.
    last = threading.Thread(target=trace.get_tracer_provider().shutdown, daemon=True)
    last.start()
    last.join(FLUSH_SECONDS)


def traceparent() -> str:
    """The current span as whoever continues its trace is told of it. It names this span and not the one that we were told of,
    or the next service would take our caller for its own."""
    headers: dict[str, str] = {}
    propagator.inject(headers)
    return headers.get("traceparent", "")


def continued(given: str | None) -> Context:
    """The trace that was begun elsewhere. Without one, or with one that cannot be read, a new one begins."""
    return propagator.extract({"traceparent": given} if given else {})


class Observed:
    """Watches each request from the outside of all handlers, so that none can forget to: what was refused, what failed and
    what does not exist is counted, logged and traced like a success."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        context = propagator.extract(headers)
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        with tracer.start_as_current_span(method, context=context, kind=trace.SpanKind.SERVER) as span:
            visit = Visit(scope, method, headers, span)

            async def answered(message: Message) -> None:
                visit.see(message)
                await send(message)

            try:
                await self.app(scope, receive, answered)
            finally:
                visit.end()


class Visit:
    """One request, and what is known of it."""

    def __init__(self, scope: Scope, method: str, headers: dict[str, str], span: trace.Span) -> None:
        self.scope, self.method, self.span, self.status, self.ended = scope, method, span, 500, False
        self.request_id = headers.get("x-request-id")
        self.began = time.perf_counter()

    def see(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif not message.get("more_body"):
            # Before the last byte leaves: whoever has the answer and then asks for the numbers finds it counted.
            self.end()

    def end(self) -> None:
        if self.ended:
            return
        self.ended = True
        # The route as the router knows it, and one word for all paths that it does not know. Everybody can invent paths.
        route = getattr(self.scope.get("route"), "path", "unmatched")
        REQUESTS.labels(self.method, route, self.status).inc()
        SECONDS.labels(self.method, route, self.status).observe(time.perf_counter() - self.began)
        self.span.update_name(f"{self.method} {route}")
        self.span.set_attributes(
            {"http.request.method": self.method, "http.route": route, "http.response.status_code": self.status}
        )
        # The path without its query, and of the headers these alone: `Authorization` opens accounts.
        log.info(
            "request",
            method=self.scope["method"],
            path=self.scope["path"],
            status=self.status,
            request_id=self.request_id,
            trace_id=trace.format_trace_id(self.span.get_span_context().trace_id),
        )
