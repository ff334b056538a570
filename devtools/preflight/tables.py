"""The program that prints the package's own tables and what is wrong with its sources, as JSON: `python tables.py`.

Started with the functions folder on PYTHONPATH, so that the project that is looked at answers, not this one.
"""

import json

from kindling import naming, queue, settings, sources
from kindling.catalogue import catalogue, folder
from kindling.fetch import place
from kindling.fetch.address import why_not_host
from kindling.serve.table import TABLE
from kindling.store import paths


def main() -> None:
    """Prints."""
    found = catalogue({})
    routes: dict[str, list[str]] = {}
    for route in TABLE:
        routes.setdefault(route.function, []).append(route.path)
    told = {
        "routes": routes,
        "mistakable": [
            name for name, each in routes.items() if naming.is_name(name) and any("{" in path for path in each)
        ],
        "verbs": list(naming.VERBS),
        "queue": queue.FUNCTION,
        "slots": list(paths.SLOTS),
        "settings": [
            {"name": each.name, "secret": each.secret, "local_only": each.local_only} for each in settings.TABLE
        ],
        "sources": sorted(found.sources),
        "folder": str(folder()),
        "schema": json.dumps(sources.schema(), indent=2, ensure_ascii=False) + "\n",
        "inside": [
            (name, url, why)
            for name, source in sorted(found.sources.items())
            for url in source.urls
            if not url.startswith("/") and (why := why_not_host(place.read(url).host))
        ],
        "problems": [line for error in found.invalid.values() for line in error.lines()],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
