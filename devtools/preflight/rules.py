"""Checks of database.rules.json: Firebase takes it, it keeps strangers out, it indexes what is asked for."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from devtools.preflight.finding import Finding, at_line
from devtools.preflight.subject import Subject
from emulators.database.rules import RulesError, Ruleset, parse
from emulators.database.tree import EMPTY

STRANGERS: Mapping[str, Mapping[str, Any] | None] = {
    "a stranger": None,
    "anybody who signs in": {"uid": "somebody", "token": {}, "provider": "anonymous"},
}
LOG_INDEX = "id"  # what the change log of a collection is asked by
SOME = "some"  # any collection: the rules have a wildcard there


def readable(subject: Subject) -> Iterator[Finding]:
    """The rules are rules."""
    file = _file(subject)
    if file is None:
        return
    if not file.is_file():
        yield Finding("firebase.json", f"{file.name} is not there", "write it: without rules the deploy stops")
        return
    try:
        parse(file.read_text(encoding="utf-8"))
    except RulesError as error:
        where = f"{subject.relative(file)}:{error.line}"
        yield Finding(where, str(error).split(": ", 1)[1], "mend this line: Firebase refuses the file")


def closed(subject: Subject) -> Iterator[Finding]:
    """Whom the service does not know may neither read nor write the whole database, nor write a collection."""
    rules, file = _rules(subject), _file(subject)
    if rules is None or file is None:
        return
    for who, auth in STRANGERS.items():
        if rules.can_read((), auth=auth, now_ms=0, root=EMPTY, query=None):
            where = at_line(file, subject.folder, '".read"')
            yield Finding(where, f"{who} may read the whole database", "let only the service read at the root")
            return
        if rules.can_write((), auth=auth, now_ms=0, root=EMPTY, new_root=EMPTY):
            where = at_line(file, subject.folder, '".write"')
            yield Finding(where, f"{who} may write the whole database", "take the .write at the root away")
            return


def indexed(subject: Subject) -> Iterator[Finding]:
    """The slots of every collection are indexed, and its change log."""
    rules, file = _rules(subject), _file(subject)
    if rules is None or file is None or subject.tables is None or isinstance(subject.tables, str):
        return
    for node, wanted in {"data": subject.tables.slots, "changes": frozenset({LOG_INDEX})}.items():
        missing = sorted(wanted - rules.indexes((node, SOME)))
        if missing:
            what = f".indexOn of {node}/$c lacks {', '.join(missing)}: such a query is refused, or reads all there is"
            mend = f"add {', '.join(f'{chr(34)}{each}{chr(34)}' for each in missing)} to it"
            yield Finding(at_line(file, subject.folder, f'"{node}": {{'), what, mend)


def _file(subject: Subject) -> Path | None:
    return subject.folder / subject.config.database.rules if subject.config.database else None


def _rules(subject: Subject) -> Ruleset | None:
    """The rules, None where there are none that can be read."""
    file = _file(subject)
    try:
        return parse(file.read_text(encoding="utf-8")) if file and file.is_file() else None
    except RulesError:
        return None
