"""What a page offers: for each thing that looks like records, a complete definition that takes it, proved on the page.

A definition is proposed from what the page holds, read by the same parser as any other and run on the same page; only
one that gives records is offered. Pure; one look at one page.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .. import sources
from ..errors import SourceInvalid
from ..flow import Document, Page
from . import blocks, formats, links
from .faults import Bad, Missing, Unreadable
from .html import checked
from .jsonld import JsonLdReader
from .pages import extract
from .strict import parse
from .tree import Tree

SAMPLE = 3  # records shown of each offer
OFFERS_MAX = 12  # of one page: a person chooses among them
TABLES_MAX = 20
LISTS_MAX = 20
DEPTH_MAX = 4  # objects that a list of a JSON page may stand in
_COUNTED_MAX = 50  # records beyond which one list is not better than another

_WORTH = {"jsonld": 1.2, "feed": 1.1, "repeated": 0.8}  # of all else 1.0
"""Equal in size, what is made for machines is the better source: it outlives a redesign."""
_FURNITURE = frozenset(
    "BreadcrumbList EntryPoint ImageObject ItemList ListItem Organization SearchAction WebPage WebSite".split()
)
"""Types of schema.org that describe the page rather than what is on it."""
_FEEDS = 'link[rel~="alternate" i][href]'
_FEED_TYPES = frozenset(("application/rss+xml", "application/atom+xml", "application/feed+json"))

Definition = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing a page offers. `kind` is repeated or a format but html; `definition` is complete.

    `count` is how many records it gives on this page, None where it is of another page that was not read; `sample` are
    the first of them.
    """

    kind: str
    definition: Definition
    count: int | None
    sample: tuple[Document, ...] = ()


def offers(page: Page) -> list[Offer]:
    """What the page offers, best first; nothing for a page that cannot be read."""
    try:
        proposed = list(_proposed(page, formats.format_by_type(page)))
    except Unreadable:
        return []
    made = [offer for kind_, definition in proposed if (offer := _proved(page, kind_, definition)) is not None]
    made.sort(key=lambda offer: -_worth(offer))
    return made[:OFFERS_MAX]


def _worth(offer: Offer) -> float:
    worth = _WORTH.get(offer.kind, 1.0)
    if offer.count is None:
        return 5.0 * worth  # a linked feed: as good as a small list
    filled = sum(len(document) for document in offer.sample) / max(1, len(offer.sample))
    return min(offer.count, _COUNTED_MAX) * filled * worth


def _proved(page: Page, kind: str, definition: Definition) -> Offer | None:
    """The offer, if its definition is valid and gives records here; with a key where a field can be one."""
    if definition["url"] != page.url:
        return Offer(kind, definition, None)
    try:
        source = sources.parse(json.dumps(definition), "offer")
        found = extract(page, source)
    except (SourceInvalid, Unreadable):
        return None
    if not found.rows or not any(row.document for row in found.rows):
        return None
    documents = [row.document for row in found.rows]
    key = _key(documents)
    if key and source.fields and "key" not in definition:
        definition = {**definition, "key": key}
    return Offer(kind, definition, len(documents), tuple(documents[:SAMPLE]))


def _key(documents: list[Document]) -> str | None:
    """A field that is there in every record and differs between all, addresses and ids before texts."""
    names = [name for name in documents[0] if all(isinstance(d.get(name), str | int) for d in documents)]
    names.sort(key=lambda name: (name not in ("id", "url", "link", "sku"), "url" not in name))
    return next((name for name in names if len({str(d[name]) for d in documents}) == len(documents)), None)


def _base(page: Page, **more: Any) -> Definition:
    return {"url": page.url, "every": "1d", **more}


def _proposed(page: Page, format_: str) -> Iterable[tuple[str, Definition]]:
    """What may be records on a page; all of it, where its format names the records and their fields."""
    if format_ == "html":
        return _html(page)
    return _json(page) if format_ == "json" else [(format_, _base(page, format=format_))]


def _json(page: Page) -> Iterator[tuple[str, Definition]]:
    text = formats.decoded(page, _blank(page), "json", []).text
    try:
        value = parse(text)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict) and isinstance(value.get("items"), list) and "jsonfeed.org" in str(value.get("version")):
        yield "feed", _base(page, format="feed")
        return
    for path in list(_lists(value))[:LISTS_MAX]:
        yield "json", _base(page, format="json", **({"records": path} if path else {}))


def _lists(value: Any, path: str = "", depth: int = 0) -> Iterator[str]:
    """JMESPath of every list of objects that is not inside another list."""
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            yield path
    elif isinstance(value, dict) and depth < DEPTH_MAX:
        for name, item in value.items():
            step = name if name.isascii() and name.isidentifier() else json.dumps(name, ensure_ascii=False)
            yield from _lists(item, f"{path}.{step}" if path else step, depth + 1)


def _html(page: Page) -> Iterator[tuple[str, Definition]]:
    tree = Tree(formats.decoded(page, _blank(page), "html", []).utf8, page.url)
    yield from _jsonld(page, tree)
    yield from _feeds(page, tree)
    yield from _tables(page, tree)
    for definition in blocks.repeated(tree):
        yield "repeated", _base(page, **definition)


def _jsonld(page: Page, tree: Tree) -> Iterator[tuple[str, Definition]]:
    types: Counter[str] = Counter()
    for item in JsonLdReader(tree, None).records():
        found = item.get("@type")
        types.update(one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str))
        listed = item.get("itemListElement")
        for entry in listed if isinstance(listed, list) else []:
            inner = entry.get("item", entry) if isinstance(entry, dict) else None
            if isinstance(inner, dict) and isinstance(inner.get("@type"), str):
                types[inner["@type"]] += 1
    for type_ in types:
        if type_ not in _FURNITURE:
            yield "jsonld", _base(page, format="jsonld", records=type_)


def _feeds(page: Page, tree: Tree) -> Iterator[tuple[str, Definition]]:
    seen = set()
    for node in tree.select(checked(_FEEDS)):
        if (node.attributes.get("type") or "").strip().lower() not in _FEED_TYPES:
            continue
        try:
            url = links.read(node.attributes.get("href"), tree.base)
        except (Bad, Missing):
            continue
        if url not in seen and urlsplit(url).scheme in ("http", "https"):
            seen.add(url)
            yield "feed", {"url": url, "every": "1h", "format": "feed"}


def _tables(page: Page, tree: Tree) -> Iterator[tuple[str, Definition]]:
    seen = set()
    for node in tree.select(checked("table:has(tr ~ tr)"))[:TABLES_MAX]:
        css = blocks.path(node)
        if css not in seen:
            seen.add(css)
            yield "table", _base(page, format="table", records=css)


def _blank(page: Page) -> sources.Source:
    return sources.parse(json.dumps({"url": page.url, "fields": {"any": "*"}}), "offer")
