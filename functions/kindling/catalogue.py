"""Which sources there are: the files of the sources folder, and the definitions that came through the API.

A file wins over a saved definition of the same name; two sources may not feed one collection.

Reads files and texts, never the database; knows nothing of what became of a source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import settings
from .errors import Problem, SourceInvalid
from .naming import is_name
from .sources import Source, load, load_folder, parse

FOLDER = Path(__file__).resolve().parent.parent / "sources"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The valid sources by name, which of them are files, and what is wrong with the others."""

    sources: Mapping[str, Source]
    files: frozenset[str] = frozenset()
    invalid: Mapping[str, SourceInvalid] = field(default_factory=dict)


def folder() -> Path:
    """The folder of source files."""
    return Path(settings.get("KINDLING_SOURCES") or FOLDER)


def catalogue(saved: Mapping[str, str]) -> Catalogue:
    """Every source: the files, and `saved` definitions (name to text) where no file has the name."""
    sources, broken = load_folder(folder())
    invalid = {error.name.removesuffix(".yaml"): error for error in broken}
    files = frozenset(sources) | frozenset(invalid)
    for name, text in saved.items():
        if name in files:
            continue
        try:
            sources[name] = parse(text, name, saved=True)
        except SourceInvalid as error:
            invalid[name] = error
    clashes = _clashes(sources, files)
    return Catalogue(
        {name: source for name, source in sources.items() if name not in clashes}, files, {**invalid, **clashes}
    )


def find(name: str, saved: str | None) -> Source | None:
    """The one source `name`: its file, or else the `saved` definition; None if there is neither. Raises SourceInvalid.

    Reads no other source, so that a run costs the same however many there are; two that feed one collection are kept
    apart by the store.
    """
    path = folder() / f"{name}.yaml"
    if is_name(name) and path.is_file():
        return load(path)
    return parse(saved, name, saved=True) if saved is not None else None


def file_text(name: str) -> str | None:
    """The text of the file of the source `name`; None if there is none, or none that is text."""
    try:
        return (folder() / f"{name}.yaml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _clashes(sources: Mapping[str, Source], files: frozenset[str]) -> dict[str, SourceInvalid]:
    """The saved sources whose collection another one feeds already: files come first, then by name."""
    first: dict[str, str] = {}
    clashes = {}
    for name in sorted(sources, key=lambda name: (name not in files, name)):
        owner = first.setdefault(sources[name].collection, name)
        if owner != name:
            what = f"the collection {sources[name].collection!r} is fed by the source {owner!r}; name another"
            clashes[name] = SourceInvalid(name, (Problem("collection", what),))
    return clashes
