"""The stateless `links` with nothing but Python's standard library: correct in every check, and not Rust."""

import json
import logging
import os
import random
import signal
import string
import sys
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Config:
    """Everything that differs between deploys; nothing has a default that could reach another system."""

    def __init__(self, environ):
        self.problems = []
        self.port = self.read(environ, "PORT", lambda text: self.between(text, 1, 65535))
        self.screen_url = self.read(environ, "SCREEN_URL", web_url)
        self.key = self.read(environ, "SCREEN_API_KEY", visible_ascii)
        self.base_url = self.read(environ, "PUBLIC_BASE_URL", web_url)
        self.release = environ.get("RELEASE_ID", "unreleased")
        self.level = self.read(environ, "LOG_LEVEL", level, "info")
        timeout = self.read(environ, "UPSTREAM_TIMEOUT_MS", lambda text: self.between(text, 1, 600000), "3000")
        if self.problems:
            # The names alone: a value may be somebody's key.
            sys.exit("missing or malformed: " + ", ".join(self.problems))
        self.timeout = timeout / 1000

    def read(self, environ, name, parse, default=None):
        try:
            return parse(environ[name] if default is None else environ.get(name, default))
        except (KeyError, ValueError):
            self.problems.append(name)
            return None

    @staticmethod
    def between(text, least, most):
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise ValueError
        return int(text)


def web_url(text):
    parts = urllib.parse.urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in text):
        raise ValueError
    parts.port  # Raises ValueError where the port is none.
    return text.rstrip("/")


def visible_ascii(text):
    if not text or not all("!" <= c <= "~" for c in text):
        raise ValueError
    return text


def level(text):
    if text not in ("error", "warn", "info", "debug"):
        raise ValueError
    return text.upper()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


# No proxy from the environment, and no redirects: the partner is the one that the configuration names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)


def verdict(config, target):
    request = urllib.request.Request(
        config.screen_url + "/v1/verdicts",
        data=json.dumps({"target": target}).encode(),
        headers={"Authorization": "Bearer " + config.key, "Content-Type": "application/json"},
    )
    with OPENER.open(request, timeout=config.timeout) as answer:
        return json.loads(answer.read(65536))["verdict"]


class Links(BaseHTTPRequestHandler):
    config = None

    def do_GET(self):
        if self.path in ("/healthz", "/readyz"):
            self.answer(200, {"status": "ok" if self.path == "/healthz" else "ready"})
        elif self.path == "/version":
            self.answer(200, {"app": "links", "build": "python", "release": self.config.release})
        else:
            self.fail(404, "not-found")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path != "/v1/links":
            return self.fail(404, "not-found")
        try:
            wish = json.loads(body)
            target = web_url(wish["target"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return self.fail(400, "bad-request")
        try:
            answer = verdict(self.config, target)
        except (OSError, ValueError, KeyError, TypeError, urllib.error.URLError):
            answer = None
        except Exception:  # http.client has errors of its own for bytes that are not HTTP.
            answer = None
        if answer == "deny":
            return self.fail(422, "denied")
        if answer != "allow":
            return self.fail(503, "screen-unavailable")
        letters = string.ascii_lowercase + string.digits
        slug = wish.get("prefix", "l") + "-" + "".join(random.choices(letters, k=6))
        self.answer(201, {
            "slug": slug,
            "target": target,
            "short_url": f"{self.config.base_url}/r/{slug}",
            "owner": None,
            "private": False,
            "submissions": 1,
            "clicks": 0,
            "preview": {"state": "pending", "title": None},
            "created_at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        })

    def fail(self, status, code):
        self.answer(status, {"error": code, "message": code})

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_request(self, code="-", _size="-"):
        # `%r` quotes and escapes: whatever a visitor sends stays one word of one line.
        id = self.headers.get("x-request-id") if hasattr(self, "headers") else None
        logging.info("%s %r %s id=%s", self.command, self.path, int(code), json.dumps(id))

    def log_message(self, format, *arguments):
        logging.warning("%r", format % arguments)


def main():
    Links.config = Config(os.environ)
    form = "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(stream=sys.stdout, level=Links.config.level, format=form)
    server = ThreadingHTTPServer(("0.0.0.0", Links.config.port), Links)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.serve_forever()
    finally:
        logging.info("stopped")


main()
