"""DECLARE: source definitions, from the text a person writes to a checked, frozen `Source`.

Reads definition text and files of the sources folder; never a page, the network or the database. Every mistake of a
definition is reported at once, with its line, its place and the mend. Libraries that only some definitions need
(jmespath, re2, croniter, selectolax) are loaded when the first such definition is read.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import Problem, SourceInvalid
from . import checks, text
from .kinds import Report
from .model import FORMATS, TYPES, UNSET, Field, Follow, Limits, Paging, Script, Source, walk
from .published import schema
from .writing import definition

__all__ = [
    "FORMATS",
    "TYPES",
    "UNSET",
    "Field",
    "Follow",
    "Limits",
    "Paging",
    "Script",
    "Source",
    "definition",
    "dump",
    "load",
    "load_folder",
    "parse",
    "schema",
    "walk",
]

SCRIPT_MAX_BYTES = 64 * 1024  # of an `extract:` file, as of a definition


def parse(written: str, name: str, *, filename: str | None = None, saved: bool = False) -> Source:
    """The source that a YAML or JSON text defines. Raises SourceInvalid with every problem found.

    `name` is the source's id. `filename` is the path it was read from; beside it stands the script that `extract:`
    names. A `saved` definition came through the API: it has no file, and `extract:` is refused.
    """
    shown = Path(filename).name if filename else name
    try:
        read = text.read(written)
    except text.NotReadable as error:
        raise SourceInvalid(shown, (error.problem,)) from error
    report = Report(read)
    script = _script(read.value, report, None if saved else filename)
    source = checks.source(read.value, report, name, script, filename)
    if source is None or report.problems:
        problems = sorted(report.problems, key=lambda problem: problem.line or 0)
        raise SourceInvalid(shown, tuple(problems))
    return source


def load(path: Path) -> Source:
    """The source a file defines; its name is the source's id. Raises SourceInvalid."""
    try:
        with path.open(encoding="utf-8") as file:
            written = file.read(text.TEXT_MAX + 1)
    except UnicodeDecodeError as error:
        raise SourceInvalid(path.name, (Problem("", "is not UTF-8 text; save it as UTF-8"),)) from error
    except OSError as error:
        raise SourceInvalid(path.name, (Problem("", f"cannot be read: {error.strerror}"),)) from error
    return parse(written, path.stem, filename=str(path))


def load_folder(folder: Path) -> tuple[dict[str, Source], list[SourceInvalid]]:
    """Every source of a folder's `*.yaml` files by name, and what is wrong with the others.

    Of two sources that feed one collection the later one, by name, is invalid; so is a `*.yml` file, which would
    otherwise be passed over. A folder that is not there has none.
    """
    sources: dict[str, Source] = {}
    invalid = [
        SourceInvalid(path.name, (Problem("", f"is not read; rename it to {path.stem}.yaml"),))
        for path in sorted(folder.glob("*.yml"))
    ]
    feeding: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            source = load(path)
        except SourceInvalid as error:
            invalid.append(error)
            continue
        if source.collection in feeding:
            what = f"{source.collection!r} is fed by {feeding[source.collection]!r}; one source feeds a collection"
            invalid.append(SourceInvalid(path.name, (Problem("collection", what),)))
            continue
        feeding[source.collection] = source.name
        sources[source.name] = source
    return sources, invalid


def dump(source: Source) -> str:
    """The source as YAML that `parse` reads as an equal one, always written the same way."""
    return text.write(definition(source))


def _script(value: object, report: Report, filename: str | None) -> Script | None:
    name = value.get("extract") if isinstance(value, dict) else None
    if not isinstance(name, str):
        return None
    at = report.inside("extract")
    if filename is None:
        at.wrong("is only for files of the sources folder: code does not come through the API; leave it out")
        return None
    if "/" in name or "\\" in name or not name.endswith(".py"):
        return None  # the key's own kind says what is wrong
    path = Path(filename).with_name(name)
    try:
        code = path.read_bytes()
        if len(code) > SCRIPT_MAX_BYTES:
            at.wrong(f"{name} is longer than {SCRIPT_MAX_BYTES:,} bytes")
            return None
        found = Script(str(path), code.decode())
        compile(found.code, found.path, "exec")
    except OSError:
        at.wrong(f"{name} is not beside {Path(filename).name}; put it there")
    except UnicodeDecodeError:
        at.wrong(f"{name} is not UTF-8 text; save it as UTF-8")
    except (SyntaxError, ValueError) as error:
        at.wrong(f"{name} is not Python: {error}")
    else:
        return found
    return None
