"""DIFF: what a walk over the pages found against what is remembered. Pure; fingerprints decide, not documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from msgspec import structs

from .flow import Print

NO_PAGE = "none"  # where prints wait whose record left its page before the walk was finished; no page has this key


@dataclass(frozen=True, slots=True)
class Difference:
    """Ids whose document must be written, prints that moved to another page without a change (old, new), and what is
    gone. `same` counts records that need nothing."""

    written: tuple[str, ...] = ()
    moved: Mapping[str, tuple[Print, Print]] = field(default_factory=dict)
    gone: Mapping[str, Print] = field(default_factory=dict)
    same: int = 0


def diff(
    seen: Mapping[str, Print],
    known: Mapping[str, Print],
    still: Iterable[str],
    *,
    complete: bool,
    read: Collection[str] = (),
) -> Difference:
    """The difference between what was `seen` on changed pages and what is `known`: prints by record.

    `still` are the ids on pages that did not change. Only a `complete` walk can tell that a record is gone: one that is
    missing on the pages an incomplete walk `read` may stand on a later one, and waits on no page until then.
    """
    written: list[str] = []
    moved: dict[str, tuple[Print, Print]] = {}
    present = set(still)
    same = len(present)
    for key, new in seen.items():
        old = known.get(key)
        if old is None or old.document != new.document:
            written.append(key)
        elif old != new:
            moved[key] = (old, new)
        else:
            same += 1
    missing = {key: old for key, old in known.items() if key not in present and key not in seen}
    if complete:
        return Difference(tuple(written), moved, missing, same)
    waiting = {key: (old, structs.replace(old, page=NO_PAGE)) for key, old in missing.items() if old.page in read}
    return Difference(tuple(written), {**moved, **waiting}, {}, same)


def outdated(difference: Difference, known: Mapping[str, Print], seen: Collection[str]) -> Difference:
    """The difference of an unfinished walk with a new definition: records it has not `seen` yet must be read anew.

    Their own pages count as never read, as what is remembered of them was made with the old definition.
    """
    late = {key: difference.moved.get(key, (old, old)) for key, old in known.items() if key not in seen}
    forgot = {key: (old, Print(now.page, now.document)) for key, (old, now) in late.items()}
    return replace(difference, moved={**difference.moved, **forgot})
