"""The rewrites that the functions and their routes ask for, and firebase.json with them.

A rewrite of another kind (a file, another service, an address of the project's own) is left where it stands.

Facts relied on: `/name/**` does not match `/name`, `/name{,/**}` matches both; the first rewrite that matches answers.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from devtools.preflight.subject import Subject
from emulators.database.storage import write_atomically
from emulators.hosting.site import Site

EVERY_PATH = "**"

_SPACE = re.compile(r"\s*")
_JSON = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Paths, as a glob, and the function that answers them."""

    source: str
    function: str

    def __str__(self) -> str:
        return f'{{"source": {json.dumps(self.source)}, "function": {json.dumps(self.function)}}}'


def served(subject: Subject) -> frozenset[str]:
    """The functions that a URL asks for."""
    return frozenset(name for name, each in subject.loaded.endpoints.items() if "httpsTrigger" in each)


def wanted(subject: Subject) -> list[Rewrite]:
    """The rewrites of all functions, in the order of their routes; none where the package does not load.

    A function without routes is asked for by its name, where no rewrite leads to it. The last rewrite takes what is
    nobody's: its answer is the 404 of the function at `/`.
    """
    hosting, tables = subject.config.hosting, subject.tables
    if hosting is None or isinstance(tables, str):
        return []
    functions = served(subject)
    routes: Mapping[str, Sequence[str]] = tables.routes if tables else {}
    paths = [(path, name) for name, each in routes.items() for path in each if name in functions]
    unled = functions - set(routes) - Site(subject.folder, hosting).functions()
    paths += [(f"/{name}", name) for name in sorted(unled)]
    found = [Rewrite(_source(path, name), name) for path, name in paths]
    found += [Rewrite(EVERY_PATH, name) for path, name in paths if path == "/"]
    return list(dict.fromkeys(found))


def _source(path: str, function: str) -> str:
    return f"/{function}{{,/**}}" if path.split("/")[1] == function else path


def write(subject: Subject) -> list[str]:
    """Writes what is wanted into firebase.json, which keeps every other byte; what it did, a line each."""
    rewrites = wanted(subject)
    if not rewrites:
        return []
    file = subject.folder / "firebase.json"
    text = file.read_bytes().decode()
    new, done = mended(text, rewrites, served(subject))
    if new != text:
        write_atomically(file, [new.encode()])
    return done


def mended(text: str, wanted: Sequence[Rewrite], functions: Set[str]) -> tuple[str, list[str]]:
    """The text of a firebase.json with the wanted rewrites in their order, and what is other than before.

    Rewrites to what is none of `functions` are taken out. Without hosting.rewrites the text stays as it is.
    """
    found = _list(text)
    if found is None:
        return text, []
    before = [text[start:end] for start, end in found.items]
    after = _merged(before, wanted, functions)
    done = [f"firebase.json: added {each}" for each in after if each not in before]
    done += [f"firebase.json: removed {each}" for each in before if each not in after]
    if after != before and not done:
        done = ["firebase.json: put its rewrites in order"]
    return (found.filled(text, after), done) if done else (text, [])


def _merged(before: Sequence[str], wanted: Sequence[Rewrite], functions: Set[str]) -> list[str]:
    """Each place that had a function's rewrite has the next that is wanted; what is left over comes last."""
    written = {_rewrite(json.loads(raw)): raw for raw in before}
    left = [written.get(each, str(each)) for each in wanted]
    after = []
    for raw in before:
        rewrite = _rewrite(json.loads(raw))
        if rewrite is None or (rewrite.function in functions and not _derived(rewrite, wanted)):
            after.append(raw)
        elif rewrite.function in functions and left:
            after.append(left.pop(0))
    return after + left


def _rewrite(rule: Mapping[str, Any]) -> Rewrite | None:
    """A rule as a glob and a function; None for a rule of another kind."""
    target, source = rule.get("function"), rule.get("source", rule.get("glob"))
    name = target.get("functionId") if isinstance(target, dict) else target
    return Rewrite(source, name) if isinstance(name, str) and isinstance(source, str) else None


def _derived(rewrite: Rewrite, wanted: Sequence[Rewrite]) -> bool:
    """Whether a rewrite stands for what a wanted one does: it is one, or a half of one."""
    halves = (f"/{rewrite.function}", f"/{rewrite.function}/**")
    whole = Rewrite(_source(halves[0], rewrite.function), rewrite.function)
    return rewrite in wanted or (whole in wanted and rewrite.source in halves)


@dataclass(frozen=True, slots=True)
class _List:
    """Where a JSON list stands in a text, brackets included, and each of its items."""

    start: int
    end: int
    items: tuple[tuple[int, int], ...]

    def filled(self, text: str, items: Sequence[str]) -> str:
        """The text with other items in the list, set as the first and the last were."""
        if self.items:
            lead, tail = text[self.start + 1 : self.items[0][0]], text[self.items[-1][1] : self.end - 1]
        else:
            indent = _SPACE.match(text, text.rfind("\n", 0, self.start) + 1)
            tail = "\n" + (indent[0] if indent else "")
            lead = tail + "  "
        between = "," + (lead if "\n" in lead else " ")
        inside = f"{lead}{between.join(items)}{tail}" if items else ""
        return f"{text[: self.start]}[{inside}]{text[self.end :]}"


def _list(text: str) -> _List | None:
    """hosting.rewrites in a text that is JSON."""
    at = _skip(text, 0)
    for key in ("hosting", "rewrites"):
        start = next((start for name, start, _ in _members(text, at) if name == key), None)
        if start is None:
            return None
        at = start
    items = tuple((start, end) for _, start, end in _members(text, at))
    return _List(at, _JSON.raw_decode(text, at)[1], items)


def _members(text: str, at: int) -> Iterator[tuple[str | None, int, int]]:
    """Of the object or list that begins at `at`: the key of each member, None in a list, and where its value stands."""
    named = text[at] == "{"
    at = _skip(text, at + 1)
    while text[at] not in "]}":
        name = None
        if named:
            name, at = _JSON.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)  # behind the colon
        _, end = _JSON.raw_decode(text, at)
        yield name, at, end
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
