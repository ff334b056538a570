"""Writes docs/source.schema.json anew from the tables that read a definition:
`functions/venv/bin/python -m tests.write_source_schema`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "source.schema.json"

if __name__ == "__main__":
    sys.path.append(str(ROOT / "functions"))  # pytest does the same for the tests
    from kindling import sources

    TARGET.write_text(json.dumps(sources.schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
