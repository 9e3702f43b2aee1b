"""`worker`: makes previews. There may be any number of workers, each with several jobs in progress (factor 8), and each may be
stopped or killed at any line of this file (factor 9).

There are two ways back for a job: on SIGTERM the worker gives it back at once, and after a sudden death the lease runs out.
Either way somebody may have called `screen` already; "exactly once" cannot be had across two systems, but "at least once, with
the same key" can.
"""

import asyncio
import contextlib
import signal
import uuid

from opentelemetry.trace import SpanKind

from links import config, log, telemetry
from links.database import Database, Unavailable
from links.jobs import Queue
from links.partner import NoAnswer, Partner


async def work(settings: config.Worker) -> None:
    """Works until SIGTERM or SIGINT, with as many hands as configured, each with one job at a time."""
    telemetry.start(settings.telemetry)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    partner = Partner(settings.partner)
    log.info("working", concurrency=settings.concurrency, release=settings.release_id, commit=config.commit())
    async with Database(settings.database) as database, asyncio.TaskGroup() as hands:
        for _ in range(settings.concurrency):
            # Two hands must never believe that they are the same owner; a host name or a process id can repeat.
            queue = Queue(database, f"worker-{uuid.uuid4()}", settings.lease)
            hands.create_task(Hand(queue, partner, settings, stop).work())
    log.info("stopped, no job is in hand")
    telemetry.flush()


class Hand:
    """Takes a job, does it, takes the next."""

    def __init__(self, queue: Queue, partner: Partner, settings: config.Worker, stop: asyncio.Event) -> None:
        self.queue, self.partner, self.settings, self.stop = queue, partner, settings, stop

    async def work(self) -> None:
        while not self.stop.is_set():
            try:
                # Awaited to its end, also when the signal comes meanwhile: of a claim that is broken off nobody knows whether
                # the database has done it.
                if job := await self.queue.claim():
                    await self.attempt(job)
                else:
                    await self.rest()
            except Unavailable:
                # The worker outlives its database, as it outlives its partner. A job in hand is not renewed any more, so it
                # comes back by itself.
                await self.rest()
        with contextlib.suppress(Unavailable):
            # Also when nothing seems to be in hand: see `Queue.hand_back`.
            await self.queue.hand_back()

    async def attempt(self, job: dict) -> None:
        """One attempt at a job. Ends early, with the job still leased, when the worker is to stop or the job was lost."""
        context = telemetry.continued(job["traceparent"])
        with telemetry.tracer.start_as_current_span("preview", context=context, kind=SpanKind.CONSUMER):
            call = asyncio.create_task(self.partner.title(job["target"], job["key"]))
            others = [asyncio.create_task(self.stop.wait()), asyncio.create_task(self.lose(job))]
            # The partner may take two minutes, and a platform that wants to stop this process gives it seconds. The call is
            # given up then; the next worker repeats it with the same key.
            await asyncio.wait([call, *others], return_when=asyncio.FIRST_COMPLETED)
            answered = call.done()
            for task in (call, *others):
                task.cancel()
            if answered:
                await self.store(job, call)

    async def store(self, job: dict, call: asyncio.Task) -> None:
        try:
            await self.queue.finish(job, call.result())
        except NoAnswer:
            log.warning("attempt failed", slug=job["slug"])
            await self.queue.postpone(job, self.settings.attempts)

    async def lose(self, job: dict) -> None:
        """Renews the lease for as long as the job is worked on, so that it can be short: it decides how long a job waits after
        a sudden death, and not how long a job may take. Returns when the job belongs to somebody else."""
        while True:
            await asyncio.sleep(self.settings.lease / 3)
            with contextlib.suppress(Unavailable):
                if not await self.queue.keep(job):
                    return log.warning("the job went to another worker", slug=job["slug"])

    async def rest(self) -> None:
        """Waits before looking again, but not for longer than the worker is wanted."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stop.wait(), self.settings.poll)
