"""What the suite does when a file of the project changes: the new counts, or the old stays and is told."""

import shutil
from pathlib import Path

import pytest
import requests

from tests.emulators.conftest import Start
from tests.running_suite import DEADLINE_S, eventually

pytestmark = pytest.mark.suite


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


def test_ours_a_trigger_that_the_database_refuses_is_told_and_the_functions_are_the_new(
    start: Start, project: Path
) -> None:
    suite = start(project=project)
    main = project / "functions" / "main.py"
    main.write_text(
        main.read_text()
        .replace('VERSION = "first"', 'VERSION = "second"')
        .replace('on_value_written(reference="pub/{id}")', 'on_value_written(reference="pub/**")')
    )
    suite.line(
        "suite: the functions are renewed, but the database refuses the functions' triggers: us-central1-written-0: a "
        "trigger's path may not contain '**'"
    )
    assert requests.get(suite.function("echo"), timeout=DEADLINE_S).json()["version"] == "second"


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
    rules.unlink()
    suite.line("suite: the old rules stay: database.rules.json: No such file or directory")
    rules.write_text('{"rules": {".read": true}}')
    suite.line("suite: the rules are renewed", times=2)
    assert requests.get(url, timeout=DEADLINE_S).status_code == 200
