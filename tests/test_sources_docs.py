"""docs/sources.md: every definition on it gives the records that stand below it; its tables say what is so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from kindling import extract, sources
from kindling.errors import SourceInvalid
from kindling.extract import columns, reader, tree, values
from kindling.flow import Page
from kindling.sources import keys, model, text

from tests.reader import following
from tests.shown import ROOT, blocks, fences, steps

PAGE = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
FIRST = "## The first one\n"  # the examples begin here; before it stand commands, which somebody has to type
MEDIA_TYPES = {"html": "text/html", "json": "application/json", "csv": "text/csv", "xml": "application/xml"}


class Example(NamedTuple):
    """A definition, the page below it and the records below that."""

    definition: str
    kind: str
    body: str
    records: list[dict[str, Any]]


def examples() -> list[Example]:
    """The examples of the page, in order; three blocks each."""
    found = [(kind, body) for kind, body in fences(PAGE[PAGE.index(FIRST) :]) if kind != "python"]
    groups = [found[n : n + 3] for n in range(0, len(found), 3)]
    return [Example(group[0][1], *group[1], json.loads(group[2][1])) for group in groups]


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.definition.split()[1])
def test_an_example_gives_the_records_below_it(example: Example, tmp_path: Path) -> None:
    [script] = blocks(PAGE, "python")
    (tmp_path / "books.py").write_text(script, encoding="utf-8")
    source = sources.parse(example.definition, "books", filename=str(tmp_path / "books.yaml"))
    page = Page(source.urls[0], 200, MEDIA_TYPES[example.kind], "utf-8", example.body.encode(), 0)
    assert [row.document for row in extract.extract(page, source).rows] == example.records


@pytest.mark.suite
def test_the_way_from_a_page_to_its_data_is_as_shown(tmp_path: Path) -> None:
    way = PAGE[: PAGE.index(FIRST)]
    with following(way, tmp_path) as reader:
        different = [reader.type(step) for block in blocks(way, "console") for step in steps(block)]
    assert [problem for problem in different if problem] == []


def test_every_key_type_and_format_stands_on_the_page() -> None:
    ticked = set(re.findall(r"`([^`\s]+)`", PAGE))
    known = {
        *keys.SOURCE_KEYS,
        *keys.FIELD_KEYS,
        *keys.LIMIT_KEYS,
        *model.TYPES,
        *model.FORMATS,
        "fields",
        "next",
        "follow",
    }
    assert known - ticked == set(), "docs/sources.md does not tell these, in backquotes"


def test_every_format_has_an_example() -> None:
    shown = {
        sources.parse(one.definition, "any").format or "html" for one in examples() if "extract:" not in one.definition
    }
    assert set(model.FORMATS) - shown == set()


@pytest.mark.parametrize(
    "number",
    [
        text.TEXT_MAX,
        text.LEVELS_MAX,
        text.VALUES_MAX,
        keys.FIELDS_MAX,
        keys.URLS_MAX,
        keys.MAP_MAX,
        tree.OPEN_MAX,
        tree.FORMATTING_OPEN_MAX,
        tree.CHARS_MAX,
        values.LEVELS_MAX,
        reader.CHARS_MAX,
        reader.VALUES_MAX,
        reader.RECORDS_MAX,
        columns.COLUMNS_MAX,
    ],
)
def test_every_limit_stands_on_the_page(number: int) -> None:
    assert f"{number:,}" in PAGE


def test_the_first_mistake_shown_is_the_one_that_is_told() -> None:
    broken = "url: /\nevery: 6h\nrecords: a\nkey: b\nfields:\n  b: c\n  price:\n    select: d\n    type: numbr\n"
    with pytest.raises(SourceInvalid) as raised:
        sources.parse(broken, "books", filename="books.yaml")
    assert raised.value.lines()[0] in PAGE
