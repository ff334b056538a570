"""`dev.py deploy [--project ID] [--dry-run] [firebase arguments]`: preflight, what goes where, then `firebase deploy`.

Other arguments go to the Firebase CLI: `--only hosting`, `--force`. It is started without a terminal, so that it asks
nothing: what it would ask, it refuses and says the option that answers. `--dry-run` needs no account and no network.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from devtools import official
from devtools.check import verdict
from devtools.preflight import runtime, upload
from devtools.preflight.finding import Finding
from devtools.preflight.notes import notes
from devtools.preflight.subject import Subject, look
from devtools.preflight.table import TABLE, Needs, findings
from emulators.children import ROOT
from emulators.errors import MachineError, SuiteError
from emulators.functions.manifest import DEFAULT_REGION, DEFAULT_TIMEOUT_S, TRIGGERS

PINNED = "15.34.2"  # the CLI that the tests run; tests/package.json has it


def main(arguments: list[str]) -> int:
    """Deploys; 0 when all went, 1 when the preflight or Firebase said no, 3 when the CLI is missing."""
    parser = argparse.ArgumentParser(prog="dev.py deploy", description=__doc__, allow_abbrev=False)
    parser.add_argument("--project", "-P", metavar="ID", help="the project, or its alias (default: .firebaserc's)")
    parser.add_argument("--dry-run", action="store_true", help="only look and tell")
    parser.add_argument("--project-dir", type=Path, default=ROOT, metavar="DIR", help="the folder of firebase.json")
    given, rest = parser.parse_known_args(arguments)
    try:
        cli = () if given.dry_run else command_line()
        return deploy(given.project_dir.resolve(), given.project, rest, cli)
    except SuiteError as error:
        print(f"deploy: {error}", file=sys.stderr)
        return error.exit_code


def deploy(folder: Path, wanted: str | None, arguments: Sequence[str], cli: tuple[str, ...]) -> int:
    """Looks, tells, and deploys with the CLI; without one it only looks and tells."""
    if done := runtime.align(folder):
        print(f"deploy: {done}", file=sys.stderr)
    subject = look(folder, wanted, None, cli)
    found = judge(subject)
    if isinstance(subject, Subject):
        print("\n".join(told(subject)), flush=True)
    for each in found:
        print(each, file=sys.stderr)
    print(verdict(found), flush=True)
    if isinstance(subject, Finding) or any(each.severity == "error" for each in found):
        return 1
    if not cli:
        print("dry run: nothing was deployed")
        return 0
    environment = {"FUNCTIONS_DISCOVERY_TIMEOUT": str(official.DISCOVERY_S), **os.environ}
    return official.in_a_group([*cli, "deploy", "--project", subject.project, *arguments], folder, environment)


def judge(subject: Subject | Finding) -> list[Finding]:
    """What is wrong. Google is asked only about what is right so far."""
    if isinstance(subject, Finding):
        return [subject]
    found = findings(subject, Needs.PROJECT)
    if subject.cli and not any(each.severity == "error" for each in found):
        found += findings(subject, Needs.ACCOUNT, [check for check in TABLE if check.needs == Needs.ACCOUNT])
    return found


def command_line() -> tuple[str, ...]:
    """The words that start the Firebase CLI: the one on PATH, else the tests' own, else npm's. MachineError if none."""
    if found := shutil.which("firebase"):
        return (found,)
    if official.FIREBASE.exists():
        return tuple(official.cli())
    if found := shutil.which("npx"):
        return (found, "--yes", f"firebase-tools@{PINNED}")
    raise MachineError(
        f"the Firebase CLI is missing: install Node {official.NODE_MIN} or newer, "
        f"then run `npm install -g firebase-tools@{PINNED}`"
    )


def told(subject: Subject) -> list[str]:
    """What goes where, line by line."""
    source, pages = upload.of_functions(subject), upload.of_hosting(subject)
    lines = [f"project {subject.project}"]
    lines += [f"functions: {len(subject.loaded.endpoints)}, of {len(source.files)} files, {size(source.size)}"]
    lines += [f"  {row(name, each)}" for name, each in sorted(subject.loaded.endpoints.items())]
    if hosting := subject.config.hosting:
        sent = f"{len(pages.files)} files, {size(pages.size)}"
        lines += [f"hosting: {hosting.public}/, {sent}, {len(hosting.rewrites)} rewrites"]
    if subject.config.database:
        lines += [f"database: the rules and indexes of {subject.config.database.rules}"]
    return lines + notes(subject)


def row(name: str, endpoint: Mapping[str, Any]) -> str:
    """One function with its options."""
    kind = next((word for trigger, word in TRIGGERS.items() if trigger in endpoint), "?")
    place = ", ".join(endpoint.get("region") or [DEFAULT_REGION])
    parts = (
        f"{endpoint.get('availableMemoryMb') or 256} MB",
        f"cpu {endpoint.get('cpu') or 1}",
        f"{endpoint.get('concurrency') or 80} at once",
        f"at most {endpoint.get('maxInstances') or 'any number'}",
        f"{endpoint.get('timeoutSeconds') or DEFAULT_TIMEOUT_S} s",
    )
    return f"{name:15} {kind:8} {place:12} {', '.join(parts)}"


def size(count: int) -> str:
    """Bytes as a person reads them."""
    return f"{count / 1024**2:.1f} MB" if count >= 1024**2 else f"{count / 1024:.0f} kB"
