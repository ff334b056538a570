"""The suite as a whole: its start, its words, its end, and what it does when files change or it is killed."""

import os
import shutil
import signal
import socket
import stat
from pathlib import Path

import firebase_admin
import pytest
import requests
from firebase_admin import exceptions, functions

from emulators.errors import ConfigError
from emulators.folder import running
from emulators.functions import dotenv, environment
from emulators.listening import Address
from tests.emulators.conftest import Served, Start, eventually
from tests.running_suite import DEADLINE_S, ROOT, RunningSuite

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


def test_spec_without_schedules_nothing_runs_by_itself(start: Start) -> None:
    suite = start("--no-schedule", SCHEDULE="* * * * *")
    requests.get(suite.function("echo"), timeout=DEADLINE_S).raise_for_status()
    assert (suite.stop(), suite.notes) == (0, [])


def test_spec_a_schedule_fires_by_the_real_clock(start: Start) -> None:
    suite = start(SCHEDULE="every 1 minutes")
    eventually(lambda: ["tick", ["firebase-schedule-tick-us-central1", "00.000000"]] in suite.notes)


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
    {"stop": suite.stop, "kill": suite.kill}[end]()
    groups = {os.getpgid(pid) for pid in pids if not gone(pid)}
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
    assert suite.lines[-1] == "serve: a functions worker ended with exit code -9: see above"


def test_ours_a_database_that_is_killed_ends_the_suite_loudly(start: Start) -> None:
    suite = start()
    os.kill(next(pid for pid, line in suite.children().items() if "emulators.database" in line), signal.SIGKILL)
    assert suite.wait() == 3
    assert suite.lines[-1] == "serve: the database ended with exit code -9: see its message above"


def test_ours_a_rewrite_to_no_function_is_told(served: Served) -> None:
    served.line("suite: firebase.json has rewrites to functions that main.py does not have: nosuch")


def test_spec_changed_functions_are_served_and_no_request_is_lost(start: Start, project: Path, tmp_path: Path) -> None:
    suite = start(project=project)
    main = project / "functions" / "main.py"
    gate = tmp_path / "gate"
    with requests.get(suite.function("stream"), params={"file": str(gate)}, stream=True, timeout=DEADLINE_S) as held:
        lines = held.iter_lines()
        first = next(lines)
        main.write_text(main.read_text().replace('VERSION = "first"', 'VERSION = "second"'))
        suite.line("suite: the functions are renewed")
        assert requests.get(suite.function("echo"), timeout=DEADLINE_S).json()["version"] == "second"
        gate.touch()
        assert [first, *lines] == [b"first", b"second"]  # from the worker that went


def test_spec_broken_functions_leave_the_old_and_are_told_once(start: Start, project: Path) -> None:
    suite = start(project=project)
    main = project / "functions" / "main.py"
    good = main.read_text()
    main.write_text(good + "\nimport nosuch\n")
    suite.line("suite: the old functions stay: ")
    assert requests.get(suite.function("echo"), timeout=DEADLINE_S).json()["version"] == "first"
    assert suite.lines.count("ModuleNotFoundError: No module named 'nosuch'") == 1
    main.write_text(good.replace('VERSION = "first"', 'VERSION = "mended"'))
    suite.line("suite: the functions are renewed")
    assert requests.get(suite.function("echo"), timeout=DEADLINE_S).json()["version"] == "mended"


def test_ours_a_function_that_is_gone_is_told_nothing_until_it_is_back(start: Start, project: Path) -> None:
    suite = start(project=project)
    main = project / "functions" / "main.py"
    good = main.read_text()

    def write(child: str) -> None:
        url = f"{suite.database}/pub/{child}.json?ns=demo-fixture-default-rtdb"
        assert requests.put(url, json=1, headers={"Authorization": "Bearer owner"}, timeout=DEADLINE_S).ok

    main.write_text(good.replace('@db_fn.on_value_written(reference="pub/{id}")', ""))
    suite.line("suite: the functions are renewed")
    write("untold")
    main.write_text(good)
    suite.line("suite: the functions are renewed", times=2)
    write("told")
    eventually(lambda: ["written", [{"id": "told"}, 1]] in suite.notes)
    assert [fact for kind, fact in suite.notes if kind == "written"] == [[{"id": "told"}, 1]]
    assert suite.stop() == 0
    assert [line for line in suite.lines if "event for" in line] == []


def test_ours_a_folder_that_comes_later_is_watched_until_it_goes(start: Start, project: Path) -> None:
    suite = start(project=project)
    package = project / "functions" / "package"
    package.mkdir()
    suite.line("suite: the functions are renewed")
    (package / "__init__.py").write_text("")
    suite.line("suite: the functions are renewed", times=2)
    shutil.rmtree(package)
    suite.line("suite: the functions are renewed", times=3)
    main = project / "functions" / "main.py"
    main.write_text(main.read_text().replace('VERSION = "first"', 'VERSION = "second"'))
    eventually(lambda: bool(requests.get(suite.function("echo"), timeout=DEADLINE_S).json()["version"] == "second"))


def test_ours_changed_hosting_counts_and_broken_hosting_does_not(start: Start, project: Path) -> None:
    suite = start(project=project)
    config = project / "firebase.json"
    config.write_text(config.read_text().replace("/old/", "/older/"))
    suite.line("suite: Hosting is renewed")
    assert suite.get("/older/x", allow_redirects=False).headers["Location"] == "/echo/x"
    config.write_text("{")
    suite.line("suite: the old Hosting stays: firebase.json: ")
    assert suite.get("/older/x", allow_redirects=False).headers["Location"] == "/echo/x"


def test_ours_changed_rules_count_and_broken_rules_do_not(start: Start, project: Path) -> None:
    suite = start(project=project)
    rules = project / "database.rules.json"
    url = f"{suite.database}/x.json?ns=demo-fixture-default-rtdb"
    assert requests.get(url, timeout=DEADLINE_S).status_code == 200
    rules.write_text('{"rules": {".read": false}}')
    suite.line("suite: the rules are renewed")
    assert requests.get(url, timeout=DEADLINE_S).status_code == 401
    rules.write_text('{"rules": {".read": nonsense}}')
    suite.line("suite: the old rules stay: database.rules.json: ")
    assert requests.get(url, timeout=DEADLINE_S).status_code == 401


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> firebase_admin.App:
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


ENV = {
    "plain": ("A=1\nB=two words\n", {"A": "1", "B": "two words"}),
    "comments and blanks": ("# c\n\n  A=1 # not this\n", {"A": "1"}),
    "single quotes take all as it is": ("A='#\\n \"x\"'\n", {"A": '#\\n "x"'}),
    "double quotes take escapes": ('A="a\\nb\\"c"\n', {"A": 'a\nb"c'}),
    "a value over lines": ('A="a\nb"\nB=1\n', {"A": "a\nb", "B": "1"}),
    "nothing": ("A=\n", {"A": ""}),
    "export": ("export A=1\n", {"A": "1"}),
    "the last wins": ("A=1\nA=2", {"A": "2"}),
}


@pytest.mark.parametrize(("text", "values"), ENV.values(), ids=ENV.keys())
def test_spec_env_files(text: str, values: dict[str, str]) -> None:
    assert dotenv.parse(text, ".env") == values


BAD_ENV = {
    "no equals sign": ("A=1\nnonsense\n", r"\.env, line 2: this is not KEY=VALUE"),
    "a name of the platform": ("FIREBASE_X=1", "line 1: FIREBASE_X belongs to the platform"),
    "a reserved name": ("PORT=1", "PORT belongs to the platform"),
    "a name that is none": ("a-b=1", "'a-b' is no name"),
    "a quote that does not end": ('A="x', "not KEY=VALUE"),
}


@pytest.mark.parametrize(("text", "complaint"), BAD_ENV.values(), ids=BAD_ENV.keys())
def test_ours_a_wrong_env_file_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        dotenv.parse(text, ".env")


def test_spec_later_env_files_win(tmp_path: Path) -> None:
    for name, text in {".env": "A=1\nB=1\nC=1", ".env.p": "B=2\nC=2", ".env.local": "C=3"}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "secrets").write_text("S=4")
    at = Address("127.0.0.1", 1)
    surroundings = environment.Surroundings("p", at, at, None, "p-default-rtdb")
    given = environment.environment({"A": "0"}, surroundings, tmp_path, tmp_path / "secrets", {"X": "5"})
    assert {name: given[name] for name in "ABCSX"} == {"A": "1", "B": "2", "C": "3", "S": "4", "X": "5"}


def test_ours_the_suite_imports_nothing_of_the_functions() -> None:
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "emulators").rglob("*.py")]
    assert not [
        line for text in sources for line in text.splitlines() if line.startswith(("import kindling", "from kindling"))
    ]
