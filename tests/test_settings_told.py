"""Every setting of the table is where its values are checked, given and told: files only, nothing is started."""

from __future__ import annotations

import re

import pytest
from kindling import settings

from devtools.preflight import parameters
from emulators.functions import dotenv
from tests.live import ROOT

PLAIN = {each.name for each in settings.TABLE if not each.secret and not each.local_only}
SECRET = {each.name for each in settings.TABLE if each.secret}
EXAMPLE = ROOT / "functions" / ".env.example"
PLACES = {
    "SHAPES of devtools/preflight/parameters.py: what its value must be": (PLAIN, set(parameters.SHAPES)),
    "functions/.env.example: its default, with a line of words": (
        PLAIN,
        set(dotenv.parse(EXAMPLE.read_text(encoding="utf-8"), ".env.example")),
    ),
    "docs/deploy.md, 3. Parameters: a row": (
        PLAIN | SECRET,
        set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8"), re.MULTILINE)),
    ),
    "functions/main.py: a SecretParam, and it in `secrets` of the functions that use it": (
        SECRET,
        set(re.findall(r'SecretParam\("(\w+)"\)', (ROOT / "functions" / "main.py").read_text(encoding="utf-8"))),
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_ours_no_setting_is_missing_where_it_is_needed(place: str) -> None:
    needed, found = PLACES[place]
    assert needed - found == set(), place
