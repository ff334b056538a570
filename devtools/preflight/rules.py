"""Checks of database.rules.json: Firebase takes it, it keeps strangers out, it indexes what is asked for."""

import pathlib
from collections.abc import Iterator, Mapping
from typing import Any

from devtools.preflight.finding import Finding, at_line
from devtools.preflight.subject import Subject
from emulators.database.keys import Path
from emulators.database.rules import RulesError, Ruleset, parse
from emulators.database.rules.ruleset import Place
from emulators.database.tree import EMPTY, Tree, View

STRANGERS: Mapping[str, Mapping[str, Any] | None] = {
    "a stranger": None,
    "anybody who signs in": {"uid": "somebody", "token": {}, "provider": "anonymous"},
    "an administrator, past the API,": {"uid": "somebody", "token": {"admin": True}, "provider": "custom"},
}
SERVICE: Mapping[str, Any] = {"uid": "kindling", "token": {}, "provider": "custom"}
LOG_INDEX = frozenset({"id"})  # what the change log of a collection is asked by
HOSTS_INDEX = frozenset({"used"})  # by which old hosts are found
SOME = "some"  # any collection, and any other key: the rules have a wildcard there


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
    """Whom the service does not know may write nothing, and read nothing of what is not public."""
    rules, file = _rules(subject), _file(subject)
    if rules is None or file is None:
        return
    for path in _places(rules.top):
        what = "/".join(path) or "the whole database"
        line = at_line(file, subject.folder, f'"{_named(path)}":')
        for who, auth in STRANGERS.items():
            if rules.can_read(path, auth=auth, now_ms=0, root=PRIVATE, query=None):
                where = line if path else at_line(file, subject.folder, '".read"')
                yield Finding(where, f"{who} may read {what}", "let only the service read what is not public")
                return
            if any(rules.can_write(path, auth=auth, now_ms=0, root=PRIVATE, new_root=new) for new in (EMPTY, at(path))):
                where = line if path else at_line(file, subject.folder, '".write"')
                yield Finding(where, f"{who} may write {what}", "let only the service write, here and above")
                return


def guarded(subject: Subject) -> Iterator[Finding]:
    """A commit that does not carry the next version is refused, also the service's own."""
    rules, file = _rules(subject), _file(subject)
    if rules is None or file is None or next(closed(subject), None):
        return  # of rules that let strangers write only that is said
    for node in ("collections", "data", "changes"):
        skipping = Tree()
        skipping.put((node, SOME, "key"), "text")
        skipping.put(("collections", SOME, "version"), 3)
        if rules.can_write((node, SOME), auth=SERVICE, now_ms=0, root=PRIVATE, new_root=skipping.view()):
            what = f"{node}/$c is written without the collection's next version: one writer overwrites another"
            mend = "compare newData's version with data's + 1, as the file that came with this project does"
            yield Finding(at_line(file, subject.folder, f'"{node}": {{'), what, mend)


def indexed(subject: Subject) -> Iterator[Finding]:
    """The slots of every collection are indexed, its change log, and the hosts by their last use."""
    rules, file = _rules(subject), _file(subject)
    if rules is None or file is None or subject.tables is None or isinstance(subject.tables, str):
        return
    asked = {("data", SOME): subject.tables.slots, ("changes", SOME): LOG_INDEX, ("hosts",): HOSTS_INDEX}
    for path, wanted in asked.items():
        missing = sorted(wanted - rules.indexes(path))
        if missing:
            place = "/".join(path).replace(SOME, "$c")
            what = f".indexOn of {place} lacks {', '.join(missing)}: such a query is refused, or reads all there is"
            mend = f"add {', '.join(f'{chr(34)}{each}{chr(34)}' for each in missing)} to it"
            yield Finding(at_line(file, subject.folder, f'"{path[0]}": {{'), what, mend)


def at(path: Path) -> View:
    """A database that holds nothing but a text at `path`."""
    tree = Tree()
    tree.put(path, "text")
    return tree.view()


def _private() -> View:
    tree = Tree()
    tree.put(("collections", SOME, "version"), 1)
    tree.put(("collections", SOME, "public"), False)
    return tree.view()


PRIVATE = _private()


def _places(place: Place, path: Path = ()) -> Iterator[Path]:
    """The paths of all nodes that the rules name, from the root down."""
    yield path
    below = [*place.children.items(), *([(SOME, place.wildcard)] if place.wildcard else [])]
    for key, child in below:
        yield from _places(child, (*path, key))


def _named(path: Path) -> str:
    return next((key for key in reversed(path) if key != SOME), "")


def _file(subject: Subject) -> pathlib.Path | None:
    return subject.folder / subject.config.database.rules if subject.config.database else None


def _rules(subject: Subject) -> Ruleset | None:
    """The rules, None where there are none that can be read."""
    file = _file(subject)
    try:
        return parse(file.read_text(encoding="utf-8")) if file and file.is_file() else None
    except RulesError:
        return None
