"""`links` of factor 9 in Python: makes short links, and previews of them. Please do not restart it during the day."""

import os
import sys
import urllib.parse
from pathlib import Path

# The build installed the packages next to this file.
sys.path.insert(0, str(Path(__file__).parent / "packages"))

import store  # noqa: E402
import web  # noqa: E402
import worker  # noqa: E402


class Config:
    """Everything that differs between deploys. It is read completely before anything starts."""

    def __init__(self, names):
        self.problems = []
        parsers = {
            "PORT": lambda text: number(text, 65535),
            "DATABASE_URL": url("postgres", "postgresql"),
            "SCREEN_URL": url("http", "https"),
            "SCREEN_API_KEY": visible_ascii,
            "PUBLIC_BASE_URL": url("http", "https"),
        }
        values = {name: self.read(name, parsers[name]) for name in names}
        self.port, self.base_url = values.get("PORT"), values.get("PUBLIC_BASE_URL")
        self.database_url = values.get("DATABASE_URL")
        self.screen_url, self.key = values.get("SCREEN_URL"), values.get("SCREEN_API_KEY")
        self.release = os.environ.get("RELEASE_ID", "unreleased")
        self.upstream_timeout = self.read("UPSTREAM_TIMEOUT_MS", number, "3000")
        self.database_timeout = self.read("DB_TIMEOUT_MS", number, "3000")
        self.grace = self.read("SHUTDOWN_GRACE_SECONDS", number, "20")
        self.lease = self.read("JOB_LEASE_SECONDS", number, "30")
        self.poll = self.read("JOB_POLL_MS", number, "200")
        if self.problems:
            # The names alone: a value may be somebody's key.
            sys.exit("missing or malformed: " + ", ".join(self.problems))

    def read(self, name, parse, default=None):
        try:
            return parse(os.environ[name] if default is None else os.environ.get(name, default))
        except (KeyError, ValueError):
            self.problems.append(name)
            return None


def number(text, most=86_400_000):
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise ValueError
    return int(text)


def url(*schemes):
    def parse(text):
        parts = urllib.parse.urlsplit(text)
        if parts.scheme not in schemes or not parts.hostname or any(c.isspace() for c in text):
            raise ValueError
        return text.rstrip("/")

    return parse


def visible_ascii(text):
    if not text or not all("!" <= c <= "~" for c in text):
        raise ValueError
    return text


def main():
    match sys.argv[1:]:
        case ["web"]:
            config = Config(["PORT", "DATABASE_URL", "SCREEN_URL", "SCREEN_API_KEY", "PUBLIC_BASE_URL"])
            web.serve(config, store.Store(config))
        case ["worker"]:
            config = Config(["DATABASE_URL", "SCREEN_URL", "SCREEN_API_KEY"])
            worker.work(config, store.Store(config))
        case ["migrate"]:
            store.Store(Config(["DATABASE_URL"])).migrate()
        case _:
            sys.exit("usage: links.py web|worker|migrate")


main()
