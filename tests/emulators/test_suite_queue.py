"""Task queues of the running suite, as the admin SDK fills them."""

from collections.abc import Iterator
from pathlib import Path

import firebase_admin
import pytest
import requests
from firebase_admin import exceptions, functions

from tests.emulators.conftest import Served, Start
from tests.running_suite import DEADLINE_S, eventually

pytestmark = pytest.mark.suite


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[firebase_admin.App]:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "demo-fixture")
    app = firebase_admin.initialize_app(options={"projectId": "demo-fixture"}, name="queue")
    yield app
    firebase_admin.delete_app(app)


def queue(app: firebase_admin.App, suite: Served, monkeypatch: pytest.MonkeyPatch) -> functions.TaskQueue:
    """The queue `work` as the admin SDK reaches it."""
    monkeypatch.setenv("CLOUD_TASKS_EMULATOR_HOST", suite.functions.removeprefix("http://"))
    return functions.task_queue("work", app=app)


def test_spec_the_admin_sdk_enqueues_and_the_function_works(
    served: Served, app: firebase_admin.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = queue(app, served, monkeypatch)
    name = tasks.enqueue({"data": {"once": 1}}, functions.TaskOptions(task_id="given"))
    tasks.enqueue({"data": {"fail": 1}})
    later = tasks.enqueue({"data": {"late": 1}}, functions.TaskOptions(schedule_delay_seconds=3600))
    with pytest.raises(exceptions.AlreadyExistsError):
        tasks.enqueue({"data": {"again": 1}}, functions.TaskOptions(task_id="given"))
    expected = [["work", [{"once": 1}, 0]], ["work", [{"fail": 1}, 0]], ["work", [{"fail": 1}, 1]]]
    eventually(lambda: all(note in served.notes for note in expected))
    tasks.delete(later)
    with pytest.raises(exceptions.NotFoundError):
        tasks.delete(later)
    eventually(
        lambda: (
            requests.get(f"{served.functions}/queueStats", timeout=DEADLINE_S).json()["us-central1/work"]["tasks"] == 0
        )
    )
    assert name == "given"
    assert not [note for note in served.notes if note[1] in ([{"late": 1}, 0], [{"again": 1}, 0])]


def test_ours_the_queues_are_for_the_admin_sdk(served: Served) -> None:
    url = f"{served.functions}/projects/demo-fixture/locations/us-central1/queues/work/tasks"
    answer = requests.post(url, data="{}", headers={"Content-Type": "text/plain"}, timeout=DEADLINE_S)
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_spec_an_acknowledged_task_survives_a_kill(
    start: Start, app: firebase_admin.App, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    main = project / "functions" / "main.py"
    good = main.read_text()
    main.write_text(good.replace("max_attempts=3, min_backoff_seconds=0", "max_attempts=9, min_backoff_seconds=1"))
    suite = start("--no-schedule", project=project)
    queue(app, suite, monkeypatch).enqueue({"data": {"fail": 1}}, functions.TaskOptions(task_id="kept"))
    eventually(lambda: ["work", [{"fail": 1}, 0]] in suite.notes)
    suite.kill()
    again = start("--no-schedule", project=project)
    eventually(lambda: ["work", [{"fail": 1}, 1]] in again.notes)
