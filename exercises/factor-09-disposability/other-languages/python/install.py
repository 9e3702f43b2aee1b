"""Installs what requirements.txt names, unless it is there: a build needs the network only when something has changed."""

import subprocess
import sys
from pathlib import Path

wanted = sys.version + Path("requirements.txt").read_text()
packages = Path(sys.argv[1]) / "packages"
stamp = packages / "installed.txt"
if not stamp.exists() or stamp.read_text() != wanted:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--target", str(packages)]
    subprocess.run([*pip, "--requirement", "requirements.txt"], check=True)
    stamp.write_text(wanted)
