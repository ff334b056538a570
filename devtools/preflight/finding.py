"""What a check says: where, what is wrong, and the mend. Knows nothing of any check."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: an error stops the deploy or breaks what is deployed, a warning is regretted later."""

    where: str  # a file, with its line where there is one, or what else the finding is about
    what: str
    mend: str
    severity: Severity = "error"
    joint: str = ": "  # between the two; another where the sentence is not ours, and is told elsewhere too

    def __str__(self) -> str:
        mark = "" if self.severity == "error" else "warning: "
        return f"{mark}{self.where}: {self.what}{self.joint}{self.mend}"

    def as_json(self) -> dict[str, str]:
        """The finding as a JSON object."""
        return {key: value for key, value in asdict(self).items() if key != "joint"}


def and_more(names: Sequence[str]) -> str:
    """The first of them, and how many others there are: what is wrong with many alike is said once."""
    return f"{names[0]} (and {len(names) - 1} more)" if len(names) > 1 else names[0]


def at_line(file: Path, folder: Path, needle: str) -> str:
    """`FILE:LINE`, relative to `folder`, of the first line that has `needle`; `FILE` alone where none has."""
    name = str(file.relative_to(folder) if file.is_relative_to(folder) else file)
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    return next((f"{name}:{number}" for number, line in enumerate(lines, 1) if needle in line), name)
