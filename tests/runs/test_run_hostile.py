"""Pages made to harm whoever reads them: a run of each ends with a word for it, and what is kept is what should be."""

from __future__ import annotations

import json

import pytest
from kindling.run import Tools, run_source
from kindling.sources import parse

from tests.faultsite import FaultSite, page

KEYED = "format: json\nkey: id\n"
NESTED = f"{KEYED}fields: {{id: id, v: {{select: v, type: json}}}}\n"
LAUGHS = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
FEED = '<rss version="2.0"><channel><item><title>{title}</title><link>https://a.example/1</link></item></channel></rss>'


def records(*found: object) -> bytes:
    return json.dumps(found).encode()


HOSTILE: dict[str, tuple[str, bytes, tuple[str, int, str | None]]] = {
    "other names in each record": (
        KEYED,
        records(*({"id": n, **{f"k{n}_{m}": 1 for m in range(60)}} for n in range(100))),
        ("ok", 100, None),
    ),
    "other names in each record, inside a field": (
        NESTED,
        records(*({"id": n, "v": {f"k{n}_{m}": 1 for m in range(60)}} for n in range(100))),
        ("failed", 100, "not-storable"),
    ),
    "3,000 columns": (
        "format: table\n",
        ("<table><tr>" + "<th>c" * 3_000 + "<tr>" + "<td>1" * 3_000 + "</table>").encode(),
        ("ok", 1, None),
    ),
    "values deeper than the database": (
        NESTED,
        b'[{"id": 1, "v": ' + b"[" * 40 + b"]" * 40 + b"}]",
        ("ok", 1, None),
    ),
    "nested without end": (KEYED, b"[" * 100_000, ("failed", 0, "unreadable")),
    "a key of a megabyte": (KEYED, records({"id": "k" * 1_000_000}), ("ok", 1, None)),
    "names that mean something to the database": (
        KEYED,
        records({"id": ".info", ".sv": "timestamp", ".priority": 1, ".value": 2, "_m": {"first": 0}, "a/b": 3}),
        ("ok", 1, None),
    ),
    "a number of 4,000 digits": (KEYED, b'[{"id": 1, "v": ' + b"9" * 4_000 + b"}]", ("ok", 1, None)),
    "half a character": (KEYED, b'[{"id": "\\ud800", "v": "\\u0000"}]', ("ok", 1, None)),
    "entities of entities": (
        "format: feed\n",
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">{LAUGHS}]>{FEED.format(title="&k;")}'.encode(),
        ("ok", 1, None),
    ),
    "an entity that is a file": (
        "format: feed\n",
        f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>{FEED.format(title="&a;root:")}'.encode(),
        ("ok", 1, None),
    ),
}


@pytest.mark.parametrize(("more", "body", "expected"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_page_made_to_harm_ends_in_a_word_and_harms_nothing(
    site: FaultSite, tools: Tools, more: str, body: bytes, expected: tuple[str, int, str | None]
) -> None:
    site.handlers["/"] = page(body, Content_Type="application/json" if "json" in more else "text/html")
    name = f"hostile{abs(hash(body))}"
    record = run_source(parse(f"url: {site.url('/')}\nevery: 1h\n{more}", name), "r1", tools)
    assert record is not None
    assert (record.status, record.records, record.error and record.error[0]) == expected
    kept = tools.store.records(name, limit=200)
    assert len(kept) == (expected[1] if record.status == "ok" else 0)
    assert all(len(found.id.encode()) <= 300 for found in kept)
    assert "root:x" not in str(kept)
    assert len(str(kept)) < 2_000_000
