"""The runtime list installed as Cloud Build does it: alone, in an environment of its own, and main.py loaded there."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from devtools.preflight import imports, listed
from devtools.preflight.finding import Finding
from devtools.preflight.loading import PROGRAM
from devtools.preflight.subject import Subject

KEPT = ".kindling"  # where environments wait for the next deploy
INSTALL = ("install", "--quiet", "--disable-pip-version-check", "--no-input", "-r")
DONE = "complete"  # the file that says an environment is whole


def installable(subject: Subject) -> Iterator[Finding]:
    """pip installs the list, and main.py and all it imports later load with nothing else."""
    file = subject.functions / listed.NAME
    where = subject.relative(file)
    if not file.is_file():
        return  # the check of its lines has said so
    environment, error = _environment(subject)
    if error is not None:
        mend = "mend the list, or the network; Cloud Build asks as pip does"
        yield Finding(where, f"pip cannot install the list: {error}", mend)
        return
    modules = json.dumps(imports.reach(subject.functions).modules)
    command = [str(environment / "bin" / "python"), str(PROGRAM), str(subject.functions), "[]", modules]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # fixed words
    failures = json.loads(done.stdout)["failures"] if done.stdout else [{"kind": "Exit", "text": done.stderr[-300:]}]
    for failure in failures[:1]:
        what = f"with this list alone main.py does not load: {failure['kind']}: {failure['text']}"
        yield Finding(where, what, "add the package that is missing, pinned")


def place(subject: Subject) -> Path:
    """Where the environment of the list as it is now is kept, and of this Python: another makes its own."""
    file = subject.functions / listed.NAME
    files = [file, *(each for _, each in listed.constraints(file))]
    parts = [sys.version.encode(), *(each.read_bytes() for each in files if each.is_file())]
    digest = hashlib.sha256(b"\0".join(parts))
    return subject.folder / KEPT / f"runtime-{digest.hexdigest()[:16]}"


def _environment(subject: Subject) -> tuple[Path, str | None]:
    """The environment of the list as it is now, made where it is not there yet; and what stopped pip."""
    file, folder = subject.functions / listed.NAME, place(subject)
    if (folder / DONE).is_file():
        return folder, None
    for stale in folder.parent.glob("runtime-*"):
        shutil.rmtree(stale, ignore_errors=True)  # of an older list, or half made
    print(f"deploy: installing {file.name} alone, as Firebase will", file=sys.stderr, flush=True)
    commands = (
        [sys.executable, "-m", "venv", str(folder)],
        [str(folder / "bin" / "pip"), *INSTALL, str(file)],
    )
    for command in commands:
        done = subprocess.run(command, cwd=subject.functions, capture_output=True, text=True, check=False)  # noqa: S603  # fixed words
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
            return folder, said[-1].removeprefix("ERROR: ")
    (folder / DONE).touch()
    return folder, None
