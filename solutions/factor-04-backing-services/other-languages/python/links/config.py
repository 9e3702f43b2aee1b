"""The configuration: read once at start, checked completely (factor 3).

Four of its variables are handles. Every part of each counts and is decoded, and nothing asks whether a host is a local one.
"""

import os
import re
from urllib.parse import parse_qs, unquote, urlsplit

ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class ConfigError(Exception):
    """Names the variable that is missing or malformed, and never shows its value."""


class Database:
    """Where links and users are kept; the admin commands need nothing else."""

    def __init__(self):
        url = required("DATABASE_URL", urlsplit)
        # Every part of the address may hold percent-encoded characters, the password most of all.
        self.options = {
            "user": unquote(url.username or ""),
            "password": unquote(url.password or ""),
            "host": url.hostname,
            "port": url.port or 5432,
            "database": unquote(url.path.lstrip("/")),
            "application_name": parse_qs(url.query).get("application_name", [None])[0],
        }
        self.pool_max = optional("DB_POOL_MAX", positive, 5)
        self.timeout = optional("DB_TIMEOUT_MS", positive, 3000) / 1000


class Config:
    """Everything that may differ between two deploys."""

    def __init__(self):
        self.port = required("PORT", positive)
        self.database = Database()
        self.redis_url = required("REDIS_URL", str)
        self.session_ttl = optional("SESSION_TTL_SECONDS", positive, 900)
        self.screen_url = required("SCREEN_URL", web_url)
        self.screen_api_key = required("SCREEN_API_KEY", str)
        self.mail = Mail()
        self.upstream_timeout = optional("UPSTREAM_TIMEOUT_MS", positive, 3000) / 1000
        self.public_base_url = required("PUBLIC_BASE_URL", web_url)
        self.release_id = optional("RELEASE_ID", str, "unreleased")


class Mail:
    """Where mail is handed in, and who it is from."""

    def __init__(self):
        url = required("SMTP_URL", urlsplit)
        self.host, self.port = url.hostname, url.port or 25
        self.user, self.password = unquote(url.username or ""), unquote(url.password or "")
        self.sender = required("MAIL_FROM", address)


def required(name, parse):
    if not os.environ.get(name):
        raise ConfigError(f"{name} is missing")
    return optional(name, parse, None)


def optional(name, parse, default):
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        return parse(value)
    except ValueError:
        raise ConfigError(f"{name} is malformed") from None


def positive(text):
    number = int(text)
    if number <= 0:
        raise ValueError
    return number


def web_url(text):
    """An absolute http or https URL with a host, without a slash at the end."""
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname or any(c.isspace() or not c.isprintable() for c in text):
        raise ValueError
    return text.rstrip("/")


def address(text):
    """An address of mail and nothing else: what goes on in a second line is none."""
    if not ADDRESS.fullmatch(text):
        raise ValueError
    return text
