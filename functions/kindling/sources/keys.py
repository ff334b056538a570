"""The keys of a definition, as tables: each with its kind and what it means.

The reader (`checks`), the JSON Schema and the writer are all made from these tables, so a key that is not here does not
exist. What depends on two keys at once is not said here; which keys belong to one format, kindling.pageformats says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import naming
from . import kinds, names
from .kinds import Kind, Report, suggest
from .model import FORMATS, TYPES

DAY_S = 86_400
URLS_MAX = 200  # of one source; more pages are `next` pages or another source
FIELDS_MAX = 200  # of one mapping of fields; a database record and a CSV row stay readable
INDEX_MAX = 8  # index slots of a record
KEYS_MAX = 8  # fields that identify a record
MAP_MAX = 500
HEADERS_MAX = 20
COLUMNS_MAX = 200

_URL = r"(https?://[^\s/?#\\@]+([/?#][^\s]*)?|/[^\s/\\][^\s]*|/)"
_DOTTED = rf"{names.FIELD_NAME}(\.{names.FIELD_NAME}){{0,9}}"


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its kind, one sentence of help, and whether it must be there."""

    kind: Kind
    help: str
    required: bool = False


def _checked(name: str, pattern: str, check: Any, mend: str) -> Kind:
    base = kinds.text(name, pattern=pattern, longest=100)

    def read(value: Any, report: Report) -> str | None:
        written = base.read(value, report)
        if written is None:
            return None
        found: str | None = check(written)
        if found is None:
            report.wrong(f"{kinds.shown(value)} is not {name}; {mend}")
        return found

    return Kind(read, base.schema)


def _cron(written: str) -> str | None:
    from croniter import CroniterBadDateError, croniter

    if len(written.split()) != 5 or not croniter.is_valid(written):
        return None
    try:
        croniter(written, 0).get_next()
    except CroniterBadDateError:  # of the 30th of February
        return None
    return written


def _encoding(written: str) -> str | None:
    import webencodings

    found = webencodings.lookup(written)
    return found.name if found else None


URL = kinds.text("an address", pattern=_URL, mend="write https://…, or /… for a page of this project's own site")
EXPRESSION = kinds.text("an expression")
HEADER_VALUE = kinds.text(
    "a header's value", pattern=r"[\t\x20-\x7e]+", mend="write visible ASCII on one line", show=kinds.unshown
)
FIELD_PATH = kinds.text("a field", pattern=_DOTTED, mend="name a declared field; a dot reaches inside", longest=640)
LOCALE = _checked("a locale", names.LOCALE, names.locale, "write a language such as nl, or with its country, en-GB")
TIMEZONE = _checked(
    "a time zone", r"\S+", lambda name: name if names.is_timezone(name) else None, "write one such as Europe/Amsterdam"
)
NAME = kinds.text("a name", pattern=naming.NAME, mend=f"write {naming.RULE}", longest=100)
CRON = _checked(
    "a cron line",
    r"[^\n]+",
    _cron,
    'write five parts: minute hour day month weekday, of days that there are, as in "0 6 * * *"',
)
ENCODING = _checked("an encoding", r"[\w.:-]+", _encoding, "write one that browsers know, such as windows-1251")
CURRENCY = kinds.text("a currency", pattern=names.CURRENCY, mend="write its three letters: EUR", longest=3)

FIELD_KEYS: Mapping[str, Key] = {
    "select": Key(EXPRESSION, "Where the value is: CSS with ::attr(name) or ::html, JMESPath, or a column's name."),
    "type": Key(kinds.one_of("type", TYPES), "What the value is read as."),
    "required": Key(kinds.flag(), "A record without this value is not taken, and counted."),
    "list": Key(kinds.flag(), "All matches as a list, rather than the first."),
    "default": Key(kinds.scalar(), "The value where the page has none."),
    "match": Key(
        EXPRESSION, "A regular expression (RE2) on the text: its first group, or the whole match, is read on."
    ),
    "map": Key(
        kinds.mapping_of("text", r"[\s\S]{1,1000}", kinds.scalar(), MAP_MAX),
        "Text to value; a text not listed is a reject.",
    ),
    "locale": Key(LOCALE, "How this field writes numbers and dates, where it differs from the source."),
    "timezone": Key(TIMEZONE, "The zone of this field's times that name none."),
    "currency": Key(CURRENCY, "The currency of prices whose text does not settle it."),
}
"""Keys of a field but `fields`, which nests them."""

PAGING_KEYS: Mapping[str, Key] = {
    "page": Key(
        kinds.text("an address with {n}", pattern=r"[^\s{}]*\{n\}[^\s{}]*", mend='write for example "?page={n}"'),
        "The address of a further page, {n} being its number or offset.",
        required=True,
    ),
    "from": Key(kinds.whole(0, 10_000_000), "{n} of the page after the declared one.", required=True),
    "step": Key(kinds.whole(1, 100_000), "How much {n} grows from page to page."),
    "to": Key(kinds.whole(0, 10_000_000), "The last {n}; without it, until a page has no records."),
}
LIMIT_KEYS: Mapping[str, Key] = {
    "pages": Key(kinds.whole(1, 10_000), "Pages read in one run, followed ones included."),
    "records": Key(kinds.whole(1, 100_000), "Records taken in one run."),
    "seconds": Key(kinds.whole(1, 540), "How long one run may take; a function has nine minutes."),
    "megabytes": Key(kinds.whole(1, 1_000), "How much one run may read."),
}
FOLLOW_KEYS: Mapping[str, Key] = {
    "url": Key(FIELD_PATH, "The field that holds the address of the record's own page.", required=True),
    "every": Key(kinds.duration(300, 365 * DAY_S), "How often a known record's own page is read again."),
}
"""Keys of `follow` but `fields`."""

SOURCE_KEYS: Mapping[str, Key] = {
    "url": Key(
        kinds.one_or_more(URL, URLS_MAX), "One page, several, or a path of this project's own site.", required=True
    ),
    "every": Key(kinds.duration(300, 30 * DAY_S), "How often the page is read: 5m to 30d."),
    "cron": Key(CRON, "Instead of `every`: when the page is read, in `timezone`."),
    "timezone": Key(TIMEZONE, "The zone of `cron`, and of times on the page that name none."),
    "locale": Key(LOCALE, "How the page writes numbers and dates."),
    "format": Key(kinds.one_of("format", FORMATS), "What the page is; by its content type if unsaid."),
    "encoding": Key(ENCODING, "The page's encoding, against what the site says."),
    "headers": Key(
        kinds.mapping_of("header", names.HEADER_NAME, HEADER_VALUE, HEADERS_MAX, show=kinds.unshown),
        "Headers of the requests; {name} is a secret of SOURCE_SECRETS.",
    ),
    "records": Key(
        EXPRESSION, "What is one record: CSS, JMESPath, a schema.org type; without it the page is one record."
    ),
    "key": Key(kinds.one_or_more(FIELD_PATH, KEYS_MAX), "The field or fields that identify a record across runs."),
    "delimiter": Key(kinds.one_of("delimiter", (",", ";", "\t", "|")), "What separates the values of a line."),
    "columns": Key(
        kinds.one_or_more(kinds.text("a column's name", longest=200), COLUMNS_MAX),
        "The columns' names where the file has no header line.",
    ),
    "extract": Key(
        kinds.text("a script's name", pattern=names.SCRIPT, mend="name a .py file in the same folder"),
        "A Python file beside this one with def extract(soup, url), where selectors are not enough.",
    ),
    "collection": Key(NAME, "The collection that gets the records; the source's own name if unsaid."),
    "public": Key(kinds.flag(), "Whether everyone may read the collection."),
    "missing": Key(
        kinds.one_of("word", ("mark", "delete", "keep")), "What becomes of a record that is gone from the page."
    ),
    "history": Key(kinds.duration(3_600, 3_650 * DAY_S), "How long changes are kept; for ever if unsaid."),
    "index": Key(kinds.one_or_more(FIELD_PATH, INDEX_MAX), "Fields that a big collection is filtered and sorted by."),
    "enabled": Key(kinds.flag(), "Whether the source is scraped by itself."),
}
"""Keys of a source but `fields`, `next`, `follow` and `limits`, which have keys of their own."""


def read(
    table: Mapping[str, Key], value: Mapping[str, Any], report: Report, also: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The keys of `table` found in `value`, each read by its kind; keys in `also` are somebody else's to read."""
    found = {}
    for word, item in value.items():
        if word in table:
            read_value = table[word].kind.read(item, report.inside(word))
            if read_value is not None:
                found[word] = read_value
        elif word not in also:
            report.inside(word).wrong(f"unknown key{suggest(word, [*table, *also])}")
    for word, key in table.items():
        if key.required and word not in value:
            report.wrong(f"has no {word}; {key.help[0].lower()}{key.help[1:]}")
    return found
