"""Charts as SVG, drawn by pygal: lines over time in colours that suit a light and a dark page. Knows no endpoint.

A chart is a picture: it runs nothing and loads nothing, whatever stands in its labels.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from .feeds import clean

HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
WIDTH, HEIGHT = 600, 280  # of the drawing; it is shown in any size
MARGIN = 8
LABEL_HALF = 40  # the last moment is written around the right edge, as the first is around the left, beside the values
DAY_S = 86_400
LEGEND_COLUMNS = 4
COLOURS = ("#d0622a", "#3886a8", "#7d9c2f", "#a070c4", "#a97f17", "#6482d8", "#c7658c", "#3f9080")  # on both grounds
INK = "#857e72"  # lines and words: readable on both grounds
GUIDES = f"inline:.axis .guide.line {{stroke-dasharray: none !important; stroke: {INK} !important; stroke-opacity: .3}}"

Series = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart says: a title, points `(milliseconds, value)` by the name of their line, how a value is written."""

    title: str
    lines: Mapping[str, Series]
    written: Callable[[float], str] = "{:g}".format
    from_zero: bool = False
    top: float | None = None  # the value at the upper edge; None: the highest there is

    def svg(self) -> bytes:
        """The chart as an SVG document."""
        pygal = _pygal()
        moments = [at_ms for line in self.lines.values() for at_ms, _ in line]
        short = not moments or max(moments) - min(moments) < 2 * DAY_S * 1000
        drawn = pygal.DateTimeLine(
            title=clean(self.title),
            show_legend=len(self.lines) > 1,
            legend_at_bottom=True,
            legend_at_bottom_columns=min(LEGEND_COLUMNS, len(self.lines)),
            truncate_legend=16,
            js=(),
            css=("file://style.css", "file://graph.css", GUIDES),
            style=_style(pygal),
            width=WIDTH,
            height=HEIGHT,
            margin=MARGIN,
            margin_left=2 * MARGIN,
            margin_right=MARGIN + LABEL_HALF,
            dots_size=2.5,
            no_data_text="nothing to draw yet",
            x_labels_major_count=4,
            show_minor_x_labels=False,
            show_x_labels=bool(moments),
            show_y_labels=bool(moments),
            max_scale=5,
            x_value_formatter=_moment_text if short else _day_text,
            value_formatter=self.written,
            range=(0, self.top) if self.top else None,
            include_x_axis=self.from_zero,
        )
        for name, line in self.lines.items():
            drawn.add(clean(name), [(datetime.fromtimestamp(at_ms / 1000, UTC), value) for at_ms, value in line])
        drawn.add_xml_filter(_without_scripts)
        return bytes(drawn.render())


def _moment_text(moment: datetime) -> str:
    return f"{moment:%m-%d %H:%M}"


def _day_text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _style(pygal: ModuleType) -> Any:
    return pygal.style.Style(
        background="transparent",
        plot_background="transparent",
        foreground=INK,
        foreground_strong=INK,
        foreground_subtle=INK,
        colors=COLOURS,
        font_family="system-ui, sans-serif",
        label_font_size=15,
        major_label_font_size=15,
        legend_font_size=15,
        title_font_size=17,
        no_data_font_size=18,
        stroke_width=2,
    )


def _pygal() -> ModuleType:
    """The chart library, imported when first needed: it costs a cold start, and few requests are for charts."""
    import pygal
    import pygal.style

    # it hangs a finder of an older Python into the imports, at which every later import warns
    sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]
    return pygal  # type: ignore[no-any-return]  # it has no types


def _without_scripts(tree: Any) -> Any:
    """The chart without its tooltips: a picture of scraped data runs nothing."""
    for parent in tree.iter():
        for script in parent.findall("script"):
            parent.remove(script)
    return tree
