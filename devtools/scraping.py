"""`dev.py scrape`: one run now, beside a running `serve` or without one."""

from devtools import kindling_cli


def main(arguments: list[str]) -> int:
    """Scrapes; the exit code."""
    return kindling_cli.run("scrape", arguments)
