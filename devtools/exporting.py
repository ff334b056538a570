"""`dev.py export FILE`: the whole database as JSON, in the format the Firebase console and CLI use."""

import argparse
import sys
from pathlib import Path

import requests

from devtools import joining
from emulators.errors import SuiteError

OWNER = {"Authorization": "Bearer owner"}
PIECE_BYTES = 1024 * 1024
TIMEOUT_S = (10, 600)  # to connect; between two pieces of a large database


def main(arguments: list[str]) -> int:
    """Exports; the exit code."""
    parser = argparse.ArgumentParser(
        prog="dev.py export",
        description="Writes the whole database to a JSON file.",
        parents=[joining.options(scraping=False)],
        allow_abbrev=False,
    )
    parser.add_argument("file", type=Path)
    given = parser.parse_args(arguments)
    if not given.file.absolute().parent.is_dir():
        parser.error(f"{given.file}: its folder is not there; make it first")
    try:
        with joining.join(joining.chosen(given)) as suite:
            size = export(suite.database, suite.namespace, given.file)
    except (SuiteError, OSError) as error:
        print(f"export: {error}", file=sys.stderr)
        return 3
    print(f"{given.file}: {size} bytes")
    return 0


def export(database: str, namespace: str, file: Path) -> int:
    """Writes the database into the file, which is whole or as it was before; its size in bytes."""
    draft = file.with_name(f"{file.name}.part")
    url = f"http://{database}/.json"
    parameters = {"ns": namespace, "format": "export"}
    with requests.get(url, params=parameters, headers=OWNER, stream=True, timeout=TIMEOUT_S) as answer:
        answer.raise_for_status()
        with draft.open("wb") as out:
            for piece in answer.iter_content(PIECE_BYTES):
                out.write(piece)
    draft.replace(file)
    return file.stat().st_size
