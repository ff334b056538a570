"""HTML pages: records and fields by CSS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from selectolax.lexbor import LexborNode

from ..flow import Page
from ..sources import Field, Source
from ..sources.css import BadSelector, Selector, parse
from .decoding import Decoded
from .faults import Unreadable
from .reader import Reader
from .tree import Tree
from .within import Within

RECORD = Selector("")


def opened(page: Page, content: Decoded, source: Source, records: str | None) -> Reader:
    """An HTML page, opened."""
    return HtmlReader(Tree(content.utf8, page.url), records)


class HtmlReader(Reader):
    """An HTML page."""

    typed = False
    notes: tuple[str, ...] = ()

    def __init__(self, tree: Tree, records: str | None) -> None:
        self.tree = tree
        self.base = tree.base
        self.single = records is None
        self._selected = records
        self._records: list[LexborNode] | None = None
        self._within: Within | None = None

    def fields(self) -> Mapping[str, Field]:
        raise Unreadable("the page is HTML, whose elements are no fields; say with fields: what to take")

    def prepare(self, field: Field, name: str) -> Selector:
        return checked(field.select) if field.select else RECORD

    def records(self) -> list[LexborNode]:
        if self._records is None:
            alone = [self.tree.root] if self.tree.root else []
            self._records = self.tree.select(checked(self._selected)) if self._selected else alone
        return self._records

    def values(self, record: LexborNode, expression: Selector, many: bool) -> list[str | None]:
        found = self.tree.taken(self.tree.find(record, expression, many), expression.attribute)
        return [text for text in found if text is not None]

    def column(self, expression: Selector) -> Callable[[Sequence[LexborNode]], Iterator[str | None]]:
        together = bool(expression.css) and not (expression.anchored or expression.counts)

        def column(records: Sequence[LexborNode]) -> Iterator[str | None]:
            found = self._searched(expression.css) if together else {}
            nodes = [
                found[at] if (at := record.mem_id) in found else self._first(record, expression) for record in records
            ]
            return iter(self.tree.taken(nodes, expression.attribute))

        return column

    def _first(self, record: LexborNode, expression: Selector) -> LexborNode | None:
        return next(iter(self.tree.find(record, expression, False)), None)

    def _searched(self, css: str) -> Mapping[int, LexborNode | None]:
        """The first element that a selector finds in each record; empty where each is to be searched by itself."""
        if self._within is None:
            self._within = Within(self.records(), self.tree.tags)
        return self._within.firsts(css)

    def parts(self, record: LexborNode, expression: Selector, many: bool) -> list[LexborNode]:
        return self.tree.find(record, expression, many)

    def identity(self, record: LexborNode) -> str | None:
        return None

    def link(self, expression: str) -> str | None:
        return link(self.tree, expression)


def link(tree: Tree, expression: str) -> str | None:
    """The address that a selector finds in the page: the `href` of what it selects, if it names no attribute."""
    selector = checked(expression)
    for node in tree.find(tree.root, selector, False) if tree.root else ():
        return tree.taken([node], selector.attribute or "href")[0]
    return None


def checked(expression: str) -> Selector:
    """The selector of an expression that was declared for another format, or checked already. Raises Unreadable."""
    try:
        return parse(expression)
    except BadSelector as error:
        raise Unreadable(f"the page is HTML, and {expression!r} is not CSS: {error}") from error
