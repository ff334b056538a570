"""Mistakes in definitions: each is told with its line, place and mend; a folder tells all, and reads what is well."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from kindling import sources
from kindling.errors import SourceInvalid
from kindling.naming import RULE
from kindling.sources import FORMATS, names

from tests.test_sources import MINIMAL


def problems(text: str, **more: object) -> list[str]:
    """The messages about a definition, one line each."""
    with pytest.raises(SourceInvalid) as raised:
        sources.parse(text, "books", **more)  # type: ignore[arg-type]  # the options of parse, as the table gives them
    return raised.value.lines()


NO_FIELDS = (
    "has no fields; say what to take, as in fields: {title: h1}, or give the format of a page that names its own: "
    + ", ".join(name for name in FORMATS if name != "html")
)
REFUSED: list[tuple[str, str, list[str]]] = [
    ("a type that does not exist", MINIMAL + "format: htlm",
     ["books:3: format: unknown format 'htlm'; did you mean 'html'?"]),
    ("a field's type, by its line in the file", "url: /\nfields:\n  a: b\n  price:\n    select: .p\n    type: numbr",
     ["books:6: fields.price.type: unknown type 'numbr'; did you mean 'number'?"]),
    ("a key that does not exist", MINIMAL + "recrods: li",
     ["books:3: recrods: unknown key; did you mean 'records'?"]),
    ("all mistakes at once, in the order of the file", "url: ftp://x\nevery: 1s\nfields: {a: 'b['}",
     ["books:1: url: 'ftp://x' is not an address; write https://…, or /… for a page of this project's own site",
      "books:2: every: '1s' is not a time; write minutes, hours or days: 30m, 6h, 7d",
      "books:3: fields.a: column 2: a [ is not closed"]),
    ("no address", "fields: {a: b}",
     ["books: has no url; one page, several, or a path of this project's own site."]),
    ("no fields", "url: /",
     [f"books: {NO_FIELDS}"]),
    ("a selector that YAML took for a comment", "url: /\nfields:\n  a: #id",
     ["books:3: fields.a: is empty; give an expression (quote a value that begins with #, which starts a comment)"]),
    ("a selector that YAML took for an anchor", "url: /\nfields:\n  a: & + tr",
     ["books:3: is not YAML: did not find expected alphabetic or numeric character; put the value in quotes: this "
      "character means something to YAML"]),
    ("a selector that YAML took for a list", "url: /\nfields:\n  a: [x]::attr(y)",
     ["books:3: is not YAML: did not find expected key; put the value in quotes: [ begins a list in YAML"]),
    ("an alias", "url: /\nfields: &f {a: b}",
     ["books:2: uses a YAML anchor or alias (& or *); quote the value, or write it out"]),
    ("a merge", "url: /\nfields: {<<: {a: b}}",
     ["books:2: uses a YAML merge key (<<); write the keys out"]),
    ("an object of Python", "url: !!python/object/apply:os.system [id]",
     ["books:1: uses a YAML tag (tag:yaml.org,2002:python/object/apply:os.system); quote the value, or leave the tag "
      "out"]),
    ("a key that stands twice", "url: /\nurl: /x",
     ["books:2: url: stands twice; the first is on line 1; keep one"]),
    ("two documents", "url: /\n---\nurl: /",
     ["books:2: holds a second document after '---'; one file is one source"]),
    ("an empty file", "# later\n",
     ["books: must be a mapping with url, records, fields …, not nothing"]),
    ("no mapping", "- a",
     ["books: must be a mapping with url, records, fields …, not ['a']"]),
    ("XPath", "url: /\nfields: {a: //div}",
     ["books:2: fields.a: looks like XPath; write CSS (in DevTools: Copy > Copy selector)"]),
    ("::text, as other tools have it", "url: /\nfields: {a: 'p::text'}",
     ["books:2: fields.a: column 2: ::text is not known here; leave it out: the text is what a selector gives"]),
    ("a pseudo-class of another library", "url: /\nrecords: tr:eq(1)\nfields: {a: b}",
     ["books:2: records: column 3: :eq is not known here; write :nth-of-type(n), which counts from 1"]),
    ("an attribute of records", "url: /\nrecords: tr::attr(id)\nfields: {a: b}",
     ["books:2: records: selects elements; leave ::attr(), ::html and & out"]),
    ("& in the middle", "url: /\nfields: {a: 'p &'}",
     ["books:2: fields.a: column 3: & can only stand at the beginning"]),
    ("a broken part of a selector", "url: /\nfields: {a: 'div p{ b'}",
     ["books:2: fields.a: column 5: 'p{' is not CSS"]),
    ("look-ahead in match", "url: /\nfields: {a: {select: b, match: '(?=x)'}}",
     ["books:2: fields.a.match: is no regular expression of RE2: invalid perl operator: (?=; look-around and "
      "back-references are not taken"]),
    ("a broken JMESPath", "url: /\nformat: json\nfields: {a: 'b['}",
     ["books:3: fields.a: 'b[' is no JMESPath: Invalid jmespath expression: Incomplete expression"]),
    ("a JMESPath without end", "url: /\nformat: json\nfields: {a: '" + "!" * 1_500 + "a'}",
     ["books:3: fields.a: is nested too deep for a JMESPath"]),
    ("a key that is no field", MINIMAL + "key: titel",
     ["books:3: key: names 'titel', which is no field of the list page; did you mean 'title'?"]),
    ("a key that is a list", "url: /\nkey: a\nfields: {a: {select: b, list: true}}",
     ["books:2: key: names 'a', which is no single value; choose another field"]),
    ("an index on nothing", MINIMAL + "index: price.amount",
     ["books:3: index: names 'price.amount', which is no declared field; there are title"]),
    ("two schedules", MINIMAL + "every: 1h\ncron: 0 6 * * *",
     ["books:4: cron: stands beside every; keep one of them"]),
    ("a cron line of six parts", MINIMAL + "cron: 0 0 6 * * *",
     ["books:3: cron: '0 0 6 * * *' is not a cron line; write five parts: minute hour day month weekday, of days that "
      'there are, as in "0 6 * * *"']),
    ("a cron line of a day that never comes", MINIMAL + "cron: 0 6 30 2 *",
     ["books:3: cron: '0 6 30 2 *' is not a cron line; write five parts: minute hour day month weekday, of days that "
      'there are, as in "0 6 * * *"']),
    ("a zone that does not exist", MINIMAL + "timezone: Mars/Base",
     ["books:3: timezone: 'Mars/Base' is not a time zone; write one such as Europe/Amsterdam"]),
    ("a zone that is a file", MINIMAL + "timezone: ../../etc/passwd",
     ["books:3: timezone: '../../etc/passwd' is not a time zone; write one such as Europe/Amsterdam"]),
    ("a language that does not exist", MINIMAL + "locale: xq",
     ["books:3: locale: 'xq' is not a locale; write a language such as nl, or with its country, en-GB"]),
    ("follow by a field that is no address", MINIMAL + "follow: {url: title, fields: {b: p}}",
     ["books:3: follow.url: names 'title', which is no field of type url; declare it as one"]),
    ("follow that overwrites a field", "url: /\nfields: {u: {select: a, type: url}}\nfollow: {url: u, fields: {u: p}}",
     ["books:3: follow.fields.u: is a field of the list page too; choose another name"]),
    ("a dot in a field's name", "url: /\nfields: {a.b: p}",
     [f"books:2: fields.a.b: 'a.b' is no name for a field; it must match {names.FIELD_NAME}"]),
    ("a helper inside a field, where all is stored", "url: /\nfields: {a: {select: b, fields: {_c: d}}}",
     [f"books:2: fields.a.fields._c: '_c' is no name for a field; it must match {names.INNER_NAME}"]),
    ("an index on a field that is not stored", "url: /\nfields: {_a: p, b: q}\nindex: _a",
     ["books:3: index: names '_a', which is no declared field; there are b"]),
    ("a function's name as collection", MINIMAL + "collection: get_data",
     [f"books:3: collection: 'get_data' is not a name; write {RULE}"]),
    ("a name that a function could have", MINIMAL + "collection: save_the_date",
     [f"books:3: collection: 'save_the_date' is not a name; write {RULE}"]),
    ("a delimiter without CSV", MINIMAL + "delimiter: ;",
     ["books:3: delimiter: belongs to format csv; add format: csv, or leave it out"]),
    ("a next link of a feed", "url: /\nformat: feed\nnext: a.next",
     ['books:3: next: a feed page has no links to select; write next: {page: "?page={n}", from: 2}']),
    ("a page template without its number", MINIMAL + 'next: {page: "?page=2", from: 2}',
     ["books:3: next.page: '?page=2' is not an address with {n}; write for example \"?page={n}\""]),
    ("limits beyond the bounds", MINIMAL + "limits: {pages: 0, second: 5}",
     ["books:3: limits.pages: must be a whole number from 1 to 10,000, not 0",
      "books:3: limits.second: unknown key; did you mean 'seconds'?"]),
    ("a header that breaks the request", MINIMAL + 'headers: {X: "a\\r\\nHost: b"}',
     ["books:3: headers.X: what is written there is not a header's value; write visible ASCII on one line"]),
    ("headers that are none, which may hold a secret", MINIMAL + "headers: 'X: secret'",
     ["books:3: headers: must be a mapping with at least one header, not what is written there"]),
    ("values of headers that are none", MINIMAL + "headers: {X: [secret]}",
     ["books:3: headers.X: must be a header's value, not what is written there"]),
    ("an address with a password", "url: https://me:secret@x.example/a@b\nfields: {a: b}",
     ["books:1: url: 'https://…@x.example/a@b' is not an address; write https://…, or /… for a page of this project's "
      "own site"]),
    ("a script that is not there", "url: /\nextract: x.py",
     ["books:2: extract: is only for files of the sources folder: code does not come through the API; leave it out"]),
    ("a definition without end", "a" * 70_000,
     ["books: is longer than 65,536 characters"]),
    ("nesting without end", "[" * 60_000,
     ["books:1: is nested deeper than 20 levels"]),
    ("nesting without end in JSON", '{"a":' * 500 + "1" + "}" * 500,
     ["books: is nested deeper than 20 levels"]),
    ("values without end", "url: [" + "a, " * 6_000 + "a]",
     ["books:1: holds more than 5,000 values"]),
    ("JSON with a key twice", '{"url": "/", "url": "/b"}',
     ["books: 'url' stands twice; keep one"]),
    ("fields without end", "url: /\nfields: {" + ", ".join(f"f{n}: b" for n in range(201)) + "}",
     ["books:2: fields: has 201 entries; at most 200 are taken"]),
    ("a control character", "url: /\x07",
     ["books: is not YAML: control characters are not allowed"]),
    ("a map to a list", "url: /\nfields: {a: {select: b, map: {x: [1]}}}",
     ["books:2: fields.a.map.x: must be text, a number, true, false or null, not [1]"]),
    ("a default beyond a double", "url: /\nfields: {a: {select: b, default: 1e999}}",
     ["books:2: fields.a.default: is a number beyond what can be kept; quote it if it is a text"]),
    ("a long value, cut to what is shown", f"url: '{'a' * 80}'\nfields: {{a: b}}",
     [f"books:1: url: '{'a' * 55}…' is not an address; write https://…, or /… for a page of this project's own site"]),
    ("a long list, cut to what is shown", f"url: /\nfields: {{a: {{select: b, map: {{x: [{'1, ' * 80}1]}}}}}}",
     [f"books:2: fields.a.map.x: must be text, a number, true, false or null, not [{'1, ' * 18}1…]"]),
    ("a type beside fields", "url: /\nfields: {a: {select: b, type: text, fields: {c: d}}}",
     ["books:2: fields.a.type: does not go with fields, which are an object; leave one out"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_mistake_is_told_with_its_line_place_and_mend(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


@pytest.mark.parametrize("name", ["get_data", "Books", "_x", "a" * 64, "../x"])
def test_a_source_is_not_called_like_a_function_or_with_other_characters(name: str) -> None:
    with pytest.raises(SourceInvalid, match=f"is not a name; write {re.escape(RULE)}$"):
        sources.parse(MINIMAL, name)


def test_a_file_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(SourceInvalid, match=r"^gone\.yaml: cannot be read: No such file or directory$"):
        sources.load(tmp_path / "gone.yaml")


def test_a_saved_definition_may_not_bring_code(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("def extract(soup, url): return []\n")
    file = str(tmp_path / "books.yaml")
    assert problems("url: /\nextract: x.py", filename=file, saved=True) == [
        "books.yaml:2: extract: is only for files of the sources folder: code does not come through the API; leave it "
        "out"
    ]


def test_a_script_is_read_beside_its_file_and_nowhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    (tmp_path / "evil.py").write_text("def extract(soup, url): return []\n")
    (folder / "x.py").write_text("def extract(soup, url): return []\n")
    (folder / "bad.py").write_text("def extract(:\n")
    file = str(folder / "books.yaml")
    assert sources.parse("url: /\nextract: x.py", "books", filename=file).extract == sources.Script(
        str(folder / "x.py"), "def extract(soup, url): return []\n"
    )
    assert problems("url: /\nextract: ../evil.py", filename=file) == [
        "books.yaml:2: extract: '../evil.py' is not a script's name; name a .py file in the same folder"
    ]
    assert problems("url: /\nextract: no.py", filename=file) == [
        "books.yaml:2: extract: no.py is not beside books.yaml; put it there"
    ]
    assert problems("url: /\nextract: bad.py", filename=file) == [
        "books.yaml:2: extract: bad.py is not Python: invalid syntax (bad.py, line 1)"
    ]


def test_one_bad_file_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(MINIMAL)
    (tmp_path / "b.yaml").write_text("url: /\n")
    (tmp_path / "c.yaml").write_bytes(b"url: \xff\n")
    (tmp_path / "d.yaml").write_text(MINIMAL + "collection: a\n")
    (tmp_path / "e.yml").write_text(MINIMAL)
    (tmp_path / "note.txt").write_text("not a source")
    found, invalid = sources.load_folder(tmp_path)
    assert sorted(found) == ["a"]
    assert [error.lines() for error in invalid] == [
        ["e.yml: is not read; rename it to e.yaml"],
        [f"b.yaml: {NO_FIELDS}"],
        ["c.yaml: is not UTF-8 text; save it as UTF-8"],
        ["d.yaml: collection: 'a' is fed by 'a'; one source feeds a collection"],
    ]
    assert sources.load_folder(tmp_path / "nothing") == ({}, [])
