"""JMESPath as a definition may write it: what the library takes, less what makes much of little.

The language has no loops, but `[@, @][] | [@, @][] | …` doubles what it holds with every step, and `join` repeats its
glue. So an expression is measured before it is used: how many times over it may bring a value of the page.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jmespath.parser import ParsedResult

from .kinds import shown

COPIES_MAX = 100  # a record of ten parts with ten fields each
GLUE_MAX = 20  # characters of the glue of join(): it comes once for each part


class BadExpression(ValueError):
    """An expression that cannot be used; the text says why."""


@lru_cache(maxsize=1_024)
def parse(written: str) -> ParsedResult:
    """The expression, ready to search. Raises BadExpression."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        expression = jmespath.compile(written)
        copies = _copies(expression.parsed)
    except RecursionError as error:
        raise BadExpression("is nested too deep for a JMESPath") from error
    except JMESPathError as error:
        first = str(error).splitlines()[0].rstrip(":")
        raise BadExpression(f"{shown(written)} is no JMESPath: {first}") from error
    if copies > COPIES_MAX:
        raise BadExpression(f"may bring a value {copies:,} times over; at most {COPIES_MAX}: list fewer parts")
    return expression


def _copies(node: Any) -> int:
    children = [_copies(child) for child in node["children"] if isinstance(child, dict)]  # of a slice they are numbers
    if node["type"] in ("multi_select_list", "multi_select_dict"):
        return sum(children)
    if node["type"] == "function_expression" and node["value"] == "join":
        return prod(children) * _glue(node["children"])
    return prod(children)


def _glue(arguments: list[Any]) -> int:
    glue = arguments[0]["value"] if arguments and arguments[0]["type"] == "literal" else None
    if not isinstance(glue, str) or len(glue) > GLUE_MAX:
        raise BadExpression(f"the glue of join() is a text in quotes ('…') of at most {GLUE_MAX} characters")
    return max(1, len(glue))
