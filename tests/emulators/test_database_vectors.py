"""The public cases of keys, arrays and hashes that stand beside the project."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulators.database.json_form import from_json, to_json
from emulators.database.keys import BadKey, check_key
from emulators.database.tree import View
from emulators.database.websocket.hashes import data_hash
from tests.cases import VECTORS

KEYS = json.loads((VECTORS / "rtdb_keys.json").read_text())
HASHES = json.loads((VECTORS / "rtdb_hashes.json").read_text())["cases"]


@pytest.mark.parametrize("key", KEYS["illegal"], ids=lambda key: ascii(key[:20]))
def test_spec_an_illegal_key_is_refused(key: str) -> None:
    with pytest.raises(BadKey, match="key"):
        check_key(key)


@pytest.mark.parametrize("key", KEYS["legal"], ids=lambda key: ascii(key[:20]))
def test_spec_a_legal_key_is_stored_and_found(key: str) -> None:
    stored = View(from_json({"parent": {key: 1, "z": 2}}))
    assert to_json(stored.child("parent").child(key)) == 1


@pytest.mark.parametrize("case", KEYS["array_coercion"], ids=lambda case: json.dumps(case["in"]))
def test_spec_arrays_and_absence(case: dict[str, Any]) -> None:
    assert to_json(View(from_json(case["in"]))) == case["out"]


@pytest.mark.parametrize("case", HASHES, ids=[json.dumps(case["value"])[:60] for case in HASHES])
def test_spec_hash_of_the_javascript_sdk(case: dict[str, Any]) -> None:
    assert data_hash(View(from_json(case["value"]))) == case["hash"]
