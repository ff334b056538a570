"""The JSON Schema of a definition, docs/source.schema.json, as the package makes it; where a project keeps one."""

from collections.abc import Iterator
from pathlib import Path

from devtools.preflight.finding import Finding
from devtools.preflight.subject import Subject
from emulators.database.storage import write_atomically

FILE = Path("docs", "source.schema.json")


def _differing(subject: Subject) -> str | None:
    """What the file should hold; None where it holds that, is not there, or the package does not load."""
    file, tables = subject.folder / FILE, subject.tables
    if tables is None or isinstance(tables, str) or not file.is_file():
        return None
    return None if file.read_text(encoding="utf-8") == tables.schema else tables.schema


def stale(subject: Subject) -> Iterator[Finding]:
    """The file is what the tables make."""
    if _differing(subject) is not None:
        what = "it differs from what the package reads: an editor would complete and refuse other keys"
        yield Finding(str(FILE), what, "run check --write, which writes it", "warning")


def write(subject: Subject) -> list[str]:
    """Writes the file where it differs; what it did, a line or none."""
    text = _differing(subject)
    if text is None:
        return []
    write_atomically(subject.folder / FILE, [text.encode()])
    return [f"{FILE}: written anew from the tables of the package"]
