"""The documentation points at what exists: links, files, commands, dependencies."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import dev
from tests.cases import needs_shared
from tests.shown import FENCE, ROOT, fences

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TICKED = re.compile(r"`([^`\n]+)`")
REQUIREMENT = re.compile(r"^([A-Za-z0-9_.-]+)==", re.MULTILINE)
FOLDERS = ("functions/", "emulators/", "devtools/", "public/", "docs/", "tests/", ".ci/", "benchmarks/")
NOT_IN_GIT = {
    "functions/.secret.local",
    "functions/.env.local",
    "functions/venv",
    "functions/venv/",
}  # the reader's own

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors that the headings of a page give, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(page: Path) -> Iterator[list[str]]:
    """The command lines of a page's shell blocks, as words, pipes cut apart, comments and outputs left out."""
    for language, text in fences(page.read_text(encoding="utf-8")):
        lines = text.replace("\\\n", " ").splitlines()
        if language == "console":
            lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        elif language != "sh":
            continue
        for line in lines:
            lexer = shlex.shlex(line, posix=True, punctuation_chars="|;&")
            lexer.whitespace_split = True
            words: list[str] = []
            for word in [*lexer, "|"]:
                if set(word) <= set("|;&"):
                    if words:
                        yield words
                    words = []
                else:
                    words.append(word)


def known(words: list[str]) -> bool:
    """Whether a command line names something that is there: a command of dev.py, a tool, a file of the project."""
    program = words[0]
    if program == "python3" and words[1:2] == ["dev.py"]:
        return words[2] in (*dev.COMMANDS, "--help")
    if program == "bash":
        return (ROOT / words[1]).exists()
    if program.startswith("functions/venv/bin/"):
        tool = program.removeprefix("functions/venv/bin/")
        return tool in ("python", "pip") or f"{tool}==" in (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    assigns = re.fullmatch(r"(export|[A-Z_]+=.*)", program) is not None
    shell = "cat cd cp curl echo firebase gcloud git grep gunicorn head kill mkdir node npm npx python3 rm".split()
    return assigns or program in shell


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(prose(page)):
        if re.match(r"https?://|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


@every_page
def test_files_that_are_named_exist(page: Path) -> None:
    named = {text for text in TICKED.findall(prose(page)) if text.startswith(FOLDERS)}
    real = {text for text in named if re.fullmatch(r"[\w./-]+", text)}
    assert {text for text in real if not (ROOT / text).exists()} - NOT_IN_GIT == set()


@every_page
def test_commands_that_are_shown_exist(page: Path) -> None:
    assert [" ".join(words) for words in commands(page) if not known(words)] == []


@every_page
def test_tests_that_are_shown_run_in_any_clone(page: Path) -> None:
    shown = [word for words in commands(page) if words[1:3] == ["dev.py", "test"] for word in words[3:]]
    files = [word for word in shown if word.endswith(".py")]
    assert [file for file in files if needs_shared(ROOT / file)] == []


def table(page: Path, heading: str) -> set[str]:
    """The first cells, without their ticks, of the table under a heading."""
    section = re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    rows = next(part for part in section if part.startswith(heading)).splitlines()
    return {name for row in rows if row.startswith("| `") for name in TICKED.findall(row.split("|")[1])}


@pytest.mark.parametrize(
    ("requirements", "heading"),
    [("functions/requirements.txt", "What runs on Firebase"), ("requirements-dev.txt", "What a laptop needs on top")],
    ids=["of the functions", "of the laptop"],
)
def test_every_dependency_has_its_reason(requirements: str, heading: str) -> None:
    wanted = set(REQUIREMENT.findall((ROOT / requirements).read_text(encoding="utf-8")))
    assert table(ROOT / "docs" / "decisions.md", heading) == wanted
