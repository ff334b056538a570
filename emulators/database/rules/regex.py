"""Translates the regular expressions of rules for RE2, which answers in time linear in the text.

The language is the documentation's, and small: characters, `.` for any character, escapes, `[set]` and `[^set]` with
ranges, `\\s \\w \\d \\S \\W \\D`, groups, `|`, `* + ? {n} {n,} {n,m}`, `^` first and `$` last, the flag `i`. Refused at
upload, so that nothing silently means something else: an empty alternative or group, `(?`, a second repetition after a
repetition (no lazy ones), letters and digits after a backslash (no `\\b`, no back-references), repetition over 1,000.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import re2

from emulators.database.rules.errors import ExpressionError, RuleFailure

MAX_NESTING = 50  # groups in groups; RE2 and the reader below both recurse
_CLASSES = {
    "s": r"\t\n\v\f\r ",
    "w": "0-9A-Za-z_",
    "d": "0-9",
}
_NEGATED = {"S": r"[^\t\n\v\f\r ]", "W": r"[^0-9A-Za-z_]", "D": r"[^0-9]"}
_NEGATED_IN_SET = {"S": r"\S", "W": r"\W", "D": r"\D"}
_REPEAT = re.compile(r"\*|\+|\?|\{(\d{1,4})(?:,(\d{0,4}))?\}")


def compile_regex(pattern: str, flags: str, at: int) -> Callable[[str], bool]:
    """A test whether the pattern occurs in a string; ExpressionError for what the language lacks."""
    if flags not in ("", "i"):
        raise ExpressionError(at, f"Unknown regular expression flags '{flags}'; only 'i' is supported.")
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not flags
    options.dot_nl = True
    try:
        search = re2.compile(_Translator(pattern, at + 1).translate(), options).search
    except re2.error as error:
        raise ExpressionError(at, f"The regular expression is too large: {_reason(error)}.") from error

    def matches(text: str) -> bool:
        try:
            return search(text) is not None
        except UnicodeEncodeError as error:
            raise RuleFailure("matches() cannot read a string with half a character") from error

    return matches


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)


class _Translator:
    def __init__(self, pattern: str, at: int) -> None:
        self._pattern = pattern
        self._base = at
        self._at = 0
        self._depth = 0

    def translate(self) -> str:
        start = r"\A" if self._accept("^") else ""
        body = self._alternatives() if self._at < len(self._pattern) - self._ends_in_anchor() else "(?:)"
        end = r"\z" if self._accept("$") else ""
        if self._at < len(self._pattern):
            self._fail(f"Unexpected '{self._next}' in the regular expression.")
        return f"{start}(?:{body}){end}"

    def _ends_in_anchor(self) -> int:
        """1 if only the final `$` is left of the pattern: /^$/ matches the empty string."""
        return int(self._pattern[self._at :] == "$")

    @property
    def _next(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _accept(self, character: str) -> bool:
        if self._next != character:
            return False
        self._at += 1
        return True

    def _fail(self, message: str) -> None:
        raise ExpressionError(self._base + self._at, message)

    def _alternatives(self) -> str:
        self._depth += 1
        if self._depth > MAX_NESTING:
            self._fail(f"The regular expression is nested deeper than {MAX_NESTING} groups.")
        alternatives = [self._sequence()]
        while self._accept("|"):
            alternatives.append(self._sequence())
        self._depth -= 1
        return "|".join(alternatives)

    def _sequence(self) -> str:
        parts: list[str] = []
        while self._next not in ("", "|", ")") and not self._at_last_anchor():
            parts.append(self._item() + self._repeat())
        if not parts:
            self._fail("The regular expression has an empty alternative or group.")
        return "".join(parts)

    def _at_last_anchor(self) -> bool:
        return self._next == "$" and self._at == len(self._pattern) - 1 and self._depth == 1

    def _item(self) -> str:
        character = self._next
        if character in "^$":
            self._fail(f"'{character}' may only be the {'first' if character == '^' else 'last'} character.")
        if character in "*+?{":
            self._fail(f"Nothing to repeat before '{character}'.")
        self._at += 1
        if character == "(":
            return self._group()
        if character == "[":
            return self._set()
        if character == "\\":
            return self._escape()
        return "." if character == "." else re2.escape(character)

    def _group(self) -> str:
        body = self._alternatives()
        if not self._accept(")"):
            self._fail("A group has no closing ')'.")
        return f"(?:{body})"

    def _escape(self) -> str:
        kind = self._escaped()
        return f"[{_CLASSES[kind]}]" if kind in _CLASSES else _NEGATED.get(kind) or re2.escape(kind)

    def _escaped(self) -> str:
        """The character after a backslash, past it; a letter only if it names a class."""
        kind = self._next
        if not kind or (kind.isascii() and kind.isalnum() and kind not in _CLASSES and kind not in _NEGATED):
            self._fail(f"'\\{kind}' is not supported; escapes are \\s \\w \\d \\S \\W \\D and punctuation.")
        self._at += 1
        return kind

    def _repeat(self) -> str:
        found = _REPEAT.match(self._pattern, self._at)
        if not found:
            return ""
        self._at = found.end()
        if found[2] and int(found[2]) < int(found[1]):
            self._fail(f"'{found[0]}' has its bounds the wrong way round; write the smaller first.")
        if self._next in ("*", "+", "?") or _REPEAT.match(self._pattern, self._at):
            self._fail("Repetitions cannot follow each other; lazy ones are not supported.")
        return found[0]

    def _set(self) -> str:
        negated = "^" if self._accept("^") else ""
        parts: list[str] = []
        while not self._accept("]"):
            if not self._next:
                self._fail("A set has no closing ']'.")
            parts.append(self._set_item())
        if not parts:
            self._fail("A set is empty.")
        return f"[{negated}{''.join(parts)}]"

    def _set_item(self) -> str:
        low, is_class = self._set_character()
        if (
            is_class
            or self._pattern[self._at : self._at + 1] != "-"
            or self._pattern[self._at + 1 : self._at + 2] in ("]", "")
        ):
            return low if is_class else _literal(low)
        self._at += 1
        high, is_class = self._set_character()
        if is_class or high < low:
            self._fail("A range in a set runs backwards or ends in a class.")
        return f"{_literal(low)}-{_literal(high)}"

    def _set_character(self) -> tuple[str, bool]:
        """One member of a set: a character as it is, or a class as RE2 writes it, which the flag tells."""
        if not self._accept("\\"):
            self._at += 1
            return self._pattern[self._at - 1], False
        kind = self._escaped()
        text = _CLASSES.get(kind) or _NEGATED_IN_SET.get(kind)
        return (text, True) if text else (kind, False)


def _literal(character: str) -> str:
    return f"\\x{{{ord(character):X}}}"
