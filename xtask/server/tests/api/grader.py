"""Stands in for the program that grades: says a line, waits for leave to go on, and ends with whoever started it."""

import json
import os
import select
import sys

world = os.path.dirname(os.path.abspath(__file__))
if "join" in sys.argv:
    # What the board has said, if a test says so.
    path = f"{world}/room"
    sys.exit(print(open(path).read()) if os.path.exists(path) else 2)
factor = sys.argv[sys.argv.index("check") + 1]


def note(what):
    with open(f"{world}/notes", "a") as notes:
        notes.write(f"{what} {factor}\n")


def say(**event):
    print(json.dumps(event), flush=True)


def may_go_on():
    while not os.path.exists(f"{world}/go-{factor}"):
        # A look at the file, and at the other end of standard input.
        if select.select([sys.stdin], [], [], 0.02)[0] and not sys.stdin.buffer.raw.read(64):
            note("interrupted")
            say(event="run-aborted", why="interrupted", interrupted=True)
            sys.exit(130)


note("begins")
if os.path.exists(f"{world}/complaint"):
    sys.exit(open(f"{world}/complaint").read())
say(event="run-started", arguments=sys.argv[1:])
may_go_on()
say(event="check-finished", check=f"{factor}/some-check", verdict="PASS")
say(event="run-finished", overall="passed", exit_code=0)
note("ends")
