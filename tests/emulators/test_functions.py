"""The functions emulator: what a function sees and what a client gets, at the function's own URL."""

import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from emulators.listening import address_of, listen
from tests.emulators.conftest import Served
from tests.running_suite import DEADLINE_S, FIXTURE, eventually

pytestmark = pytest.mark.suite


def seen(answer: requests.Response) -> dict[str, object]:
    assert answer.status_code == 200, answer.text
    document: dict[str, object] = answer.json()
    return document


PATHS = {
    "the bare name is the root": ("", "/", "/"),
    "the rest of the path": ("/a/b", "/a/b", "/a/b"),
    "a query": ("/a?x=%2F&x=1", "/a", "/a?x=%2F&x=1"),
    "an encoded slash stays in the raw path": ("/a%2Fb", "/a/b", "/a%2Fb"),
    "two slashes are one to the framework": ("//a", "/a", "//a"),
    "letters beyond ASCII": ("/caf%C3%A9", "/café", "/caf%C3%A9"),
}


@pytest.mark.parametrize(("rest", "path", "raw"), PATHS.values(), ids=PATHS.keys())
def test_spec_the_function_sees_what_follows_its_name(served: Served, rest: str, path: str, raw: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(served.functions).netloc, timeout=DEADLINE_S)
    connection.request("GET", f"/demo-fixture/us-central1/echo{rest}")  # a client that sends the path as it is
    document = json.loads(connection.getresponse().read())
    connection.close()
    assert (document["path"], document["raw"]) == (path, raw)


@pytest.fixture(scope="module")
def alone() -> Iterator[str]:
    """The function `echo` under functions-framework and nothing else."""
    probe = listen("127.0.0.1", 0, "no option")
    address = address_of(probe)
    probe.close()
    command = ["-m", "functions_framework", "--target=echo", f"--port={address.port}", "--host=127.0.0.1"]

    def answers() -> bool:
        try:
            return requests.get(address.origin, timeout=DEADLINE_S).ok
        except requests.ConnectionError:
            return False

    with subprocess.Popen([sys.executable, *command], cwd=FIXTURE / "functions") as framework:
        try:
            eventually(answers)
            yield address.origin
        finally:
            framework.terminate()
            framework.wait(DEADLINE_S)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "target", ["/a/b?c=d", "/x%20y", "/?status=404", "/?status=204", "/?header=X-Y:z", "/robots.txt"]
)
def test_spec_an_answer_is_that_of_the_framework_alone(served: Served, alone: str, method: str, target: str) -> None:
    def ask(origin: str) -> tuple[object, ...]:
        answer = requests.request(
            method, origin + target, data=b"body" if method == "POST" else None, timeout=DEADLINE_S
        )
        body: object = answer.text
        if answer.text.startswith("{"):
            body = {key: value for key, value in answer.json().items() if key not in ("headers", "pid")}
        headers = {
            key: value for key, value in answer.headers.items() if key not in ("Date", "Connection", "Content-Length")
        }
        return answer.status_code, headers, body

    assert ask(served.function("echo")) == ask(alone)


def test_spec_an_error_nobody_catches_is_the_frameworks_500(served: Served) -> None:
    answer = requests.get(served.function("fails"), timeout=DEADLINE_S)
    assert (answer.status_code, answer.headers["X-Google-Status"]) == (500, "crash")
    served.line("ValueError: on purpose")


def test_ours_headers_arrive_as_they_were_sent(served: Served) -> None:
    headers = {
        "Host": "example.test",
        "X-Twice": "1, 2",
        "X-Forwarded-For": "198.51.100.7",
        "Connection": "X-Hop",
        "X-Hop": "1",
    }
    document = seen(requests.get(served.function("echo"), headers=headers, timeout=DEADLINE_S))
    arrived = document["headers"]
    assert isinstance(arrived, dict)
    names = ("Host", "X-Twice", "X-Forwarded-For", "X-Forwarded-Proto", "X-Hop", "Accept")
    assert {name: arrived.get(name) for name in names} == {
        "Host": "example.test",
        "X-Twice": "1, 2",
        "X-Forwarded-For": "198.51.100.7, 127.0.0.1",
        "X-Forwarded-Proto": "http",
        "X-Hop": None,
        "Accept": "*/*",
    }


@pytest.mark.parametrize("size", [0, 1, 300_000, 12_000_000])
@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_ours_a_body_of_any_size_arrives(served: Served, size: int, chunked: bool) -> None:
    body = bytes(size)
    pieces = (body[at : at + 100_000] for at in range(0, size, 100_000))
    answer = requests.post(served.function("echo"), data=pieces if chunked else body, timeout=DEADLINE_S)
    assert seen(answer)["bytes"] == size


def test_ours_a_body_streams_to_the_client_as_it_is_made(served: Served, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with requests.get(
        served.hosting + "/stream", params={"file": str(gate)}, stream=True, timeout=DEADLINE_S
    ) as answer:
        lines = answer.iter_lines()
        first = next(lines)  # the function still waits for the file
        gate.touch()
        assert [first, *lines] == [b"first", b"second"]


def test_ours_a_client_that_goes_away_harms_nobody(served: Served, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with requests.get(served.function("stream"), params={"file": str(gate)}, stream=True, timeout=DEADLINE_S) as answer:
        next(answer.iter_lines())
    gate.touch()
    assert seen(requests.get(served.function("echo"), timeout=DEADLINE_S))["path"] == "/"


@pytest.mark.parametrize("origin", ["functions", "hosting"])
def test_spec_a_function_that_outlasts_its_time_is_504(served: Served, tmp_path: Path, origin: str) -> None:
    url = served.function("slow") if origin == "functions" else f"{served.hosting}/slow"
    answer = requests.get(url, params={"file": str(tmp_path / "gate")}, timeout=DEADLINE_S)
    (tmp_path / "gate").touch()
    assert (answer.status_code, answer.text) == (504, "slow gave no answer within 1 s\n")


def test_ours_requests_run_beside_each_other(served: Served, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    answers: list[int] = []

    def ask() -> None:
        held = requests.get(served.function("hold"), params={"file": str(gate)}, timeout=DEADLINE_S)
        answers.append(held.status_code)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    assert seen(requests.get(served.function("echo"), timeout=DEADLINE_S))["path"] == "/"
    gate.touch()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert answers == [200] * 20


def test_spec_the_environment_is_the_one_firebase_gives(served: Served) -> None:
    names = ["FUNCTIONS_EMULATOR", "GCLOUD_PROJECT", "FIREBASE_CONFIG", "CLOUD_TASKS_EMULATOR_HOST", "TZ", "SITE_URL"]
    names += ["FIREBASE_DATABASE_EMULATOR_HOST", "KINDLING_ALLOW", "ADMIN_KEY"]
    answer = requests.get(served.function("echo"), params={"env": names}, timeout=DEADLINE_S)
    given = seen(answer)["env"]
    assert isinstance(given, dict)
    given["FIREBASE_CONFIG"] = json.loads(given["FIREBASE_CONFIG"])
    assert given == {
        "FUNCTIONS_EMULATOR": "true",
        "GCLOUD_PROJECT": "demo-fixture",
        "FIREBASE_CONFIG": {
            "projectId": "demo-fixture",
            "storageBucket": "demo-fixture.appspot.com",
            "databaseURL": f"{served.database}/?ns=demo-fixture-default-rtdb",
        },
        "CLOUD_TASKS_EMULATOR_HOST": urlsplit(served.functions).netloc,
        "FIREBASE_DATABASE_EMULATOR_HOST": urlsplit(served.database).netloc,
        "TZ": "UTC",
        "SITE_URL": served.hosting,
        "KINDLING_ALLOW": urlsplit(served.hosting).netloc,
        "ADMIN_KEY": served.key,
    }


def test_spec_an_unknown_function_is_404_and_says_what_there_is(served: Served) -> None:
    answer = requests.get(served.function("nosuch"), timeout=DEADLINE_S)
    assert answer.status_code == 404
    assert answer.text.startswith("Function us-central1-nosuch does not exist, valid functions are: us-central1-echo, ")


@pytest.mark.parametrize("path", ["/", "/demo-fixture", "/other/us-central1/echo", "/demo-fixture/europe-west1/echo"])
def test_ours_other_paths_are_404(served: Served, path: str) -> None:
    assert requests.get(served.functions + path, timeout=DEADLINE_S).status_code == 404


def test_spec_the_list_of_functions_says_what_starts_them(served: Served) -> None:
    document = requests.get(served.functions + "/backends", timeout=DEADLINE_S).json()
    triggers = {each["name"]: each for each in document["backends"][0]["functionTriggers"]}
    assert set(triggers) == {"echo", "stream", "hold", "slow", "fails", "tick", "scrape_due", "work", "written"}
    assert triggers["tick"]["schedule"] == {"schedule": "1 of jan 00:00", "retryConfig": {}}
    assert triggers["slow"] == {
        "id": "us-central1-slow",
        "name": "slow",
        "entryPoint": "slow",
        "platform": "gcfv2",
        "region": "us-central1",
        "timeoutSeconds": 1,
        "httpsTrigger": {},
    }


def test_spec_a_schedule_can_be_run_by_hand(served: Served) -> None:
    headers = {"X-CloudScheduler-JobName": "by hand", "X-CloudScheduler-ScheduleTime": "2026-11-22T12:00:01Z"}
    url = f"{served.functions}/functions/projects/demo-fixture/triggers/us-central1-tick-0"
    assert requests.post(url, headers=headers, timeout=DEADLINE_S).status_code == 200
    assert ["tick", ["by hand", "01.000000"]] in served.notes


def test_spec_a_change_of_the_database_reaches_the_function(served: Served) -> None:
    url = f"{served.database}/pub/k1.json?ns=demo-fixture-default-rtdb"
    requests.put(url, json={"a": 1}, headers={"Authorization": "Bearer owner"}, timeout=DEADLINE_S).raise_for_status()
    eventually(lambda: ["written", [{"id": "k1"}, {"a": 1}]] in served.notes)
