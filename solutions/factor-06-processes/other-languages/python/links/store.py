"""What this service remembers, and who remembers it: links and users are rows in PostgreSQL, sessions are keys in Redis.

There is deliberately no dictionary, no cache and no file in here: each would be a second place for the same fact, in one
process out of several.
"""

import hashlib
import hmac
import queue
import secrets
import string
from contextlib import contextmanager

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
# How many wrong passwords a name may be tried with before it has to wait, and how many seconds that lasts.
WRONG_PASSWORDS = 10
LOCKED_SECONDS = 60


class StoreError(Exception):
    """A backing service did not do what it was asked."""


class Conflict(StoreError):
    """What was asked contradicts what is there already."""


class TooOften(StoreError):
    """A name was tried too often."""


class Store:
    """The attached resources: connections, and nothing that they carry."""

    def __init__(self, settings):
        self.pool = Pool(settings.database)
        timeout = settings.database.timeout
        self.redis = redis.Redis.from_url(
            settings.redis_url, decode_responses=True, socket_timeout=timeout, socket_connect_timeout=timeout
        )
        self.session_ttl = settings.session_ttl

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

    def links(self, reader, limit, before):
        rows = self.query(
            f"""select {COLUMNS} from links where id < :before and (not private or owner = :reader)
            order by id desc limit :limit""",
            before=before, reader=reader, limit=limit,
        )
        return [dict(zip(NAMES, row)) for row in rows]

    def change(self, slug, target, private):
        self.query(
            """update links set target = coalesce(:target, target), private = coalesce(:private, private)
            where slug = :slug""",
            slug=slug, target=target, private=private,
        )

    def delete(self, slug):
        return bool(self.query("delete from links where slug = :slug returning slug", slug=slug))

    def follow(self, slug):
        """Where a link leads. The click is kept before the visitor is sent on (`counters-exact`)."""
        rows = self.query("update links set clicks = clicks + 1 where slug = :slug returning target", slug=slug)
        return rows[0][0] if rows else None

    def log_in(self, name, password):
        """The token of a new session, or None."""
        with redis_errors():
            if int(self.redis.get(f"wrong-passwords:{name}") or 0) >= WRONG_PASSWORDS:
                raise TooOften
            rows = self.query("select password_hash from users where name = :name", name=name)
            if not rows or not is_password(rows[0][0], password):
                count = self.redis.pipeline(transaction=True)
                count.set(f"wrong-passwords:{name}", 0, ex=LOCKED_SECONDS, nx=True)
                count.incr(f"wrong-passwords:{name}").execute()
                return None
            token = secrets.token_hex(32)
            # Key and expiry are one command: Redis forgets the session by itself (`sessions-expire`).
            self.redis.set(f"session:{token}", name, ex=self.session_ttl)
            return token

    def user(self, token):
        """Whose session the token opens; asked at every request, since another process may have ended it."""
        with redis_errors():
            name = self.redis.get(f"session:{token}")
        rows = self.query("select name, role from users where name = :name", name=name) if name else []
        return {"user": rows[0][0], "role": rows[0][1]} if rows else None

    def log_out(self, token):
        with redis_errors():
            self.redis.delete(f"session:{token}")

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
