"""Writes docs/source.schema.json anew from the tables that read a definition: python -m tests.write_source_schema"""

from __future__ import annotations

import json
from pathlib import Path

from kindling import sources

TARGET = Path(__file__).parents[1] / "docs" / "source.schema.json"

if __name__ == "__main__":
    TARGET.write_text(json.dumps(sources.schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
