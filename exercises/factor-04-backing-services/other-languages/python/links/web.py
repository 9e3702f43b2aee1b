"""The HTTP contract."""

import http.client
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import config
import store

BUILD = "1"
LARGEST_BODY = 64 * 1024
LONGEST_TARGET = 2000
SLUG = "([^/]+)"


class Failure(Exception):
    """A way in which a request can fail."""

    def __init__(self, status, error, message):
        super().__init__(message)
        self.status, self.body = status, {"error": error, "message": message}


def bad_request(message):
    return Failure(400, "bad-request", message)


UNAUTHORIZED = (401, "unauthorized", "log in first")
NOT_FOUND = (404, "not-found", "there is nothing here")
CONFLICT = (409, "conflict", "you have a link to this target already")
DENIED = (422, "denied", "this target must not be linked")
SCREEN_UNAVAILABLE = (503, "screen-unavailable", "targets cannot be checked at the moment")
MAIL_UNAVAILABLE = (503, "mail-unavailable", "no mail can be sent at the moment")
STORE_UNAVAILABLE = (503, "store-unavailable", "nothing can be looked up at the moment")


class Server(ThreadingHTTPServer):
    """Settings and clients, and nothing else."""

    request_queue_size = 128

    def __init__(self, settings, kept):
        self.settings, self.store = settings, kept
        super().__init__(("0.0.0.0", settings.port), Handler)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    # A client that sends nothing must not hold a thread for ever.
    timeout = 30

    def answer(self):
        try:
            status, body, headers = self.route()
        except Failure as failure:
            status, body, headers = failure.status, failure.body, {}
        except store.Conflict:
            status, body, headers = 409, {"error": CONFLICT[1], "message": CONFLICT[2]}, {}
        except store.StoreError as error:
            status, code, message = MAIL_UNAVAILABLE if isinstance(error, store.MailError) else STORE_UNAVAILABLE
            print(f"{code}: {error}", flush=True)
            body, headers = {"error": code, "message": message}, {}
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = answer

    def route(self):
        self.kept, self.settings = self.server.store, self.server.settings
        url = urlsplit(self.path)
        for method, pattern, handle in ROUTES:
            found = re.fullmatch(pattern, url.path)
            if found and method == self.command:
                return handle(self, *found.groups())
        raise Failure(*NOT_FOUND)

    def healthz(self):
        return 200, {"status": "ok"}, {}

    def readyz(self):
        try:
            if self.kept.is_ready():
                return 200, {"status": "ready"}, {}
        except store.StoreError as error:
            print(f"not ready: {error}", flush=True)
        return 503, {"status": "not-ready", "failing": ["postgres"]}, {}

    def version(self):
        return 200, {"app": "links", "build": BUILD, "release": self.settings.release_id}, {}

    def create_link(self):
        new = self.body()
        target, prefix = is_target(new.get("target")), new.get("prefix") or "l"
        if not isinstance(prefix, str) or not re.fullmatch("[a-z0-9-]{1,32}", prefix):
            raise bad_request("prefix is not 1 to 32 of a-z, 0-9 and -")
        owner = self.reader()
        self.ask_screen(target)
        link, is_new = self.kept.submit(owner and owner["user"], prefix, target, new.get("private") is True)
        return 201 if is_new else 200, self.view(link), {}

    def show_link(self, slug):
        return 200, self.view(self.found(slug)), {}

    def share_link(self, slug):
        try:
            to = config.address(self.body().get("to"))
        except (TypeError, ValueError):
            raise bad_request("to is not an address") from None
        self.writer()
        self.kept.share(to, self.view(self.found(slug))["short_url"])
        return 202, {}, {}

    def follow_link(self, slug):
        target = self.kept.follow(slug)
        if target is None:
            raise Failure(*NOT_FOUND)
        return 307, None, {"Location": target}

    def log_in(self):
        credentials = self.body()
        name, password = credentials.get("user"), credentials.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            raise bad_request("user or password is missing")
        token = self.kept.log_in(name, password)
        if token is None:
            raise Failure(*UNAUTHORIZED)
        return 201, {"token": token, "expires_in": self.settings.session_ttl}, {}

    def log_out(self):
        self.writer()
        self.kept.log_out(self.bearer())
        return 204, None, {}

    def me(self):
        return 200, self.writer(), {}

    def reader(self):
        """Who asks, where nobody in particular may ask as well."""
        return self.writer() if "Authorization" in self.headers else None

    def writer(self):
        """Who asks, where only somebody who is logged in may."""
        token = self.bearer()
        user = self.kept.user(token) if token else None
        if user is None:
            raise Failure(*UNAUTHORIZED)
        return user

    def bearer(self):
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else None

    def found(self, slug):
        link = self.kept.link(slug)
        if link is None:
            raise Failure(*NOT_FOUND)
        return link

    def ask_screen(self, target):
        url = urlsplit(self.settings.screen_url)
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        # TODO(factor 4): the partner accepts our question and falls silent. How long does a customer wait?
        connection = kind(url.hostname, url.port)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.settings.screen_api_key}"}
        try:
            # TODO(factor 4): the partner moves behind a gateway, to https://gateway.example/screen. Where do we ask?
            connection.request("POST", "/v1/verdicts", json.dumps({"target": target}), headers)
            answer = connection.getresponse()
            verdict = json.loads(answer.read())["verdict"] if answer.status == 200 else None
        except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
            verdict = None
        finally:
            connection.close()
        if verdict == "deny":
            raise Failure(*DENIED)
        if verdict != "allow":
            raise Failure(*SCREEN_UNAVAILABLE)

    def body(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            raise bad_request("the body is too large")
        try:
            body = json.loads(self.rfile.read(length))
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise bad_request("the body is not a JSON object")
        return body

    def view(self, link):
        shown = {name: value for name, value in link.items() if name != "id"}
        shown["short_url"] = f"{self.settings.public_base_url}/r/{link['slug']}"
        # The worker that makes previews comes in factor 8.
        shown["preview"] = {"state": "pending", "title": None}
        return shown

    def log_message(self, format, *values):
        print(f"{self.command} {urlsplit(self.path).path} {values[1]}", flush=True)


def is_target(target):
    try:
        if len(target) <= LONGEST_TARGET:
            config.web_url(target)
            return target
    except (TypeError, ValueError, AttributeError):
        pass
    raise bad_request("target is not an http or https URL with a host")


ROUTES = [
    ("GET", "/healthz", Handler.healthz),
    ("GET", "/readyz", Handler.readyz),
    ("GET", "/version", Handler.version),
    ("POST", "/v1/links", Handler.create_link),
    ("GET", f"/v1/links/{SLUG}", Handler.show_link),
    ("POST", f"/v1/links/{SLUG}/shares", Handler.share_link),
    ("GET", f"/r/{SLUG}", Handler.follow_link),
    ("POST", "/v1/sessions", Handler.log_in),
    ("DELETE", "/v1/sessions/current", Handler.log_out),
    ("GET", "/v1/me", Handler.me),
]
