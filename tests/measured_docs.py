"""Tables in the documentation that are what a test run measured, and stay so.

A table stands between `<!-- measured: NAME -->` and `<!-- end -->`. The test fails while the table differs from what
was measured; `KINDLING_WRITE_DOCS=1` makes the same test write it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a bar inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def check(file: str, name: str, measured: str) -> None:
    """Fail unless the section `name` of docs/`file` is what was measured; write it if that is asked for."""
    path = DOCS / file
    text = path.read_text(encoding="utf-8")
    section = re.compile(rf"(<!-- measured: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    assert section.search(text), f"docs/{file} has no section {name!r}"
    if os.environ.get("KINDLING_WRITE_DOCS") == "1":
        path.write_text(section.sub(lambda match: match[1] + measured + match[2], text), encoding="utf-8")
    written = section.search(path.read_text(encoding="utf-8"))
    assert written is not None
    assert written[0] == f"<!-- measured: {name} -->\n{measured}<!-- end -->", (
        f"docs/{file} is not what was measured; run this test with KINDLING_WRITE_DOCS=1"
    )
