"""The build stage: installs what requirements.txt locks, and writes down the commit. `python3 build.py FOLDER`

FOLDER then holds `packages/` and `commit.txt`, which go into the release beside the code. A virtual environment would not
do: it knows its own path and that of the machine's Python, and a release is copied to where it runs.
"""

import compileall
import hashlib
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    install(folder / "packages")
    # Asked for now, since where the program runs there is no repository. A commit with changes beside it is no commit.
    git = ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    (folder / "commit.txt").write_text(subprocess.run(git, cwd=HERE, check=True, capture_output=True, text=True).stdout)


def install(packages: Path) -> None:
    requirements = HERE / "requirements.txt"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    installed = packages / "installed.txt"
    if installed.exists() and installed.read_text() == wanted:
        return
    # Not on top of what was there: a package that nobody declares any more would go on being found.
    shutil.rmtree(packages, ignore_errors=True)
    # Every file must have a hash that requirements.txt knows, also those that nobody named: a version can be uploaded
    # anew by whoever has stolen an account, a hash cannot.
    subprocess.run([*PIP, "--require-hashes", "--no-deps", "--no-compile", "--target", packages, "-r", requirements], check=True)
    # Compiled now and not at each start: the release is read-only, so nobody could keep what was compiled then.
    compileall.compile_dir(packages, quiet=2, workers=0, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    # Last, so that an installation that was interrupted is done again.
    installed.write_text(wanted)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
