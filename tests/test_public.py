"""The static pages as files: no markup from text, no code in the markup, nothing from elsewhere, no dead parts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.running_suite import ROOT

PUBLIC = ROOT / "public"
PARTS = ("dashboard", "docs", "lib")
SCRIPTS = sorted(file for part in PARTS for file in (PUBLIC / part).rglob("*.js"))
STYLES = sorted(PUBLIC.rglob("*.css"))
PAGES = sorted(PUBLIC.rglob("index.html"))
MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|eval\(|Function\("
)
ADDRESS = re.compile(r"https?://[a-z0-9.-]+")
AUTH = {"https://identitytoolkit.googleapis.com", "https://securetoken.googleapis.com"}
IMPORT = re.compile(r'^import\b[^"]*"([^"]+)";|\bimport\("([^"]+)"\)', re.M)
NAMES = re.compile(r"^import \{([^}]*)\}", re.M)
EXPORT = re.compile(r"^export (?:async )?(?:function|const|class) (\w+)", re.M)
TAKEN = re.compile(r"(?:^import|\bconst) \{([^}]*)\}(?: from| = await)", re.M)
SVG = "http://www.w3.org"  # a name, not an address


def imported(file: Path) -> set[Path]:
    """The modules that a module names."""
    found = (one or other for one, other in IMPORT.findall(file.read_text()))
    return {(PUBLIC / name[1:] if name.startswith("/") else file.parent / name).resolve() for name in found}


def shown(file: Path) -> str:
    return str(file.relative_to(PUBLIC))


@pytest.mark.parametrize("file", SCRIPTS, ids=shown)
def test_spec_no_script_makes_markup_of_text(file: Path) -> None:
    assert MARKUP.findall(file.read_text()) == []


def test_spec_no_script_names_another_origin_but_the_one_for_firebase_auth() -> None:
    named = {shown(file): set(ADDRESS.findall(file.read_text())) - {SVG} for file in SCRIPTS}
    assert {name: found for name, found in named.items() if found} == {"dashboard/firebase.js": AUTH}


@pytest.mark.parametrize("file", PAGES, ids=shown)
def test_spec_no_page_holds_a_script_or_a_style_or_asks_anybody_else(file: Path) -> None:
    page = file.read_text()
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", page) == []
    assert ADDRESS.findall(page) == []


@pytest.mark.parametrize("file", SCRIPTS, ids=shown)
def test_ours_every_module_that_is_imported_is_there(file: Path) -> None:
    assert {shown(one) for one in imported(file) if not one.is_file()} == set()


def test_ours_every_module_is_used() -> None:
    loaded = {
        (PUBLIC / name[1:]).resolve()
        for page in PAGES
        for name in re.findall(r'<script[^>]* src="(/[^"]+)"', page.read_text())
    }
    used = loaded.union(*(imported(file) for file in SCRIPTS))
    assert {shown(file) for file in SCRIPTS if file.resolve() not in used} == set()


@pytest.mark.parametrize("file", [*SCRIPTS, *STYLES], ids=shown)
def test_ours_a_module_or_style_sheet_opens_with_what_it_is_for(file: Path) -> None:
    assert file.read_text().startswith("/**" if file.suffix == ".js" else "/* ")


@pytest.mark.parametrize("file", SCRIPTS, ids=shown)
def test_ours_every_name_that_is_imported_is_used(file: Path) -> None:
    script = file.read_text()
    names = [name.split(" as ")[-1].strip() for found in NAMES.findall(script) for name in found.split(",")]
    rest = re.sub(r"^import .*$", "", script, flags=re.M)
    assert [name for name in names if name and not re.search(rf"\b{re.escape(name)}\b", rest)] == []


def test_ours_every_name_that_is_exported_is_imported() -> None:
    scripts = [file.read_text() for file in SCRIPTS]
    taken = {
        re.split(" as |:", name)[0].strip()
        for text in scripts
        for found in TAKEN.findall(text)
        for name in found.split(",")
    }
    exported = {name for text in scripts for name in EXPORT.findall(text)}
    assert exported - taken == {"names"}  # tests/browser/test_data_modules.py takes it
