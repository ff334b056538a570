"""`dev.py import FILE`: the whole database from a JSON file, in the format the Firebase console and CLI use."""

import argparse
import json
import sys
from pathlib import Path

import requests

from devtools import joining
from devtools.exporting import OWNER, TIMEOUT_S
from emulators.errors import SuiteError


class Refused(Exception):
    """The file is not put in place; the text says why and what would help."""


def main(arguments: list[str]) -> int:
    """Imports; the exit code."""
    parser = argparse.ArgumentParser(
        prog="dev.py import",
        description="Puts a JSON file in the place of the whole database.",
        parents=[joining.options(scraping=False)],
        allow_abbrev=False,
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--replace", action="store_true", help="even if the database holds something")
    given = parser.parse_args(arguments)
    try:
        _check(given.file)
        with joining.join(joining.chosen(given)) as suite:
            load(suite.database, suite.namespace, given.file, replace=given.replace)
    except Refused as error:
        print(f"import: {error}", file=sys.stderr)
        return 1
    except (SuiteError, OSError) as error:
        print(f"import: {error}", file=sys.stderr)
        return 3
    print(f"{given.file} is the database now")
    return 0


def load(database: str, namespace: str, file: Path, *, replace: bool) -> None:
    """Makes the file the database's content, all or nothing; Refused when it must not or cannot be."""
    url = f"http://{database}/.json"
    probe = requests.get(url, params={"ns": namespace, "shallow": "true"}, headers=OWNER, timeout=TIMEOUT_S)
    probe.raise_for_status()
    if probe.json() is not None and not replace:
        raise Refused("the database holds something: --replace puts the file in its place")
    parameters = {"ns": namespace, "disableTriggers": "true", "writeSizeLimit": "unlimited", "print": "silent"}
    with file.open("rb") as body:
        answer = requests.put(url, params=parameters, headers=OWNER, data=body, timeout=TIMEOUT_S)
    if not answer.ok:
        raise Refused(f"{file} was not taken ({answer.text.strip()}); the database is as it was")


def _check(file: Path) -> None:
    try:
        json.loads(file.read_bytes())
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from error
    except ValueError as error:
        raise Refused(f"{file} is no JSON: {error}") from error
