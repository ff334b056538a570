"""Sources that the tests of the dashboard make for themselves, on the pages of the demo site."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.clients.served import Site

_NAMES = (f"made{n}" for n in count())
PEOPLE: dict[str, Any] = {
    "url": "/demo/users.html",
    "every": "30d",
    "records": "li.person",
    "key": "email",
    "fields": {
        "name": ".name",
        "email": {"select": ".email", "required": True},
        "city": ".city",
        "since": {"select": ".quiet", "type": "integer"},  # the text is no number: every value is a reject
    },
    "public": True,
}
REJECT = "Member since"  # what every value of `since` begins with


def made(site: Site, **more: Any) -> str:
    """The name of a new source like PEOPLE, saved and not yet run."""
    name = next(_NAMES)
    site.ask("PUT", f"/save_source/{name}", 201, PEOPLE | more)
    return name


def change(site: Site, name: str, **more: Any) -> None:
    """Saves the source anew."""
    site.ask("PUT", f"/save_source/{name}", 200, PEOPLE | more)


def run(site: Site, name: str) -> dict[str, Any]:
    """Runs the source and waits for the end; the run."""
    told: dict[str, Any] = site.ask("POST", f"/scrape_now/{name}?_wait=50", 200).json()
    return told
