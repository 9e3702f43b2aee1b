"""Who somebody is: passwords, sessions, and how many guesses a name is worth (factors 6 and 15).

What is kept here must be of little use to whoever steals it: of a password its slow hash, of a token its fast one. And all
of it is kept in PostgreSQL and Redis: one that lived in this process would be unknown to every other one.
"""

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import redis.asyncio
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from links import config, log
from links.database import Database

# How many passwords a name may be tried with before it has to wait, and how many seconds that lasts.
GUESSES = 10
LOCKED_SECONDS = 60
# What is longer is nobody's name, and no key in Redis whose size somebody else chooses.
LONGEST_NAME = 64
# A password is hashed as a whole, so its length costs us something.
LONGEST_PASSWORD = 1024


class SessionsUnavailable(Exception):
    """Redis did not do what it was asked, which does not mean that a session is nobody's."""


class TooOften(Exception):
    """A name was tried too often."""


@dataclass(frozen=True)
class User:
    """Somebody who is logged in."""

    name: str
    role: str

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"


class Accounts:
    """The accounts of this deploy. Attaching Redis reaches for nothing."""

    def __init__(self, settings: config.Sessions, database: Database, hash_cost: int) -> None:
        self.database, self.ttl, self.hasher = database, settings.ttl, hasher(hash_cost)
        self.timeout = database.timeout
        self.redis = redis.asyncio.Redis.from_url(
            settings.url,
            decode_responses=True,
            socket_timeout=self.timeout,
            socket_connect_timeout=self.timeout,
            # Once more with a new connection, when the old one has died meanwhile; not again and again.
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[redis.ConnectionError],
        )

    async def log_in(self, name: str, password: str) -> str | None:
        """The token of a new session, or None.

        A guess is counted before it is looked at: counted afterwards, forty guesses that are sent at once would all be looked
        at before the first of them counts.
        """
        if len(name) > LONGEST_NAME or len(password) > LONGEST_PASSWORD or "\0" in name:
            return None
        if await self.count_guess(name) > GUESSES:
            raise TooOften
        row = await self.database.one("select password_hash from users where name = %(name)s", name=name)
        if not await self.is_password(row and row["password_hash"], password):
            return None
        token = secrets.token_urlsafe(32)
        async with self.asked() as asked:
            # Key and expiry are one command. A `SET` followed by an `EXPIRE` leaves an immortal session if we die in between.
            await asked.set(session(token), name, ex=self.ttl)
            await asked.delete(guesses(name))
        return token

    async def user(self, token: str) -> User | None:
        """Whose session the token opens. Redis is asked each time, so a logout or an expiry holds everywhere at once; and so is
        the role, so somebody who is no administrator any more stops being one now, and not at the next login."""
        async with self.asked() as asked:
            name = await asked.get(session(token))
        if name is None:
            return None
        row = await self.database.one("select name, role from users where name = %(name)s", name=name)
        return row and User(**row)

    async def log_out(self, token: str) -> None:
        """Ends a session for all processes."""
        async with self.asked() as asked:
            await asked.delete(session(token))

    async def users(self) -> list[User]:
        """Everybody, for administrators. Columns are named: `select *` answers with whatever column somebody adds next."""
        return [User(**row) for row in await self.database.all("select name, role from users order by name")]

    async def count_guess(self, name: str) -> int:
        """Counted by Redis and not here: three processes that count for themselves allow thirty guesses instead of ten. And by
        name: whoever guesses at one of them must not keep everybody else out. Both commands are one transaction, so that no
        counter is left behind that never expires."""
        async with self.asked() as asked:
            count = asked.pipeline(transaction=True)
            count.set(guesses(name), 0, ex=LOCKED_SECONDS, nx=True)
            return (await count.incr(guesses(name)).execute())[1]

    async def is_password(self, password_hash: str | None, password: str) -> bool:
        # Slow on purpose. In the event loop it would stop everybody else's requests.
        return await asyncio.to_thread(verify, self.hasher, password_hash, password)

    @contextlib.asynccontextmanager
    async def asked(self) -> AsyncIterator[redis.asyncio.Redis]:
        """Redis, with a bound on the whole conversation."""
        try:
            async with asyncio.timeout(2 * self.timeout):
                yield self.redis
        except (redis.RedisError, OSError, TimeoutError) as error:
            log.warning("redis unavailable", why=type(error).__name__)
            raise SessionsUnavailable from None


async def create_user(database: Database, name: str, role: str, password: str, cost: int) -> None:
    """Adds a user. A name that is taken is a `Conflict`: a second password for somebody's account is nobody's intention."""
    password_hash = hasher(cost).hash(password)
    insert = "insert into users (name, role, password_hash) values (%(name)s, %(role)s, %(password_hash)s)"
    await database.run(insert, name=name, role=role, password_hash=password_hash)


def hasher(cost: int) -> PasswordHasher:
    """19 MiB of memory, which is what graphics cards have too little of per core, and as many rounds as configured. Each hash
    has a salt of its own. Whoever verifies reads the cost from the hash: old ones stay valid when it is raised."""
    return PasswordHasher(time_cost=cost, memory_cost=19 * 1024, parallelism=1)


def verify(passwords: PasswordHasher, password_hash: str | None, password: str) -> bool:
    if password_hash is None:
        # As much work as for somebody who is known: how long an answer takes would tell who has an account.
        passwords.hash(password)
        return False
    try:
        return passwords.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


def session(token: str) -> str:
    """The key of a session. Whoever reads Redis, or a backup of it, must not be able to log in with what stands there. A fast
    hash is enough here: nobody guesses 256 random bits."""
    return "session:" + hashlib.sha256(token.encode(errors="replace")).hexdigest()


def guesses(name: str) -> str:
    return f"guesses:{name}"
