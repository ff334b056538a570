"""The dashboard's tables are whole: its words are for what the API has, and every page has its row."""

from __future__ import annotations

import re

from kindling.fieldtypes import FIELD_TYPES
from kindling.query.operators import OPERATORS
from kindling.serve.run_charts import NAMES

from tests.live import ROOT

DASHBOARD = ROOT / "public" / "dashboard"


def words(module: str, table: str, word: str) -> list[str]:
    """What `word` finds in the table that a module declares under a name."""
    text = (DASHBOARD / module).read_text(encoding="utf-8")
    rows = re.search(rf"const {table} = [\[{{]\n(.*?)\n[\]}}];", text, re.DOTALL)
    assert rows is not None, f"{module} has no table {table}"
    return re.findall(word, rows[1], re.MULTILINE)


def test_every_operator_has_its_words() -> None:
    assert sorted(words("data/fields.js", "OPERATORS", r'\bop: "(\w+)"')) == sorted(OPERATORS)


def test_what_a_column_looks_like_is_a_type_of_field() -> None:
    looks = words("newsource/draft.js", "LOOKS", r'^  \["(\w+)"')
    assert looks
    assert set(looks) <= set(FIELD_TYPES)


def test_every_chart_is_shown_with_what_it_says() -> None:
    assert words("source/history.js", "CHARTS", r"^  (\w+): ") == list(NAMES)


def test_every_page_has_its_row_and_every_row_its_page() -> None:
    pages = sorted(path.name for path in (DASHBOARD / "pages").glob("*.js"))
    assert sorted(words("main.js", "PAGES", r'import\("\./pages/(\w+\.js)"\)')) == pages
