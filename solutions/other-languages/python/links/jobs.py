"""The queue of preview jobs, as workers use it: a table, because a link and its job can then be committed together.

A job is free from `free_at` on; whoever claims it moves that into the future, and renews it while the work goes on. A job in
hand is still in the queue, only leased: when its worker dies, time alone gives it back (`worker-kill9`).
"""

from links.database import Database

# Looking and taking are one statement, so no two workers take the same job. `skip locked` lets them pass each other instead
# of queueing up behind one row, and no lock is held while the job is done.
CLAIM = """
update jobs set owner = %(owner)s, free_at = clock_timestamp() + %(lease)s * interval '1 second'
from links where links.slug = jobs.slug and jobs.slug = (
    select slug from jobs where free_at <= clock_timestamp() order by free_at for update skip locked limit 1
) returning jobs.slug, jobs.key, jobs.traceparent, links.target
"""

KEEP = """
update jobs set free_at = clock_timestamp() + %(lease)s * interval '1 second'
where slug = %(slug)s and key = %(key)s and owner = %(owner)s
"""

# Both or neither, and only while the job is ours. `purge` may have removed both meanwhile, which is fine.
FINISH = """
with done as (delete from jobs where slug = %(slug)s and key = %(key)s and owner = %(owner)s returning slug)
update links set state = 'done', title = %(title)s from done where links.slug = done.slug
"""

# Later and later; after the last attempt the preview has failed, and `admin backfill-previews` is there for the day on which
# the reason is gone. A worker that was killed or stopped does not count as an attempt.
POSTPONE = """
with failed as (
    delete from jobs
    where slug = %(slug)s and key = %(key)s and owner = %(owner)s and failures + 1 >= %(attempts)s returning slug
), later as (
    update jobs set owner = null, failures = failures + 1,
        free_at = clock_timestamp() + least(60, 2 ^ failures) * interval '1 second'
    where slug = %(slug)s and key = %(key)s and owner = %(owner)s and failures + 1 < %(attempts)s
)
update links set state = 'failed' from failed where links.slug = failed.slug
"""


class Queue:
    """The jobs of this deploy, for one owner."""

    def __init__(self, database: Database, owner: str, lease: int) -> None:
        self.database, self.owner, self.lease = database, owner, lease

    async def claim(self) -> dict | None:
        return await self.database.one(CLAIM, owner=self.owner, lease=self.lease)

    async def keep(self, job: dict) -> bool:
        """False when the job belongs to somebody else by now."""
        return await self.database.run(KEEP, lease=self.lease, **self.mine(job)) == 1

    async def finish(self, job: dict, title: str) -> None:
        await self.database.run(FINISH, title=title, **self.mine(job))

    async def postpone(self, job: dict, attempts: int) -> None:
        await self.database.run(POSTPONE, attempts=attempts, **self.mine(job))

    async def hand_back(self) -> None:
        """Asked by owner and not by job: of a claim whose answer was lost the worker does not know."""
        free = "update jobs set owner = null, free_at = clock_timestamp() where owner = %(owner)s"
        await self.database.run(free, owner=self.owner)

    def mine(self, job: dict) -> dict:
        return {"slug": job["slug"], "key": job["key"], "owner": self.owner}
