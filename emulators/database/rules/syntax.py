"""The parts of a rule expression. Each knows `at`, where it starts in the expression's own text."""

from __future__ import annotations

from dataclasses import dataclass

Literal = bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, a string, true, false or null."""

    at: int
    value: Literal


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression literal with its flags."""

    at: int
    pattern: str
    flags: str


@dataclass(frozen=True, slots=True)
class Name:
    """A variable; captured ones start with `$`."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Array:
    """A list, which only `hasChildren` takes."""

    at: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """`owner.name` or `owner[key]`; at is where the name or key stands."""

    at: int
    owner: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A method call: `callee(arguments)`."""

    at: int
    callee: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """`!x` or `-x`."""

    at: int
    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """An arithmetic operator or a comparison; at is where the operator stands."""

    at: int
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logical:
    """A whole chain of one of `&&` and `||`; at is where its first operator stands."""

    at: int
    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Conditional:
    """`test ? yes : no`."""

    at: int
    test: Node
    yes: Node
    no: Node


Node = Constant | Regex | Name | Array | Member | Call | Unary | Binary | Logical | Conditional
