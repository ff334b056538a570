"""docs/dashboard.md says what there is: its pages, the parts of a collection's page, pictures that are not too big."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pictures import BYTES_MAX, FOLDER, PICTURES
from tests.browser.watched import Opened
from tests.clients.served import Site
from tests.running_suite import ROOT

TEXT = (ROOT / "docs" / "dashboard.md").read_text(encoding="utf-8")
MAIN = (ROOT / "public" / "dashboard" / "main.js").read_text(encoding="utf-8")
PNG = b"\x89PNG\r\n\x1a\n"


def test_spec_the_table_has_every_page() -> None:
    assert re.findall(r"^\| [^|]+ \| `#([^`]+)` \|", TEXT, re.MULTILINE) == re.findall(r'path: "([^"]+)"', MAIN)


def test_spec_the_pictures_are_there_and_small() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(pictures/([^)]+)\)", TEXT)
    assert sorted(shown) == sorted(f"{name}.png" for name in PICTURES) == sorted(one.name for one in FOLDER.iterdir())
    for name in shown:
        file = FOLDER / name
        assert file.read_bytes().startswith(PNG)
        assert file.stat().st_size < BYTES_MAX


@pytest.mark.browser
@pytest.mark.suite
def test_spec_the_parts_of_a_collections_page_are_called_so(page: Opened, site: Site) -> None:
    shown = page.go("#/collections/notes")
    page.sign_in(site.key)
    expect(shown.locator("summary", has_text="Settings")).to_be_visible()
    summaries = shown.locator(".folds summary").all_inner_texts()
    assert summaries == ["Values that occur", "Columns, rows and time", "Use this data", "Settings"]
    assert all(f"**{name}**" in TEXT for name in summaries)
    shown.get_by_text("Use this data").click()
    ways = shown.locator(".share [role=group] button").all_inner_texts()
    assert ways[1:] == ["curl", "Python", "pandas", "JavaScript", "Spreadsheet"]
    assert "as curl, Python, pandas, JavaScript and a spreadsheet's" in TEXT
