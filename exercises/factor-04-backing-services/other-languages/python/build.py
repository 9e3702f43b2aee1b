"""Installs the packages of requirements.txt into a folder; what is there already is not fetched again."""

import compileall
import pathlib
import py_compile
import subprocess
import sys

requirements = pathlib.Path(__file__).with_name("requirements.txt")
packages = pathlib.Path(sys.argv[1])
installed = packages / "installed.txt"

if not installed.exists() or installed.read_text() != requirements.read_text():
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    subprocess.run([*command, "--upgrade", "--target", packages, "--requirement", requirements], check=True)
    # Compiled here once, and not at each start of each process: the release is read-only, and nobody could keep it then.
    compileall.compile_dir(packages, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    installed.write_text(requirements.read_text())
