"""A served suite as a learner has it: the demo site scraped once, and some documents saved by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.clients.served import Site
from tests.running_suite import ROOT

SOURCES = ("movies", "users")  # the shipped ones that read the demo site
NOTES: list[dict[str, Any]] = [
    {
        "id": "tea",
        "title": "Tea",
        "stars": 4,
        "tags": ["hot", "green"],
        "url": "https://tea.example/",
        "day": "2026-01-05",
    },
    {
        "id": "rye",
        "title": "Rye bread",
        "stars": 5,
        "tags": ["baked"],
        "url": "https://rye.example/",
        "day": "2026-02-11",
    },
    {"id": "fog", "title": "Fog", "stars": 2, "about": {"colour": "grey", "weight": None}, "day": "2026-02-28"},
]


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """The suite without its clock; `movies` and `users` were scraped once, `notes` (public) was saved."""
    sources = folder / "sources"
    sources.mkdir()
    for name in SOURCES:
        shutil.copy(ROOT / "functions" / "sources" / f"{name}.yaml", sources)
    site = Site("--no-schedule", f"--sources={sources}", folder=folder)
    try:
        for name in SOURCES:
            site.ask("POST", f"/scrape_now/{name}?_wait=50", 200)
        site.save("notes", NOTES)
        yield site
    finally:
        assert site.stop() == 0
