"""What collections and sources may be called, in one place. Pure.

A name is part of a URL, a file name and a database key. The first part of a path tells which function is meant, so no
name begins as those functions do whose paths have a variable part.
"""

from __future__ import annotations

import re

VERBS = ("get", "save", "delete", "preview", "scrape")
"""What a function whose paths have a variable part begins with, before a `_`; in the order in which such are listed."""

NAME = rf"(?!(?:{'|'.join(VERBS)})_)[a-z][a-z0-9_-]{{0,62}}"
RULE = (
    "a letter a-z, then up to 62 of a-z, 0-9, _ and -; "
    f"{', '.join(f'{verb}_' for verb in VERBS)} begin names of the API's own"
)
"""The same to a person."""

_NAME = re.compile(NAME)


def is_name(text: str) -> bool:
    """Whether something may be called `text`."""
    return _NAME.fullmatch(text) is not None
