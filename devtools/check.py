"""`dev.py check`: what would stop a deploy, or be regretted after it. Needs no network, no account, no server.

Owns how findings are told; what is wrong, devtools/preflight alone knows.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from devtools.preflight import rewrites, runtime, schema
from devtools.preflight.finding import Finding
from devtools.preflight.notes import notes
from devtools.preflight.subject import Subject, look
from devtools.preflight.table import Needs, findings
from emulators import project
from emulators.children import ROOT
from emulators.settings import a_folder


def main(arguments: list[str]) -> int:
    """Checks; 0 when nothing would stop a deploy, else 1."""
    parser = argparse.ArgumentParser(
        prog="dev.py check",
        description="Says what would stop a deploy, or be regretted after it. Needs no network, no account, no server. "
        "Where the runtime in firebase.json is not the Python of functions/venv, it is changed, also without --write.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--write", action="store_true", help="write the rewrites of firebase.json, and docs/source.schema.json"
    )
    parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON document on stdout")
    parser.add_argument("--project", metavar="ID", help="the project whose .env file counts (default: .firebaserc's)")
    parser.add_argument("--sources", type=a_folder, metavar="DIR", help="the folder of source files")
    parser.add_argument("--project-dir", type=Path, default=ROOT, metavar="DIR", help="the folder of firebase.json")
    given = parser.parse_args(arguments)
    folder = given.project_dir.resolve()
    if done := runtime.align(folder):
        print(f"check: {done}", file=sys.stderr)
    subject = look(folder, given.project, given.sources.resolve() if given.sources else None)
    if given.write and isinstance(subject, Subject):
        subject = mend(subject)
    found = findings(subject, Needs.NOTHING) if isinstance(subject, Subject) else [subject]
    if given.as_json:
        print(json.dumps(document(subject, found)))
    else:
        show(subject, found)
    return 1 if any(each.severity == "error" for each in found) else 0


def mend(subject: Subject) -> Subject:
    """Writes what can be derived, tells it on stderr, and looks at it."""
    for line in (*rewrites.write(subject), *schema.write(subject)):
        print(f"check: {line}", file=sys.stderr)
    return replace(subject, config=project.load(subject.folder))


def document(subject: Subject | Finding, found: list[Finding]) -> dict[str, object]:
    """The whole answer, for programs."""
    if isinstance(subject, Finding):
        return {"functions": [], "sources": [], "problems": [each.as_json() for each in found], "notes": []}
    return {
        "functions": sorted(subject.loaded.endpoints),
        "sources": source_names(subject),
        "problems": [each.as_json() for each in found],
        "notes": notes(subject),
    }


def show(subject: Subject | Finding, found: list[Finding]) -> None:
    """The whole answer, for a person: findings on stderr, what there is on stdout."""
    for each in found:
        print(each, file=sys.stderr)
    counted = ""
    if isinstance(subject, Subject):
        for note in notes(subject):
            print(note)
        counted = f"{len(subject.loaded.endpoints)} functions, {len(source_names(subject))} sources: "
    print(counted + verdict(found))


def verdict(found: list[Finding]) -> str:
    """The last line: how many of what."""
    errors = sum(each.severity == "error" for each in found)
    parts = [
        f"problems: {errors}" if errors else "nothing would stop a deploy",
        *([f"warnings: {len(found) - errors}"] if len(found) > errors else []),
    ]
    return ", ".join(parts)


def source_names(subject: Subject) -> list[str]:
    """The sources that are valid."""
    tables = subject.tables
    return [] if tables is None or isinstance(tables, str) else list(tables.sources)
