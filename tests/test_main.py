"""What the functions are deployed with, and what an instance of one loads."""

from __future__ import annotations

import ast
import importlib
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from firebase_functions import https_fn
from firebase_functions.params import Param, SecretParam
from kindling import declared, settings
from kindling.serve.table import TABLE

from tests.live import ROOT, database

pytestmark = pytest.mark.slow

FUNCTIONS = {route.function for route in TABLE}
EVENTS = {"prune", "scrape_due", "scrapesource"}
SECRETS = {
    **{name: {"ADMIN_KEY"} for name in FUNCTIONS},
    "preview_source": {"ADMIN_KEY", "SOURCE_SECRETS"},
    "prune": set(),
    "scrape_due": {"WEBHOOK_SECRET"},
    "scrapesource": {"SOURCE_SECRETS", "WEBHOOK_SECRET"},
}
"""Who is given which secret: the key to those who ask for it, the webhook's to those who send it, and none else."""


@pytest.fixture(scope="module")
def endpoints() -> dict[str, Any]:
    """What the SDK's discovery would find, by name."""
    assert declared.https_fn is https_fn  # the SDK's own: this process is no instance
    main = importlib.import_module("main")
    found = {name: getattr(value, "__firebase_endpoint__", None) for name, value in vars(main).items()}
    return {name: endpoint for name, endpoint in found.items() if endpoint is not None}


def test_every_function_asks_the_boundary_for_its_own_answers() -> None:
    tree = ast.parse((ROOT / "functions" / "main.py").read_text(encoding="utf-8"))
    asked = {
        node.name: ast.literal_eval(call.args[0])
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "serve"
    }
    assert asked == {name: name for name in FUNCTIONS}


def test_every_function_is_given_the_secrets_it_uses_and_no_other(endpoints: dict[str, Any]) -> None:
    given = {
        name: {variable["key"] for variable in endpoint.secretEnvironmentVariables or []}
        for name, endpoint in endpoints.items()
    }
    assert given == SECRETS


def test_a_parameter_of_the_deploy_is_a_setting_with_the_same_default() -> None:
    main = importlib.import_module("main")
    declared = {each.name: each for each in vars(main).values() if isinstance(each, Param | SecretParam)}
    told = {each.name: each for each in settings.TABLE}
    plain = {name: str(each.default) for name, each in declared.items() if isinstance(each, Param)}
    assert {name: told[name].default for name in plain} == plain
    secrets = {name for name, each in declared.items() if isinstance(each, SecretParam)}
    assert secrets == {each.name for each in settings.TABLE if each.secret}


def test_ours_what_a_url_asks_for_is_what_has_routes(endpoints: dict[str, Any]) -> None:
    asked = {name for name, endpoint in endpoints.items() if endpoint.httpsTrigger is not None}
    assert (asked, set(endpoints) - asked) == (FUNCTIONS, EVENTS)


ASK = """
import gc, json, sys
from functions_framework import create_app
from werkzeug.test import Client

client = Client(create_app())
asked, functions = json.loads(sys.argv[1])
statuses = [client.open(path, method=method).status_code for method, path in asked]
main = sys.modules["main"]
print(json.dumps({
    "statuses": statuses,
    "there": sorted(name for name in functions if callable(getattr(main, name, None))),
    "frozen": gc.get_freeze_count() / len(gc.get_objects()),
    "loaded": sorted({name.split(".")[0] for name in sys.modules}),
}))
"""
"""An instance as the platform starts it: FUNCTION_TARGET and FUNCTION_SOURCE say what it serves."""

ASKED = [["GET", "/get_data/nothing"], ["GET", "/get_data"], ["POST", "/get_data"], ["GET", "/get_data/x?_limit=0"]]


def instance(host: str, target: str) -> Any:
    """What an instance that serves `target` answers, what is in its main.py, which libraries it loaded, and how many
    objects the garbage collector leaves alone for each that it looks at."""
    environment = {**os.environ, "FIREBASE_DATABASE_EMULATOR_HOST": host, "GCLOUD_PROJECT": "demo-kindling"}
    environment |= {"FUNCTION_TARGET": target, "FUNCTION_SOURCE": str(ROOT / "functions" / "main.py")}
    told = json.dumps([ASKED if target == "get_data" else [], sorted(FUNCTIONS | EVENTS)])
    command = [sys.executable, "-c", ASK, told]
    done = subprocess.run(command, cwd=ROOT / "functions", env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


SDK = {"firebase_functions", "firebase_admin", "requests", "urllib3", "cryptography"}


def test_ours_an_instance_that_answers_requests_loads_nothing_of_the_sdk() -> None:
    with database() as host:
        found = instance(host, "get_data")
    assert found["statuses"] == [404, 200, 405, 404]
    assert (found["there"], SDK & set(found["loaded"])) == (sorted(FUNCTIONS | EVENTS), set())


def test_ours_the_garbage_collector_does_not_look_through_what_an_instance_loads() -> None:
    with database() as host:
        found = instance(host, "get_data")
    assert found["frozen"] > 1


@pytest.mark.parametrize("target", sorted(EVENTS))
def test_ours_an_instance_that_a_schedule_or_queue_sets_off_has_the_sdk(target: str) -> None:
    with database() as host:
        assert "firebase_functions" in instance(host, target)["loaded"]


def test_ours_an_option_that_only_the_sdk_carries_out_is_refused_without_it() -> None:
    command = [sys.executable, "-c", "from kindling.declared import https_fn; https_fn.on_request(cors=object())"]
    environment = {**os.environ, "FUNCTION_TARGET": "get_data"}
    done = subprocess.run(command, cwd=ROOT / "functions", env=environment, capture_output=True, text=True, check=False)
    assert "TypeError: cors= is the SDK's work" in done.stderr


WIDER = """
import sys
from kindling.declared import https_fn, options, params, scheduler_fn

WORD = params.StringParam("WORD", default="none")

@scheduler_fn.on_schedule(schedule="every day 03:00", memory=options.MemoryOption.GB_1, region=WORD)
def mine(event):
    return event

print(mine(1), "firebase_functions" in sys.modules)
print(WORD.value, WORD.value, https_fn.FunctionsErrorCode.ABORTED.value)
"""
"""A main.py with more of the SDK than ours has, in an instance that serves one of ours."""


def test_ours_what_a_wider_main_asks_of_the_sdk_is_there() -> None:
    environment = {**os.environ, "FUNCTION_TARGET": "get_data", "WORD": "kindling"}
    command = [sys.executable, "-c", WIDER]
    done = subprocess.run(command, cwd=ROOT / "functions", env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["1 False", "kindling kindling aborted"], done.stderr
