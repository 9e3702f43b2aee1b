"""The HTTP contract. A handler holds nothing between two requests: it asks the store, answers, and forgets."""

import http.client
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import config
import store

BUILD = "1"
LARGEST_BODY = 64 * 1024
LONGEST_TARGET = 2000
LAST = 2**63 - 1
SLUG = "([^/]+)"


class Failure(Exception):
    """A way in which a request can fail."""

    def __init__(self, status, error, message):
        super().__init__(message)
        self.status, self.body = status, {"error": error, "message": message}


def bad_request(message):
    return Failure(400, "bad-request", message)


UNAUTHORIZED = (401, "unauthorized", "log in first")
FORBIDDEN = (403, "forbidden", "this link belongs to somebody else")
NOT_FOUND = (404, "not-found", "there is nothing here")
CONFLICT = (409, "conflict", "you have a link to this target already")
DENIED = (422, "denied", "this target must not be linked")
TOO_MANY = (429, "too-many-requests", "wait a minute, then try again")
SCREEN_UNAVAILABLE = (503, "screen-unavailable", "targets cannot be checked at the moment")
STORE_UNAVAILABLE = (503, "store-unavailable", "nothing can be looked up at the moment")


class Server(ThreadingHTTPServer):
    """One of the equal processes: settings and connections, and nothing else."""

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
        except store.TooOften:
            status, body, headers = 429, {"error": TOO_MANY[1], "message": TOO_MANY[2]}, {}
        except store.Conflict:
            status, body, headers = 409, {"error": CONFLICT[1], "message": CONFLICT[2]}, {}
        except store.StoreError as error:
            print(f"store unavailable: {error}", flush=True)
            status, body, headers = 503, {"error": STORE_UNAVAILABLE[1], "message": STORE_UNAVAILABLE[2]}, {}
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

    do_GET = do_POST = do_PATCH = do_DELETE = answer

    def route(self):
        self.kept, self.settings = self.server.store, self.server.settings
        url = urlsplit(self.path)
        self.asked = parse_qs(url.query)
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

    def list_links(self):
        limit, after = self.number("limit", 20), self.number("after", LAST)
        if not 1 <= limit <= 100:
            raise bad_request("limit is not 1 to 100")
        reader = self.reader()
        # The cursor travels with the client. A cursor that the process remembered would end with it.
        items = self.kept.links(reader and reader["user"], limit, after)
        following = str(items[-1]["id"]) if len(items) == limit else None
        return 200, {"items": [self.view(link) for link in items], "next": following}, {}

    def show_link(self, slug):
        return 200, self.view(self.found(slug)), {}

    def change_link(self, slug):
        change = self.body()
        self.may_change(slug)
        target = change.get("target")
        if target is not None:
            self.ask_screen(is_target(target))
        private = change.get("private")
        self.kept.change(slug, target, private if isinstance(private, bool) else None)
        return 200, self.view(self.found(slug)), {}

    def delete_link(self, slug):
        self.may_change(slug)
        if not self.kept.delete(slug):
            raise Failure(*NOT_FOUND)
        return 204, None, {}

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

    def may_change(self, slug):
        user = self.writer()
        if self.found(slug)["owner"] != user["user"] and user["role"] != "admin":
            raise Failure(*FORBIDDEN)

    def ask_screen(self, target):
        url = urlsplit(self.settings.screen_url)
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(url.hostname, url.port, timeout=self.settings.upstream_timeout)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.settings.screen_api_key}"}
        try:
            connection.request("POST", f"{url.path}/v1/verdicts", json.dumps({"target": target}), headers)
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

    def number(self, name, default):
        try:
            return int(self.asked[name][0]) if name in self.asked else default
        except ValueError:
            raise bad_request(f"{name} is not a number") from None

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
    ("GET", "/v1/links", Handler.list_links),
    ("GET", f"/v1/links/{SLUG}", Handler.show_link),
    ("PATCH", f"/v1/links/{SLUG}", Handler.change_link),
    ("DELETE", f"/v1/links/{SLUG}", Handler.delete_link),
    ("GET", f"/r/{SLUG}", Handler.follow_link),
    ("POST", "/v1/sessions", Handler.log_in),
    ("DELETE", "/v1/sessions/current", Handler.log_out),
    ("GET", "/v1/me", Handler.me),
]
