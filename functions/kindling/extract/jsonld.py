"""JSON-LD in a page's scripts: records by their schema.org type, fields by JMESPath."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..flow import Page
from ..sources import Source
from .decoding import Decoded
from .html import checked, link
from .jsons import ValueReader
from .reader import Reader
from .strict import parse
from .tree import Tree

_SCRIPTS = 'script[type="application/ld+json" i]'
_OPENINGS = ("<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA[")
_CLOSINGS = (";", "-->", "//]]>", "// ]]>", "/*]]>*/", "/* ]]> */", "]]>", "//")
"""What pages put around JSON for browsers of the last century, and a semicolon at the end."""
_SCHEMA = re.compile(r"\Ahttps?://schema\.org/|\Aschema:")


def opened(page: Page, content: Decoded, source: Source, records: str | None) -> Reader:
    """An HTML page with JSON-LD in it, opened."""
    return JsonLdReader(Tree(content.utf8, page.url), records)


class JsonLdReader(ValueReader):
    """The JSON-LD objects of a page: those of one type wherever they stand, or without a type the outermost."""

    def __init__(self, tree: Tree, type_: str | None) -> None:
        blocks, broken = _blocks(tree)
        tops = [item for block in blocks for item in _tops(block)]
        super().__init__(tree.base, list(_typed(tops, type_)) if type_ else tops)
        self._tree = tree
        if broken:
            self.notes = (f"{broken} of {broken + len(blocks)} blocks of JSON-LD are not JSON and were left out",)

    def identity(self, record: Any) -> str | None:
        found = record.get("@id") if isinstance(record, dict) else None
        return found if isinstance(found, str) and found else None

    def link(self, expression: str) -> str | None:
        return link(self._tree, expression)


def _blocks(tree: Tree) -> tuple[list[Any], int]:
    blocks, broken = [], 0
    for node in tree.select(checked(_SCRIPTS)):
        try:
            blocks.append(parse(_bare(node.text())))
        except (ValueError, RecursionError):
            broken += 1
    return blocks, broken


def _bare(text: str) -> str:
    text = text.strip()
    for opening in _OPENINGS:
        text = text.removeprefix(opening).lstrip()
    for closing in (*_CLOSINGS, ";"):
        text = text.removesuffix(closing).rstrip()
    return text


def _tops(block: Any) -> Iterator[dict[str, Any]]:
    for item in block if isinstance(block, list) else [block]:
        if isinstance(item, dict):
            graph = item.get("@graph")
            yield from (inner for inner in graph if isinstance(inner, dict)) if isinstance(graph, list) else (item,)


def _typed(tops: list[dict[str, Any]], type_: str) -> Iterator[dict[str, Any]]:
    """Objects of the type in document order; what stands inside one of them is part of it."""
    wanted = _SCHEMA.sub("", type_)
    waiting: list[Any] = list(reversed(tops))
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if wanted in _types(item):
                yield item
                continue
            waiting.extend(reversed(list(item.values())))
        elif isinstance(item, list):
            waiting.extend(reversed(item))


def _types(item: dict[str, Any]) -> list[str]:
    found = item.get("@type")
    return [_SCHEMA.sub("", one) for one in (found if isinstance(found, list) else [found]) if isinstance(one, str)]
