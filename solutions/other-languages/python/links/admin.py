"""What is done once, by somebody or by a clock: one-off processes (factor 12). Each does one thing, says what it did, and ends.

They are part of the program and not scripts beside it, so a release brings the very commands that know its tables. Each may
be started twice, next to another one, and next to all of `web`; and each may be killed at any moment, since a platform tries
again what has failed.
"""

from argparse import Namespace

from links import config, database, log
from links.commands import Refused
from links.database import Database

# Rows that are changed together. Few enough that nobody waits for the lock on one of them.
BATCH = 500

PURGE = """
delete from links where slug in (
    select slug from links where created_at < now() - %(days)s * interval '1 day' limit %(batch)s
)
"""

# One statement marks the link and queues its job. A second run, or one at the same time, waits for the locked row, looks at it
# again and no longer finds it `failed`: somebody *will* start it twice.
BACKFILL = """
with missing as (select slug from links where state = 'failed' order by slug limit %(batch)s for update),
queued as (insert into jobs (slug) select slug from missing)
update links set state = 'pending' from missing where links.slug = missing.slug
"""


async def migrate(_: Namespace) -> None:
    settings = config.Database()
    steps = await database.migrate(settings)
    log.info("migrated", steps=steps, release=settings.release_id, commit=config.commit())


async def create_user(asked: Namespace) -> None:
    # Here, and not above: the other commands need neither Redis's client nor Argon2.
    from links import accounts

    password, cost, settings = config.new_user_password(), config.hash_cost(), config.Database()
    if not 1 <= len(asked.name) <= accounts.LONGEST_NAME or len(password) > accounts.LONGEST_PASSWORD:
        raise Refused("a name has 1 to 64 characters, a password at most 1024")
    async with Database(settings) as attached:
        await accounts.create_user(attached, asked.name, asked.role, password, cost)
    log.info("created", user=asked.name, role=asked.role, commit=config.commit())


async def purge(asked: Namespace) -> None:
    """Deletes links that were made more than this many days ago, and their jobs with them."""
    links = await in_batches(PURGE, days=asked.older_than_days)
    log.info("purged", links=links, commit=config.commit())


async def backfill_previews(_: Namespace) -> None:
    """Queues a job for each link whose preview has failed, or that is older than previews."""
    previews = await in_batches(BACKFILL)
    log.info("queued", previews=previews, commit=config.commit())


async def in_batches(statement: str, **values: object) -> int:
    """Runs a statement until there is nothing left to change. Each run of it is a transaction of its own: `web` never waits for
    more than one batch, and what is done stays done if this process ends in between."""
    changed = 0
    async with Database(config.Database()) as attached:
        while rows := await attached.run(statement, batch=BATCH, **values):
            changed += rows
    return changed
