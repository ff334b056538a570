"""docs/architecture.md names every module, so that a newcomer finds each."""

from __future__ import annotations

import re

import pytest

from tests.live import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
TICKED = set(re.findall(r"`([^`\s]+)`", PAGE))


def modules(folder: str) -> set[str]:
    """The modules and packages of a folder, as the page writes them."""
    found = (ROOT / folder).iterdir()
    kept = [path for path in found if not path.name.startswith(("__init__", "__pycache__", "."))]
    return {path.name if path.suffix else f"{path.name}/" for path in kept}


@pytest.mark.parametrize("folder", ["emulators", "devtools", "public"])
def test_every_module_has_its_place(folder: str) -> None:
    assert {f"{folder}/{name}" for name in modules(folder)} - TICKED == set()


def test_every_module_of_the_package_has_its_place() -> None:
    assert modules("functions/kindling") - TICKED == set()


def test_nothing_is_named_that_is_gone() -> None:
    section = PAGE.split("In `functions/kindling/`:")[1].split("**What runs on a laptop**")[0]
    named = set(re.findall(r"`([a-z_]+(?:\.py|/))`", section))
    assert named - modules("functions/kindling") == set()
