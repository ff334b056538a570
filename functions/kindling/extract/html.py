"""HTML pages: records and fields by CSS."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from selectolax.lexbor import LexborNode

from ..flow import Page
from ..sources import Field, Source
from ..sources.css import BadSelector, Selector, parse
from .faults import Unreadable
from .reader import Reader
from .tree import Tree
from .within import Within

RECORD = Selector("")


def opened(page: Page, text: str, source: Source, records: str | None) -> Reader:
    """An HTML page, opened."""
    return HtmlReader(Tree(text, page.url), records)


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
        tree = self.tree
        taken: list[str | None] = []
        for node in tree.find(record, expression, many):
            text = tree.take(node, expression.attribute)
            if text is not None:
                taken.append(text)
        return taken

    def first(self, expression: Selector) -> Callable[[LexborNode], str | None]:
        tree, attribute = self.tree, expression.attribute
        plain = expression.css and not (expression.anchored or expression.counts)
        searched: Mapping[int, LexborNode | None] | None = None if plain else {}

        def first(record: LexborNode) -> str | None:
            nonlocal searched
            if searched is None:
                searched = self._searched(expression.css)
            at = record.mem_id
            node = searched[at] if at in searched else next(iter(tree.find(record, expression, False)), None)
            return None if node is None else tree.take(node, attribute)

        return first

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
        return tree.take(node, selector.attribute or "href")
    return None


def checked(expression: str) -> Selector:
    """The selector of an expression that was declared for another format, or checked already. Raises Unreadable."""
    try:
        return parse(expression)
    except BadSelector as error:
        raise Unreadable(f"the page is HTML, and {expression!r} is not CSS: {error}") from error
