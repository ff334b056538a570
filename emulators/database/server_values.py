"""Server values: what a client leaves to the database to fill in. Pure.

Facts: `{".sv": "timestamp"}` is the time in milliseconds; `{".sv": {"increment": n}}` is the number already there
plus n, or n where there is no number.
"""

from __future__ import annotations

from emulators.database.json_form import BadValue, ServerValue, integer, number, scalar
from emulators.database.keys import Path
from emulators.database.tree import Scalar, View


def resolver(here: View, now_ms: int) -> ServerValue:
    """Fills in server values of a write at the place `here`, as it is before the write."""

    def resolve(spec: object, path: Path) -> Scalar:
        if spec == "timestamp":
            return now_ms
        if isinstance(spec, dict) and spec.keys() == {"increment"}:
            return incremented(here.at(path).value, spec["increment"])
        raise BadValue('a server value is "timestamp" or {"increment": number}; \'.sv\' holds something else')

    return resolve


def incremented(present: Scalar | None, by: object) -> Scalar:
    """The present number plus `by`; `by` where the present value is no number."""
    if isinstance(by, bool) or not isinstance(by, (int, float)):
        raise BadValue("'increment' takes a number")
    step = number(by) if isinstance(by, float) else integer(by)
    if isinstance(present, bool) or not isinstance(present, (int, float)):
        return step
    return scalar(present + step)
