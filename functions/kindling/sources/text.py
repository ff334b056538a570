"""Definition text <-> plain values, with the line of every value.

YAML as YAML 1.2 reads it (`no` and `on` are text, `12:30` is no number, a date is text), less its anchors, aliases,
tags and merge keys: what is left can neither build an object nor grow. JSON is taken too. Nothing here knows what a
definition may say.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import yaml

from ..errors import Problem

TEXT_MAX = 64 * 1024  # characters; the longest real definition seen has 3,000
LEVELS_MAX = 20  # nested fields ten deep: a record of the database has 28
VALUES_MAX = 5_000  # 200 fields with all their keys are below it

Path = tuple[str, ...]

_INTEGER = re.compile(r"[-+]?[0-9]{1,4300}\Z")  # as many digits as Python takes in JSON
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
_BREAKING = re.compile("[\\r\\n\x85\u2028\u2029]")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser where the wheel has it
_HINTS = (
    # (what stands where the parser gave up, the mend)
    (re.compile(r"(:|-)\s+[&*@`%|>!]"), "put the value in quotes: this character means something to YAML"),
    (re.compile(r"(:|-)\s+\["), "put the value in quotes: [ begins a list in YAML"),
    (re.compile(r":\s.*:\s"), "put the value in quotes: it holds a colon and a space"),
    (re.compile(r"^\s*\t|^ *\t"), "indent with spaces: YAML takes no tabs there"),
)


@dataclass(frozen=True, slots=True)
class Written:
    """A definition's plain value and, by path, the line each key or item starts on, and each number as it is written
    (both empty for JSON)."""

    value: Any
    lines: dict[Path, int]
    numbers: dict[Path, str]

    def line(self, path: Path) -> int | None:
        """The line of `path`, or of the nearest thing around it that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


class NotReadable(Exception):
    """The text is no definition; `problem` says where and why. Never leaves this package."""

    def __init__(self, what: str, line: int | None = None, where: str = "") -> None:
        self.problem = Problem(where, what, line)
        super().__init__(what)


def read(text: str) -> Written:
    """The value of a YAML or JSON text. Raises NotReadable."""
    if len(text) > TEXT_MAX:
        raise NotReadable(f"is longer than {TEXT_MAX:,} characters")
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        found = _read_json(text.lstrip("\ufeff"))
        if found is not None:
            return found
    return _read_yaml(text)


def write(value: Any) -> str:
    """YAML that `read` reads as `value`."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def _read_json(text: str) -> Written | None:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            twice = next(name for n, (name, _) in enumerate(pairs) if name in dict(pairs[:n]))
            raise NotReadable(f"{twice!r} stands twice; keep one")
        return found

    def refuse(word: str) -> Any:
        raise NotReadable(f"{word} is no number of JSON")

    try:
        value = json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except (ValueError, RecursionError):
        return None  # YAML in braces, or the YAML reader will say what is wrong and where
    _measure(value)
    return Written(value, {}, {})


def _measure(value: Any) -> None:
    count, level = 0, [value]
    for _ in range(LEVELS_MAX + 1):
        count += len(level)
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            break
    else:
        raise NotReadable(f"is nested deeper than {LEVELS_MAX} levels")
    if count > VALUES_MAX:
        raise NotReadable(f"holds more than {VALUES_MAX:,} values")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _read_yaml(text: str) -> Written:
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        raise _explained(error, text) from error
    except (UnicodeEncodeError, ValueError) as error:
        raise NotReadable("holds characters that are not text; save the file as UTF-8") from error
    return Written(builder.value, builder.lines, builder.numbers)


def _explained(error: yaml.YAMLError, text: str) -> NotReadable:
    mark: Any = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = f"is not YAML: {getattr(error, 'problem', None) or getattr(error, 'reason', None) or error}"
    if mark is None:
        return NotReadable(what)
    line = text.splitlines()[mark.line] if mark.line < len(text.splitlines()) else ""
    hint = next((mend for pattern, mend in _HINTS if pattern.search(line)), None)
    return NotReadable(f"{what}; {hint}" if hint else what, mark.line + 1)


class _Builder:
    """Builds the value from parser events without recursion, so that depth costs nothing before it is refused."""

    def __init__(self) -> None:
        self.value: Any = None
        self.lines: dict[Path, int] = {}
        self.numbers: dict[Path, str] = {}
        self._open: list[dict[str, Any] | list[Any]] = []
        self._path: list[str] = []
        self._key: str | None = None
        self._count = 0
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        mark: Any = event.start_mark
        line: int = mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise NotReadable("holds a second document after '---'; one file is one source", line)
        if isinstance(event, yaml.NodeEvent):
            self._refuse_extras(event, line)
            self._node(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            if self._path:
                self._path.pop()

    def _refuse_extras(self, event: yaml.NodeEvent, line: int) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise NotReadable("uses a YAML anchor or alias (& or *); quote the value, or write it out", line)
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise NotReadable(f"uses a YAML tag ({tag}); quote the value, or leave the tag out", line)
        self._count += 1
        if self._count > VALUES_MAX:
            raise NotReadable(f"holds more than {VALUES_MAX:,} values", line)

    def _node(self, event: yaml.NodeEvent, line: int) -> None:
        around = self._open[-1] if self._open else None
        if isinstance(around, dict) and self._key is None:
            self._take_key(event, around, line)
            return
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
        else:
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
        step = self._place(value, around, line)
        if isinstance(event, yaml.ScalarEvent):
            if step is not None and type(value) in (int, float):
                self.numbers[(*self._path, step)] = event.value
        else:
            if step is not None:
                self._path.append(step)
            self._open.append(value)
            if len(self._open) > LEVELS_MAX:
                raise NotReadable(f"is nested deeper than {LEVELS_MAX} levels", line)

    def _take_key(self, event: yaml.NodeEvent, around: dict[str, Any], line: int) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise NotReadable("has a list or mapping as a key; a key is a word", line)
        if event.value in around:
            raise NotReadable(f"stands twice; the first is on line {self.lines[(*self._path, event.value)]}; keep one",
                              line, ".".join((*self._path, event.value)))  # fmt: skip
        if event.value == "<<" and event.implicit[0]:
            raise NotReadable("uses a YAML merge key (<<); write the keys out", line)
        self._key = event.value
        self.lines[(*self._path, event.value)] = line

    def _place(self, value: Any, around: dict[str, Any] | list[Any] | None, line: int) -> str | None:
        if around is None:
            self.value = value
            return None
        if isinstance(around, list):
            step = str(len(around))
            around.append(value)
            self.lines[(*self._path, step)] = line
            return step
        step = self._key or ""
        self._key = None
        around[step] = value
        return step


def _scalar(event: yaml.ScalarEvent) -> Any:
    text: str = event.value
    if not event.implicit[0]:  # quoted or a block: always text
        return text
    if text.lower() in _WORDS and text in (text.lower(), text.title(), text.upper()):
        return _WORDS[text.lower()]
    if _INTEGER.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if _BREAKING.search(text):
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, '"')  # the one style that escapes line breaks
    plain = text.lower() in _WORDS or _INTEGER.match(text) or _FLOAT.match(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, "'" if plain else None)


class _Dumper(yaml.SafeDumper):
    """Writes the plain values of a definition so that both YAML 1.1 and 1.2 read them alike."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)


_Dumper.add_representer(str, _represent_text)
