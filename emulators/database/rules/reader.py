"""Builds a Ruleset from the text of a rules file, or says where and why it cannot.

Knows no data and no request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulators.database.rules.check import check_rule
from emulators.database.rules.compiler import Evaluate, compile_expression
from emulators.database.rules.errors import ExpressionError
from emulators.database.rules.parser import parse_expression
from emulators.database.rules.ruleset import Place, Rule, Ruleset
from emulators.database.rules.source import Array, Constant, Object, Source, Text, Value
from emulators.database.rules.types import ANY, Type

_READ_VARIABLES = {
    "auth": ANY,
    "now": Type.NUMBER,
    "root": Type.SNAPSHOT,
    "data": Type.SNAPSHOT,
    "query": Type.QUERY,
}
_WRITE_VARIABLES = {**_READ_VARIABLES, "newData": Type.SNAPSHOT}
_VARIABLES: Mapping[str, Mapping[str, Type]] = {
    ".read": _READ_VARIABLES,
    ".write": _WRITE_VARIABLES,
    ".validate": _WRITE_VARIABLES,
}
_INDEX = ".indexOn"
_FORBIDDEN = frozenset("#$[]/.")  # characters no key of the database has
_RULE = {True: lambda _scope: True, False: lambda _scope: False}


def parse(text: str) -> Ruleset:
    """The rules of a rules file; RulesError, whose text is `line:column: message`, if it cannot be used."""
    source = Source(text)
    top = source.read()
    if not isinstance(top, Object) or [key.text for key, _ in top.entries] != ["rules"]:
        source.fail(top.at, "The file must be an object with the one key 'rules'.")
    return Ruleset(_Reader(source).place(top.entries[0][1], {}, 0))


@dataclass(frozen=True, slots=True)
class _Reader:
    source: Source

    def place(self, value: Value, captured: Mapping[str, int], depth: int) -> Place:
        """The rules of one node and all below it; `captured` are the wildcards above, by their segment of the path."""
        if not isinstance(value, Object):
            self.source.fail(value.at, "Expected an object of rules.")
        rules: dict[str, Any] = {}
        children: dict[str, Place] = {}
        wildcard: Place | None = None
        for key, below in value.entries:
            if key.text.startswith("."):
                rules[key.text] = self._rule(key, below, captured)
            elif key.text.startswith("$"):
                if wildcard:
                    self.source.fail(key.at, "There can only be one wildcard at a level.")
                wildcard = self.place(below, self._capture(key, captured, depth), depth + 1)
            else:
                self._check_key(key)
                children[key.text] = self.place(below, captured, depth + 1)
        places = [*children.values(), *([wildcard] if wildcard else [])]
        return Place(
            read=rules.get(".read"),
            write=rules.get(".write"),
            validate=rules.get(".validate"),
            indexes=rules.get(_INDEX, frozenset()),
            children=children,
            wildcard=wildcard,
            validates=".validate" in rules or any(place.validates for place in places),
        )

    def _capture(self, key: Text, captured: Mapping[str, int], depth: int) -> Mapping[str, int]:
        if key.text in captured:
            self.source.fail(key.at, f"Wildcard '{key.text}' is used above already; give it another name.")
        return {**captured, key.text: depth}

    def _check_key(self, key: Text) -> None:
        if not key.text or _FORBIDDEN & set(key.text):
            self.source.fail(
                key.at, f"'{key.text}' is no key of the database; keys can't be empty or hold . $ # [ ] /."
            )

    def _rule(self, key: Text, value: Value, captured: Mapping[str, int]) -> Rule | frozenset[str]:
        if key.text == _INDEX:
            return self._indexes(value)
        if key.text not in _VARIABLES:
            self.source.fail(key.at, f"Unknown rule '{key.text}'; rules are .read, .write, .validate and .indexOn.")
        if isinstance(value, Constant) and isinstance(value.value, bool):
            return _RULE[value.value]
        if not isinstance(value, Text):
            self.source.fail(value.at, f"Expected {key.text} to be a string or a boolean.")
        return self._expression(value, _VARIABLES[key.text], captured)

    def _expression(self, text: Text, variables: Mapping[str, Type], captured: Mapping[str, int]) -> Evaluate:
        try:
            node = parse_expression(text.text)
            check_rule(node, {**variables, **dict.fromkeys(captured, Type.STRING)})
        except ExpressionError as error:
            self.source.fail(text.offsets[error.at], error.message)
        return compile_expression(node, captured)

    def _indexes(self, value: Value) -> frozenset[str]:
        items = value.items if isinstance(value, Array) else (value,)
        names: set[str] = set()
        for item in items:
            if not isinstance(item, Text) or not item.text:
                self.source.fail(item.at, "Expected .indexOn to be a string or an array of strings.")
            names.add("/".join(filter(None, item.text.split("/"))))
        return frozenset(names)
