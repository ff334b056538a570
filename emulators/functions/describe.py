"""Prints the manifest of a functions folder as JSON: `python -m emulators.functions.describe FOLDER`."""

import json
import os
import sys

from emulators.functions import worker


def main() -> None:
    """Loads the folder's main.py as the worker does, and prints what it serves; functions' own prints go to stderr."""
    sys.path.pop(0)  # the suite's own folder: the functions must not find modules there
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    json.dump(worker.manifest(worker.load(sys.argv[1])), out)
    out.close()


if __name__ == "__main__":
    main()
