"""Imports point one way, each library has one owner, and a reader's request does not load the scraper.

Read from the source text, so that an import inside a function counts too.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.live import database

ROOT = Path(__file__).parents[1]
FUNCTIONS = ROOT / "functions"
PACKAGE = FUNCTIONS / "kindling"

LAYERS = (
    {"errors", "naming", "fieldtypes", "pageformats", "logs", "slots", "times"},
    {"settings"},
    {"flow"},
    {"values"},
    {"sources"},
    {"fetch", "extract", "diff", "store", "judge", "plan"},
    {"firebase"},
    {"hosts", "status", "walk", "heart", "query", "catalogue", "queue"},
    {"alerts", "run", "known"},
    {"jobs", "preview"},
    {"serve", "cli", "keyring"},
    {"declared"},
)
"""From the leaves to the top: a module imports only what stands above it in this list, never its neighbours."""

OWNERS: dict[str, set[str]] = {
    "brotli": {"fetch"},
    "certifi": {"fetch"},
    "requests": set(),  # it follows redirects and proxies past the gate
    "urllib3": set(),
    "idna": {"fetch"},
    "firebase_admin": {"firebase", "queue", "serve"},
    "firebase_functions": {"declared"},
    "http.client": set(),
    "httptools": {"fetch", "store"},
    "google.auth": {"store", "queue", "serve"},
    "croniter": {"plan", "sources"},
    "jmespath": {"extract", "sources"},
    "re2": {"extract", "sources"},
    "selectolax": {"extract", "sources"},
    "webencodings": {"extract", "sources"},
    "yaml": {"sources"},
    "feedparser": {"extract"},
    "bs4": {"extract"},
    "dateparser": {"extract"},
    "price_parser": {"extract"},
    "feedgen": {"serve"},
    "pygal": {"serve"},
    "flask": {"serve"},
    "werkzeug": {"serve"},
    "click": {"cli", "keyring"},
    "rich": {"cli", "keyring"},
}
"""Libraries that have an owner, or none, whose errors become ours there and nowhere else. Where a definition is checked
before it is carried out there are two."""

SCRAPER = {
    *("fetch", "extract", "diff", "judge", "walk", "run", "heart", "hosts", "alerts", "jobs"),
    *("preview", "cli", "keyring"),
}
"""What no read needs."""


@cache
def imports(path: Path) -> tuple[tuple[str, ...], ...]:
    """Every module that a file names in an import, as the parts of its absolute name."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[tuple[str, ...]]:
    package = path.relative_to(FUNCTIONS).parts[:-1] if path.is_relative_to(FUNCTIONS) else ()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (tuple(name.name.split(".")) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = (*base, *(node.module.split(".") if node.module else ()))
            yield module
            yield from ((*module, name.name) for name in node.names)


def part(path: Path) -> str:
    """The module of the package that a file belongs to: `fetch` for fetch/gate.py, `run` for run.py."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def files() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if part(path) != "__init__"]


def test_every_module_has_its_place_in_the_order() -> None:
    assert {part(path) for path in files()} == set().union(*LAYERS)


@pytest.mark.parametrize("name", sorted(set().union(*LAYERS)))
def test_a_module_imports_only_towards_the_leaves(name: str) -> None:
    level = next(n for n, layer in enumerate(LAYERS) if name in layer)
    allowed = set().union(*LAYERS[:level]) | {name}
    used = {
        (str(path.relative_to(PACKAGE)), found[1])
        for path in files()
        if part(path) == name
        for found in imports(path)
        if found[0] == "kindling" and len(found) > 1
    }
    assert {(path, other) for path, other in used if other not in allowed} == set()


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_a_library_is_imported_by_its_owner_alone(library: str) -> None:
    wanted = tuple(library.split("."))
    users = {part(path) for path in files() for found in imports(path) if found[: len(wanted)] == wanted}
    assert users - OWNERS[library] == set()


def test_every_library_has_its_owner_but_the_one_for_json_and_structs() -> None:
    used = {found[0] for path in files() for found in imports(path)} - sys.stdlib_module_names
    assert used - {library.split(".")[0] for library in OWNERS} == {"kindling", "msgspec", "_typeshed"}


def test_settings_alone_reads_the_environment_and_the_store_what_firebase_says_of_its_database() -> None:
    readers = {
        part(path)
        for path in files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
    }
    assert readers == {"settings", "store"}


def test_the_local_suite_imports_nothing_of_the_functions() -> None:
    ours = {path.name.removesuffix(".py") for path in FUNCTIONS.iterdir() if path.suffix == ".py"} | {"kindling"}
    users = {
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "emulators").rglob("*.py"))
        for found in imports(path)
        if found[0] in ours
    }
    assert users == set()


def test_the_functions_import_nothing_of_the_local_suite() -> None:
    others = {"emulators", "devtools", "tests", "benchmarks"}
    users = {str(path.relative_to(ROOT)) for path in files() for found in imports(path) if found[0] in others}
    assert users == set()


ASK = """
import json, sys
import main
from flask import Flask, request

def ask(function, path, **options):
    with Flask("reader").test_request_context(path, **options):
        return getattr(main, function)(request).status_code

key = {"X-API-Key": "letmein"}
ask("save_data", "/save_data/notes/first", method="PUT", json={"n": 1}, headers=key)
ask("save_data", "/save_data/notes", method="PATCH", json={"public": True}, headers=key)
statuses = [ask(function, path) for function, path in json.loads(sys.argv[1])]
print(json.dumps([statuses, sorted(sys.modules)]))
"""
"""A process in which a client saves something and then asks for what it is told to."""

DATA_READS = [
    ("hello_world", "/"),
    ("get_data", "/get_data"),
    ("get_data", "/get_data/notes?n=1"),
    ("get_data", "/get_data/notes.csv"),
    ("get_data", "/get_data/notes.rss"),
    ("get_data", "/get_data/notes/first"),
    ("get_changes", "/get_changes/notes"),
    ("get_series", "/get_series/notes/first/n"),
    ("openapi", "/openapi.json"),
]
STATUS_READS = [("health", "/health"), ("get_sources", "/get_sources")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reads", "avoided"),
    [
        pytest.param(DATA_READS, {"sources", "plan", "known"} | SCRAPER, id="data is read without any source"),
        pytest.param(STATUS_READS, SCRAPER, id="status is read with the definitions of sources only"),
    ],
)
def test_no_read_loads_the_scraper(reads: list[tuple[str, str]], avoided: set[str]) -> None:
    with database() as host:
        environment = {
            **os.environ,
            "FIREBASE_DATABASE_EMULATOR_HOST": host,
            "GCLOUD_PROJECT": "demo-kindling",
            "FUNCTIONS_EMULATOR": "true",
            "SITE_URL": "http://127.0.0.1:5000",
            "ADMIN_KEY": "letmein",
        }
        command = [sys.executable, "-c", ASK, json.dumps(reads)]
        done = subprocess.run(command, cwd=FUNCTIONS, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    statuses, loaded = json.loads(done.stdout.splitlines()[-1])
    ours = {f"kindling.{name}" for name in avoided}
    theirs = ("bs4", "feedparser", "dateparser", "price_parser")
    assert statuses == [200] * len(reads)
    assert {name for name in loaded if name in ours or name.split(".")[0] in theirs} == set()
