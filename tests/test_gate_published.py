"""What others have published to lead a server into its own network: the gate refuses all of it, at every way in."""

from __future__ import annotations

import json

import pytest

from tests.cases import VECTORS
from tests.test_gate import PUBLIC, code_of, to
from tests.test_gate_entries import WAYS, outcome

PAYLOADS = json.loads((VECTORS / "ssrf_payloads.json").read_text(encoding="utf-8"))["refuse"]


def test_spec_every_published_payload_is_refused() -> None:
    assert [url for url in PAYLOADS if code_of(to(PUBLIC), url) == "open"] == []


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_spec_every_published_payload_is_refused_through(way: str) -> None:
    assert [url for url in PAYLOADS if not outcome(way, url).startswith("refused-")] == []
