"""The encoding that a page declares: the standard's own cases."""

from __future__ import annotations

import base64
import json

import pytest
import webencodings
from kindling.extract.decoding import decode, prescan

from tests.cases import VECTORS

STANDARD = json.loads((VECTORS / "html5lib_encoding.json").read_text(encoding="utf-8"))


def test_spec_the_standard_has_82_cases() -> None:
    assert len(STANDARD) == 82


@pytest.mark.parametrize("case", STANDARD, ids=[f"{n} {case['encoding']}" for n, case in enumerate(STANDARD)])
def test_spec_the_prescan_finds_what_a_browser_finds(case: dict[str, str]) -> None:
    body = base64.b64decode(case["data_b64"])
    found = decode(body, None)
    name = found.encoding if found.declared else prescan(body) or "windows-1252"
    assert name == webencodings.lookup(case["encoding"]).name
