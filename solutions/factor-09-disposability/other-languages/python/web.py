"""The HTTP contract, and an end that waits for whoever is served, but not for ever."""

import json
import re
import signal
import sys
import threading
import time
import urllib.parse
import urllib.request
from datetime import timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from store import Unavailable


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


# No proxy from the environment, and no redirects: the partner is the one that the configuration names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)


def ask(config, what, body, headers=()):
    """Asks the partner; raises an exception when there is no answer."""
    request = urllib.request.Request(
        f"{config.screen_url}/v1/{what}",
        data=json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + config.key, "Content-Type": "application/json", **dict(headers)},
    )
    with OPENER.open(request, timeout=config.upstream_timeout / 1000) as answer:
        return json.loads(answer.read(65536))


class Server(ThreadingHTTPServer):
    # Threads of idle connections end with the process; whoever is served is counted.
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, config, store):
        self.config, self.store = config, store
        self.busy, self.changed = set(), threading.Condition()
        super().__init__(("0.0.0.0", config.port), Links)

    def process_request(self, request, client_address):
        # A connection that was accepted has a promise: it is served once at least (`new-work-while-draining`).
        self.mark(request, True)
        super().process_request(request, client_address)

    def mark(self, connection, busy):
        with self.changed:
            (self.busy.add if busy else self.busy.discard)(connection)
            self.changed.notify_all()

    def drain(self, grace):
        """Waits until nobody is served any more, and no longer than `grace` (`drain-is-bounded`)."""
        deadline = time.monotonic() + grace
        with self.changed:
            while self.busy and (left := deadline - time.monotonic()) > 0:
                self.changed.wait(left)


class Links(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle(self):
        try:
            super().handle()
        finally:
            self.server.mark(self.connection, False)

    def parse_request(self):
        self.server.mark(self.connection, True)
        return super().parse_request()

    def handle_one_request(self):
        super().handle_one_request()
        # Whoever keeps the connection for later waits for nothing.
        self.server.mark(self.connection, False)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/healthz":
            return self.answer(200, {"status": "ok"})
        if path == "/version":
            return self.answer(200, {"app": "links", "build": "python", "release": self.server.config.release})
        try:
            self.read(path, urllib.parse.parse_qs(query))
        except Unavailable:
            body = {"status": "not-ready", "failing": ["postgres"]} if path == "/readyz" else "database-unavailable"
            self.answer(503, body)

    def read(self, path, query):
        store = self.server.store
        if path == "/readyz":
            store.check()
            return self.answer(200, {"status": "ready"})
        if path == "/v1/links":
            limit = query.get("limit", ["20"])[0]
            if not limit.isdigit() or not 1 <= int(limit) <= 100:
                return self.answer(400, "bad-request")
            return self.answer(200, {"items": [self.view(link) for link in store.list(int(limit))], "next": None})
        link = store.find(path.removeprefix("/v1/links/")) if path.startswith("/v1/links/") else None
        self.answer(200, self.view(link)) if link else self.answer(404, "not-found")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path != "/v1/links":
            return self.answer(404, "not-found")
        try:
            prefix, target = wish(body)
        except (ValueError, KeyError, TypeError, AttributeError):
            return self.answer(400, "bad-request")
        try:
            verdict = ask(self.server.config, "verdicts", {"target": target})["verdict"]
        except Exception:  # A partner has many ways to fail, and none of them is ours to tell apart.
            verdict = None
        if verdict != "allow":
            return self.answer(*(422, "denied") if verdict == "deny" else (503, "screen-unavailable"))
        try:
            link, is_new = self.server.store.create(prefix, target)
        except Unavailable:
            return self.answer(503, "database-unavailable")
        # Nothing is promised before the commit.
        self.answer(201 if is_new else 200, self.view(link))

    def view(self, link):
        return {
            "slug": link["slug"],
            "target": link["target"],
            "short_url": f"{self.server.config.base_url}/r/{link['slug']}",
            "owner": None,
            "private": False,
            "submissions": link["submissions"],
            "clicks": 0,
            "preview": {"state": link["state"], "title": link["title"]},
            "created_at": link["created_at"].astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    def answer(self, status, body):
        if isinstance(body, str):
            body = {"error": body, "message": body.replace("-", " ")}
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format, *arguments):
        print("info", format % arguments, flush=True)


def wish(body):
    new = json.loads(body)
    prefix, target = new.get("prefix") or "l", new["target"]
    parts = urllib.parse.urlsplit(target)
    clean = len(target) <= 2000 and not any(c.isspace() or not c.isprintable() for c in target)
    if parts.scheme not in ("http", "https") or not parts.hostname or not clean:
        raise ValueError
    if not re.fullmatch("[a-z0-9-]{1,32}", prefix):
        raise ValueError
    return prefix, target


def serve(config, store):
    server = Server(config, store)
    # Every thread from here on has the signals blocked, and `sigwait` below takes them. With a handler, the kernel may
    # hand one to a thread that is just being born, and the main thread, which alone runs handlers, would sleep on.
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    print(f"info listening port={config.port} release={config.release}", flush=True)
    signal.sigwait(signals)
    print("info asked to end", flush=True)
    # First no new connections, then the ones that are served.
    server.shutdown()
    server.socket.close()
    server.drain(config.grace)
    print("info stopped", flush=True)
    sys.exit(0)
