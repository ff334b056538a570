"""A plan carried out on records that are all in memory: filter, order, page, count, distinct values. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from ..flow import Document
from ..slots import slot_prefix
from ..values import dumps
from . import order
from .operators import candidates, one_text, test
from .table import Table

if TYPE_CHECKING:
    from ..store.records import Record
    from .operators import Condition
    from .plan import Plan


class Found(Struct, frozen=True):
    """What a query found: one page of records, whether more follow, and what else was asked for.

    `resume` is set where reading stopped behind a record that is not on the page. `written` keeps items as JSON by id
    from one answer to the next, where the records themselves are kept.
    """

    records: Sequence[Record] = ()
    more: bool = False
    total: int | None = None
    values: list[dict[str, Any]] | None = None
    resume: Record | None = None
    written: dict[str, bytes] | None = None


def texts(value: Any) -> Iterator[str]:
    """Every text anywhere in `value`."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def _has_words(words: Sequence[str]) -> Callable[[Document], bool]:
    def has(document: Document) -> bool:
        folded = [text.casefold() for text in texts(document)]
        return all(any(word in text for text in folded) for word in words)

    return has


def matcher(plan: Plan, held: Condition | None = None) -> Callable[[Record], bool]:
    """The test whether a record belongs to the answer; `held` is a condition that is known to hold."""
    tests = [test(condition) for condition in plan.conditions if condition is not held]
    if plan.words:
        tests.append(_has_words(plan.words))
    gone = plan.gone

    def fits(record: Record) -> bool:
        if record.gone_ms is not None and not gone:
            return False
        document = record.document
        for one in tests:  # noqa: SIM110 - a generator costs as much again as the tests of most queries
            if not one(document):
                return False
        return True

    return fits


def evaluate(table: Table, plan: Plan) -> Found:
    """The answer of `plan` over all records of `table`; looks at no more of them than it takes."""
    if plan.distinct:
        return Found(values=distinct(list(filter(matcher(plan), table.records)), plan.distinct.names))
    held, named = next(((one, text) for one in plan.conditions if (text := one_text(one))), (None, None))
    ordered = table.holding(plan.sort, *named) if named else table.arranged(plan.sort)
    fits = matcher(plan, held)
    start = order.behind(ordered, plan.after, plan.sort) if plan.after else 0
    matches = filter(fits, islice(ordered, start, None))
    page = list(islice(matches, plan.limit + 1))
    total = None
    if plan.count:
        total = len(page) + sum(1 for _ in matches) + sum(1 for _ in filter(fits, islice(ordered, start)))
    return Found(page[: plan.limit], len(page) > plan.limit, total, written=table.written)


def once(records: Sequence[Record], plan: Plan) -> Found:
    """The answer of `plan` over all `records`, in the order of their ids, of which nothing is kept."""
    fitting = Table(list(filter(matcher(plan), records)))
    return replace(evaluate(fitting, replace(plan, conditions=(), words=())), written=None)


def distinct(records: Sequence[Record], names: Sequence[str]) -> list[dict[str, Any]]:
    """The different values at `names` with their counts, in the order law; each element of a list is a value."""
    counts: Counter[tuple[str, str]] = Counter()
    values: dict[tuple[str, str], Any] = {}
    for record in records:
        seen = {}
        for value in candidates(record.document, names):
            if not isinstance(value, list):
                seen[_identity(value)] = value
        counts.update(seen.keys())
        values |= seen
    return [{"value": values[key], "count": counts[key]} for key in sorted(counts)]


def _identity(value: Any) -> tuple[str, str]:
    """The rank of a value, and what tells it from others of the same rank; 1 and 1.0 are one value."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return slot_prefix(value), dumps(value)
