"""The digest of a definition: it changes when something else is extracted, and only then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kindling import sources
from kindling.sources import Field

from tests.test_sources import MINIMAL

SAME_RESULT = ["every: 1h", "public: true", "limits: {pages: 3}", "index: title", "missing: keep", "enabled: false",
               "history: 9d", "collection: other", "# a comment"]  # fmt: skip
OTHER_RESULT = ["records: li", "key: title", "locale: nl", "timezone: UTC", "next: a", "encoding: utf-8",
                "headers: {Accept-Language: nl}", "format: html"]  # fmt: skip


@pytest.mark.parametrize("line", SAME_RESULT)
def test_the_digest_stays_when_the_same_is_extracted(line: str) -> None:
    assert sources.parse(MINIMAL + line, "books").digest() == sources.parse(MINIMAL, "books").digest()


@pytest.mark.parametrize("line", OTHER_RESULT)
def test_the_digest_changes_when_something_else_is_extracted(line: str) -> None:
    assert sources.parse(MINIMAL + line, "books").digest() != sources.parse(MINIMAL, "books").digest()


def test_the_digest_changes_with_each_key_of_a_field_and_with_the_script() -> None:
    base = sources.parse(MINIMAL, "books")
    field = Field("h1")
    variants = [
        replace(base, fields={"title": changed})
        for changed in (
            field,
            replace(field, type="html"),
            replace(field, required=True),
            replace(field, many=True),
            replace(field, default=None),
            replace(field, match="a"),
            replace(field, mapping={"a": 1}),
            replace(field, locale="nl"),
            replace(field, timezone="UTC"),
            replace(field, currency="EUR"),
            replace(field, fields={"x": field}),
        )
    ]
    variants += [replace(base, extract=sources.Script("/x.py", code)) for code in ("a", "b")]
    assert len({source.digest() for source in variants}) == len(variants)
