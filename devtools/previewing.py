"""`dev.py preview`: fetch and extract, store nothing."""

from devtools import kindling_cli


def main(arguments: list[str]) -> int:
    """Previews a source file or a URL; the exit code."""
    return kindling_cli.run("preview", arguments)
