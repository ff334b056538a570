"""Commands as somebody types them who errs: what is said, where, and with which exit code."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from devtools.joining import Chosen, Joined
from emulators import folder
from tests.faultsite import Exchange, FaultSite
from tests.running_suite import DEADLINE_S, ROOT, Running, RunningSuite
from tests.typed import typed

pytestmark = pytest.mark.suite

DEFINITION = "url: /demo/movies.html\nkey: title\n"
FILES = {
    "films": DEFINITION + "records: li.movie\nfields: {title: .title}\n",
    "strange": DEFINITION + "records: li.film\nfields: {title: .title}\n",
    "wordy": DEFINITION + "records: li.movie\nfields: {title: .title, year: {select: .title, type: integer}}\n",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    folder = tmp_path_factory.mktemp("cli")
    (folder / "sources").mkdir()
    for name, text in FILES.items():
        (folder / "sources" / f"{name}.yaml").write_text(text, encoding="utf-8")
    made = RunningSuite("--no-schedule", f"--sources={folder / 'sources'}", folder=folder)
    yield made
    assert made.stop() == 0


def told(running: RunningSuite, *words: str) -> tuple[int, str, list[str]]:
    """A command typed in the folder of the suite: its exit code, stdout, and the lines of stderr."""
    done = typed(*words, f"--data={running.folder / 'data'}", folder=running.folder)
    return done.returncode, done.stdout, done.stderr.splitlines()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("scrape", "flims"), "there is no source flims; there are: films, strange, wordy"),
        (
            ("scrape", "sources/films.yaml"),
            "{here}/sources/films.yaml: a source is named without its folder and ending: films",
        ),
        (("preview", "films"), "films: preview takes the file itself: {here}/sources/films.yaml"),
        (("preview", "flims.yaml"), "flims.yaml: there is no such file; name a source file, or the URL of a page"),
        (("preview", "sources"), "sources: there is no such file; name a source file, or the URL of a page"),
    ],
    ids=["a source misspelt", "a file to scrape", "a name to preview", "a file misspelt", "a folder"],
)
def test_ours_what_is_not_there_is_told_with_what_to_write(
    running: RunningSuite, words: tuple[str, ...], said: str
) -> None:
    assert told(running, *words) == (2, "", [said.format(here=running.folder)])


def test_ours_a_selector_that_fits_nothing_is_told(running: RunningSuite) -> None:
    code, out, said = told(running, "preview", "sources/strange.yaml")
    assert (code, json.loads(out), said[-2:]) == (
        0,
        [],
        ["no record was found; `records:` may not fit the page", "0 records from 1 page"],
    )


def test_ours_what_was_rejected_is_told_with_an_example(running: RunningSuite) -> None:
    assert told(running, "preview", "sources/wordy.yaml")[2][-2:] == [
        'rejected 8 times: year: not a number, as in "Turn It Down, Or Else!"',
        "8 records from 1 page",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("serve", "--sources=nosuch"), "dev.py serve: error: argument --sources: 'nosuch' is no folder"),
        (("scrape", "--sources=nosuch"), "dev.py scrape: error: argument --sources: 'nosuch' is no folder"),
        (("export", "nosuch/a.json"), "dev.py export: error: nosuch/a.json: its folder is not there; make it first"),
    ],
    ids=["serve", "scrape", "export"],
)
def test_ours_a_folder_that_is_not_there_is_told_and_not_taken_for_an_empty_one(
    running: RunningSuite, words: tuple[str, ...], said: str
) -> None:
    code, out, lines = told(running, *words)
    assert (code, out, lines[-1]) == (2, "", said)


@pytest.mark.parametrize("command", ["scrape", "preview"])
def test_ours_help_tells_the_options_of_the_command_and_of_the_suite(running: RunningSuite, command: str) -> None:
    code, out, said = told(running, command, "--help")
    assert (code, out.splitlines()[0].split(" [")[0], said) == (0, f"Usage: dev.py {command}", [])
    assert {"--json", "--data", "--allow"} <= set(out.split())


def test_ours_an_interrupted_scrape_waits_for_no_site_and_says_what_that_means(
    running: RunningSuite, tmp_path: Path
) -> None:
    asked = Event()

    def silent(exchange: Exchange) -> None:
        asked.set()
        exchange.silence()

    with FaultSite({"/": silent}) as site:
        (tmp_path / "silent.yaml").write_text(f"url: {site.url('/')}\nrecords: li\nfields: {{title: b}}\n")
        note = folder.running(running.folder / "data")
        assert note is not None
        env = Joined(note, Chosen(running.folder / "data", tmp_path, (site.door,))).environment()
        command = [sys.executable, "-m", "kindling.cli", "scrape"]
        scraping = Running(command, env={**os.environ, **env, "PYTHONPATH": str(ROOT / "functions")})
        assert asked.wait(DEADLINE_S)
        code = scraping.stop()
    assert (code, scraping.lines) == (1, ["", "interrupted; what was stored is whole, the next run goes on"])
