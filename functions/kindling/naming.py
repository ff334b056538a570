"""What collections and sources may be called, in one place. Pure.

A name is part of a URL, a file name and a database key; the functions' own names are taken, because the first part of
a path tells which function is meant.
"""

from __future__ import annotations

import re

NAME = r"[a-z][a-z0-9_-]{0,62}"

FUNCTIONS = frozenset(
    "hello_world get_data get_changes get_series save_data delete_data get_sources save_source delete_source "
    "preview_source scrape_now get_runs health openapi scrape_due scrapesource prune".split()
)

_NAME = re.compile(NAME)


def is_name(text: str) -> bool:
    """Whether `text` has the form of a name; a function's has it too."""
    return _NAME.fullmatch(text) is not None
