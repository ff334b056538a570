"""Cuts a rule expression into tokens.

Facts: a `/` starts a regular expression exactly where a value may stand; strings take single or double quotes and
JavaScript's escapes; `**`, assignment, `;` and every other operator of JavaScript is no token here.
Knows nothing of precedence or types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from emulators.database.rules.errors import ExpressionError

_BLANK = re.compile(r"\s*")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}


class Kind(Enum):
    """What a token is."""

    NUMBER = auto()
    STRING = auto()
    NAME = auto()
    REGEX = auto()
    OPERATOR = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """One token: `text` is a name or operator, a string's value, a number's or a regular expression's text."""

    kind: Kind
    text: str
    at: int


_SHAPES = (
    (Kind.NUMBER, re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w$])", re.ASCII)),
    (Kind.NAME, re.compile(r"[$A-Za-z_][$\w]*", re.ASCII)),
    (Kind.STRING, re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)),
    (Kind.OPERATOR, re.compile(r"===|!==|==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()\[\]]")),
)
_REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[])+/[A-Za-z]*", re.DOTALL)
_ENDS_VALUE = frozenset({")", "]"})


def tokenize(text: str) -> list[Token]:
    """All tokens, the last one of kind END; ExpressionError where something is no token."""
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    at = _skip_blank(text, 0)
    after_value = False
    while at < len(text):
        token, at = _next(text, at, after_value=after_value)
        after_value = token.kind is not Kind.OPERATOR or token.text in _ENDS_VALUE
        yield token
        at = _skip_blank(text, at)
    yield Token(Kind.END, "", len(text))


def _skip_blank(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _next(text: str, at: int, *, after_value: bool) -> tuple[Token, int]:
    if text[at] == "/" and not after_value:
        return _regex(text, at)
    for kind, shape in _SHAPES:
        found = shape.match(text, at)
        if found:
            value = _unescape(found[0][1:-1], at + 1) if kind is Kind.STRING else found[0]
            return Token(kind, value, at), found.end()
    if text[at] in "'\"":
        raise ExpressionError(at, "The string has no closing quote.")
    raise ExpressionError(at, f"Unexpected '{text[at]}'; rule expressions have no such operator.")


def _regex(text: str, at: int) -> tuple[Token, int]:
    found = _REGEX.match(text, at)
    if not found:
        raise ExpressionError(at, "The regular expression is empty or has no closing '/'.")
    return Token(Kind.REGEX, found[0], at), found.end()


def _unescape(body: str, at: int) -> str:
    if "\\" not in body:
        return body

    def character(found: re.Match[str]) -> str:
        code = found[1] or found[2]
        if code:
            return chr(int(code, 16))
        if found[3] in "ux":
            raise ExpressionError(at + found.start(), "The escape needs hexadecimal digits.")
        return _ESCAPED.get(found[3], found[3])

    return _joined_surrogates(_ESCAPE.sub(character, body))


def _joined_surrogates(text: str) -> str:
    """A pair of escaped halves is one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
