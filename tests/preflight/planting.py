"""A copy of this project, a mistake to be planted in it, and all that the preflight must say of it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.live import ROOT

FILES = ("firebase.json", ".firebaserc", "database.rules.json", "functions", "public")
LEFT = ("venv", "__pycache__", "*.local", ".env.[!e]*", ".mypy_cache", ".ruff_cache")


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


def copy(folder: Path, project: Path = ROOT) -> Path:
    """The files of this project that a deploy looks at, in another folder."""
    for name in FILES:
        if (project / name).is_dir():
            shutil.copytree(project / name, folder / name, ignore=shutil.ignore_patterns(*LEFT))
        else:
            shutil.copy(project / name, folder / name)
    return folder
