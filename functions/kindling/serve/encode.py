"""JSON out: bytes of any value that JSON has words for, quickly where it can be done quickly. Pure."""

from __future__ import annotations

import json
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode


def json_bytes(value: Any) -> bytes:
    """`value` as compact JSON. Equal values built in the same order give equal bytes."""
    try:
        return _encode(value)
    except (UnicodeEncodeError, OverflowError, msgspec.MsgspecError):
        # lone surrogates and integers beyond 64 bits, which JSON allows and the fast encoder does not
        return json.dumps(value, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()
