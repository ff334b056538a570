"""The suite as a whole: its start, its words, its end, and what it does when it or a part of it is killed."""

import os
import signal
import socket
import stat
from pathlib import Path

import pytest
import requests

from emulators.folder import running
from tests.emulators.conftest import Served, Start
from tests.running_suite import DEADLINE_S, RunningSuite, eventually

pytestmark = pytest.mark.suite


def test_spec_it_says_where_everything_answers_and_the_ready_line_is_last(start: Start) -> None:
    suite = start()
    starts = ["admin key ", "functions http://127.0.0.1:", "database http://127.0.0.1:", "ready http://127.0.0.1:"]
    places = [suite.lines.index(suite.line(each)) for each in starts]
    assert places == sorted(places)
    assert suite.stop() == 0


def test_spec_the_schedule_that_scrapes_runs_at_once(start: Start) -> None:
    suite = start()
    eventually(lambda: suite.notes == [["scrape_due", None]])


def test_spec_a_schedule_fires_by_the_real_clock_and_none_where_schedules_are_off(start: Start, tmp_path: Path) -> None:
    (tmp_path / "quiet").mkdir()
    quiet = start("--no-schedule", folder=tmp_path / "quiet", SCHEDULE="every 1 minutes")
    suite = start(SCHEDULE="every 1 minutes")
    ticked = ["tick", ["firebase-schedule-tick-us-central1", "00.000000"]]
    eventually(lambda: ticked in suite.notes, deadline_s=60 + DEADLINE_S)
    assert (quiet.stop(), quiet.notes) == (0, [])


def test_spec_the_admin_key_is_made_once_and_is_the_owners_alone(start: Start, tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("OTHER=1\n")
    (tmp_path / "secrets").chmod(0o600)
    first = start()
    first.stop()
    second = start()
    assert first.key == second.key
    assert (tmp_path / "secrets").read_text() == f"OTHER=1\nADMIN_KEY={first.key}\n"
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o600


def test_spec_it_stops_with_a_request_in_flight(start: Start, tmp_path: Path) -> None:
    suite = start()
    with requests.get(
        suite.function("stream"), params={"file": str(tmp_path / "x")}, stream=True, timeout=DEADLINE_S
    ) as held:
        next(held.iter_lines())
        assert suite.stop() == 0


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_spec_nothing_of_it_is_left(start: Start, end: str) -> None:
    suite = start("--workers=2")
    pids = {requests.get(suite.function("echo"), timeout=DEADLINE_S).json()["pid"] for _ in range(4)}
    assert len(pids) == 2
    groups = {os.getpgid(pid) for pid in pids}
    {"stop": suite.stop, "kill": suite.kill}[end]()
    eventually(lambda: all(gone(pid) for pid in pids | groups))
    # The port is free again: the database too is gone.
    port = int(suite.database.rpartition(":")[2])
    eventually(lambda: _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.mark.parametrize("option", ["--port", "--functions-port", "--database-port"])
def test_ours_a_busy_port_is_one_clear_line(start: Start, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        suite = start(f"{option}={port}", ready=False)
        assert suite.wait() == 3
    assert suite.lines == [
        f"serve: port {port} on 127.0.0.1 cannot be used (Address already in use): "
        f"stop what has it or choose another with {option}"
    ]


def test_ours_a_second_suite_on_the_same_data_is_refused_and_the_first_is_found(start: Start, tmp_path: Path) -> None:
    first = start()
    note = running(tmp_path / "data")
    assert note is not None
    assert (note["pid"], f"http://{note['hosting']}", f"http://{note['database']}") == (
        first.process.pid,
        first.hosting,
        first.database,
    )
    second = start(ready=False)
    assert second.wait() == 3
    assert second.lines == [
        f"serve: {tmp_path / 'data'} is in use by another suite: stop it or choose another with --data"
    ]
    first.kill()
    assert running(tmp_path / "data") is None


USAGE = {
    "a port that is none": ("--port=99999", "no port: give 0 to 65535"),
    "an address that is none": ("--allow=nohost", "no HOST:PORT"),
    "too many workers": ("--workers=99", "give 1 to 8"),
    "an unknown option": ("--nosuch", "unrecognized arguments: --nosuch"),
}


@pytest.mark.parametrize(("argument", "complaint"), USAGE.values(), ids=USAGE.keys())
def test_ours_wrong_usage_ends_with_2(tmp_path: Path, argument: str, complaint: str) -> None:
    suite = RunningSuite(argument, folder=tmp_path, ready=False)
    assert suite.wait() == 2
    assert complaint in suite.lines[-1]


def test_ours_functions_that_do_not_load_end_it_with_1(start: Start, project: Path) -> None:
    (project / "functions" / "main.py").write_text("raise RuntimeError('broken on purpose')\n")
    suite = start(project=project, ready=False)
    assert suite.wait() == 1
    assert "RuntimeError: broken on purpose" in suite.lines
    assert suite.lines[-1] == f"serve: {project / 'functions' / 'main.py'} did not load: mend the error above"


def test_ours_a_worker_that_is_killed_ends_the_suite_loudly(start: Start) -> None:
    suite = start()
    os.kill(os.getpgid(requests.get(suite.function("echo"), timeout=DEADLINE_S).json()["pid"]), signal.SIGKILL)
    assert suite.wait() == 3
    assert suite.lines[-1] == "serve: a functions worker was killed (signal 9): start serve again, the data is kept"


def test_ours_a_database_that_is_killed_ends_the_suite_loudly(start: Start) -> None:
    suite = start()
    os.kill(next(pid for pid, line in suite.children().items() if "emulators.database" in line), signal.SIGKILL)
    assert suite.wait() == 3
    assert suite.lines[-1] == "serve: the database was killed (signal 9): start serve again, the data is kept"


def test_ours_a_rewrite_to_no_function_is_told(served: Served) -> None:
    served.line("suite: firebase.json has rewrites to functions that main.py does not have: nosuch")


def test_ours_functions_that_nothing_calls_here_or_in_production_are_told(start: Start, project: Path) -> None:
    main = project / "functions" / "main.py"
    main.write_text(
        main.read_text()
        + """
from firebase_functions import pubsub_fn

@pubsub_fn.on_message_published(topic="news")
def hears(event):
    pass

@tasks_fn.on_task_dispatched()
def work_more(request):
    pass
"""
    )
    suite = start(project=project)
    suite.line("suite: the function hears waits for events that nothing here sends")
    suite.line("suite: the function work_more gets no queue in production: its name may hold no underscore")
