"""The rules file as text: reads its relaxed JSON and remembers where every value stands.

Facts: a rules file is JSON in which `//` and `/* */` comments are allowed, and raw newlines and tabs inside strings.
Everything else is as strict as JSON; a key that comes twice is refused, for one of the two would be ignored.
Knows nothing about rules.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from emulators.database.rules.errors import RulesError

MAX_CHARACTERS = 1_000_000  # far beyond any rules file; every character costs memory while it is read
MAX_NESTING = 64  # twice the database's depth; a deeper file is a mistake and would only exhaust the stack
_BLANK = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_PLAIN = re.compile(r'[^"\\\x00-\x08\x0b\x0c\x0e-\x1f]*')
_WORD = re.compile(r"[A-Za-z0-9_.+-]+")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Text:
    """A string of the file; `offsets[i]` is where its character i stands, the last one where it ends."""

    text: str
    offsets: Sequence[int]

    @property
    def at(self) -> int:
        """Where the first character stands."""
        return self.offsets[0]


@dataclass(frozen=True, slots=True)
class Constant:
    """A boolean, null or a number; `value` of a number is its text, for no rule may hold one."""

    value: bool | str | None
    at: int


@dataclass(frozen=True, slots=True)
class Array:
    """A list of values."""

    items: tuple[Value, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Object:
    """Keys with their values, in the file's order."""

    entries: tuple[tuple[Text, Value], ...]
    at: int


Value = Text | Constant | Array | Object


class Source:
    """One rules file."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def read(self) -> Value:
        """The file's only value, or RulesError."""
        if len(self._text) > MAX_CHARACTERS:
            self.fail(0, f"The rules have more than {MAX_CHARACTERS} characters.")
        value = self._value(0)
        self._blank()
        if self._at < len(self._text):
            self.fail(self._at, "Expected the end of the file.")
        return value

    def fail(self, at: int, message: str) -> NoReturn:
        """Raise RulesError for the character `at` of the file."""
        before = self._text[:at]
        line = before.count("\n") + 1
        raise RulesError(line, at - (before.rfind("\n") + 1) + 1, message)

    def _blank(self) -> str:
        """Pass over white space and comments; the next character, or an empty string at the end."""
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at
        return self._text[self._at : self._at + 1]

    def _take(self, expected: str) -> None:
        if self._blank() != expected:
            self.fail(self._at, f"Parse error: expected '{expected}'.")
        self._at += 1

    def _value(self, depth: int) -> Value:
        if depth > MAX_NESTING:
            self.fail(self._at, f"The rules are nested deeper than {MAX_NESTING} levels.")
        first = self._blank()
        if first == "{":
            return self._object(depth)
        if first == "[":
            return self._array(depth)
        return self._string() if first == '"' else self._constant()

    def _object(self, depth: int) -> Object:
        at = self._at
        entries: list[tuple[Text, Value]] = []
        seen: set[str] = set()
        self._at += 1
        if self._blank() != "}":
            while True:
                key = self._key(seen)
                self._take(":")
                entries.append((key, self._value(depth + 1)))
                if self._blank() != ",":
                    break
                self._at += 1
        self._take("}")
        return Object(tuple(entries), at)

    def _key(self, seen: set[str]) -> Text:
        if self._blank() != '"':
            self.fail(self._at, "Parse error: expected a key in double quotes.")
        key = self._string()
        if key.text in seen:
            self.fail(key.at, f"Key '{key.text}' comes twice; keep one of the two.")
        seen.add(key.text)
        return key

    def _array(self, depth: int) -> Array:
        at = self._at
        items: list[Value] = []
        self._at += 1
        if self._blank() != "]":
            items.append(self._value(depth + 1))
            while self._blank() == ",":
                self._at += 1
                items.append(self._value(depth + 1))
        self._take("]")
        return Array(tuple(items), at)

    def _constant(self) -> Constant:
        at = self._at
        word = _WORD.match(self._text, at)
        if not word:
            self.fail(at, "Parse error: expected a value.")
        self._at = word.end()
        if word[0] in _CONSTANTS:
            return Constant(_CONSTANTS[word[0]], at)
        if word[0][0] not in "-0123456789":
            self.fail(at, f"Parse error: '{word[0]}' is no value; strings stand in double quotes.")
        return Constant(word[0], at)

    def _string(self) -> Text:
        start = self._at
        pieces: list[str] = []
        offsets: list[int] = []
        at = start + 1
        while True:
            plain = _PLAIN.match(self._text, at)
            end = plain.end() if plain else at
            pieces.append(self._text[at:end])
            offsets.extend(range(at, end))
            stop = self._text[end : end + 1]
            if stop == '"':
                break
            if stop != "\\":
                self.fail(
                    start if not stop else end, "Parse error: the string has no end or holds a control character."
                )
            character, at = self._escape(end)
            pieces.append(character)
            offsets.append(end)
        self._at = end + 1
        return Text("".join(pieces), [*offsets, end])

    def _escape(self, at: int) -> tuple[str, int]:
        """The character that the escape at `at` stands for, and where it ends."""
        kind = self._text[at + 1 : at + 2]
        if kind in _ESCAPES:
            return _ESCAPES[kind], at + 2
        digits = self._text[at + 2 : at + 6]
        if kind != "u" or not re.fullmatch(r"[0-9A-Fa-f]{4}", digits):
            self.fail(at, "Parse error: unknown escape in a string.")
        unit = int(digits, 16)
        low = re.match(r"\\u([dD][c-fC-F][0-9A-Fa-f]{2})", self._text[at + 6 : at + 12])
        if 0xD800 <= unit < 0xDC00 and low:
            return chr(0x10000 + ((unit - 0xD800) << 10) + int(low[1], 16) - 0xDC00), at + 12
        return chr(unit), at + 6
