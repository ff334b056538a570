"""`dev.py emulators [firebase arguments]`: the official Firebase suite, with this project's database in it.

The official database emulator is a Java program that is fetched; here ours stands in for it, in the way the CLI itself
offers: a variable names the program, and `java` is looked up on PATH, where a small script comes first. Facts relied
on (tried with firebase-tools 15.34): it runs `java … -jar PROGRAM --host H --port P --functions_emulator_host H …`;
rules go to the namespace PROJECT-default-rtdb, which functions only use when DATABASE_URL says so; what it starts
outlives it, so everything is put into one process group, which is killed afterwards.
"""

import argparse
import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from devtools.check import describe
from emulators import project
from emulators.children import ROOT
from emulators.errors import MachineError, SuiteError
from emulators.folder import DataFolder
from emulators.functions.environment import ensure_secret
from emulators.settings import DEFAULT_PORTS
from emulators.suite import ADMIN_KEY

FIREBASE = ROOT / "tests" / "node_modules" / ".bin" / "firebase"
ONLY = "auth,functions,hosting,database"  # never without: the CLI would fetch what it finds missing

JAVA = """#!/bin/sh
# Answers as Java does, and runs what it is given with Python.
case " $* " in *" -version "*) echo 'openjdk version "21.0.0"' >&2; exit 0 ;; esac
while [ "$1" != -jar ]; do shift; done
shift
exec {python} "$@"
"""
PROGRAM = """import argparse, runpy, sys
parser = argparse.ArgumentParser()
for name in ("host", "port", "functions_emulator_host", "functions_emulator_port"):
    parser.add_argument("--" + name)
given, _ = parser.parse_known_args()
sys.path.insert(0, {root!r})
sys.argv = ["emulators.database", "--data", {data!r}, "--project", {project!r}]
sys.argv += ["--host", given.host, "--port", given.port]
if given.functions_emulator_host:
    sys.argv += ["--functions", given.functions_emulator_host + ":" + given.functions_emulator_port]
runpy.run_module("emulators.database", run_name="__main__", alter_sys=True)
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
        data = DataFolder(given.data.resolve())
        try:
            return run(given.project_dir.resolve(), data.path, rest)
        finally:
            data.release()
    except SuiteError as error:
        print(f"emulators: {error}", file=sys.stderr)
        return error.exit_code


def run(folder: Path, data: Path, arguments: list[str]) -> int:
    """Runs one firebase command in the folder, with the database's data in `data`; its exit code."""
    if not FIREBASE.exists():
        raise MachineError("the Firebase CLI is missing: install Node 20 or newer, then run `npm ci` in tests/")
    name = project.project_id(folder)
    functions = folder / project.load(folder).codebase.source
    for secret in describe(folder, functions).secrets:
        # One that is missing would be asked for at Google.
        ensure_secret(functions / ".secret.local", secret, None if secret == ADMIN_KEY else "")
    with _as_it_was(functions / ".env.local"), tempfile.TemporaryDirectory() as scratch:
        program = _write(
            Path(scratch) / "database.py", PROGRAM.format(root=str(ROOT), data=str(data / "database"), project=name)
        )
        _write(Path(scratch) / "bin" / "java", JAVA.format(python=sys.executable))
        env = environment(folder, name) | {
            "DATABASE_EMULATOR_BINARY_PATH": str(program),
            "PATH": f"{Path(scratch) / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }
        return _in_a_group([shutil.which("node") or "node", str(FIREBASE), *command(arguments, name)], folder, env)


def command(arguments: list[str], name: str) -> list[str]:
    """The firebase command line: what is missing of command, emulators and project is filled in."""
    given = arguments if arguments and not arguments[0].startswith("-") else ["emulators:start", *arguments]
    only = [] if any(word.startswith("--only") for word in given) else ["--only", ONLY]
    target = [] if any(word.startswith(("--project", "-P")) for word in given) else ["--project", name]
    return [given[0], *only, *target, *given[1:]]


def environment(folder: Path, name: str) -> dict[str, str]:
    """What the CLI and the functions it starts are told."""
    hosting = project.load(folder).emulators.hosting
    site = f"{hosting.host or '127.0.0.1'}:{hosting.port or DEFAULT_PORTS['hosting']}"
    return {
        **os.environ,
        "DATABASE_URL": f"https://{name}-default-rtdb.firebaseio.com",
        "FUNCTIONS_DISCOVERY_TIMEOUT": "60",
        "SITE_URL": f"http://{site}",
        "KINDLING_ALLOW": site,
    }


@contextlib.contextmanager
def _as_it_was(file: Path) -> Iterator[None]:
    """Puts a file back: the CLI writes into it what each parameter is today, and would read that ever after."""
    before = file.read_bytes() if file.exists() else None
    try:
        yield
    finally:
        if before is None:
            file.unlink(missing_ok=True)
        else:
            file.write_bytes(before)


def _in_a_group(words: list[str], folder: Path, env: dict[str, str]) -> int:
    process = subprocess.Popen(words, cwd=folder, env=env, start_new_session=True)  # noqa: S603  # the caller's own words
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


def _write(file: Path, text: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(stat.S_IRWXU)
    return file
