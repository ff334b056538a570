"""newman, Postman's own runner, goes through the collection that the API gives, as someone who imported it would."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.clients.served import served
from tests.live import ROOT

pytestmark = pytest.mark.suite

NEWMAN = ROOT / "tests" / "node_modules" / "newman" / "bin" / "newman.js"
DEADLINE_S = 300  # far more than it takes
SOURCE = {
    "url": "/demo/users.html",
    "records": "li.person",
    "key": "email",
    "fields": {"email": ".email"},
    "public": True,
}
ASKS_FIRST = {"DELETE /delete_data/tries": 400}  # a whole collection goes only with _confirm, which is off at first


def node() -> str:
    """The Node that runs newman; skips the test where it or newman is missing."""
    found = shutil.which("node")
    if not found:
        pytest.skip("needs Node, for newman")
    if not NEWMAN.is_file():
        pytest.skip("needs the packages of tests/package.json: `python3 dev.py test` installs them")
    return found


def test_spec_newman_runs_the_collection_with_the_key_set(tmp_path: Path) -> None:
    program, report = node(), tmp_path / "report.json"
    with served(tmp_path) as site:
        collection = tmp_path / "postman.json"
        collection.write_bytes(site.get("/postman.json").content)
        site.save("tries", [{"id": "one", "n": 1}])
        site.ask("PUT", "/save_source/extra", 201, SOURCE)
        run = site.ask("POST", "/scrape_now/extra?_wait=50", 200).json()["run"]
        done = subprocess.run(
            [
                program,
                str(NEWMAN),
                "run",
                str(collection),
                f"--env-var=key={site.key}",
                f"--env-var=base={site.hosting}",
                "--env-var=source=extra",
                f"--env-var=run={run}",
                "--reporters=json",
                f"--reporter-json-export={report}",
            ],
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        routes = sum(len(folder["item"]) for folder in json.loads(collection.read_text())["item"])
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(report.read_text())["run"]
    assert told["failures"] == []
    assert len(told["executions"]) == routes, "every request of the collection was sent"
    codes = [(asked(one), one["response"]["code"]) for one in told["executions"]]
    assert {name: code for name, code in codes if not 200 <= code < 300} == ASKS_FIRST


def asked(execution: dict[str, Any]) -> str:
    """Method and path of one request as it was sent."""
    return f"{execution['request']['method']} /{'/'.join(execution['request']['url']['path'])}"
