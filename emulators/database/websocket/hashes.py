"""The hash by which a client and the server tell whether they hold the same data. Pure.

Facts: base64 of SHA-1. A leaf hashes its type and value, a number as its IEEE 754 bits in hexadecimal; a node hashes
`:key:hash` of its children, ordered by priority and then key; a priority comes first. Nothing has the empty hash.
"""

from __future__ import annotations

import base64
import hashlib
import struct

from emulators.database.keys import key_order
from emulators.database.query import value_order
from emulators.database.tree import Scalar, View


def data_hash(view: View) -> str:
    """The hash of what is there; empty for nothing."""
    if view.is_empty:
        return ""
    text = "" if view.priority is None else f"priority:{_typed(view.priority)}:"
    text += _children(view) if view.value is None else _typed(view.value)
    return base64.b64encode(
        hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    ).decode()


def _children(view: View) -> str:
    children = [(key, view.child(key)) for key in view.keys()]  # noqa: SIM118 (a View is not a dict)
    children.sort(key=lambda entry: (value_order(entry[1].priority), key_order(entry[0])))
    return "".join(f":{key}:{data_hash(child)}" for key, child in children)


def _typed(value: Scalar) -> str:
    if isinstance(value, bool):
        return "boolean:true" if value else "boolean:false"
    if isinstance(value, str):
        return f"string:{value}"
    return f"number:{struct.pack('>d', value).hex()}"
