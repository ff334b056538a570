"""`dev.py test [--fast] [pytest arguments]`: fetches what tests need from npm, where there is Node, and runs pytest."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
NODE_FOLDER = ROOT / "tests"
QUICK = ("-m", "not slow and not suite and not official and not browser")
ON_ALL_PROCESSORS = ("-n", "auto", "--dist", "worksteal")  # each begins with files of its own, and helps when done
WAITS_MS = (1_000, 5_000)  # before npm asks its registry again, at least and at most: without a network it shall say so
FAST = (*QUICK, *ON_ALL_PROCESSORS)  # what --fast stands for
WITHOUT_NODE = frozenset({"--fast", "-h", "--help"})  # none of the fast tests needs it, and help runs none


def main(arguments: list[str]) -> int:
    """Runs the tests; pytest's exit code."""
    if shutil.which("npm") and WITHOUT_NODE.isdisjoint(arguments):
        node_packages(NODE_FOLDER)
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *asked(arguments)])  # noqa: S606  # the caller's own


def asked(arguments: list[str]) -> list[str]:
    """The arguments for pytest."""
    return [word for given in arguments for word in (FAST if given == "--fast" else (given,))]


def node_packages(folder: Path) -> None:
    """Installs the pinned packages of a folder, if it has any and they changed; a failure is shown, not fatal.

    Tests that need a package which is missing say so themselves.
    """
    lock = folder / "package-lock.json"
    if not lock.exists():
        return
    stamp = folder / "node_modules" / "installed.txt"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("dev.py: installing the packages of tests/package.json", file=sys.stderr, flush=True)
    least, most = WAITS_MS
    waits = (f"--fetch-retry-mintimeout={least}", f"--fetch-retry-maxtimeout={most}")
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", *waits]
    done = subprocess.run(command, cwd=folder, check=False, stdout=sys.stderr)  # noqa: S603  # fixed words
    if done.returncode:
        print("dev.py: npm ci failed: tests of other clients cannot run", file=sys.stderr)
        return
    stamp.write_text(wanted, encoding="utf-8")
