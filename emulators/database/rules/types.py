"""What a rule's values can be: their types, as far as they are known at upload, and the same test while a rule runs.

A type is a set of possibilities. `auth` and what is inside it can be anything, so much is only known at run time;
a snapshot, a query, a list or a regular expression is always known at upload and never mixes with the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Flag
from typing import Any


class Type(Flag):
    """A set of possible types."""

    NULL = 1
    BOOLEAN = 2
    NUMBER = 4
    STRING = 8
    OBJECT = 16  # a map or list inside auth
    NODE = 32  # what val() gives for data with children: unequal to null and to every scalar, and nothing more
    SNAPSHOT = 64
    QUERY = 128
    ARRAY = 256
    REGEX = 512


NOTHING = Type(0)
SCALAR = Type.NULL | Type.BOOLEAN | Type.NUMBER | Type.STRING
STORED = SCALAR | Type.NODE
ANY = SCALAR | Type.OBJECT
ADDABLE = Type.NUMBER | Type.STRING
ORDERED = Type.NUMBER | Type.STRING | Type.NULL
COMPARABLE = SCALAR | Type.OBJECT | Type.NODE

_NAMES = {
    Type.NULL: "null",
    Type.BOOLEAN: "boolean",
    Type.NUMBER: "number",
    Type.STRING: "string",
    Type.OBJECT: "object",
    Type.NODE: "object",
    Type.SNAPSHOT: "snapshot",
    Type.QUERY: "query",
    Type.ARRAY: "array",
    Type.REGEX: "regular expression",
}


class Node:
    """The value of data with children."""

    __slots__ = ()


NODE = Node()
_OF_CLASS: dict[type, Type] = {
    type(None): Type.NULL,
    bool: Type.BOOLEAN,
    int: Type.NUMBER,
    float: Type.NUMBER,
    str: Type.STRING,
    Node: Type.NODE,
}


def type_of(value: Any) -> Type:
    """The one type of a value that a rule works with."""
    return _OF_CLASS.get(type(value)) or _other(value)


def _other(value: Any) -> Type:
    return Type.OBJECT if isinstance(value, (Mapping, list)) else NOTHING


def named(types: Type) -> str:
    """The possibilities in words, each once: `number or string`."""
    return " or ".join(dict.fromkeys(_NAMES[one] for one in types))


def one_named(types: Type) -> str:
    """The same with its article: `an array`."""
    name = named(types)
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
