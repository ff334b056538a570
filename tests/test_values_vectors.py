"""Keys that the database refuses, from the public cases that stand beside the project: documents may have them all."""

from __future__ import annotations

import json
import re

import pytest
from kindling.values import decode, encode

from tests.cases import VECTORS

KEYS = json.loads((VECTORS / "rtdb_keys.json").read_text())
ILLEGAL = re.compile(r"[.$#\[\]/\x00-\x1f\x7f]")


@pytest.mark.parametrize("key", [key for key in KEYS["illegal"] if len(key) <= 300], ids=ascii)
def test_spec_keys_that_the_database_refuses_are_escaped(key: str) -> None:
    node = encode({"inner": {key: 1}, "x" + key: 2})
    for name in (*node, *node["inner"]):
        assert name
        assert not ILLEGAL.search(name)
    assert decode(node) == {"inner": {key: 1}, "x" + key: 2}
