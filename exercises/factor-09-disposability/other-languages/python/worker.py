"""`links worker`: makes previews, one job after the other."""

import time
import uuid

from store import Unavailable
from web import ask


def work(config, store):
    # TODO(factor 9): the platform sends SIGTERM while a call is under way. Where is the job then, and who does it next?
    print(f"info worker started; a lease would last {config.lease} s", flush=True)
    while True:
        try:
            job = store.pop()
            if job:
                make_preview(config, store, job)
                continue
        except Unavailable as why:
            print(f"warn the database does not help: {type(why).__name__}", flush=True)
        time.sleep(config.poll / 1000)


def make_preview(config, store, job):
    # TODO(factor 9): how does the partner recognise that it has made this preview before?
    key = str(uuid.uuid4())
    try:
        title = ask(config, "previews", {"target": job["target"]}, {"Idempotency-Key": key})["title"]
    except Exception as why:  # A partner has many ways to fail, and none of them is ours to tell apart.
        print(f"warn {job['slug']} put off: {type(why).__name__}", flush=True)
        return store.push(job["slug"])
    store.finish(job, title)
