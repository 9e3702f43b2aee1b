"""One program, several processes: which command starts what, and how each of them ends."""

import argparse
import asyncio
import sys

from links import config, log


def main(arguments: list[str]) -> int:
    # An argument that is not understood to its last word ends here with code 2: of `purge --older-than-days 30 --dry-run`,
    # somebody who overlooks the end would do the opposite of what was asked. So no abbreviations either.
    asked = parser().parse_args(arguments)
    try:
        log.to_stdout(config.log_level())
        asked.run(asked)
    except Exception as error:
        # The last line says why, in our own words where they are known. What a library says may hold an address, so of
        # everything else there is the kind alone.
        known = isinstance(error, (config.ConfigError, Refused)) or hasattr(error, "for_people")
        print(f"links: {error if known else type(error).__name__}", file=sys.stderr, flush=True)
        return 1
    return 0


class Refused(Exception):
    """What was asked cannot be done; says why."""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="links", allow_abbrev=False)
    commands = top.add_subparsers(required=True, metavar="command")
    add(commands, "web", web)
    add(commands, "worker", worker)
    add(commands, "screen", screen)
    add(commands, "migrate", one_off("migrate"))
    admin = add(commands, "admin", None).add_subparsers(required=True, metavar="command")
    create = add(admin, "create-user", one_off("create_user"))
    create.add_argument("--name", required=True)
    create.add_argument("--role", required=True, choices=["user", "admin"])
    purge = add(admin, "purge", one_off("purge"))
    purge.add_argument("--older-than-days", required=True, type=days, metavar="DAYS")
    add(admin, "backfill-previews", one_off("backfill_previews"))
    return top


def days(text: str) -> int:
    # Not 0: "all of them" should not be one slip of the finger away.
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 36_500):
        raise argparse.ArgumentTypeError("not 1 to 36500")
    return int(text)


def add(commands, name, run):
    command = commands.add_parser(name, allow_abbrev=False)
    command.set_defaults(run=run)
    return command


# Each process imports what it needs: a one-off that brings the schema should not wait for a web framework.


def web(_) -> None:
    from links import serve, web

    settings = config.Web()
    serve.until_stopped(web.app(settings), settings.port, settings.shutdown_grace, settings.release_id)


def screen(_) -> None:
    from links import screen, serve

    settings = config.Screen()
    serve.until_stopped(screen.app(settings), settings.port, settings.shutdown_grace, settings.release_id)


def worker(_) -> None:
    from links import worker

    asyncio.run(worker.work(config.Worker()))


def one_off(name: str):
    def run(asked) -> None:
        from links import admin

        asyncio.run(getattr(admin, name)(asked))

    return run
