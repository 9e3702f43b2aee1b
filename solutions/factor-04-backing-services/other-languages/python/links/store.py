"""The attached resources: PostgreSQL keeps links and users, Redis keeps sessions, and a mail server takes letters.

Connections are opened when a request needs them, so a resource may come late, go away and come back.
"""

import hashlib
import hmac
import queue
import secrets
import smtplib
import string
from contextlib import contextmanager
from email.message import EmailMessage

import pg8000.exceptions
import pg8000.native
import redis

SCHEMA = """
create table if not exists users (
    name text primary key,
    role text not null check (role in ('user', 'admin')),
    password_hash text not null
);
create table if not exists links (
    id bigint generated always as identity unique,
    slug text primary key,
    owner text references users (name),
    prefix text not null,
    target text not null,
    private boolean not null,
    submissions bigint not null default 1,
    clicks bigint not null default 0,
    created_at timestamptz not null default now(),
    unique nulls not distinct (owner, prefix, target)
);
"""
COLUMNS = """id, slug, target, owner, private, submissions, clicks,
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
NAMES = ("id", "slug", "target", "owner", "private", "submissions", "clicks", "created_at")
UNIQUE_VIOLATION = "23505"
SLUG_TRIES = 3


class StoreError(Exception):
    """A backing service did not do what it was asked."""


class Conflict(StoreError):
    """What was asked contradicts what is there already."""


class MailError(StoreError):
    """The mail server did not take a letter."""


class Store:
    """One client for each resource, made of its address alone."""

    def __init__(self, settings):
        self.pool = Pool(settings.database)
        timeout = settings.database.timeout
        self.redis = redis.Redis.from_url(
            settings.redis_url, decode_responses=True, socket_timeout=timeout, socket_connect_timeout=timeout
        )
        self.session_ttl = settings.session_ttl
        self.mail, self.mail_timeout = settings.mail, settings.upstream_timeout

    def is_ready(self):
        return self.query("select to_regclass('links') is not null") == [[True]]

    def submit(self, owner, prefix, target, private):
        """Submits a link; whether it is new comes with it. One statement decides and counts."""
        for _ in range(SLUG_TRIES):
            slug = f"{prefix}-{''.join(secrets.choice(string.digits + string.ascii_lowercase) for _ in range(6))}"
            try:
                [[found]] = self.query(
                    """insert into links (slug, owner, prefix, target, private)
                    values (:slug, :owner, :prefix, :target, :private)
                    on conflict (owner, prefix, target) do update set submissions = links.submissions + 1
                    returning slug""",
                    slug=slug, owner=owner, prefix=prefix, target=target, private=private,
                )
                return self.link(found), found == slug
            except Conflict:
                continue
        raise StoreError("no free slug was found")

    def link(self, slug):
        rows = self.query(f"select {COLUMNS} from links where slug = :slug", slug=slug)
        return dict(zip(NAMES, rows[0])) if rows else None

    def follow(self, slug):
        """Where a link leads; counts the click."""
        rows = self.query("update links set clicks = clicks + 1 where slug = :slug returning target", slug=slug)
        return rows[0][0] if rows else None

    def log_in(self, name, password):
        """The token of a new session, or None."""
        with redis_errors():
            rows = self.query("select password_hash from users where name = :name", name=name)
            if not rows or not is_password(rows[0][0], password):
                return None
            token = secrets.token_hex(32)
            self.redis.set(f"session:{token}", name, ex=self.session_ttl)
            return token

    def user(self, token):
        """Whose session the token opens. That Redis does not answer is not the answer "nobody's"."""
        with redis_errors():
            name = self.redis.get(f"session:{token}")
        rows = self.query("select name, role from users where name = :name", name=name) if name else []
        return {"user": rows[0][0], "role": rows[0][1]} if rows else None

    def log_out(self, token):
        with redis_errors():
            self.redis.delete(f"session:{token}")

    def share(self, to, short_url):
        """Hands a letter to the mail server; returns when that has taken it over."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self.mail.sender, to, "A link for you"
        letter.set_content(f"Somebody shared a link with you:\n\n{short_url}\n")
        try:
            # Every read and write has this bound, not connecting alone.
            with smtplib.SMTP(self.mail.host, self.mail.port, timeout=self.mail_timeout) as server:
                if self.mail.user:
                    server.login(self.mail.user, self.mail.password)
                server.send_message(letter)
        except (smtplib.SMTPException, OSError) as error:
            raise MailError(type(error).__name__) from None

    def query(self, sql, **values):
        with self.pool.connection() as connection:
            return connection.run(sql, **values)


class Pool:
    """At most so many connections; one that failed is not used again."""

    def __init__(self, database):
        self.database = database
        self.places = queue.LifoQueue()
        for _ in range(database.pool_max):
            self.places.put(None)

    @contextmanager
    def connection(self):
        try:
            place = self.places.get(timeout=self.database.timeout)
        except queue.Empty:
            raise StoreError("no connection became free in time") from None
        kept = None
        try:
            connection = place or connect(self.database)
            yield connection
            kept = connection
        except pg8000.exceptions.DatabaseError as error:
            details = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
            if details.get("C") == UNIQUE_VIOLATION:
                kept = connection
                raise Conflict("it is there already") from None
            raise StoreError(details.get("M", str(error))) from None
        except (pg8000.exceptions.Error, OSError) as error:
            raise StoreError(str(error)) from None
        finally:
            self.places.put(kept)


def connect(database):
    return pg8000.native.Connection(**database.options, timeout=database.timeout)


def migrate(database):
    with Pool(database).connection() as connection:
        connection.run("begin")
        # A second `migrate` waits its turn.
        connection.run("select pg_advisory_xact_lock(hashtext('links migrate'))")
        connection.run(SCHEMA)
        connection.run("commit")


def create_user(database, name, role, password):
    salt = secrets.token_bytes(16)
    password_hash = f"{salt.hex()}.{scrypt(password, salt).hex()}"
    with Pool(database).connection() as connection:
        connection.run(
            "insert into users (name, role, password_hash) values (:name, :role, :password_hash)",
            name=name, role=role, password_hash=password_hash,
        )


def is_password(password_hash, password):
    salt, expected = (bytes.fromhex(part) for part in password_hash.split("."))
    return hmac.compare_digest(scrypt(password, salt), expected)


def scrypt(password, salt):
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


@contextmanager
def redis_errors():
    try:
        yield
    except redis.RedisError as error:
        raise StoreError(str(error)) from None
