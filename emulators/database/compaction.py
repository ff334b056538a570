"""Turns sealed journals into one snapshot, in a process of its own: `python -m emulators.database.compaction FOLDER N`.

It only reads files that nobody writes any more and adds one complete file. The server deletes what that covers. So it
may be killed, or outlive its server, at any moment without harm. Why it failed it says at its standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from emulators.database.journal import HEADER, encode_record
from emulators.database.keys import PRIORITY
from emulators.database.keys import Path as Place
from emulators.database.overlay import Write
from emulators.database.storage import SNAPSHOT_PREFIX, StorageError, replay, sources, write_atomically
from emulators.database.tree import Branch, Leaf, Raw, Tree

PIECE_NODES = 4_096  # about how many nodes one record of a snapshot holds: bounds the memory of encoding it
NODE_CHARACTERS = 256  # a text counts as a node for each so many, so that a piece has about a megabyte at most


def pieces(raw: Raw, path: Place = ()) -> Iterator[list[Write]]:
    """The writes that make this tree from nothing, in groups of bounded size."""
    if not isinstance(raw, Branch) or _size(raw) <= PIECE_NODES:
        if raw is not None:
            yield [(path, raw)]
        return
    yield from _gathered(raw, path)
    if raw.priority is not None:
        yield [((*path, PRIORITY), raw.priority)]


def _gathered(branch: Branch, path: Place) -> Iterator[list[Write]]:
    group: list[Write] = []
    nodes = 0
    for key, child in branch.items():
        size = _size(child)
        if size > PIECE_NODES:
            yield from pieces(child, (*path, key))
            continue
        group.append(((*path, key), child))
        nodes += size
        if nodes > PIECE_NODES:
            yield group
            group, nodes = [], 0
    if group:
        yield group


def _size(raw: Raw) -> int:
    """How many nodes there are, counted no further than just past one piece; long texts count as several."""
    total = 0
    pending = [raw]
    while pending and total <= PIECE_NODES:
        node = pending.pop()
        total += 1
        if isinstance(node, Branch):
            if len(node) > PIECE_NODES:
                return len(node)
            pending.extend(node.values())
            continue
        value = node.value if isinstance(node, Leaf) else node
        if isinstance(value, str):
            total += len(value) // NODE_CHARACTERS
    return total


def compact(folder: Path, number: int) -> Path:
    """Write the snapshot of everything up to journal `number`, and return its file."""
    snapshot, _, journals = sources(folder, number)
    tree = Tree()
    for file in [*([snapshot] if snapshot else []), *journals.values()]:
        replay(tree, file)
    target = folder / f"{SNAPSHOT_PREFIX}{number:08d}"
    write_atomically(target, chain([HEADER], map(encode_record, pieces(tree.root))))
    return target


if __name__ == "__main__":
    try:
        compact(Path(sys.argv[1]), int(sys.argv[2]))
    except (OSError, StorageError) as error:
        sys.exit(str(error))
