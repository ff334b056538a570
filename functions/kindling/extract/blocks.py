"""Repeated blocks of an HTML page: elements alike in tag and classes, and inside them what differs between them.

Gives definitions without address; whether they are any good is for the caller to prove. Works on names and classes
only, so a page whose classes are random gives little.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborNode

from .columns import slug
from .html import checked
from .tree import Tree, text_of

ELEMENTS_MAX = 50_000  # looked at on one page
GROUPS_MAX = 15  # proposed of one page
BLOCKS_MIN = 3  # two of a kind are a coincidence
BLOCKS_READ = 12  # of each group: what fields it has shows in the first ones
FIELDS_MAX = 12
SHARE_MIN = 0.5  # of the blocks that a field must stand in
STEPS_MAX = 100  # of a path: with more it would be too long for a selector, and a page may nest thousands

_CLASS = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_STATE = re.compile(r"(?:^|[-_])(?:active|first|last|odd|even|selected|current|open|clearfix)(?:$|[-_])|[0-9]")
_SKIPPED = frozenset("html head body script style noscript template svg path option br link meta base".split())
_TOPS = frozenset((None, "html", "body", "-document"))
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())


def css_of(node: LexborNode) -> str:
    """The tag and lasting classes of an element, as CSS."""
    classes = [name for name in (node.attributes.get("class") or "").split() if _CLASS.match(name)]
    return ".".join([node.tag or "*", *[name for name in classes if not _STATE.search(name)][:3]])


def path(node: LexborNode) -> str:
    """CSS that selects an element, and perhaps others: by its id, by its classes, or by where it stands."""
    steps: list[str] = []
    at: LexborNode | None = node
    while at is not None and len(steps) < STEPS_MAX and (not steps or at.tag not in _TOPS):
        id_ = at.attributes.get("id") or ""
        steps.append(f"#{id_}" if _CLASS.match(id_) else css_of(at))
        if "." in steps[-1] or steps[-1].startswith("#"):
            break
        at = at.parent
    return " > ".join(reversed(steps))


def repeated(tree: Tree) -> Iterator[dict[str, Any]]:
    """Definitions (records and fields) of the groups of blocks on a page, the most promising first."""
    groups: dict[str, list[LexborNode]] = {}
    for count, node in enumerate(tree.select(checked("body *"))):
        if count >= ELEMENTS_MAX:
            break
        if node.tag in _SKIPPED:
            continue
        css = css_of(node)
        if "." not in css and node.parent is not None:
            css = f"{css_of(node.parent)} > {css}"
        groups.setdefault(css, []).append(node)
    ranked = sorted(
        ((css, nodes) for css, nodes in groups.items() if len(nodes) >= BLOCKS_MIN),
        key=lambda group: -_promise(group[1]),
    )
    for css, nodes in ranked[:GROUPS_MAX]:
        fields = _fields(nodes[:BLOCKS_READ])
        if len(fields) > 1:
            yield {"records": css, "fields": fields}


def _promise(nodes: list[LexborNode]) -> float:
    """How much a group looks like records: many, with several elements and a link in each."""
    first = nodes[: min(len(nodes), 3)]
    inner = sum(len(node.css("*")) - 1 for node in first) / len(first)
    linked = any(node.css_first("a[href]") for node in first)
    return min(len(nodes), 50) * min(inner, 20) * (1.5 if linked else 1.0)


def _fields(nodes: list[LexborNode]) -> dict[str, Any]:
    """Fields by name: what is found in half of the blocks or more and is not the same text in all."""
    seen: Counter[str] = Counter()
    texts: dict[str, list[str]] = {}
    for node in nodes:
        for css, text in _inside(node).items():
            seen[css] += 1
            texts.setdefault(css, []).append(text)
    fields: dict[str, Any] = {}
    told: set[tuple[str, ...]] = set()
    for css, count in seen.items():
        found = tuple(texts[css])
        if count < SHARE_MIN * len(nodes) or (len(set(found)) == 1 and len(found) > 1) or found in told:
            continue
        told.add(found)
        if len(fields) < FIELDS_MAX:
            fields[_name(css, fields)] = {"select": css, "type": "url"} if css.endswith(_LINKS) else css
    return fields


_LINKS = ("::attr(href)", "::attr(src)")


def _inside(block: LexborNode) -> dict[str, str]:
    """What a block holds: CSS to text, the first of each kind: texts of its innermost elements, links and images."""
    found: dict[str, str] = {}
    for node in block.css("*"):
        if node.mem_id == block.mem_id or node.tag in _SKIPPED:
            continue
        css = css_of(node)
        for attribute in ("href", "src"):
            link = node.attributes.get(attribute)
            if link and node.tag in ("a", "img"):
                found.setdefault(f"{css}::attr({attribute})", link)
        if node.tag in _HEADINGS or node.css_first("*:not(br)") is None or _has_own_text(node):
            text = text_of(node)
            if text:
                found.setdefault(css, text)
    return found


def _has_own_text(node: LexborNode) -> bool:
    return bool(node.text(deep=False).strip())


def _name(css: str, taken: dict[str, Any]) -> str:
    tag, _, rest = css.partition("::")
    tag, _, classes = tag.partition(".")
    base = {"attr(href)": "url", "attr(src)": "image"}.get(rest) or ("title" if tag in _HEADINGS else "")
    base = base or slug(classes.split(".")[-1].replace("-", "_")) or {"a": "link", "p": "text"}.get(tag, tag)
    name, n = base, 2
    while name in taken:
        name, n = f"{base}_{n}", n + 1
    return name
