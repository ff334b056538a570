"""Every line of the threat model names a test that holds it; and the threats that no other file's tests hold."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from kindling.errors import SourceInvalid
from kindling.sources import parse

from tests.extracting import read
from tests.running_suite import RunningSuite

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
SECTION = PAGE[PAGE.index("## Threats") : PAGE.index("\n## ", PAGE.index("## Threats") + 1)]
LINES = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in SECTION.splitlines()
    if line.startswith("| ") and not line.startswith(("| threat |", "| --- |"))
]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")

EXPLODING = "(a+)+$"
FORBIDDEN_YAML = {
    "aliases of aliases": (
        "url: https://a.example/\nx: &a [1, 1]\ny: &b [*a, *a]\nfields: {a: b}\n",
        "anchor or alias",
    ),
    "a tag that builds an object": ("url: !!python/object/apply:os.system [id]\nfields: {a: b}\n", "a YAML tag"),
    "a merge": ("url: https://a.example/\nfields: {<<: {a: b}}\n", "merge key"),
    "levels without end": (
        "url: https://a.example/\nfields: " + "{a: " * 60 + "b" + "}" * 60 + "\n",
        "deeper than 20 levels",
    ),
    "characters without end": (
        "url: https://a.example/\nfields: {a: b}\n# " + "x" * 70_000 + "\n",
        "is longer than 65,536 characters",
    ),
}
NOT_THE_WEB = {
    "a file": "file:///etc/passwd",
    "a file of the laptop, by name": "functions/.secret.local",
    "another protocol": "ftp://a.example/x",
    "a script": "javascript:alert(1)",
    "data": "data:text/html,x",
}


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("line", LINES, ids=[line[0] for line in LINES])
def test_a_threat_names_what_stops_it_and_a_test_that_exists(line: list[str]) -> None:
    threat, stops, held = line
    assert threat
    assert stops
    named = TEST.findall(held)
    assert named, "the line names no test"
    assert TEST.sub("", held).strip() == ""
    assert [f"{file}::{name}" for file, name in named if name not in names_in(file)] == []


def test_every_actor_of_the_model_is_there() -> None:
    actors = re.findall(r"^\*\*(.+?)\.?\*\*", SECTION, re.MULTILINE)
    assert actors == [
        "A reader",
        "A writer",
        "A stolen key",
        "A hostile site",
        "A hostile author of sources",
        "A client of the database",
        "Supply chain and deploy",
    ]


def test_a_pattern_that_explodes_elsewhere_ends_here() -> None:
    definition = f"records: li\nfields: {{a: {{select: b, match: '{EXPLODING}', required: true}}}}"
    assert read(definition, f"<li><b>{'a' * 100_000}!</b></li>").rows == ()


@pytest.mark.parametrize(("text", "reason"), FORBIDDEN_YAML.values(), ids=FORBIDDEN_YAML.keys())
def test_yaml_that_grows_or_builds_objects_is_refused(text: str, reason: str) -> None:
    with pytest.raises(SourceInvalid, match=reason):
        parse(text, "hostile", saved=True)


@pytest.mark.parametrize("url", NOT_THE_WEB.values(), ids=NOT_THE_WEB.keys())
def test_a_source_reads_the_web_and_nothing_else(url: str) -> None:
    with pytest.raises(SourceInvalid, match="is not an address"):
        parse(f"url: {json.dumps(url)}\nfields: {{a: b}}\n", "hostile", saved=True)


def test_what_is_secret_or_local_is_ignored_by_git_and_left_out_of_the_upload() -> None:
    config = json.loads((ROOT / "firebase.json").read_text(encoding="utf-8"))
    [functions] = config["functions"] if isinstance(config["functions"], list) else [config["functions"]]
    assert {"venv", "*.local"} <= set(functions["ignore"])
    secret = ["functions/.secret.local", ".kindling/database.log", "functions/venv/pyvenv.cfg"]
    told = subprocess.run(["git", "check-ignore", *secret], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == secret


@pytest.mark.parametrize("file", ["functions/requirements.txt", "requirements-dev.txt", "functions/constraints.txt"])
def test_every_package_is_one_version(file: str) -> None:
    lines = [line.partition("#")[0].strip() for line in (ROOT / file).read_text(encoding="utf-8").splitlines()]
    loose = [line for line in lines if line and not line.startswith(("-r ", "-c ")) and line.count("==") != 1]
    assert loose == []
    lock = json.loads((ROOT / "tests" / "package-lock.json").read_text(encoding="utf-8"))
    unsure = [name for name, one in lock["packages"].items() if name and not one.get("link") and "integrity" not in one]
    assert unsure == []


@pytest.mark.suite
@pytest.mark.parametrize("path", ["/docs/", "/demo/users.html", "/dashboard/"])
def test_static_pages_bind_the_browser(suite: RunningSuite, path: str) -> None:
    answer = suite.get(path)
    assert answer.status_code == 200
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
    assert (policy["frame-ancestors"], policy["base-uri"]) == ("'none'", "'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
