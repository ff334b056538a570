"""Tells when files of the project change: the functions folder, firebase.json, the database's rules, the sources.

Facts relied on: watching a folder costs one entry of the kernel's table for each folder in it, so the environment
(`venv`, some thousand) is left out by watching what is beside it; a folder that appears later is seen by the watch on
its parent, and the watch is set up anew.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

# Not part of the functions, or written by running them.
LEFT_OUT = frozenset(
    {"venv", ".venv", "__pycache__", "node_modules", ".git", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
)
SETTLE_MS = 50  # an editor's save is several events


@dataclass(frozen=True)
class Watched:
    """What to watch."""

    functions: Path
    sources: Path | None
    files: frozenset[Path]  # single files: firebase.json, the rules


@dataclass(frozen=True)
class Changes:
    """What changed."""

    functions: bool
    files: frozenset[Path]


class _Filter(DefaultFilter):
    """Drops the events of caches and temporary files."""

    ignore_dirs = tuple(LEFT_OUT)
    ignore_entity_patterns = (*DefaultFilter.ignore_entity_patterns, r"^\.secret\.local$")


async def changes(watched: Watched) -> AsyncIterator[Changes]:
    """Each batch of changes, for ever."""
    while True:
        tree = _folders(watched.functions)
        async for batch in _batches(watched, tree):
            paths = {Path(path) for _, path in batch}
            files = frozenset(paths & watched.files)
            if files != paths:
                yield Changes(functions=any(_is_code(watched, path) for path in paths), files=files)
            elif files:
                yield Changes(functions=False, files=files)
            if _folders(watched.functions) != tree:
                break  # a folder came or went: watch what there is now


async def _batches(watched: Watched, tree: frozenset[Path]) -> AsyncIterator[set[tuple[Change, str]]]:
    folders = {file.parent for file in watched.files} | tree
    if watched.sources is not None and watched.sources.is_dir():
        folders.add(watched.sources)
    async for batch in awatch(*folders, watch_filter=_Filter(), recursive=False, step=SETTLE_MS, rust_timeout=5000):
        yield batch


def _folders(top: Path) -> frozenset[Path]:
    """The folder and every folder in it that is not left out."""
    found = {top}
    for folder in top.iterdir():
        if folder.is_dir() and not folder.is_symlink() and folder.name not in LEFT_OUT:
            found |= _folders(folder)
    return frozenset(found)


def _is_code(watched: Watched, path: Path) -> bool:
    return path.is_relative_to(watched.functions) or (
        watched.sources is not None and path.is_relative_to(watched.sources)
    )
