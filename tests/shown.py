"""What a page of the documentation shows: its blocks, its commands, and which outputs an output as shown stands for.

In an output `…` stands for what differs each time (times, ids, keys, folders) or is too long to show; alone on its line
it stands for any lines.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DEADLINE_S = 120


@dataclass(frozen=True)
class Shown:
    """One command of a page and the output shown below it, None where none is shown."""

    command: str
    output: str | None


def fences(page: str) -> Iterator[tuple[str, str]]:
    """The blocks of a page in order: language and text."""
    yield from FENCE.findall(page)


def blocks(page: str, language: str) -> list[str]:
    """The blocks of a page in one language."""
    return [text for kind, text in fences(page) if kind == language]


def steps(block: str) -> Iterator[Shown]:
    """The commands of one console block."""
    for part in re.split(r"^\$ ", block.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield Shown(command, output or None)


def pattern(output: str) -> re.Pattern[str]:
    """The outputs that an output as shown stands for."""
    lines = [
        r"(?:[^\n]*\n)*?" if line == "…" else re.escape(line).replace("…", r"[^\n]*?") + r"\n"
        for line in output.splitlines()
    ]
    return re.compile("".join(lines))


def differs(command: str, output: str | None, before: Sequence[str] = ()) -> str | None:
    """Types a command in the project's folder, after the lines `before`; what it printed, if that is not as shown."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", "\n".join([*before, command])],
        cwd=ROOT,
        env={**os.environ, "PATH": path, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    printed = done.stdout if not done.stdout or done.stdout.endswith("\n") else done.stdout + "\n"
    if done.returncode or (output and not pattern(output).fullmatch(printed)):
        return f"$ {command}\n{printed}{done.stderr}"
    return None
