"""A mistake to be planted in a copy of this project, and all that the preflight must say of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plant:
    """What is changed, as (file, old text, new text), no old text meaning a new file; and what is found.

    In what is found, FILE:«TEXT» stands for the last line of the file that has the text, as the plant has left it.
    `loads` says that the functions or their tables are others than before, so that they have to be read anew.
    """

    edits: tuple[tuple[str, str, str], ...]
    found: tuple[str, ...]
    loads: bool = False


def one(file: str, old: str, new: str, *found: str, loads: bool = False) -> Plant:
    """A plant of one edit."""
    return Plant(((file, old, new),), found, loads)
