"""`dev.py emulators [firebase arguments]`: the official Firebase suite, with this project's database in it.

The official database emulator is a Java program that is fetched; here ours stands in for it, in the way the CLI itself
offers: a variable names the program, and `java` is looked up on PATH, where a small script comes first. Facts relied
on (tried with firebase-tools 15.34): rules go to the namespace PROJECT-default-rtdb, which functions only use when
DATABASE_URL says so; a secret that is missing or empty is asked for at Google; CI keeps the CLI from looking for news
and updates of itself, METADATA_SERVER_DETECTION from looking for a cloud around it; what each parameter is today it
writes into .env.local, and would read that ever after.
"""

import argparse
import contextlib
import os
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from devtools.preflight.loading import describe
from emulators import project
from emulators.children import ROOT
from emulators.errors import MachineError, SuiteError
from emulators.folder import DataFolder
from emulators.functions.environment import ensure_secret
from emulators.settings import DEFAULT_PORTS

FIREBASE = ROOT / "tests" / "node_modules" / ".bin" / "firebase"
ONLY = "auth,functions,hosting,database"  # never without: the CLI would fetch what it finds missing
STARTS = frozenset({"emulators:start", "emulators:exec"})  # what needs the data; other commands join a running suite
NODE_MIN = 20  # the oldest that the pinned CLI runs on
DISCOVERY_S = 60  # the CLI's own 10 s are too few for a busy machine

WORTH: Mapping[str, str] = {"SOURCE_SECRETS": "{}"}
"""What a missing secret is worth that is no random text: this one is JSON, and there are none."""

# Answers as Java does; what it is given to run, it runs with Python.
JAVA = """#!/bin/sh
case " $* " in *" -version "*) echo 'openjdk version "21.0.0"' >&2; exit 0 ;; esac
while [ "$1" != -jar ]; do shift; done
shift 2
PYTHONPATH={root} exec {python} -m devtools.jar {data} {project} "$@" <{leash}
"""


def main(arguments: list[str]) -> int:
    """Runs the CLI; its exit code."""
    parser = argparse.ArgumentParser(
        prog="dev.py emulators",
        description=f"Runs `firebase emulators:start --only {ONLY}`, or the firebase command that is given.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--data", type=Path, default=ROOT / ".kindling", metavar="DIR", help="the data (default .kindling)"
    )
    parser.add_argument("--project-dir", type=Path, default=ROOT, metavar="DIR", help="the folder of firebase.json")
    given, rest = parser.parse_known_args(arguments)
    try:
        return run(given.project_dir.resolve(), given.data.resolve(), rest)
    except SuiteError as error:
        print(f"emulators: {error}", file=sys.stderr)
        return error.exit_code


def run(folder: Path, data: Path, arguments: Sequence[str]) -> int:
    """Runs one firebase command in the folder, with the database's data in `data`; its exit code."""
    name = project.project_id(folder)
    asked = command(arguments, name)
    words = [*cli(), *asked]
    if asked[0] not in STARTS:
        return in_a_group(words, folder, environment(folder, name))
    taken = DataFolder(data)
    try:
        functions = folder / project.load(folder).codebase.source
        for secret in describe(folder, functions).secrets:
            ensure_secret(functions / ".secret.local", secret, WORTH.get(secret))
        with as_it_was(functions / ".env.local"), stand_in(data / "database", name) as ours:
            return in_a_group(words, folder, environment(folder, name) | ours)
    finally:
        taken.release()


def cli() -> list[str]:
    """The words that start the Firebase CLI; MachineError where it or a Node that is new enough is missing."""
    node = shutil.which("node")
    if node is None or not FIREBASE.exists():
        raise MachineError(
            f"the Firebase CLI is missing: install Node {NODE_MIN} or newer, then run `npm ci` in tests/"
        )
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603  # fixed words
    if int(told.removeprefix("v").partition(".")[0] or 0) < NODE_MIN:
        raise MachineError(f"Node {told or 'of an unknown version'} is too old: install Node {NODE_MIN} or newer")
    return [node, str(FIREBASE)]


def command(arguments: Sequence[str], name: str) -> list[str]:
    """The firebase command line: what is missing of command, emulators and project is filled in."""
    given = arguments if arguments and not arguments[0].startswith("-") else ["emulators:start", *arguments]
    has_only = any(word.startswith("--only") for word in given)
    only = ["--only", ONLY] if given[0] in STARTS and not has_only else []
    target = [] if any(word.startswith(("--project", "-P")) for word in given) else ["--project", name]
    return [given[0], *only, *target, *given[1:]]


def environment(folder: Path, name: str) -> dict[str, str]:
    """What the CLI and the functions it starts are told."""
    hosting = project.load(folder).emulators.hosting
    site = f"{hosting.host or '127.0.0.1'}:{hosting.port or DEFAULT_PORTS['hosting']}"
    return {
        "CI": "1",
        "METADATA_SERVER_DETECTION": "none",
        **os.environ,
        "DATABASE_URL": f"https://{name}-default-rtdb.firebaseio.com",
        "FUNCTIONS_DISCOVERY_TIMEOUT": str(DISCOVERY_S),
        "SITE_URL": f"http://{site}",
        "KINDLING_ALLOW": site,
    }


@contextlib.contextmanager
def stand_in(data: Path, name: str) -> Iterator[dict[str, str]]:
    """The variables that put our database in the place of the official one; it ends with this process at the latest.

    The program that the CLI is pointed to is an empty file: the script that is called `java` knows what to run.
    """
    with tempfile.TemporaryDirectory() as scratch:
        leash, program, java = (Path(scratch) / part for part in ("leash", "program", "bin/java"))
        os.mkfifo(leash)
        program.touch()
        java.parent.mkdir()
        parts = {"root": ROOT, "python": sys.executable, "data": data, "project": name, "leash": leash}
        java.write_text(JAVA.format(**{key: shlex.quote(str(part)) for key, part in parts.items()}), encoding="utf-8")
        java.chmod(stat.S_IRWXU)
        held = os.open(leash, os.O_RDWR)  # for writing alone it would wait for the database
        try:
            path = f"{java.parent}{os.pathsep}{os.environ['PATH']}"
            yield {"DATABASE_EMULATOR_BINARY_PATH": str(program), "PATH": path}
        finally:
            os.close(held)


@contextlib.contextmanager
def as_it_was(file: Path) -> Iterator[None]:
    """Puts a file back, or away, afterwards."""
    before = file.read_bytes() if file.exists() else None
    try:
        yield
    finally:
        if before is None:
            file.unlink(missing_ok=True)
        else:
            file.write_bytes(before)


def in_a_group(words: Sequence[str], folder: Path, env: Mapping[str, str]) -> int:
    """Runs the words in the folder; whatever they left in their process group is killed. The exit code."""
    process = subprocess.Popen(  # noqa: S603  # the caller's own words
        [sys.executable, "-m", "devtools.group", str(folder), *words],
        cwd=ROOT,
        env=env,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    before = {
        number: signal.signal(number, lambda *_: process.send_signal(signal.SIGINT))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        return process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        with contextlib.suppress(ProcessLookupError):  # nothing outlived it
            os.killpg(process.pid, signal.SIGKILL)
