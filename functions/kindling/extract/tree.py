"""An HTML page as the browser's tree, and what a selector finds in it.

Facts relied on: lexbor builds the tree of the HTML standard; `css` on a node matches within the whole page and returns
the node itself too where it matches, unlike a browser; a scripting browser sees `noscript` as text, and the contents
of `template` are not part of the page. Trees of one parse are read by one thread.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from ..sources.css import Selector
from .faults import Unreadable
from .values import fold

PAGE_MAX_BYTES = 16 * 1024 * 1024  # of dense markup a tree takes some twenty times its page in memory
CHARS_MAX = 64 * 1024 * 1024  # of text taken from one page: nested records repeat each other's text without end
SIBLINGS_MAX = 200_000  # steps of `& ~ …` on one page: it looks at every following sibling of every record
CROWD_MAX = 20_000  # children of one element where a selector counts siblings: a second or two, with their square
OPEN_MAX = 20_000  # elements a page may leave open: the parser's time grows with their square; browsers nest 512
FEW_TAGS = 2_500  # below it the worst page costs a fifth of a second, and counting would cost more than parsing
FORMATTING_OPEN_MAX = 400  # of <b>, <font> …, which the standard opens anew in every paragraph that follows

# The tree of 50 KB takes a megabyte, which glibc gives back after each page and asks for again: 100 page faults, and a
# sixth of a page's time. Once a block as big as this was freed, it keeps twice as much (mallopt(3), M_MMAP_THRESHOLD).
bytes(4 * 1024 * 1024)

_MARK = "kindling-record"
_SKIPPED = frozenset(("script", "style", "noscript", "template"))
_RAW = frozenset(("script", "style", "textarea"))
_BREAKS = frozenset(
    "address article aside blockquote br caption dd details dialog div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr legend li main nav ol optgroup option p pre section summary table tbody td tfoot th "
    "thead tr ul".split()
)
_TAG = re.compile(rb"</?[a-z][a-z0-9-]{0,30}")
_CLOSED_BY_OTHERS = frozenset(
    b"area base br col colgroup dd dt embed hr img input li link meta option optgroup p param rp rt source tbody td "
    b"tfoot th thead tr track wbr body head html".split()
)
_FORMATTING = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())


class Tree:
    """A parsed page. `base` is what its links are relative to; `tags` counts all that begin or end an element."""

    def __init__(self, html: bytes, url: str) -> None:
        """Parse `html` in UTF-8, which was read from `url`. Raises Unreadable for a page made to exhaust its reader."""
        self.tags = html.count(b"<")
        _refuse_bombs(html, self.tags)
        try:
            self._parser = LexborHTMLParser(html, scripting=True)
        except (SelectolaxError, ValueError) as error:
            raise Unreadable(f"{url}: the page cannot be read as HTML: {error}") from error
        self.root = self._parser.root
        self._root_id = self.root.mem_id if self.root else 0
        self._chars = 0
        self._siblings = 0
        self._crowd: int | None = None  # children of the element that has most, once that was asked
        self.base = self._base(url)

    def _base(self, url: str) -> str:
        named = (node.attributes.get("href") for node in self._parser.tags("base") if "href" in node.attributes)
        href = next(named, None)
        try:
            base = urljoin(url, href.strip()) if href else url
            return base if urlsplit(base).scheme in ("http", "https") else url
        except ValueError:
            return url

    def select(self, selector: Selector) -> list[LexborNode]:
        """All elements of the page that a checked selector without `&` matches."""
        self._refuse_crowds(selector)
        return self._parser.css(selector.css)

    def find(self, node: LexborNode, selector: Selector, many: bool) -> list[LexborNode]:
        """The elements that `selector` finds for the record `node`, in page order; the first only unless `many`."""
        if not selector.css:
            return [node]
        self._refuse_crowds(selector)
        if selector.anchored:
            return self._relative(node, selector, many)
        if many:
            found = node.css(selector.css)
            own = node.mem_id
            return found[1:] if found and found[0].mem_id == own and own != self._root_id else found
        first = node.css_first(selector.css)
        if first is None:
            return []
        if first.mem_id == node.mem_id != self._root_id:
            return node.css(selector.css)[1:2]
        return [first]

    def _refuse_crowds(self, selector: Selector) -> None:
        """Raises Unreadable where a selector that counts siblings meets more of them than it can count in time."""
        if not selector.counts or self.tags <= CROWD_MAX:
            return
        if self._crowd is None:
            parents = (node.parent for node in self.root.traverse()) if self.root else ()
            counts = Counter(parent.mem_id for parent in parents if parent)
            self._crowd = max(counts.values(), default=0)
        if self._crowd > CROWD_MAX:
            raise Unreadable(
                f"an element of the page has {self._crowd:,} children, and the selector counts siblings; at most "
                f"{CROWD_MAX:,} are counted: select by class, without :nth-…, -of-type and ~"
            )

    def _relative(self, node: LexborNode, selector: Selector, many: bool) -> list[LexborNode]:
        node.attrs[_MARK] = ""
        try:
            css = f"[{_MARK}]{selector.css}"
            found: list[LexborNode] = []
            for place in self._places(node, selector.siblings):
                found += place.css(css)
                if found and not many:
                    return found[:1]
            return found
        finally:
            del node.attrs[_MARK]

    def _places(self, node: LexborNode, siblings: int | None) -> list[LexborNode]:
        """Where a match can lie: the record, the sibling so many steps on, or (None) every following one."""
        if siblings == 0:
            return [node]
        following: LexborNode | None = node.next
        places: list[LexborNode] = []
        while following is not None and (siblings is None or len(places) < siblings):
            if following.is_element_node:
                places.append(following)
            self._siblings += 1
            if self._siblings > SIBLINGS_MAX:
                raise Unreadable(
                    f"& ~ looks at more than {SIBLINGS_MAX:,} siblings on this page; select with & + instead"
                )
            following = following.next
        if siblings is None:
            return places
        return places[-1:] if len(places) == siblings else []

    def taken(self, nodes: Sequence[LexborNode | None], attribute: str) -> list[str | None]:
        """What a selector takes of each element: its text, its inside as HTML, or an attribute; of None, None."""
        take = _TAKES.get(attribute) or _attribute(attribute)
        taken: list[str | None] = []
        for node in nodes:
            found = None if node is None else take(node)
            taken.append(found)
            if found:
                self._chars += len(found)
                if self._chars > CHARS_MAX:
                    raise Unreadable(
                        f"the records hold more than {CHARS_MAX:,} characters of text; select smaller elements"
                    )
        return taken


def text_of(node: LexborNode) -> str:
    """The text below, white space folded, a word ending at a line break or a block; of a script as written."""
    child = node.first_child
    if child is None:
        return ""
    raw = node.tag in _RAW
    if child.next is None and (only := child.text_content) is not None:
        return only if raw else " ".join(only.split())
    return node.text() if raw else fold("".join(_pieces(node, child)))


def _attribute(name: str) -> Callable[[LexborNode], str | None]:
    return lambda node: node.attrs.get(name)


_TAKES: Mapping[str, Callable[[LexborNode], str | None]] = {"": text_of, "::html": lambda node: node.inner_html}
"""What is taken of an element by what is no name of an attribute."""


def _pieces(top: LexborNode, first: LexborNode) -> list[str]:
    pieces: list[str] = []
    end, node = top.mem_id, first
    while True:
        child = None
        tag = node.tag
        if tag == "-text":
            pieces.append(node.text_content or "")
        elif tag not in _SKIPPED:
            if tag in _BREAKS:
                pieces.append(" ")
            child = node.first_child
        if child is not None:
            node = child
            continue
        while (following := node.next) is None:
            parent = node.parent
            if parent is None or parent.mem_id == end:
                return pieces
            node = parent
            if node.tag in _BREAKS:
                pieces.append(" ")
        node = following


def _refuse_bombs(body: bytes, tags: int) -> None:
    if len(body) > PAGE_MAX_BYTES:
        raise Unreadable(f"the page has {len(body):,} bytes; at most {PAGE_MAX_BYTES:,} are read as HTML")
    if tags < FEW_TAGS:
        return
    left: Counter[bytes] = Counter()
    for tag, count in Counter(_TAG.findall(body.lower())).items():
        left[tag.lstrip(b"</")] += -count if tag.startswith(b"</") else count
    if sum(left[name] for name in _FORMATTING if left[name] > 0) > FORMATTING_OPEN_MAX:
        raise Unreadable(
            f"the page leaves more than {FORMATTING_OPEN_MAX} formatting elements open, as no honest page does"
        )
    if sum(count for name, count in left.items() if count > 0 and name not in _CLOSED_BY_OTHERS) > OPEN_MAX:
        raise Unreadable(f"the page leaves more than {OPEN_MAX:,} elements open, as no honest page does")
