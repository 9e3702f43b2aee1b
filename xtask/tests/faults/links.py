"""A correct `links` in a hundred lines, so that one fault at a time can be put where FAULT stands."""

import json
import os
import random
import string
import sys
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REQUIRED = ["PORT", "SCREEN_URL", "SCREEN_API_KEY", "PUBLIC_BASE_URL"]


def configuration():
    missing = [name for name in REQUIRED if not os.environ.get(name)]
    if missing:
        sys.exit(f"{', '.join(missing)} must be set")
    return {name: os.environ[name] for name in REQUIRED}


def before_listening():
    """A fault may replace this."""


def allowed(target):
    request = urllib.request.Request(
        os.environ["SCREEN_URL"] + "/v1/verdicts",
        json.dumps({"target": target}).encode(),
        {"content-type": "application/json", "authorization": "Bearer " + os.environ["SCREEN_API_KEY"]},
    )
    with urllib.request.urlopen(request, timeout=2) as answer:
        return json.load(answer)["verdict"] == "allow"


def link(target):
    slug = "l-" + "".join(random.choices(string.ascii_lowercase + string.digits, k=6))
    return {
        "slug": slug,
        "short_url": os.environ["PUBLIC_BASE_URL"] + "/r/" + slug,
        "target": target,
        "submissions": 1,
        "clicks": 0,
        "owner": None,
        "private": False,
        "preview": {"status": "pending", "title": None},
        "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


class Links(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path in ("/healthz", "/readyz"):
            return self.answer(200, {})
        if self.path == "/version":
            return self.answer(200, {"build": "1", "release": os.environ.get("RELEASE_ID", "none")})
        return self.answer(404, {"error": "not-found"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            target = json.loads(body)["target"]
            if not isinstance(target, str):
                raise ValueError("a target is a string")
        except (ValueError, KeyError, TypeError):
            return self.answer(400, {"error": "bad-request"})
        try:
            if not allowed(target):
                return self.answer(422, {"error": "denied"})
        except (OSError, ValueError, KeyError):
            return self.answer(503, {"error": "screen-unavailable"})
        return self.answer(201, link(target))

    def answer(self, status, body):
        body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# FAULT

if __name__ == "__main__":
    port = int(configuration()["PORT"])
    before_listening()
    ThreadingHTTPServer(("127.0.0.1", port), Links).serve_forever()
