"""The digest of a definition: it changes when something else is extracted, and only then."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from kindling import sources
from kindling.sources import Field, Follow, Limits, Script, Source

from tests.test_sources import MINIMAL

BASE = sources.parse(MINIMAL, "books")
FIELD = Field("h1")
SAME_RESULT: dict[str, Any] = {
    "name": "others",
    "every_s": 3_600,
    "cron": "0 6 * * *",
    "limits": Limits(pages=3),
    "collection": "other",
    "public": True,
    "missing": "keep",
    "history_s": 86_400,
    "index": ("title",),
    "enabled": False,
    "defined_at": "/sources/books.yaml",
}
OTHER_RESULT: dict[str, Any] = {
    "urls": ("https://b.example/",),
    "timezone": "UTC",
    "format": "html",
    "records": "li",
    "key": ("title",),
    "fields": {"headline": FIELD},
    "next": "a",
    "follow": Follow("title", {"text": Field("p")}, 86_400),
    "headers": {"Accept-Language": "nl"},
    "extract": Script("/sources/x.py", "a"),
    "locale": "nl",
    "encoding": "utf-8",
    "delimiter": ";",
    "columns": ("title",),
}


def test_every_key_of_a_source_is_tried() -> None:
    assert SAME_RESULT.keys() | OTHER_RESULT.keys() == {one.name for one in fields(Source)}


@pytest.mark.parametrize("name", SAME_RESULT)
def test_the_digest_stays_when_the_same_is_extracted(name: str) -> None:
    assert replace(BASE, **{name: SAME_RESULT[name]}).digest() == BASE.digest()


@pytest.mark.parametrize("name", OTHER_RESULT)
def test_the_digest_changes_when_something_else_is_extracted(name: str) -> None:
    assert replace(BASE, **{name: OTHER_RESULT[name]}).digest() != BASE.digest()


def test_a_comment_and_how_often_own_pages_are_read_extract_nothing_else() -> None:
    follow = Follow("title", {"text": Field("p")}, 86_400)
    digests = {replace(BASE, follow=replace(follow, every_s=every_s)).digest() for every_s in (1, 2)}
    assert (sources.parse(f"# a comment\n{MINIMAL}", "books").digest(), len(digests)) == (BASE.digest(), 1)


def test_the_digest_changes_with_each_key_of_a_field_and_with_the_script() -> None:
    variants = [
        replace(BASE, fields={"title": changed})
        for changed in (
            FIELD,
            replace(FIELD, select="h2"),
            replace(FIELD, type="html"),
            replace(FIELD, required=True),
            replace(FIELD, many=True),
            replace(FIELD, default=None),
            replace(FIELD, match="a"),
            replace(FIELD, mapping={"a": 1}),
            replace(FIELD, locale="nl"),
            replace(FIELD, timezone="UTC"),
            replace(FIELD, currency="EUR"),
            replace(FIELD, fields={"x": FIELD}),
        )
    ]
    assert len(variants) == len(fields(Field)) + 1
    variants += [replace(BASE, extract=Script("/sources/x.py", code)) for code in ("a", "b")]
    assert len({source.digest() for source in variants}) == len(variants)
