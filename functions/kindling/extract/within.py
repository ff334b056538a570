"""What stands in which record of an HTML page: one search for all its records in place of one for each.

Most of what a search costs is reading its selector, as much as looking at TAGS_PER_SEARCH elements. So the part of the
page that has the records is searched once, and what is found is told apart by the record it stands in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from selectolax.lexbor import LexborNode

TAGS_PER_SEARCH = 150  # 1.6 µs
TAGS_MAX = 20_000  # of a page: all matches in it are held at once, of a bigger page that is too much memory
RECORDS_MIN = 3  # with fewer there is nothing to gain
_UNKNOWN = 0  # no element has this `mem_id`
MATCHES_PER_RECORD = 7  # beyond, telling them apart takes longer than searching each record


class Within:
    """The records of a page whose tree stays as it is: elements are known by their `mem_id`."""

    def __init__(self, records: Sequence[LexborNode], tags: int) -> None:
        """`tags` is how many tags the page has, those that end an element included."""
        self._records = [record.mem_id for record in records]
        worth = len(records) >= RECORDS_MIN and tags <= min(TAGS_PER_SEARCH * len(records), TAGS_MAX)
        self._owners: dict[int, int | None] = {at: at for at in self._records}
        self._around = _around(records) if worth else None
        if self._around is not None:
            self._owners[self._around.mem_id] = None
        self._found: dict[str, Mapping[int, LexborNode | None]] = {}

    def firsts(self, css: str) -> Mapping[int, LexborNode | None]:
        """The first element that a selector finds inside each record, by the record's `mem_id`.

        Empty where each record is to be searched by itself: they stand at different depths, or it would take longer.
        """
        if css not in self._found:
            self._found[css] = self._search(css)
        return self._found[css]

    def _search(self, css: str) -> Mapping[int, LexborNode | None]:
        matches = self._around.css(css) if self._around is not None else []
        if self._around is None or len(matches) > MATCHES_PER_RECORD * len(self._records):
            return {}
        firsts: dict[int, LexborNode | None] = dict.fromkeys(self._records)
        owners = self._owners
        for node in matches:
            above = node.parent
            owner = owners.get(above.mem_id, _UNKNOWN) if above is not None else None
            if owner == _UNKNOWN:
                owner = self._owner(above)
            if owner is not None and firsts[owner] is None:
                firsts[owner] = node
        return firsts

    def _owner(self, above: LexborNode | None) -> int | None:
        """The record that an element is or stands in; what is passed on the way to it is remembered."""
        owners, passed = self._owners, []
        while above is not None and (at := above.mem_id) not in owners:
            passed.append(at)
            above = above.parent
        owner = owners[at] if above is not None else None
        for at in passed:
            owners[at] = owner
        return owner


def _around(records: Sequence[LexborNode]) -> LexborNode | None:
    """The innermost element that all records lie in; None where they do not stand equally deep, so one may lie in
    another."""
    level = {record.mem_id: record for record in records}
    while len(level) > 1:
        below, level = level.values(), {}
        for node in below:
            above = node.parent
            if above is None:
                return None
            level[above.mem_id] = above
    (around,) = level.values()
    return around
