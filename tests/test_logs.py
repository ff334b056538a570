"""Log lines, as they are made and as a running suite writes them: one JSON object an event, with what an operator asks
for and nothing that is secret or was scraped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from kindling import logs

from tests.faultsite import FaultSite, page
from tests.live import ROOT
from tests.measured_docs import check, table
from tests.running_suite import DEADLINE_S, RunningSuite

ADMIN_KEY = "the-admin-key-of-this-test"
SOURCE_SECRET = "the-secret-of-a-source"
WEBHOOK_PATH = "/hook/the-secret-of-a-webhook"
CONTENT = "SCRAPED-CONTENT"
SAVED = "SAVED-CONTENT"

DEFINITION = """
url: {url}
every: 30d
records: li
key: name
fields: {{name: b, price: {{select: i, type: number}}}}
headers: {{X-Key: "{{shop}}"}}
"""


def test_a_line_is_one_line_of_json_whatever_it_tells(capsys: pytest.CaptureFixture[str]) -> None:
    forged = 'x\n{"severity": "INFO", "event": "forged"}\u2028\x1b[31m'
    logs.tell("run-ended", forged, source="a" * 1000, run=None, pages=3)
    out = capsys.readouterr().out
    assert out.isascii()
    assert len(out.splitlines()) == 1
    assert json.loads(out) == {
        "severity": "INFO",
        "message": forged,
        "event": "run-ended",
        "source": "a" * logs.TEXT_MAX,
        "pages": 3,
    }


def test_a_command_keeps_its_stdout_for_its_result(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(logs._out, "stderr", False)
    logs.to_stderr()
    logs.tell("pruned", "pruned 3 runs", runs=3)
    out, err = capsys.readouterr()
    assert (out, json.loads(err)["runs"]) == ("", 3)


def test_a_bug_is_told_by_type_and_place_and_never_by_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    words = [CONTENT]
    try:
        try:
            int(words[0])
        except ValueError as cause:
            raise RuntimeError(words[0]) from cause
    except RuntimeError as error:
        logs.tell_bug("m1", error, where="here")
    out = capsys.readouterr().out
    assert CONTENT not in out
    told = json.loads(out)
    stack = told.pop("stack_trace")
    assert told == {
        "severity": "ERROR",
        "message": "RuntimeError in here",
        "event": "bug",
        "id": "m1",
        "where": "here",
        "error": "RuntimeError",
    }
    assert [text for text in stack.splitlines() if not text.startswith(" ")] == [
        "Traceback (most recent call last):",
        "ValueError",
        "",
        "Traceback (most recent call last):",
        "RuntimeError",
    ]


def test_the_docs_list_every_event() -> None:
    rows = [[f"`{name}`", severity, meaning] for name, (severity, meaning) in logs.EVENTS.items()]
    check("operations.md", "events", table(["Event", "Severity", "What it means"], rows))


class Scene:
    """A suite with one source on a site of its own, its secrets planted, and the lines it wrote."""

    def __init__(self, site: FaultSite, folder: Path) -> None:
        self.site = site
        self.show("a", "b")
        sources = folder / "sources"
        sources.mkdir()
        (sources / "shop.yaml").write_text(DEFINITION.format(url=site.url("/list")))
        kept = json.dumps({"shop": {"value": SOURCE_SECRET, "origins": [site.url("").rstrip("/")]}})
        (folder / "secrets").write_text(f"ADMIN_KEY={ADMIN_KEY}\nSOURCE_SECRETS='{kept}'\n")
        self.suite = RunningSuite(
            "--no-schedule",
            f"--sources={sources}",
            f"--allow={site.door}",
            folder=folder,
            env={"WEBHOOK_URL": site.url(WEBHOOK_PATH)},
        )

    def show(self, *names: str) -> None:
        """Changes the page."""
        items = "".join(f"<li><b>{name}</b><i>{CONTENT}</i></li>" for name in names)
        self.site.handlers["/list"] = page(items.encode())

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """As the administrator, through Hosting."""
        headers = {"X-API-Key": ADMIN_KEY}
        return requests.request(
            method, self.suite.hosting + path, headers=headers, timeout=DEADLINE_S, allow_redirects=False, **options
        )

    def database(self, path: str, value: Any) -> None:
        """Breaks something in the database."""
        url = f"{self.suite.database}/{path}.json?ns=demo-kindling-default-rtdb"
        requests.put(url, json=value, headers={"Authorization": "Bearer owner"}, timeout=DEADLINE_S).raise_for_status()

    def told(self, event: str) -> dict[str, Any]:
        """The next line of that event."""
        found: dict[str, Any] = json.loads(self.suite.line_with(f'"event": "{event}"'))
        return found


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with FaultSite({WEBHOOK_PATH: page(b"", 500)}) as site:
        made = Scene(site, tmp_path_factory.mktemp("logs"))
        yield made
        assert made.suite.stop() == 0


@pytest.mark.suite
def test_a_run_a_failed_alert_and_bugs_leave_lines_and_none_holds_a_secret_or_content(scene: Scene) -> None:
    run = scene.ask("POST", "/scrape_now/shop?_wait=50").json()
    ended = scene.told("run-ended")
    assert 0 <= ended.pop("seconds") < DEADLINE_S
    assert ended == {
        "severity": "INFO",
        "message": "shop: ok",
        "event": "run-ended",
        "source": "shop",
        "run": run["run"],
        "collection": "shop",
        "status": "ok",
        "pages": 1,
        "records": 2,
        "added": 2,
        "changed": 0,
        "removed": 0,
        "rejects": 2,
        "bytes": run["bytes"],
    }

    scene.site.handlers["/list"] = page(f"<title>Page not found</title>{CONTENT}".encode())
    run = scene.ask("POST", "/scrape_now/shop?_wait=50").json()
    bad = scene.told("run-bad")
    assert (bad["severity"], bad["run"], bad["status"], bad["error"]) == ("WARNING", run["run"], "failed", "blocked")
    failed = scene.told("webhook-failed")
    assert (failed["source"], failed["run"], failed["error"]) == ("shop", run["run"], "http-500")

    scene.ask("POST", "/save_data/notes", json={"text": SAVED})
    scene.database("data/notes/broken", {"text": SAVED, "_m": SAVED})
    answer = scene.ask("GET", "/get_data/notes/broken")
    bug = scene.told("bug")
    assert (answer.status_code, bug["where"], bug["id"]) == (500, "get_data", answer.json()["id"])

    rows = {"a": f"{CONTENT} {CONTENT} {CONTENT}"}
    pages = requests.get(
        f"{scene.suite.database}/pages/shop.json?ns=demo-kindling-default-rtdb&shallow=true",
        headers={"Authorization": "Bearer owner"},
        timeout=DEADLINE_S,
    ).json()
    scene.database(f"rows/shop/{next(iter(pages))}", rows)
    scene.show("a", "b", "c")
    scene.ask("POST", "/scrape_now/shop")
    bug = json.loads(scene.suite.line_with('"event": "bug"', times=2))
    assert (bug["where"], bug["error"]) == ("scrapesource", "ValueError")

    everything = "\n".join(text for text in scene.suite.lines if not text.startswith("admin key "))
    for planted in (ADMIN_KEY, SOURCE_SECRET, WEBHOOK_PATH, CONTENT, SAVED):
        assert planted not in everything
    assert scene.site.paths().count(WEBHOOK_PATH) > 0
    lines = [json.loads(text) for text in scene.suite.lines if text.startswith("{")]
    assert all(line["event"] in logs.EVENTS for line in lines)

    shown = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    asked = set(re.findall(r"jsonPayload\.(\w+)", shown))  # by the queries that the page gives for these lines
    assert len(asked) > 3
    assert {name for name in asked if not any(name in line for line in lines)} == set()
    named = set(re.findall(r'"((?:run|source|task)-[a-z]+)"', shown))
    assert named - logs.EVENTS.keys() == set()
