"""What operators and properties do with values while a rule runs; whatever they cannot work with is a RuleFailure.

Facts: `==` and `===` are the same and compare types too; `+` adds numbers and joins strings with strings or numbers;
`- * / %` take numbers, and a division by zero is NaN; `< <= > >=` take two numbers, two strings or two nulls; strings
are compared and measured in UTF-16 code units. A property of null, a number or a boolean is null, its length an error.

Knows no tree and no request.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from emulators.database.json_form import MAX_STRING_BYTES
from emulators.database.keys import code_units
from emulators.database.rules.errors import RuleFailure

NAN = float("nan")
MAX_LENGTH = MAX_STRING_BYTES  # no rule needs a longer string than the database holds
_INT64 = range(-(2**63), 2**63)
_NUMBERS: frozenset[Any] = frozenset({int, float})
_SCALARS: frozenset[Any] = frozenset({type(None), bool, int, float, str})


def equal(left: Any, right: Any) -> bool:
    """Whether both are the same scalar; an object equals no scalar, and two objects cannot be compared."""
    kind, other = left.__class__, right.__class__
    if kind in _SCALARS:
        return (kind is other or (kind in _NUMBERS and other in _NUMBERS)) and bool(left == right)
    if other in _SCALARS:
        return False
    raise RuleFailure("two objects cannot be compared")


def differ(left: Any, right: Any) -> bool:
    """The opposite of `equal`."""
    return not equal(left, right)


def add(left: Any, right: Any) -> int | float | str:
    """The sum of two numbers, or the text of both if one is a string."""
    kind, other = left.__class__, right.__class__
    if kind in _NUMBERS and other in _NUMBERS:
        return _bounded(left + right)
    if kind in _NUMBERS and other is str:
        return limited(number_text(left) + right)
    if kind is str and (other is str or other in _NUMBERS):
        return limited(left + (right if other is str else number_text(right)))
    raise RuleFailure("'+' takes numbers and strings")


def limited(text: str) -> str:
    """The text itself, if the database could hold one as long."""
    if len(text) > MAX_LENGTH:
        raise RuleFailure(f"a string in a rule grew over {MAX_LENGTH} characters")
    return text


def negate(value: Any) -> int | float:
    """The number with the other sign."""
    if value.__class__ not in _NUMBERS:
        raise RuleFailure("'-' only operates on numbers")
    return _bounded(-value)


def _bounded(number: int | float) -> int | float:
    """Integers beyond 64 bits become doubles, so that no chain of operators builds an endless one."""
    return number if number.__class__ is float or number in _INT64 else float(number)


def _arithmetic(operate: Callable[[Any, Any], int | float]) -> Callable[[Any, Any], int | float]:
    def checked(left: Any, right: Any) -> int | float:
        if left.__class__ not in _NUMBERS or right.__class__ not in _NUMBERS:
            raise RuleFailure("arithmetic takes numbers")
        return _bounded(operate(left, right))

    return checked


def _divide(left: float, right: float) -> float:
    return left / right if right else NAN


def _remainder(left: float, right: float) -> float:
    if not right or math.isinf(left) or right != right or left != left:
        return NAN
    result = math.fmod(left, right)
    return int(result) if result.is_integer() else result


def _ordering(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def checked(left: Any, right: Any) -> bool:
        kind, other = left.__class__, right.__class__
        if kind in _NUMBERS and other in _NUMBERS:
            return compare(left, right)
        if kind is str and other is str:
            return compare(code_units(left), code_units(right))
        if left is None and right is None:
            return compare(0, 0)
        raise RuleFailure("'<' and '>' take two numbers or two strings")

    return checked


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": equal,
    "===": equal,
    "!=": differ,
    "!==": differ,
    "<": _ordering(lambda left, right: left < right),
    "<=": _ordering(lambda left, right: left <= right),
    ">": _ordering(lambda left, right: left > right),
    ">=": _ordering(lambda left, right: left >= right),
    "+": add,
    "-": _arithmetic(lambda left, right: left - right),
    "*": _arithmetic(lambda left, right: left * right),
    "/": _arithmetic(_divide),
    "%": _arithmetic(_remainder),
}


def member(owner: Any, key: Any) -> Any:
    """`owner[key]` of a string, of auth or of what is inside it; null where there is no such thing."""
    if key.__class__ is not str and key.__class__ not in _NUMBERS:
        raise RuleFailure("the name of a property must be a string or a number")
    if isinstance(owner, dict):
        return owner.get(key if key.__class__ is str else number_text(key))
    if key == "length":
        return length(owner)
    if isinstance(owner, list) and key.__class__ is int and 0 <= key < len(owner):
        return owner[key]
    return None


def length(owner: Any) -> int:
    """How long a string is in UTF-16 code units, or a list in items."""
    if isinstance(owner, list):
        return len(owner)
    if owner.__class__ is not str:
        raise RuleFailure("only strings have a length")
    return len(owner) if owner.isascii() else len(owner.encode("utf-16-le", "surrogatepass")) // 2


def number_text(number: int | float) -> str:
    """A number as JavaScript writes it."""
    if number.__class__ is int:
        return str(number)
    if number != number:
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number) and abs(number) < 1e21:
        return str(int(number))
    return _javascript_exponent(repr(number))


def _javascript_exponent(text: str) -> str:
    """Python's shortest form with JavaScript's exponent: 1e+21 and 1e-7, no zero before digits, none below 1e-6."""
    mantissa, mark, exponent = text.partition("e")
    if not mark:
        return text
    power = int(exponent)
    if -7 < power < 0:
        digits = mantissa.replace(".", "").lstrip("-")
        return ("-" if mantissa[0] == "-" else "") + "0." + "0" * (-power - 1) + digits
    return f"{mantissa}e{power:+d}"
