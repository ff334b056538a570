"""The names of the functions, which no collection and no source may have: they are the first part of a path."""

FUNCTIONS = frozenset(
    {
        "hello_world",
        "get_data",
        "get_changes",
        "get_series",
        "save_data",
        "delete_data",
        "get_sources",
        "save_source",
        "delete_source",
        "preview_source",
        "scrape_now",
        "get_runs",
        "health",
        "openapi",
        "scrape_due",
        "scrapesource",
        "prune",
    }
)
