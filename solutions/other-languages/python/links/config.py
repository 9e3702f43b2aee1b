"""The configuration: read once at start, checked completely, never guessed (factor 3). Each process reads what it needs.

There is deliberately no `production` or `staging` in here: a deploy is nothing but the values of these variables. And there
is no `.env` file that is read: a file that lies about would beat the platform, which is who decides.
"""

import logging
import os
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from typing import TypeVar
from unicodedata import category
from urllib.parse import SplitResult, unquote, urlsplit

from psycopg import conninfo

T = TypeVar("T")
LEVELS = {"error": logging.ERROR, "warn": logging.WARNING, "info": logging.INFO, "debug": logging.DEBUG}
# What the build wrote down. It lies next to the code in a release, and nowhere while somebody works on it.
COMMIT_FILE = Path(__file__).parent.parent / "commit.txt"


class ConfigError(Exception):
    """Names the variable that is missing or malformed, and never shows its value."""


class Database:
    """Where links and users are kept; the admin commands need nothing else."""

    def __init__(self) -> None:
        self.url = required("DATABASE_URL", postgres_url)
        self.timeout = optional("DB_TIMEOUT_MS", milliseconds, 3.0)
        self.pool_max = optional("DB_POOL_MAX", number, 5)
        self.release_id = optional("RELEASE_ID", str, "unreleased")


class Partner:
    """The screening service of this deploy."""

    def __init__(self) -> None:
        self.url = required("SCREEN_URL", web_url)
        self.key = required("SCREEN_API_KEY", visible_ascii)
        self.timeout = optional("UPSTREAM_TIMEOUT_MS", milliseconds, 3.0)


class Sessions:
    """Where sessions are kept, and for how long."""

    def __init__(self) -> None:
        self.url = required("REDIS_URL", redis_url)
        self.ttl = optional("SESSION_TTL_SECONDS", number, 900)


class Mail:
    """The mail server of this deploy, and who mail is from."""

    def __init__(self) -> None:
        server = required("SMTP_URL", smtp_url)
        self.host, self.port = server.hostname, server.port or 25
        self.user, self.password = unquote(server.username or ""), unquote(server.password or "")
        self.sender = required("MAIL_FROM", address)
        self.timeout = optional("UPSTREAM_TIMEOUT_MS", milliseconds, 3.0)


class Telemetry:
    """Who is told of spans, if anybody."""

    def __init__(self) -> None:
        self.collector = optional("OTEL_EXPORTER_OTLP_ENDPOINT", web_url, None)
        self.service_name = optional("OTEL_SERVICE_NAME", str, "links")


class Web:
    """What `web` needs."""

    def __init__(self) -> None:
        self.port = required("PORT", port)
        self.public_base_url = required("PUBLIC_BASE_URL", web_url)
        self.shutdown_grace = optional("SHUTDOWN_GRACE_SECONDS", number, 20)
        self.database, self.sessions = Database(), Sessions()
        self.partner, self.mail, self.telemetry = Partner(), Mail(), Telemetry()
        self.release_id = self.database.release_id


class Worker:
    """What `worker` needs. It has no port: nobody calls it."""

    def __init__(self) -> None:
        self.concurrency = optional("WORKER_CONCURRENCY", number, 1)
        self.lease = optional("JOB_LEASE_SECONDS", number, 30)
        self.poll = optional("JOB_POLL_MS", milliseconds, 0.2)
        self.attempts = optional("JOB_MAX_ATTEMPTS", number, 10)
        self.database, self.partner, self.telemetry = Database(), Partner(), Telemetry()
        self.release_id = self.database.release_id


class Screen:
    """What `screen` needs. Without keys everybody may ask: then the network decides."""

    def __init__(self) -> None:
        self.port = required("PORT", port)
        self.shutdown_grace = optional("SHUTDOWN_GRACE_SECONDS", number, 20)
        self.release_id = optional("RELEASE_ID", str, "unreleased")
        # Empty means that there are none, and is no mistake.
        self.denied_hosts = items(os.environ.get("DENY_HOSTS", "").lower())
        self.api_keys = items(os.environ.get("SCREEN_API_KEYS", ""))


def log_level() -> int:
    """`LOG_LEVEL`: how much to log is one question, which deploy this is another."""
    return optional("LOG_LEVEL", lambda text: LEVELS[text], logging.INFO)


def new_user_password() -> str:
    """Not an argument: those can be read by everybody on the machine (`ps`), and stay in the history of a shell."""
    return required("NEW_USER_PASSWORD", str)


def hash_cost() -> int:
    """`PASSWORD_HASH_COST`: how many rounds a password is hashed. A machine for tests may have the least; none has zero."""
    return optional("PASSWORD_HASH_COST", number, 2)


def commit() -> str:
    """The commit this was built of."""
    return COMMIT_FILE.read_text().strip() if COMMIT_FILE.exists() else "unbuilt"


def required(name: str, parse: Callable[[str], T]) -> T:
    if name not in os.environ:
        raise ConfigError(f"{name} is missing")
    return optional(name, parse, None)


def optional(name: str, parse: Callable[[str], T], default: T) -> T:
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        # Surrogates are what Python makes of bytes that are no UTF-8.
        if value and value.isprintable():
            return parse(value)
    except (ValueError, KeyError):
        pass
    # Without the value and without its cause: either may be somebody's password.
    raise ConfigError(f"{name} is empty or malformed") from None


def number(text: str) -> int:
    """A whole number from one on; bounded, since sums with the current time must not overflow."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 86_400_000):
        raise ValueError
    return int(text)


def milliseconds(text: str) -> float:
    return number(text) / 1000


def port(text: str) -> int:
    if number(text) > 65535:
        raise ValueError
    return int(text)


def items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def split(text: str, *schemes: str) -> SplitResult:
    """`urlsplit` drops newlines and accepts nearly everything; what it would repair is refused."""
    url = urlsplit(text)
    # Not `isprintable`: the joiner within an emoji is not printable, and a part of many an address.
    if url.scheme not in schemes or not url.hostname or any(c.isspace() or category(c) in ("Cc", "Cs") for c in text):
        raise ValueError
    # Reading it checks it.
    _ = url.port
    return url


def web_url(text: str) -> str:
    """An absolute http or https URL; a slash at the end means nothing."""
    url = split(text, "http", "https")
    if url.query or url.fragment:
        raise ValueError
    return text.rstrip("/")


def postgres_url(text: str) -> str:
    """Kept as it is: libpq reads every part of it, encoded characters and parameters as well."""
    split(text, "postgres", "postgresql")
    try:
        conninfo.conninfo_to_dict(text)
    except Exception:
        raise ValueError from None
    return text


def redis_url(text: str) -> str:
    url = split(text, "redis", "rediss")
    if url.path.strip("/") and not url.path.strip("/").isdigit():
        raise ValueError
    return text


def smtp_url(text: str) -> SplitResult:
    return split(text, "smtp")


def visible_ascii(text: str) -> str:
    if not all("!" <= c <= "~" for c in text):
        raise ValueError
    return text


def address(text: str) -> str:
    if "@" not in parseaddr(text)[1]:
        raise ValueError
    return text
