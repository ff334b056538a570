"""The public cases of formulas and numbers that stand beside the project, written to the served suite and read back."""

from __future__ import annotations

import csv
import io
import json

import pandas
import pytest
import requests

from tests.cases import VECTORS
from tests.clients.served import Asked
from tests.running_suite import DEADLINE_S
from tests.test_serve_formats_vectors import STARTS

pytestmark = pytest.mark.suite

CELLS = json.loads((VECTORS / "csv_injection.json").read_text())


def test_spec_formulas_that_were_posted_come_back_as_text_in_csv(site: Asked) -> None:
    texts = CELLS["dangerous"]
    numbers = CELLS["must_not_be_mangled_as_numbers"]
    site.save("cells", [{"n": n, "text": text, "number": -n} for n, text in enumerate(texts)], key="n")
    site.save("figures", [{"n": n, "value": value} for n, value in enumerate(numbers)], key="n")
    answer = requests.get(f"{site.hosting}/get_data/cells.csv?_limit=1000", timeout=DEADLINE_S)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8"), newline="")))
    assert {int(row["n"]): row["text"].removeprefix("'") for row in rows} == {
        n: text.removeprefix("'") for n, text in enumerate(texts)
    }
    assert not [row["text"] for row in rows if row["text"].lstrip(" \x00").startswith(STARTS)]
    frame = pandas.read_csv(f"{site.hosting}/get_data/figures.csv").sort_values("n")
    assert list(frame["value"]) == numbers
