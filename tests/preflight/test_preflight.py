"""The preflight finds every planted mistake, says exactly what is to be said of it, and is silent on this project."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from devtools.preflight import asking, loading, parameters, subject
from devtools.preflight.finding import Finding
from devtools.preflight.table import Needs, findings
from tests.preflight.planting import Plant, copy
from tests.preflight.plants_of_files import FIREBASE_JSON, THE_RULES, UPLOADS
from tests.preflight.plants_of_functions import MAIN_PY
from tests.preflight.plants_of_settings import DEPLOY, ENV_FILES, SOURCES, THE_LIST

pytestmark = pytest.mark.slow

PLANTS = {**FIREBASE_JSON, **MAIN_PY, **THE_LIST, **ENV_FILES, **THE_RULES, **SOURCES, **UPLOADS}


def linked(folder: Path, project: Path) -> Path:
    """The same of a copy, without writing a file anew: its modules stay compiled."""
    shutil.copytree(project, folder, copy_function=os.link, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> subject.Subject:
    """The look at a copy of this project as it is."""
    looked = subject.look(copy(tmp_path_factory.mktemp("clean")), "shop-1", None)
    assert isinstance(looked, subject.Subject)
    return looked


def plant(folder: Path, wanted: Plant) -> None:
    for name, old, new in wanted.edits:
        file = folder / name
        text = file.read_text(encoding="utf-8") if old else ""
        assert old in text, f"{name} has no {old!r}: the plant is to be written anew"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)  # it is the clean copy's too
        file.write_text(text.replace(old, new, 1) if old else new, encoding="utf-8")


def placed(text: str, folder: Path) -> str:
    """The text with FILE:«TEXT» replaced by FILE:LINE, the last line that has the text."""
    match = re.search(r"(?P<file>[^\s:]+):«(?P<text>.+?)»", text)
    if match is None:
        return text
    lines = (folder / match["file"]).read_text(encoding="utf-8").splitlines()
    number = max(number for number, line in enumerate(lines, 1) if match["text"] in line)
    return text.replace(match[0], f"{match['file']}:{number}")


def found(folder: Path, project: str, have: Needs) -> list[str]:
    looked = subject.look(folder, project, None)
    return [str(each) for each in ([looked] if isinstance(looked, Finding) else findings(looked, have))]


def test_ours_this_project_as_it_is_would_deploy(clean: subject.Subject) -> None:
    assert findings(clean, Needs.NOTHING) == []


@pytest.mark.parametrize("wanted", PLANTS.values(), ids=PLANTS.keys())
def test_ours_a_planted_mistake_is_found_and_nothing_else(
    wanted: Plant, clean: subject.Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(linked(tmp_path, clean.folder), wanted)
    if not wanted.loads:  # what main.py and the package are has not changed, and takes a second to ask
        monkeypatch.setattr(loading, "load", lambda *_: clean.loaded)
        monkeypatch.setattr(asking, "ask", lambda *_: clean.tables)
    assert found(tmp_path, "shop-1", Needs.NOTHING) == [placed(text, tmp_path) for text in wanted.found]


@pytest.mark.parametrize(("project", "wanted"), DEPLOY.values(), ids=DEPLOY.keys())
def test_ours_a_deploy_wants_a_project_and_its_parameters(
    project: str, wanted: Plant, clean: subject.Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(linked(tmp_path, clean.folder), wanted)
    monkeypatch.setattr(loading, "load", lambda *_: clean.loaded)
    monkeypatch.setattr(asking, "ask", lambda *_: clean.tables)
    assert found(tmp_path, project, Needs.PROJECT) == [placed(text, tmp_path) for text in wanted.found]


@pytest.mark.parametrize(
    ("seconds", "busy", "said"),
    [
        pytest.param(2.0, 1.0, [], id="fast"),
        pytest.param(9.0, 6.0, ["warning: functions/main.py: it takes 6 s of a processor to load"], id="slow"),
        pytest.param(11.0, 1.0, ["functions/main.py: it takes 11 s to load"], id="too slow"),
    ],
)
def test_spec_main_py_loads_within_the_time_that_discovery_has(
    clean: subject.Subject, seconds: float, busy: float, said: list[str]
) -> None:
    looked = replace(clean, loaded=replace(clean.loaded, seconds=seconds, busy_seconds=busy))
    ending = ", and Firebase gives up after 10 s: import what is heavy inside the functions that need it"
    assert [str(each) for each in findings(looked, Needs.NOTHING)] == [each + ending for each in said]


def test_ours_every_parameter_that_may_be_set_has_a_shape(clean: subject.Subject) -> None:
    assert isinstance(clean.tables, asking.Tables)
    plain = {each.name for each in clean.tables.settings if not each.secret and not each.local_only}
    assert set(parameters.SHAPES) == plain


def test_ours_a_wrong_source_of_another_folder_is_told_where_it_is(clean: subject.Subject, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("url: https://shop.example/\nevery: 6h\nfields: {title: h1}\npublik: true\n")
    looked = replace(clean, tables=asking.ask(clean.functions, tmp_path))
    said = f"{tmp_path}/shop.yaml:4: publik: unknown key; did you mean 'public'?"
    assert [str(each) for each in findings(looked, Needs.NOTHING)] == [said]
