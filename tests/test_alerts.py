"""The operator's webhook: one signed message on the change to bad and one on recovery; a failure is visible."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from kindling.alerts import alert
from kindling.fetch import Gate
from kindling.flow import RunRecord, SourceState
from kindling.sources import Source, parse

from tests.faultsite import FaultSite, ManualClock, page
from tests.shown import ROOT, blocks

SOURCE = parse("url: https://a.example/\nevery: 1h\nfields: {a: b}", "prices")
RECORD = RunRecord("r1", "prices", "failed", 0, 1_700_000_000_000)
SHOWN = json.loads(blocks((ROOT / "docs" / "operations.md").read_text(encoding="utf-8"), "json")[0])
BAD = SourceState(status="failing", reason="the site answered 503")


@pytest.mark.parametrize(
    ("source", "state", "recovered"),
    [
        pytest.param(SOURCE, BAD, False, id="gone bad"),
        pytest.param(SOURCE, SourceState(status="ok"), True, id="recovered"),
        pytest.param(None, SourceState(status="capped", reason="used up"), False, id="of the whole project"),
    ],
)
def test_the_message_says_what_happened_and_is_signed(
    monkeypatch: pytest.MonkeyPatch, source: Source | None, state: SourceState, recovered: bool
) -> None:
    clock = ManualClock()
    with FaultSite({"/hook": page(b"", 204)}) as site:
        monkeypatch.setenv("WEBHOOK_URL", site.url("/hook"))
        monkeypatch.setenv("WEBHOOK_SECRET", "shared")
        assert alert(source, RECORD, state, gate=Gate(allow=[site.door]), clock=clock)
        [asked] = site.asked
    assert json.loads(asked.body) == {
        "source": "prices" if source else None,
        "status": state.status,
        "recovered": recovered,
        "reason": state.reason,
        "run": "r1",
        "at": "2023-11-14T22:13:20.000Z",
    }
    assert list(json.loads(asked.body)) == list(SHOWN)
    moment, _, signature = asked.headers["kindling-signature"].partition(",v1=")
    expected = hmac.new(b"shared", moment.removeprefix("t=").encode() + b"." + asked.body, hashlib.sha256).hexdigest()
    assert (asked.method, signature) == ("POST", expected)


def test_a_webhook_that_fails_is_logged_without_its_address_and_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with FaultSite({"/hook": page(b"", 500)}) as site:
        monkeypatch.setenv("WEBHOOK_URL", site.url("/hook"))
        assert not alert(SOURCE, RECORD, BAD, gate=Gate(allow=[site.door]), clock=ManualClock())
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "severity": "ERROR",
        "message": "the webhook was not told that prices is failing",
        "event": "webhook-failed",
        "source": "prices",
        "run": "r1",
        "error": "http-500",
    }


def test_a_webhook_inside_the_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultSite() as site:
        monkeypatch.setenv("WEBHOOK_URL", site.url("/hook"))
        assert not alert(SOURCE, RECORD, BAD, gate=Gate(), clock=ManualClock())
        assert site.asked == []


def test_without_a_webhook_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEBHOOK_URL", raising=False)
    assert alert(SOURCE, RECORD, BAD, gate=Gate(), clock=ManualClock())
