"""The vocabulary of filters: one table of operators, and what each does to the values a path leads to. Pure.

A field may lead to several values, through a list or through objects in a list; a filter holds if any of them fits, and
the negations `ne` and `nin` hold if none does. Values of different types are never less or greater than each other.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from msgspec import Struct

from ..flow import Document
from ..slots import slot_prefix
from ..values import INTEGER_MAX
from .fields import Field, Unreadable, read

Argument = Literal["one", "many", "element", "affix", "flag"]
Test = Callable[[Document], bool]


class Condition(Struct, frozen=True):
    """One filter, its argument read: `wanted` are the values it names, any of which will do."""

    field: Field
    op: str
    wanted: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Operator:
    """One word of the table: how its argument is read, and how a condition with it becomes a test of a document."""

    argument: Argument
    help: str
    build: Callable[[Condition], Test]


def reach(value: Any, names: Sequence[str]) -> Iterator[Any]:
    """Every value that the path `names` leads to in `value`, also through lists of objects."""
    for place, name in enumerate(names):
        if isinstance(value, list):
            for item in value:
                yield from reach(item, names[place:])
            return
        if not isinstance(value, dict) or name not in value:
            return
        value = value[name]
    yield value


def candidates(document: Document, names: Sequence[str]) -> Iterator[Any]:
    """What `reach` gives, and after each list its elements."""
    for value in reach(document, names):
        yield value
        if isinstance(value, list):
            yield from value


def _any(field: Field, fits: Callable[[Any], bool]) -> Test:
    """Whether any value of a field in a document `fits`; quickly for one that was never in a list, as most are."""
    names = field.names
    if field.listed:
        return lambda document: any(map(fits, candidates(document, names)))
    if len(names) > 1:
        return lambda document: any(map(fits, reach(document, names)))
    [name] = names
    return lambda document: name in document and fits(document[name])


def same(one: Any, other: Any) -> bool:
    """JSON equality: 1 equals 1.0, and true equals neither."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return bool(one == other)


def _equal(condition: Condition) -> Test:
    wanted = condition.wanted
    if condition.field.dated:
        return _any(condition.field, lambda value: isinstance(value, str) and value.startswith(wanted))
    if len(wanted) == 1 and isinstance(wanted[0], str):
        return _any(condition.field, partial(operator.eq, wanted[0]))
    return _any(condition.field, lambda value: any(same(value, one) for one in wanted))


def _none(build: Callable[[Condition], Test]) -> Callable[[Condition], Test]:
    def negated(condition: Condition) -> Test:
        test = build(condition)
        return lambda document: not test(document)

    return negated


def _type(prefix: str) -> str:
    return "2" if prefix[0] == "3" else prefix[0]  # false and true are one type


def _ordered(decide: Callable[[Any, Any], bool]) -> Callable[[Condition], Test]:
    """A comparison by the order law; a date is compared with as much of it as was asked for."""

    def build(condition: Condition) -> Test:
        limits = [(slot_prefix(value), len(value) if condition.field.dated else None) for value in condition.wanted]
        number = condition.wanted[0] if len(limits) == 1 and _is_double(condition.wanted[0]) else None

        def fits(value: Any) -> bool:
            if number is not None and (type(value) is float or _is_double(value)):
                return decide(value, number)  # what the law says of two doubles, without writing out their ranks
            for limit, length in limits:
                found = slot_prefix(value[:length] if length and isinstance(value, str) else value)
                if _type(found) == _type(limit) and decide(found, limit):
                    return True
            return False

        return _any(condition.field, fits)

    return build


def _is_double(value: Any) -> bool:
    """Whether `value` is a number that a double is exactly."""
    return type(value) is float or (type(value) is int and -INTEGER_MAX <= value <= INTEGER_MAX)


def _contains(condition: Condition) -> Test:
    names, wanted = condition.field.names, condition.wanted
    texts = tuple(value for value in wanted if isinstance(value, str))

    def fits(value: Any) -> bool:
        if isinstance(value, str):
            return any(text in value for text in texts)
        return isinstance(value, list) and any(same(item, one) for item in value for one in wanted)

    return lambda document: any(map(fits, reach(document, names)))


def _affix(method: Callable[[str, str], bool]) -> Callable[[Condition], Test]:
    def build(condition: Condition) -> Test:
        text = condition.wanted[0]
        return _any(condition.field, lambda value: isinstance(value, str) and method(value, text))

    return build


def _exists(condition: Condition) -> Test:
    names, wanted = condition.field.names, condition.wanted[0]
    return lambda document: any(True for _ in reach(document, names)) is wanted


OPERATORS: dict[str, Operator] = {
    "eq": Operator("one", "equal; on a list: any element equals", _equal),
    "ne": Operator("one", "not equal, or missing", _none(_equal)),
    "lt": Operator("one", "less", _ordered(operator.lt)),
    "lte": Operator("one", "less or equal", _ordered(operator.le)),
    "gt": Operator("one", "greater", _ordered(operator.gt)),
    "gte": Operator("one", "greater or equal", _ordered(operator.ge)),
    "in": Operator("many", "one of several, separated by commas", _equal),
    "nin": Operator("many", "none of several, or missing", _none(_equal)),
    "contains": Operator("element", "text: has this part; list: has this element", _contains),
    "startswith": Operator("affix", "text begins so", _affix(str.startswith)),
    "endswith": Operator("affix", "text ends so", _affix(str.endswith)),
    "exists": Operator("flag", "1: the field is there, null counts; 0: it is not", _exists),
}


def split_commas(text: str) -> list[str]:
    r"""The parts of a comma-separated list; in a part `\,` is a comma and `\\` a backslash."""
    if "\\" not in text:
        return text.split(",")
    parts = [""]
    place = 0
    while place < len(text):
        if text.startswith(("\\,", "\\\\"), place):
            parts[-1] += text[place + 1]
            place += 2
            continue
        if text[place] == ",":
            parts.append("")
        else:
            parts[-1] += text[place]
        place += 1
    return parts


def flag(text: str) -> bool:
    """True for 1, False for 0; raises Unreadable for anything else."""
    if text not in ("0", "1"):
        raise Unreadable(f"'{text[:40]}' is neither 1 nor 0")
    return text == "1"


def _element(field: Field, text: str) -> tuple[Any, ...]:
    return read(field, text) if "list" in field.kinds else _affix_text(field, text)


def _affix_text(field: Field, text: str) -> tuple[str]:
    if field.kinds - {"null", "list"} and "text" not in field.kinds:
        raise Unreadable(f"{field.path} is {' or '.join(sorted(field.kinds))}; this operator works on text")
    return (text,)


_READERS: dict[Argument, Callable[[Field, str], tuple[Any, ...]]] = {
    "one": read,
    "many": lambda field, text: tuple(value for part in split_commas(text) for value in read(field, part)),
    "element": _element,
    "affix": _affix_text,
    "flag": lambda field, text: (flag(text),),
}


def condition(field: Field, op: str, text: str) -> Condition:
    """The condition `field__op=text`; raises Unreadable where the argument is none for this field and operator."""
    return Condition(field, op, _READERS[OPERATORS[op].argument](field, text))


def one_text(condition: Condition) -> tuple[str, str] | None:
    """The field and the text, where all that a condition says is that a field of the document is that text."""
    field, wanted = condition.field, condition.wanted
    if condition.op != "eq" or field.dated or field.listed or len(field.names) > 1 or len(wanted) > 1:
        return None
    return (field.names[0], wanted[0]) if isinstance(wanted[0], str) else None


def test(condition: Condition) -> Test:
    """The test of a document that `condition` is."""
    return OPERATORS[condition.op].build(condition)
