"""Numbers in text: exactly one, and only if it can be read in one way.

`1,234` is 1234 in New York and 1.234 in Berlin: without a locale it is refused. What no locale reads differently is
taken without one: `51.77`, `0.125`, `1,234.50`, `1 234 567` with hard spaces, `12'500`. Digits of any script count.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ..sources import names
from .faults import Bad

_ODD = str.maketrans(
    {
        "٫": ".",
        "٬": "'",
        "−": "-",
        "－": "-",
        "．": ".",
        "，": ",",
        "＇": "'",
        "’": "'",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
    }
)
# a run of digits and marks; a space joins only groups of three
_RUN = re.compile(r"[0-9](?:[0-9.,']|[ ](?=[0-9]{3}(?![0-9])))*(?<![.,'])")
_PLAIN = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?[eE][-+]?[0-9]{1,3}\Z")
_SIGN_BEFORE = re.compile(r"(?<![\w.,)])([-+])\s?[$€£¥]?\s?\Z")
_SHORT_AFTER = re.compile(r"\s?(?:[kKmMbB]|[mM]io|[mM]rd|[mM]illion|[bB]illion)(?![^\W\d_])")
# what all below would read the same way without a locale: its sign of a currency, the number, the fraction of it
SIMPLE = re.compile(r"([$€£¥]?)([0-9]{1,15}(\.[0-9]{1,2})?)\Z")
_DIGITS_MAX = 300  # a double has 309 digits before the point

Shape = tuple[str, str]  # decimal mark, group marks


@lru_cache(maxsize=256)
def shape(locale: str) -> Shape:
    """How a locale writes a number: its decimal mark and the marks it may group digits with."""
    language = locale.partition("-")[0]
    comma = locale not in names.POINT_LOCALES and (language in names.COMMA_LANGUAGES or locale in names.COMMA_LOCALES)
    groups = " '" if {locale, language} & names.SPACE_GROUPS else "'"
    return (",", "." + groups + " ") if comma else (".", "," + groups)


def read(text: str, locale: str | None) -> int | float:
    """The one number in `text`; an int where it has no fraction. Raises Bad."""
    if locale is None and (simple := SIMPLE.match(text)):
        _, digits, fraction = simple.groups()
        return float(digits) if fraction else int(digits)
    text = ascii_digits(text.translate(_ODD))
    if _PLAIN.match(text):
        return float(text)
    run, negative = single(text)
    digits = _digits(run, locale)
    value: int | float = float(digits) if "." in digits else int(digits)
    return -value if negative else value


def single(text: str) -> tuple[str, bool]:
    """The one run of digits and marks in `text`, and whether a minus stands before it. Raises Bad."""
    runs = list(_RUN.finditer(text))
    if not runs:
        raise Bad("not a number")
    if len(runs) > 1:
        raise Bad("more than one number")
    run = runs[0]
    if len(run[0]) > _DIGITS_MAX:
        raise Bad("too many digits")
    if _SHORT_AFTER.match(text, run.end()):
        raise Bad("a shortened number, as 1.2k is")
    sign = _SIGN_BEFORE.search(text[: run.start()])
    return run[0], bool(sign and sign[1] == "-")


def ascii_digits(text: str) -> str:
    """The text with the digits of every script as those of ASCII."""
    if text.isascii():
        return text
    return "".join(c if (n := unicodedata.decimal(c, None)) is None else str(n) for c in text)


def _digits(run: str, locale: str | None) -> str:
    """The run as Python writes it: digits and at most one point."""
    marks = {mark for mark in run if not mark.isdigit()}
    if not marks:
        return run
    if locale:
        decimal, groups = shape(locale)
        return _grouped(run, decimal, groups, f"not a number as {locale} writes it")
    return _unambiguous(run, marks)


def _unambiguous(run: str, marks: set[str]) -> str:
    wrong = "a number in no known form"
    if marks & set(".,"):
        last = max(run.rfind("."), run.rfind(","))
        mark = run[last]
        before, after = run[:last], run[last + 1 :]
        if run.count(mark) > 1:  # 1,234,567
            return _grouped(run, "", "".join(marks), wrong)
        if len(marks) == 1 and len(after) == 3 and 1 <= len(before) <= 3 and not before.startswith("0"):
            raise Bad("ambiguous number; give a locale")
        return _grouped(run, mark, "".join(marks - {mark}), wrong)
    return _grouped(run, "", "".join(marks), wrong)


def _grouped(run: str, decimal: str, groups: str, wrong: str) -> str:
    whole, mark, fraction = run.partition(decimal) if decimal else (run, "", "")
    used = {char for char in whole if not char.isdigit()}
    if len(used) > 1 or not used <= set(groups) or (not fraction.isdigit() and mark):
        raise Bad(wrong)
    if used:
        parts = whole.split(used.pop())
        indian = all(len(part) == 2 for part in parts[1:-1])
        western = all(len(part) == 3 for part in parts[1:-1])
        if len(parts[-1]) != 3 or not 1 <= len(parts[0]) <= 3 or not (western or indian) or parts[0].startswith("0"):
            raise Bad(wrong)
        whole = "".join(parts)
    return f"{whole}.{fraction}" if mark else whole
