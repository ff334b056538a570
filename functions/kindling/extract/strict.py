"""JSON as this project takes it: no NaN, no number beyond a double, whatever else a page writes in strings."""

from __future__ import annotations

import json
import math
from typing import Any


def parse(text: str) -> Any:
    """The value of a JSON text, control characters in strings let through. Raises ValueError or RecursionError."""
    return json.loads(text, strict=False, parse_constant=_refuse, parse_float=_finite)


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError("a number is too big")
    return value
