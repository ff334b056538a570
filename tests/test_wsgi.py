"""The Procfile's processes as a host starts them: exactly its lines, in a shell, with only the packages of its list."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from kindling.serve.callers import Scope
from kindling.serve.routing import Route
from kindling.serve.table import TABLE

from devtools.preflight import listed
from tests.live import ROOT, database
from tests.running_suite import DEADLINE_S

pytestmark = pytest.mark.suite

KEY = {"X-API-Key": "letmein"}
LINES = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines())
LIST = ROOT / "requirements.txt"

HIDING = """
import json, sys
class Hiding:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hiding())
"""


def asked() -> list[listed.Line]:
    """The packages of the host's list, with those of the list that it includes."""
    return [*listed.lines(LIST), *listed.lines(ROOT / "functions" / "requirements.txt")]


def dyno(folder: Path, host: str, port: int) -> dict[str, str]:
    """The environment of a host: no variable of ours but those that docs/deploy.md tells to set."""
    kept = listed.brought(asked()) | listed.TOOLS
    hidden = {name for name, owners in listed.packages().items() if not owners & kept}
    (folder / "sitecustomize.py").write_text(HIDING.format(hidden=hidden))
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "PYTHONPATH": str(folder),
        "PORT": str(port),
        "FIREBASE_CONFIG": json.dumps(
            {"projectId": "shop-1", "databaseURL": "https://shop-1-default-rtdb.firebaseio.com"}
        ),
        "FIREBASE_DATABASE_EMULATOR_HOST": host,
        "SITE_URL": "https://shop.example",
        "ADMIN_KEY": KEY["X-API-Key"],
    }


@dataclass
class Web:
    """The running web process."""

    process: subprocess.Popen[str]
    origin: str
    environment: dict[str, str]

    def ask(self, method: str, path: str, **options: object) -> requests.Response:
        """One request."""
        return requests.request(method, self.origin + path, timeout=DEADLINE_S, allow_redirects=False, **options)  # type: ignore[arg-type]  # requests' own options


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The line `web` of the Procfile, with a database of its own."""
    folder, port = tmp_path_factory.mktemp("dyno"), free_port()
    with database() as host:
        environment = dyno(folder, host, port)
        process = subprocess.Popen(
            ["sh", "-c", f"exec {LINES['web']}"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "Booting worker" in line:
                break
        running = Web(process, f"http://127.0.0.1:{port}", environment)
        assert process.poll() is None, "".join(said)
        yield running
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=DEADLINE_S)[1]
        assert (process.returncode, "Traceback" in rest) == (0, False), rest


@pytest.fixture(scope="module")
def stocked(web: Web) -> Web:
    """With one public collection of one document."""
    assert web.ask("PUT", "/save_data/notes/first", json={"n": 1}, headers=KEY).status_code == 201
    assert web.ask("PATCH", "/save_data/notes", json={"public": True}, headers=KEY).status_code == 200
    return web


NAMES = {"{collection}": "notes", "{id}": "first", "{field}": "n", "{source}": "users", "{run}": "none"}


@pytest.mark.parametrize("route", TABLE, ids=lambda route: f"{route.method} {route.path}")
def test_spec_every_route_is_reached(stocked: Web, route: Route) -> None:
    method, path = route.method, route.path
    for place, name in NAMES.items():
        path = path.replace(place, name)
    stranger = stocked.ask(method, path)
    if route.needs > Scope.READ:
        assert (stranger.status_code, stranger.headers["Content-Type"]) == (401, "application/problem+json")
    else:
        assert stranger.status_code == 200


FILES = {
    "a page": ("/demo/users.html", 200, "text/html; charset=utf-8", "max-age=300"),
    "a folder's page": ("/demo/", 200, "text/html; charset=utf-8", "max-age=300"),
    "nobody's path": ("/nowhere/at/all", 404, "application/problem+json", "no-store"),
    "a file of the project": ("/firebase.json", 404, "application/problem+json", "no-store"),
    "a file outside": ("/demo/%2e%2e/%2e%2e/Procfile", 404, "application/problem+json", "no-store"),
}


@pytest.mark.parametrize(("path", "status", "kind", "cache"), FILES.values(), ids=FILES.keys())
def test_spec_files_and_headers_are_as_firebase_json_says(
    web: Web, path: str, status: int, kind: str, cache: str
) -> None:
    response = web.ask("GET", path)
    assert (response.status_code, response.headers["Content-Type"]) == (status, kind)
    assert cache in response.headers["Cache-Control"]
    assert (response.headers["X-Frame-Options"], "Content-Security-Policy" in response.headers) == (
        "DENY",
        path.startswith("/demo") and "%2e" not in path,
    )


def test_spec_a_folder_is_sent_to_its_page_with_the_query(web: Web) -> None:
    response = web.ask("GET", "/demo?a=1")
    assert (response.status_code, response.headers["Location"]) == (301, "/demo/?a=1")


def test_spec_a_file_is_not_written_to(web: Web) -> None:
    assert (web.ask("POST", "/demo/").status_code, web.ask("HEAD", "/demo/").content) == (405, b"")


def test_spec_a_page_is_revalidated_by_its_etag(web: Web) -> None:
    first = web.ask("GET", "/demo/users.html")
    again = web.ask("GET", "/demo/users.html", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_spec_the_process_of_runs_knows_the_sources_that_the_web_process_saved(web: Web) -> None:
    definition = {"url": "https://shop.example/list", "records": "li", "fields": {"name": ".name"}}
    assert web.ask("PUT", "/save_source/mine", json=definition, headers=KEY).status_code == 201
    command = ["sh", "-c", f"{LINES['scrape']} nosuch"]  # a run itself would go out to the sites
    done = subprocess.run(
        command, cwd=ROOT, env=web.environment, capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no source nosuch; there are: " in done.stderr
    assert "mine" in done.stderr


def test_ours_the_hosts_list_pins_what_the_tests_run() -> None:
    pins = {line.name: line.pin for line in listed.lines(ROOT / "functions" / "constraints.txt")}
    assert [line.text for line in asked() if line.pin is None or pins[line.name] != line.pin] == []
