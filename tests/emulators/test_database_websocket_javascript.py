"""The JavaScript client from npm, unchanged, in Node. "spec": what its users see of the service, from the emulator."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.emulators.database_server import TIMEOUT_S, DatabaseServer
from tests.emulators.javascript import EXPECTED, RULES, SCENARIO_S, SCRIPTS, environment, node, run_scenario
from tests.running_suite import eventually
from tests.shown import ROOT, blocks

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scenario", EXPECTED)
def test_spec_scenario(server: DatabaseServer, scenario: str) -> None:
    seen, _ = run_scenario(scenario, server.host, f"node-{scenario.lower()}")
    assert seen == EXPECTED[scenario]


def test_spec_an_unindexed_query_warns_in_the_console(server: DatabaseServer) -> None:
    _, console = run_scenario("queries", server.host, "node-warning")
    assert 'Consider adding ".indexOn": "info/street" at /free/people to your security rules' in console


def test_ours_the_words_that_docs_emulators_md_gives_a_web_page_connect_it(server: DatabaseServer) -> None:
    (shown,) = blocks((ROOT / "docs" / "emulators.md").read_text(encoding="utf-8"), "js")
    address, port = server.host.split(":")
    script = f"""
      import {{ initializeApp }} from "firebase/app";
      import {{ get, ref, set }} from "firebase/database";
      const app = initializeApp({{ projectId: "demo-shown", databaseURL: "http://{server.host}?ns=node-shown" }});
      {shown.replace('"127.0.0.1", 9000', f'"{address}", {port}')}
      await set(ref(db, "free/shown"), "told");
      console.log((await get(ref(db, "free/shown"))).val());
      process.exit();
    """
    command = [node(), "--input-type=module", "--eval", script]
    done = subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True, timeout=SCENARIO_S, check=False)
    assert (done.stdout, server.get("/free/shown.json", ns="node-shown")) == ("told\n", "told"), done.stderr


@contextmanager
def started(role: str, server: DatabaseServer, namespace: str) -> Iterator[subprocess.Popen[str]]:
    """A client in a process of its own, killed at the end if it has not ended by then."""
    command = [node(), str(SCRIPTS / "processes.mjs"), role]
    environ = environment(server.host, namespace)
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    """The next line of the client; an empty one when it has ended."""
    assert process.stdout
    return process.stdout.readline().rstrip("\n")


def test_spec_a_killed_client_is_written_off(server: DatabaseServer) -> None:
    with started("dies", server, "node-killed") as client:
        assert said(client) == "ready"
        assert server.get("/free/alive.json", ns="node-killed") is True
        client.kill()
        eventually(lambda: server.get("/free/alive.json", ns="node-killed") is False)


def test_spec_a_client_survives_a_restart_of_the_server(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"))
    with ExitStack() as stack:
        with DatabaseServer(*data, rules=RULES) as first:
            client = stack.enter_context(started("survives", first, "node-restart"))
            assert said(client) == "ready"
        port = first.host.rpartition(":")[2]
        second = stack.enter_context(DatabaseServer(*data, "--port", port, rules=RULES))
        assert [said(client), said(client)] == ["down", "written"]
        second.put("/free/after.json", 3, ns="node-restart")
        assert json.loads(said(client)) == {"after": 3, "before": 1, "meanwhile": 2}
        assert client.wait(TIMEOUT_S) == 0
