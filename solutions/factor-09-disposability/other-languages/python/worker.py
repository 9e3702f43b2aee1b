"""`links worker`: makes previews, one job after the other. It may be stopped or killed at any line of this file."""

import signal
import threading
import time
import uuid

from store import Unavailable
from web import ask

SIGNALS = {signal.SIGTERM, signal.SIGINT}


class Stop(Exception):
    """Raised by the signal, in the middle of whatever is being waited for."""


def stop(*_):
    # A second signal must not interrupt the handing back.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise Stop


def work(config, store):
    owner = f"worker-{uuid.uuid4()}"
    for number in SIGNALS:
        signal.signal(number, stop)
    # The other thread is born with the signals blocked: only one that reaches this thread interrupts its waiting.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    threading.Thread(target=keep, args=(config, store, owner), daemon=True).start()
    print("info worker started", flush=True)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        while True:
            look_for_work(config, store, owner)
    except Stop:
        print("info asked to end", flush=True)
    try:
        # Everything that is ours, also what a claim brought whose answer was interrupted (`worker-hands-back`).
        store.hand_back(owner)
    except Unavailable as why:
        print(f"warn job not handed back, its lease will: {type(why).__name__}", flush=True)


def keep(config, store, owner):
    """Renews the lease, so that it can be short: it decides how long a job waits after a sudden death."""
    while True:
        time.sleep(config.lease / 3)
        try:
            store.keep(owner, config.lease)
        except Unavailable:
            pass


def look_for_work(config, store, owner):
    try:
        job = store.claim(owner, config.lease)
        if not job:
            return time.sleep(config.poll / 1000)
        try:
            # The key was drawn when the job was made, and is the same in every attempt (`worker-kill9`).
            title = ask(config, "previews", {"target": job["target"]}, {"Idempotency-Key": job["key"]})["title"]
        except Stop:
            raise
        except Exception as why:
            print(f"warn {job['slug']} put off: {type(why).__name__}", flush=True)
            return store.hand_back(owner, seconds=5)
        store.finish(owner, job, title)
    except Unavailable as why:
        print(f"warn the database does not help: {type(why).__name__}", flush=True)
        time.sleep(config.poll / 1000)
