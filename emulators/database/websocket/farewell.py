"""What a client leaves to be written when it is gone: the queue of its `onDisconnect` operations. Pure.

Facts: setting a place forgets what was queued at and below it, an update is a set of each of its places; cancelling
a place forgets what was queued at and below it, and takes it out of a set queued above, whose other children stay.
The operations are carried out in the order in which they were queued, each place by itself.
"""

from __future__ import annotations

import msgspec

from emulators.database.errors import BadRequest
from emulators.database.keys import Path

MAX_OPERATIONS = 1_000  # of one client; each costs a write when it is gone
MAX_BYTES = 16 * 1024 * 1024  # of one client's values, as many as it may write at once


class Farewell:
    """The queue of one client."""

    def __init__(self) -> None:
        self._queue: dict[Path, object] = {}

    def set(self, path: Path, value: object) -> None:
        """Queue a write of the JSON value. Raises BadRequest when the queue is full."""
        kept = {place: data for place, data in self._queue.items() if place[: len(path)] != path}
        kept[path] = value
        if len(kept) > MAX_OPERATIONS or len(msgspec.json.encode(list(kept.values()))) > MAX_BYTES:
            raise BadRequest(
                f"a client may queue at most {MAX_OPERATIONS} onDisconnect operations of {MAX_BYTES} bytes together"
            )
        self._queue = kept

    def cancel(self, path: Path) -> None:
        """Forget what would be written at or below the place."""
        kept: dict[Path, object] = {}
        for place, data in self._queue.items():
            if place == path[: len(place)] and isinstance(data, dict) and place != path:
                kept.update(_without(place, data, path))
            elif place[: len(path)] != path:
                kept[place] = data
        self._queue = kept

    def take(self) -> list[tuple[Path, object]]:
        """The operations in order; the queue is empty afterwards."""
        operations = list(self._queue.items())
        self._queue = {}
        return operations


def _without(place: Path, data: dict[str, object], path: Path) -> dict[Path, object]:
    """A set of `place` as sets of all that it holds beside `path`, which lies below it."""
    key = path[len(place)]
    apart: dict[Path, object] = {(*place, name): value for name, value in data.items() if name != key}
    inner = data.get(key)
    if isinstance(inner, dict) and len(path) > len(place) + 1:
        apart.update(_without((*place, key), inner, path))
    return apart
