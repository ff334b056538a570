"""Tells when files of the project change: the functions folder, firebase.json, the database's rules, the sources.

Facts relied on: watching a folder costs one entry of the kernel's table for each folder in it, so the environment
(`venv`, some thousand) is left out by watching what is beside it; a folder that appears later is seen by the watch on
its parent, and the watch is set up anew.
Knows nothing of what follows from a change.
"""

import asyncio
import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

from watchfiles import DefaultFilter, awatch

from emulators.errors import ConfigError, MachineError

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
    # The suite itself adds a missing secret to its file.
    ignore_entity_patterns = (*DefaultFilter.ignore_entity_patterns, r"^\.secret\.local$")


async def changes(watched: Watched) -> AsyncGenerator[Changes]:
    """Each batch of changes since the first call, for ever; the first is empty and says that the watch has begun.

    ConfigError when the functions folder is gone, MachineError when the system cannot watch.
    """
    began = Changes(functions=False, files=frozenset())
    while True:
        tree = _folders(watched.functions)
        batches = awatch(*_watched_folders(watched, tree), watch_filter=_Filter(), recursive=False, step=SETTLE_MS)
        coming = asyncio.ensure_future(anext(batches))
        try:
            await asyncio.sleep(0)  # the kernel is asked within the first step: nothing is missed from here on
            yield began
            while _folders(watched.functions) == tree:
                paths = {Path(path) for _, path in await coming}
                coming = asyncio.ensure_future(anext(batches))
                if _folders(watched.functions) == tree:
                    yield _classified(watched, paths)
        except FileNotFoundError:
            pass  # a folder went before it was watched: look again at what there is
        except OSError as error:
            raise MachineError(f"files cannot be watched ({error}): raise the system's limit of watches") from error
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
            await batches.aclose()
        # A folder came or went. What happened in it before it was watched is not known, so it counts as changed.
        began = Changes(functions=True, files=watched.files)


def _classified(watched: Watched, paths: set[Path]) -> Changes:
    return Changes(functions=any(_is_code(watched, path) for path in paths), files=frozenset(paths & watched.files))


def _watched_folders(watched: Watched, tree: frozenset[Path]) -> set[Path]:
    folders = {file.parent for file in watched.files} | tree
    if watched.sources is not None and watched.sources.is_dir():
        folders.add(watched.sources)
    return folders


def _folders(top: Path) -> frozenset[Path]:
    """The folder and every folder in it that is not left out."""
    if not top.is_dir():
        raise ConfigError(f"{top} is gone: put it back and start the suite again")
    found = set()
    for folder, inner, _ in os.walk(top):  # passes over a folder that goes meanwhile, and over links
        inner[:] = [name for name in inner if name not in LEFT_OUT and not os.path.islink(os.path.join(folder, name))]
        found.add(Path(folder))
    return frozenset(found)


def _is_code(watched: Watched, path: Path) -> bool:
    return path.is_relative_to(watched.functions) or (
        watched.sources is not None and path.is_relative_to(watched.sources)
    )
