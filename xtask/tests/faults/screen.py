"""A correct `screen`, so that its repository is all that can be wrong."""

import json
import os
import pathlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

BUILD = pathlib.Path(__file__).with_name("VERSION").read_text()
DENIED = os.environ.get("DENY_HOSTS", "").split(",")


class Screen(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/version":
            return self.answer(200, {"build": BUILD, "release": os.environ["RELEASE_ID"]})
        return self.answer(200, {})

    def do_POST(self):
        target = json.loads(self.rfile.read(int(self.headers["content-length"])))["target"]
        if not isinstance(target, str):
            return self.answer(400, {"error": "bad-request"})
        host = urlsplit(target).hostname
        if self.path == "/v1/previews":
            return self.answer(200, {"title": f"A page of {host}"})
        return self.answer(200, {"verdict": "deny" if host in DENIED else "allow", "reason": "the list of hosts"})

    def answer(self, status, body):
        words = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)


ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Screen).serve_forever()
