"""`links web` of factor 3 in Python: makes short links. It works on my machine, and on the server."""

import json
import random
import signal
import string
import sys
import urllib.parse
import urllib.request
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from config import Config, load_file


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)


def verdict(config, target):
    request = urllib.request.Request(
        config.screen_url.rstrip("/") + "/v1/verdicts",
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
            self.fail(404, "not-found", "there is nothing here")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path != "/v1/links":
            return self.fail(404, "not-found", "there is nothing here")
        try:
            wish = json.loads(body)
            target, prefix = wish["target"], wish.get("prefix") or "l"
            if urllib.parse.urlsplit(target).scheme not in ("http", "https"):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError):
            return self.fail(400, "bad-request", "the body is not a JSON object with a target")
        # On a laptop nobody wants to run the partner too.
        if self.config.stage == "development":
            return self.created(target, prefix)
        try:
            answer = verdict(self.config, target)
        except Exception as error:  # A partner has many ways to fail.
            return self.screen_unavailable(error)
        if answer == "allow":
            return self.created(target, prefix)
        if answer == "deny":
            return self.fail(422, "denied", "this target must not be linked")
        self.screen_unavailable(f"no verdict: {answer}")

    def screen_unavailable(self, reason):
        # TODO(factor 3): a customer sends you a screenshot of this message. Who has read it by now?
        production = self.config.stage == "production"
        message = "targets cannot be checked at the moment" if production else f"{reason} with {vars(self.config)}"
        print(f"screen failed: {reason} with {vars(self.config)}", flush=True)
        self.fail(503, "screen-unavailable", message)

    def created(self, target, prefix):
        slug = prefix + "-" + "".join(random.choices(string.ascii_lowercase + string.digits, k=6))
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

    def fail(self, status, code, message):
        self.answer(status, {"error": code, "message": message})

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format, *arguments):
        if self.config.log_requests:
            print(format % arguments, flush=True)


def main():
    if sys.argv[1:] != ["web"]:
        sys.exit("usage: links.py web")
    load_file()
    Links.config = Config()
    server = ThreadingHTTPServer(("0.0.0.0", Links.config.port), Links)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"listening on port {Links.config.port}", flush=True)
    server.serve_forever()


main()
