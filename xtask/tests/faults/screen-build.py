"""Writes down which commit is built, as long as there is a repository to ask."""

import pathlib
import subprocess
import sys


def git(*words):
    return subprocess.run(["git", *words], capture_output=True, text=True, check=True).stdout.strip()


mark = "-dirty" if git("status", "--porcelain") else ""
target = pathlib.Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
target.joinpath("VERSION").write_text(git("rev-parse", "HEAD") + mark)
