"""The history of a source's runs as charts: one row a chart. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..flow import RunRecord
from .charts import Chart, Series

FIELDS_MAX = 8  # lines in one picture: as many as there are colours
KILO = 1000
_UNITS = ("B", "kB", "MB", "GB")


def _records(runs: Sequence[RunRecord]) -> Mapping[str, Series]:
    return {
        name: [(run.started_ms, getattr(run, name)) for run in runs]
        for name in ("records", "added", "changed", "removed")
    }


def _fill(runs: Sequence[RunRecord]) -> Mapping[str, Series]:
    """A line for each field; of many those that are missing most."""
    looked = [run for run in runs if run.fill]
    least = {name: min(run.fill.get(name, 1.0) for run in looked) for run in looked for name in run.fill}
    chosen = sorted(least, key=lambda name: (least[name], name))[:FIELDS_MAX]
    return {
        name: [(run.started_ms, 100 * run.fill[name]) for run in looked if name in run.fill] for name in sorted(chosen)
    }


def _seconds(runs: Sequence[RunRecord]) -> Mapping[str, Series]:
    return {"": [(run.started_ms, (run.ended_ms - run.started_ms) / 1000) for run in runs if run.ended_ms is not None]}


def _bytes(runs: Sequence[RunRecord]) -> Mapping[str, Series]:
    return {"": [(run.started_ms, run.bytes) for run in runs]}


def _size(value: float) -> str:
    step = 0
    while value >= KILO and step < len(_UNITS) - 1:
        value, step = value / KILO, step + 1
    return f"{value:.3g} {_UNITS[step]}"


_CHARTS: dict[
    str, tuple[str, Callable[[Sequence[RunRecord]], Mapping[str, Series]], Callable[[float], str], float | None]
]
_CHARTS = {
    "records": ("records", _records, "{:g}".format, None),
    "fill": ("share of records that have a field", _fill, "{:g}%".format, 100),
    "seconds": ("duration", _seconds, "{:g} s".format, None),
    "bytes": ("bytes read", _bytes, _size, None),
}
NAMES = tuple(_CHARTS)


def svg(name: str, source: str, runs: Sequence[RunRecord]) -> bytes:
    """The chart `name` of the runs that are over, in any order, as SVG."""
    title, lines, written, top = _CHARTS[name]
    over = sorted((run for run in runs if run.ended_ms is not None), key=lambda run: run.started_ms)
    return Chart(f"{source}: {title}", lines(over), written, from_zero=True, top=top).svg()
