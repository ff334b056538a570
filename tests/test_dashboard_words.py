"""The dashboard's tables are whole: its words are for what the API has, and every page has its row, here and in
what is told and tried of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kindling.fieldtypes import FIELD_TYPES
from kindling.query.operators import OPERATORS
from kindling.serve.formats import FORMATS
from kindling.serve.run_charts import NAMES

from tests.live import ROOT

DASHBOARD = ROOT / "public" / "dashboard"


def words(module: str, table: str, word: str) -> list[str]:
    """What `word` finds in the table that a module declares under a name."""
    text = (DASHBOARD / module).read_text(encoding="utf-8")
    rows = re.search(rf"const {table} = [\[{{]\n(.*?)\n[\]}}];", text, re.DOTALL)
    assert rows is not None, f"{module} has no table {table}"
    return re.findall(word, rows[1], re.MULTILINE)


def amiss(place: str, has: Iterable[str], needs: Iterable[str]) -> list[str]:
    """What a table of the dashboard lacks and has too much, a line each with its mend; empty for one that is whole."""
    found, wanted = set(has), set(needs)
    lacking = [f"public/dashboard/{place}: add {name}" for name in sorted(wanted - found)]
    return lacking + [f"public/dashboard/{place}: nothing is called {name}" for name in sorted(found - wanted)]


def test_every_operator_has_its_words() -> None:
    assert amiss("data/fields.js, OPERATORS", words("data/fields.js", "OPERATORS", r'\bop: "(\w+)"'), OPERATORS) == []


def test_every_kind_that_the_api_tells_has_its_operators() -> None:
    text = (DASHBOARD / "data" / "fields.js").read_text(encoding="utf-8")
    kinds = set(re.findall(r'"(\w+)"', text.partition("const ALL = ")[2].partition("]")[0]))
    told = {kind for row in FIELD_TYPES.values() for kind in row.filtered_as.split("|") if kind}
    assert [f"public/dashboard/data/fields.js, ALL: add {kind}" for kind in sorted(told - kinds)] == []


def test_every_download_is_a_format() -> None:
    assert set(words("data/download.js", "FORMATS", r"^  (\w+): ")) <= set(FORMATS)


def test_what_a_column_looks_like_is_a_type_of_field() -> None:
    looks = words("newsource/draft.js", "LOOKS", r'^  \["(\w+)"')
    assert looks
    assert set(looks) <= set(FIELD_TYPES)


def test_every_chart_is_shown_with_what_it_says() -> None:
    shown = words("source/history.js", "CHARTS", r"^  (\w+): ")
    assert amiss("source/history.js, CHARTS", shown, NAMES) == []
    assert shown == list(NAMES), "the charts stand in the order of functions/kindling/serve/run_charts.py"


def test_every_page_has_its_row_and_every_row_its_page() -> None:
    pages = [path.name for path in (DASHBOARD / "pages").glob("*.js")]
    assert amiss("main.js, PAGES", words("main.js", "PAGES", r'import\("\./pages/(\w+\.js)"\)'), pages) == []


def test_every_page_is_told_in_the_docs_and_walked_through_from_the_keyboard() -> None:
    paths = words("main.js", "PAGES", r'path: "([^"]+)"')
    page = (ROOT / "docs" / "dashboard.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| [^|]+ \| `#([^`]+)` \|", page, re.MULTILINE)
    assert told == paths, "docs/dashboard.md, The pages: a row for each of main.js, PAGES, in its order"
    walks = (ROOT / "tests" / "browser" / "test_keyboard.py").read_text(encoding="utf-8")
    walked = re.findall(r': \("#([^"?]+)', walks.partition("PAGES = {")[2].partition("\n}")[0])
    shapes = {path: re.sub(r":\w+", "[^/]+", path) for path in paths}
    unwalked = [path for path, shape in shapes.items() if not any(re.fullmatch(shape, one) for one in walked)]
    assert unwalked == [], "tests/browser/test_keyboard.py, PAGES: add them"
