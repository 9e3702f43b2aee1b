"""Links and whose they are. Every statement is a constant, and whatever a client sent is a parameter of it (factor 15).

There is deliberately no dictionary, no cache and no file in here: each would be a second place for the same fact, in one
process out of several (factor 6).
"""

import secrets
import string
from dataclasses import dataclass

from links.accounts import User
from links.database import Conflict, Database

ALPHABET = string.digits + string.ascii_lowercase
# A random slug that is taken already is one in two billion; a third one in a row is no accident.
SLUG_TRIES = 3

# Link and job are one statement, so one transaction: between two of them the process could be killed, and nobody would
# ever make the preview (`web-kill9-atomic`). What a client may choose is listed; owner and counters are not its to choose.
SUBMIT = """
with link as (
    insert into links (slug, owner, prefix, target, private)
    values (%(slug)s, %(owner)s, %(prefix)s, %(target)s, %(private)s)
    on conflict (owner, prefix, target) do update set submissions = links.submissions + 1
    returning slug, slug = %(slug)s as is_new
), job as (
    insert into jobs (slug, traceparent) select slug, %(traceparent)s from link where is_new
)
select slug, is_new from link
"""

# A new target wants a new preview. A job that waits already begins anew, with another key: it asks for something else now.
CHANGE = """
with old as (select slug, target from links where slug = %(slug)s for update),
changed as (
    update links set
        target = coalesce(%(target)s::text, links.target),
        private = coalesce(%(private)s::boolean, private),
        state = case when %(target)s <> old.target then 'pending' else state end,
        title = case when %(target)s <> old.target then null else title end
    from old where links.slug = old.slug
    returning links.slug, links.target <> old.target as moved
)
insert into jobs (slug, traceparent) select slug, %(traceparent)s from changed where moved
on conflict (slug) do update set
    key = excluded.key, free_at = excluded.free_at, owner = null, failures = 0, traceparent = excluded.traceparent
"""

# The words of a visitor are no pattern: `strpos` knows no wildcards, as `like` does, so "100%" is found as it is written.
# Bytes are compared, since collations come from the operating system and differ between two images of one version.
LIST = """
select * from shown_links
where (not private or owner = %(reader)s or %(is_admin)s)
  and (%(wanted)s = ''
       or strpos(lower(normalize(target, NFC) collate "C"), lower(normalize(%(wanted)s, NFC) collate "C")) > 0
       or strpos(lower(normalize(title, NFC) collate "C"), lower(normalize(%(wanted)s, NFC) collate "C")) > 0)
  and (%(made)s::bigint is null or made < %(made)s or made = %(made)s and slug > %(slug)s collate "C")
order by made desc, slug limit %(limit)s
"""

# The database adds, in the statement that holds the row, and commits before the visitor is sent on: no click is lost between
# two processes, and none with a process.
FOLLOW = """
update links set clicks = clicks + 1
where slug = %(slug)s and (not private or owner = %(reader)s or %(is_admin)s) returning target
"""


@dataclass(frozen=True)
class Cursor:
    """The place in a list after which the next page begins. It travels with the client: one that the process remembered
    would end with the process."""

    made: int
    slug: str

    def __str__(self) -> str:
        return f"{self.made}.{self.slug}"

    @classmethod
    def read(cls, text: str) -> "Cursor":
        made, _, slug = text.partition(".")
        if not (made.isascii() and made.isdigit() and int(made) < 2**63 and slug and "\0" not in slug):
            raise ValueError
        return cls(int(made), slug)


class Store:
    """The links of this deploy."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def submit(self, owner: User | None, prefix: str, target: str, private: bool, trace: str) -> tuple[dict, bool]:
        """Submits a link; whether it is new comes with it. One statement decides and counts for all processes at once."""
        for attempt in range(SLUG_TRIES):
            slug = f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(6))}"
            values = {"owner": owner and owner.name, "prefix": prefix, "target": target, "private": private}
            try:
                found = await self.database.one(SUBMIT, slug=slug, traceparent=trace, **values)
            except Conflict:
                continue
            link = await self.link(found["slug"])
            if link is None:
                break
            return link, found["is_new"]
        raise Conflict("no free slug was found")

    async def link(self, slug: str) -> dict | None:
        return await self.database.one("select * from shown_links where slug = %(slug)s", slug=slug)

    async def shown(self, reader: User | None, slug: str) -> dict | None:
        """The link, if `reader` may know of it."""
        link = await self.link(slug)
        return link if link and (not link["private"] or owns(reader, link)) else None

    async def list(self, reader: User | None, wanted: str, limit: int, after: Cursor | None) -> list[dict]:
        made, slug = (after.made, after.slug) if after else (None, "")
        return await self.database.all(LIST, wanted=wanted, limit=limit, made=made, slug=slug, **seen_by(reader))

    async def change(self, slug: str, target: str | None, private: bool | None, trace: str) -> None:
        await self.database.run(CHANGE, slug=slug, target=target, private=private, traceparent=trace)

    async def delete(self, slug: str) -> bool:
        """Its job goes with it."""
        return await self.database.run("delete from links where slug = %(slug)s", slug=slug) > 0

    async def follow(self, reader: User | None, slug: str) -> str | None:
        """Where `slug` leads; counts the click."""
        row = await self.database.one(FOLLOW, slug=slug, **seen_by(reader))
        return row and row["target"]


def owns(user: User | None, link: dict) -> bool:
    """Whether somebody may change a link, and know of it when it is private. The one place that decides it."""
    return user is not None and (user.is_admin or link["owner"] == user.name)


def seen_by(reader: User | None) -> dict:
    return {"reader": reader and reader.name, "is_admin": reader is not None and reader.is_admin}
