"""What schemathesis leaves out: paths that Hosting refuses itself, before any function is reached (docs/api.md)."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import schemathesis


@schemathesis.hook
def filter_case(_: schemathesis.HookContext, case: Any) -> bool:
    """Whether the path is one that a function gets to see."""
    values = [unquote(value) for value in (case.path_parameters or {}).values() if isinstance(value, str)]
    return not any(ord(char) < 0x20 or ord(char) == 0x7F for value in values for char in value)
