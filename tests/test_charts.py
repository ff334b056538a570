"""Charts: what is written stays inside the picture, and a chart of nothing has no scale."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from kindling.serve import charts
from kindling.serve.charts import Chart

SVG = "{http://www.w3.org/2000/svg}"
CHARACTER_WIDTH = 8.5  # of a digit at the labels' 15 px, in any usual face
START_MS = 1_795_712_515_000


def labels(chart: Chart) -> list[tuple[float, float]]:
    """Where each label below the lines begins and ends, in the picture's own units."""
    plot = next(each for each in ElementTree.fromstring(chart.svg()).iter(f"{SVG}g") if each.get("class") == "plot")
    moved = float(re.findall(r"[\d.]+", plot.get("transform", ""))[0])
    axis = next((each for each in plot.iter(f"{SVG}g") if each.get("class", "").startswith("axis x")), None)
    texts = [] if axis is None else [each for each in axis.iter(f"{SVG}text") if each.text]
    middles = [(moved + float(each.get("x", "nan")), len(each.text or "") * CHARACTER_WIDTH / 2) for each in texts]
    return [(middle - half, middle + half) for middle, half in middles]


@pytest.mark.parametrize(
    "gaps_s",
    [[0], [0, 30], [0, 27, 65], [0, 3600, 86_400], [0, 2 * 86_400, 400 * 86_400]],
    ids=["one moment", "half a minute", "a minute", "a day", "a year"],
)
def test_ours_no_label_is_cut_by_the_edge(gaps_s: list[int]) -> None:
    chart = Chart("books: records", {"records": [(START_MS + gap * 1000, 1) for gap in gaps_s]})
    shown = labels(chart)
    assert shown != []
    assert [each for each in shown if each[0] < 0 or each[1] > charts.WIDTH] == []


def test_ours_a_chart_of_nothing_has_no_scale() -> None:
    drawn = Chart("books: records", {"records": []})
    assert (labels(drawn), "nothing to draw yet" in drawn.svg().decode()) == ([], True)
