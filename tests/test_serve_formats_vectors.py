"""CSV: the public cases of formulas and numbers that stand beside the project."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from kindling.serve import csv_format

from tests.api import Api, served
from tests.cases import VECTORS
from tests.test_serve_formats import rows

CELLS = json.loads((VECTORS / "csv_injection.json").read_text())
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """The endpoints on a database of their own, with the dangerous texts."""
    with served() as found:
        found.save("dangerous", [{"text": text, "n": -5} for text in CELLS["dangerous"]])
        yield found


def test_spec_no_cell_is_a_formula_and_numbers_stay(api: Api) -> None:
    found = rows(api.get("/get_data/dangerous.csv?_limit=1000").text)
    assert len(found) == len(CELLS["dangerous"])
    assert {row["text"].removeprefix("'") for row in found} == {text.removeprefix("'") for text in CELLS["dangerous"]}
    assert not [row["text"] for row in found if row["text"].lstrip(" \x00").startswith(STARTS)]
    assert {row["n"] for row in found} == {"-5"}


@pytest.mark.parametrize("number", CELLS["must_not_be_mangled_as_numbers"])
def test_spec_a_number_is_written_as_one(number: float) -> None:
    [line] = csv_format.written(["n"], [[number]]).decode().splitlines()[1:]
    assert (float(line), line[0] in "'\"") == (number, False)
