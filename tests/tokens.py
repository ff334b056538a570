"""Tokens that nobody signed, as the Auth emulator gives them: an emulator takes them, the service never does."""

from __future__ import annotations

import base64
import json
from typing import Any


def unsigned(claims: Any, header: Any = None) -> str:
    """A token with these claims; `header` is for one that is wrong."""
    parts = [json.dumps(part).encode() for part in (header or {"alg": "none", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."
