"""The configuration: read once at start, checked completely (factor 3)."""

import os
import re
from urllib.parse import urlsplit

ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class ConfigError(Exception):
    """Names the variable that is missing or malformed, and never shows its value."""


class Database:
    """Where links and users are kept; the admin commands need nothing else."""

    def __init__(self):
        # TODO(factor 4): a database whose password somebody generated holds `@` or `/`. What stands in its URL then, and
        # what do we hand on? And what becomes of `?application_name=...`?
        address = required("DATABASE_URL", Address)
        self.options = {
            "user": address.user,
            "password": address.password,
            "host": address.host,
            "port": address.port,
            "database": address.path.partition("?")[0],
        }


class Address:
    """The parts of `scheme://user:password@host:port/path`."""

    def __init__(self, text):
        who, _, place = text.partition("://")[2].rpartition("@")
        self.user, _, self.password = who.partition(":")
        place, _, self.path = place.partition("/")
        self.host, _, port = place.partition(":")
        self.port = positive(port)


class Config:
    """Everything that may differ between two deploys."""

    def __init__(self):
        self.port = required("PORT", positive)
        self.database = Database()
        # TODO(factor 4): two deploys share one Redis and have a database each. Which one do we use?
        redis = required("REDIS_URL", Address)
        self.redis_url = f"redis://{redis.user}:{redis.password}@{redis.host}:{redis.port}"
        self.session_ttl = optional("SESSION_TTL_SECONDS", positive, 900)
        self.screen_url = required("SCREEN_URL", web_url)
        self.screen_api_key = required("SCREEN_API_KEY", str)
        self.mail = Mail()
        self.public_base_url = required("PUBLIC_BASE_URL", web_url)
        self.release_id = optional("RELEASE_ID", str, "unreleased")


class Mail:
    """Where mail is handed in, and who it is from."""

    def __init__(self):
        # TODO(factor 4): the server on our own machine knows us and asks for nothing. Does the one at a provider?
        server = required("SMTP_URL", Address)
        self.host, self.port = server.host, server.port
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
