"""CSS as a definition writes it: `& + tr .score::attr(title)`, taken apart and checked when the definition is read.

    &              the record itself, at the beginning only: `&::attr(id)`, `& > td`, `& + tr .score`, `& ~ dd`
    ::attr(name)   an attribute's value        ::html   what is inside, as HTML        else the text below
    :contains("x") elements whose text holds x, the one addition to CSS

Facts relied on: lexbor matches a selector as a browser does, has no `:scope` or `&`, does not say where it gave up, and
takes some selectors that can never match in a saved page, which are named and refused here; of a bare `:is(.a) .b`
(with nothing before the colon) it finds the first match only, of `*:is(.a) .b` all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .kinds import suggest

SELECTOR_MAX = 1_000  # characters; DevTools' longest are some 300

PSEUDO = frozenset(
    "any-link checked contains disabled empty enabled first-child first-of-type has is last-child last-of-type link "
    "not nth-child nth-last-child nth-last-of-type nth-of-type only-child only-of-type optional placeholder-shown "
    "read-only read-write required root where".split()
)
_MENDS = {
    "text": "leave it out: the text is what a selector gives",
    "before": "no text of a style sheet is in the page",
    "after": "no text of a style sheet is in the page",
    "scope": "write & for the record itself",
    "first": "the first match is what a field takes; leave it out",
    "eq": "write :nth-of-type(n), which counts from 1",
    "hover": "nobody points at a saved page",
    "visible": "a page is read without its styles",
    "lang": "write [lang|=en]",
}
_END = re.compile(r"::(?:attr\(\s*([^()\s]+)\s*\)|(html))\Z")
_PSEUDO_ELEMENT = re.compile(r"(::?)([A-Za-z-]+)")
_FUNCTION = re.compile(r"(^|(?<=[\s>+~,(]))?:(contains|has|is|not|where)(?=\()", re.IGNORECASE)
_COUNTING = re.compile(r":nth-|-of-type|~")
_XPATH = re.compile(r"\.?//?[A-Za-z*@]|/html\b")


class BadSelector(ValueError):
    """A selector that cannot be used; the text says what is wrong, where, and the mend."""


@dataclass(frozen=True, slots=True)
class Selector:
    """A checked selector.

    `css` selects inside the record, "" being the record itself; with `anchored` it begins with a combinator and is
    relative to the record. `siblings` is how many following siblings away the match must lie (0: inside the record;
    None: any number, at least one). `attribute` names what to take, "" the text, "::html" what is inside as HTML.
    `counts`: to match an element, its siblings are looked at one by one.
    """

    css: str
    anchored: bool = False
    siblings: int | None = 0
    attribute: str = ""
    counts: bool = False


@lru_cache(maxsize=4_096)
def parse(written: str) -> Selector:
    """The selector that `written` means. Raises BadSelector."""
    if len(written) > SELECTOR_MAX:
        raise BadSelector(f"is longer than {SELECTOR_MAX:,} characters")
    if _XPATH.match(written):
        raise BadSelector("looks like XPath; write CSS (in DevTools: Copy > Copy selector)")
    css, attribute = _ending(written)
    _check_words(css)
    if not css.startswith("&"):
        _check_css(css)
        return Selector(_for_lexbor(css), attribute=attribute, counts=_counts(css))
    rest = css[1:]
    if not rest.strip():
        return Selector("", attribute=attribute)
    if _split(css, ","):
        raise BadSelector("a list of selectors with & is not taken; write one selector")
    if rest[0] not in " >+~":
        raise BadSelector(
            f"column 2: after & comes a space, >, + or ~, not {rest[0]!r}: & is the record, already chosen"
        )
    _check_css("*" + rest)
    return Selector(_for_lexbor(rest), True, _siblings(rest), attribute, _counts(rest))


def _ending(written: str) -> tuple[str, str]:
    found = _END.search(written)
    if not found:
        return written.strip(), ""
    css = written[: found.start()].strip()
    if not css:
        raise BadSelector(f"has nothing before {found[0]}; write &{found[0]} for the record itself")
    return css, "::html" if found[2] else found[1].lower()


def _bare(css: str) -> str:
    """`css` with what stands in quotes, brackets and escapes blanked, each character keeping its place."""
    out, quote, bracket, n = [], "", 0, 0
    while n < len(css):
        char = css[n]
        if char == "\\":
            out.append("xx"[: len(css) - n])
            n += 2
            continue
        if quote:
            quote = "" if char == quote else quote
            out.append("x")
        elif char in "\"'":
            quote = char
            out.append("x")
        else:
            bracket += (char == "[") - (char == "]")
            out.append("x" if bracket and char != "[" else char)
        n += 1
    if quote:
        raise BadSelector(f"a quote ({quote}) is not closed")
    if bracket:
        raise BadSelector(f"column {css.rfind('[') + 1}: a [ is not closed" if bracket > 0 else "has a ] too many")
    return "".join(out)


def _check_words(css: str) -> None:
    bare = _bare(css)
    if "&" in bare[1:]:
        raise BadSelector(f"column {bare.index('&', 1) + 1}: & can only stand at the beginning")
    if "|" in bare:
        raise BadSelector(f"column {bare.index('|') + 1}: namespaces (|) are not taken; leave the part before | out")
    for found in _PSEUDO_ELEMENT.finditer(bare):
        word = found[2].lower()
        if found[1] == ":" and word in PSEUDO:
            continue
        if found[1] == "::" and word in ("attr", "html"):
            raise BadSelector(
                f"column {found.start() + 1}: {found[0]} can only stand at the end, as ::attr(name) or ::html"
            )
        mend = f"; {_MENDS[word]}" if word in _MENDS else suggest(word, sorted(PSEUDO))
        raise BadSelector(f"column {found.start() + 1}: {found[0]} is not known here{mend}")


def _split(css: str, marks: str) -> list[int]:
    """Places of the characters in `marks` that stand outside parentheses."""
    found, depth = [], 0
    for n, char in enumerate(_bare(css)):
        depth += (char == "(") - (char == ")")
        if depth == 0 and char in marks:
            found.append(n)
    return found


def _check_css(css: str) -> None:
    if _takes(css):
        return
    start = 0
    for end in [*_split(css, " >+~,"), len(css)]:
        part = css[start:end].strip()
        if part and not _takes(part):
            at = start + len(css[start:end]) - len(css[start:end].lstrip()) + 1
            raise BadSelector(f"column {at}: {part!r} is not CSS")
        start = end + 1
    raise BadSelector(f"{css!r} is not CSS: a combinator or a comma has nothing beside it")


def _takes(css: str) -> bool:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    try:
        LexborHTMLParser("").css(_for_lexbor(css))
    except SelectolaxError:
        return False
    return True


def _for_lexbor(css: str) -> str:
    """The selector as lexbor takes it and reads it right: `:contains` by its name there, no bare function."""
    for found in reversed(list(_FUNCTION.finditer(_bare(css)))):
        contains = found[2].lower() == "contains"
        start, end = found.start(2), found.end(2)
        css = css[:start] + ("lexbor-contains" if contains else css[start:end]) + css[end:]
        if found[1] is not None:
            css = css[: start - 1] + "*" + css[start - 1 :]
    return css


def _counts(css: str) -> bool:
    return _COUNTING.search(_bare(css)) is not None


def _siblings(rest: str) -> int | None:
    """How many siblings after the record the match lies, of what follows `&`."""
    steps, bare = 0, _bare(rest)
    depth, n = 0, 0
    while n < len(bare):
        found = re.compile(r"\s*([>+~])\s*|\s+").match(bare, n) if depth == 0 else None
        if found:
            if found[1] == "~":
                return None
            if found[1] != "+":
                return steps
            steps += 1
            n = found.end()
            continue
        depth += (bare[n] == "(") - (bare[n] == ")")
        n += 1
    return steps
