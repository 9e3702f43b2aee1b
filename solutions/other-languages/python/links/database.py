"""PostgreSQL: a bounded number of connections, a bound on each wait for it, and how the schema gets there."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from links import config, log

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class Unavailable(Exception):
    """PostgreSQL did not do what it was asked: it is away, or not in time, or has no schema yet."""

    for_people = True


class Conflict(Exception):
    """What was asked contradicts what is there already."""

    for_people = True


class Database:
    """The database of this deploy. Attaching it reaches for nothing, so a process starts as well while it is away."""

    def __init__(self, settings: config.Database) -> None:
        self.timeout = settings.timeout
        self.pool = AsyncConnectionPool(
            settings.url,
            kwargs={"autocommit": True, "row_factory": dict_row, "connect_timeout": max(2, round(settings.timeout))},
            min_size=0,
            max_size=settings.pool_max,
            timeout=settings.timeout,
            # One round trip for each use. Without it the first request after a failover gets a connection that is dead.
            check=self.is_alive,
            # The pool would try again by itself, later and later. The next request is a better moment: it is when somebody
            # needs the connection, and the database may be back long before the pool looks again.
            reconnect_timeout=0,
            open=False,
        )

    async def __aenter__(self) -> "Database":
        await self.pool.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.pool.close(timeout=self.timeout)

    async def is_alive(self, connection: psycopg.AsyncConnection) -> None:
        with hanging_up_after(self.timeout, connection):
            await AsyncConnectionPool.check_connection(connection)

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[psycopg.AsyncConnection]:
        """A connection for one statement, or for one transaction that waits for nobody else."""
        try:
            async with self.pool.connection() as connection:
                with hanging_up_after(self.timeout, connection):
                    yield connection
        except psycopg.errors.UniqueViolation:
            raise Conflict("it is there already") from None
        except (psycopg.Error, PoolTimeout) as error:
            # The kind and the code. The text of a driver quotes names, statements and values.
            log.warning("database unavailable", why=type(error).__name__, code=getattr(error, "sqlstate", None))
            raise Unavailable("the database did not do what it was asked") from None

    async def all(self, sql: str, **values: object) -> list[dict]:
        async with self.connection() as connection:
            return await (await connection.execute(sql, values)).fetchall()

    async def one(self, sql: str, **values: object) -> dict | None:
        async with self.connection() as connection:
            return await (await connection.execute(sql, values)).fetchone()

    async def run(self, sql: str, **values: object) -> int:
        """Says how many rows were changed."""
        async with self.connection() as connection:
            return (await connection.execute(sql, values)).rowcount

    async def is_ready(self) -> bool:
        """Whether PostgreSQL answers and has our tables."""
        try:
            return (await self.one("select to_regclass('shown_links') is not null as there"))["there"]
        except Unavailable:
            return False


@contextlib.contextmanager
def hanging_up_after(seconds: float, connection: psycopg.AsyncConnection) -> Iterator[None]:
    """Ends the wait for a server that says nothing at all.

    `asyncio.timeout` would not: psycopg, when it is cancelled, asks the server to cancel the statement and waits for that, and a
    frozen server answers this as little. With its socket shut down the statement fails at once, and the pool throws the
    connection away, whose state nobody knows.
    """
    timer = asyncio.get_running_loop().call_later(seconds, hang_up, connection)
    try:
        yield
    finally:
        timer.cancel()


def hang_up(connection: psycopg.AsyncConnection) -> None:
    with contextlib.suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)


async def migrate(settings: config.Database) -> int:
    """Brings the schema up to date, and says how many steps that took.

    All of it is one transaction: interrupted, it has not happened. The lock makes a second `migrate` wait its turn and then
    find nothing left to do; it belongs to the transaction and ends with it.
    """
    steps = sorted(MIGRATIONS.glob("*.sql"), key=lambda path: int(path.name.split("-")[0]))
    try:
        # No bound on the statements: a step may rewrite a large table. Whoever starts it sets one (`activeDeadlineSeconds`).
        async with await psycopg.AsyncConnection.connect(
            settings.url, connect_timeout=max(2, round(settings.timeout))
        ) as connection:
            await connection.execute("select pg_advisory_xact_lock(hashtext('links migrate'))")
            await connection.execute("create table if not exists migrations (number bigint primary key)")
            done = {number for (number,) in await (await connection.execute("select number from migrations")).fetchall()}
            missing = [(number, step) for number, step in enumerate(steps, 1) if number not in done]
            for number, step in missing:
                await connection.execute(step.read_bytes())
                await connection.execute("insert into migrations values (%s)", [number])
            return len(missing)
    except psycopg.Error as error:
        raise Unavailable(f"the schema could not be brought ({type(error).__name__} {error.sqlstate or ''})") from None
