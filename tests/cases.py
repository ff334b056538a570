"""The cases of public suites and the saved pages that stand beside the project, in `../shared`, where they are present.

They are others' work and no part of the project. Where they are not there, the files that name this module's VECTORS or
PAGES are left out of a test run, and its first lines say so (`tests/conftest.py`).
"""

from __future__ import annotations

import json
import re
from pathlib import Path

SHARED = Path(__file__).parents[2] / "shared"
VECTORS = SHARED / "vectors"
PAGES = SHARED / "pages"
_NEEDS = re.compile(r"^from tests\.cases import .*\b(?:VECTORS|PAGES)\b", re.MULTILINE)

_MARKUP = (
    "<script>alert()</script>",
    "<img src=x onerror=alert()>",
    "<svg onload=alert()>",
    "<iframe src=javascript:alert()>",
    "<a href=javascript:alert()>x</a>",
    "<style>*{display:none}</style>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=a>",
    "<textarea>",
    "<title>",
    "<plaintext>",
    "<!--",
)
# what would end the text that it stands in
_AROUND = ("{}", '"{}', "'{}", "it's {}", "x, {}", "\\\\{}", "--> {}", "]]>{}", "&#60;{}")
_OWN = [
    "",
    " ",
    "null",
    "0",
    "-1",
    "007",
    "1e1000",
    "true",
    "__proto__",
    "../../etc/passwd",
    "a.b$c#d[e]f/g",
    "~",
    "%00",
    "\x00\x01\x7f",
    "\u202e\ufeff\u200b",
    "e\u0301 \u00e9 \U0001f469\u200d\U0001f680",
    "javascript:alert(1)",
    "'; DROP TABLE users; --",
    '=HYPERLINK("http://example.org")',
    "{{7*7}}",
    "x" * 1000,
    *(around.replace("{}", text) for around in _AROUND for text in _MARKUP),
]
_PUBLIC = VECTORS / "blns.json"
NAUGHTY: list[str] = json.loads(_PUBLIC.read_text(encoding="utf-8")) if _PUBLIC.exists() else _OWN
"""Strings that must survive as a value, a name, an id, a page's text: the public list, or a few of our own."""


def needs_shared(path: Path) -> bool:
    """Whether a file is one of tests that can only run with the public cases or saved pages."""
    return path.suffix == ".py" and _NEEDS.search(path.read_text(encoding="utf-8")) is not None
