"""`dev.py bench [NAME]`: runs the benchmarks; each prints its ratios and none fails by the clock."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "benchmarks"


def main(arguments: list[str]) -> int:
    """Runs one benchmark, or all; the exit code of the first that fails."""
    names = sorted(file.stem for file in FOLDER.glob("*.py") if not file.stem.startswith("_"))
    parser = argparse.ArgumentParser(
        prog="dev.py bench", description="Runs benchmarks, as ratios against peers in the same run.", allow_abbrev=False
    )
    parser.add_argument("name", nargs="?", choices=names, help="one of them (default: all)")
    given, rest = parser.parse_known_args(arguments)
    env = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'functions'}"}
    for name in [given.name] if given.name else names:
        print(f"== {name}", flush=True)
        done = subprocess.run([sys.executable, str(FOLDER / f"{name}.py"), *rest], cwd=ROOT, env=env, check=False)  # noqa: S603  # our own files
        if done.returncode:
            return done.returncode
    return 0
