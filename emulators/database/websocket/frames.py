"""Messages of the WebSocket protocol as text frames, both ways. Pure.

Facts: a message is one JSON object. A message over 16,384 characters is sent in pieces of at most so many, after a
frame that holds nothing but their number. A frame of at most six characters that reads as a number is such a count; the
clients send the count "0" when they have been idle, to keep proxies from closing the connection.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

MAX_FRAME = 16_384
MAX_MESSAGE_CHARACTERS = 16 * 1024 * 1024  # the service's limit for a write by a client
_COUNT = re.compile(r"[0-9]{1,6}")


class BadFrame(ValueError):
    """The client does not speak the protocol; the text says how."""


def encode(message: dict[str, Any]) -> str:
    """The message as JSON text."""
    return msgspec.json.encode(message).decode()


def pieces(text: str) -> list[str]:
    """The frames that carry the text."""
    if len(text) <= MAX_FRAME:
        return [text]
    cut = [text[at : at + MAX_FRAME] for at in range(0, len(text), MAX_FRAME)]
    return [str(len(cut)), *cut]


class Assembler:
    """Puts frames together; holds at most one message and never more than `MAX_MESSAGE_CHARACTERS`."""

    def __init__(self) -> None:
        self._missing = 0
        self._pieces: list[str] = []
        self._size = 0

    def take(self, frame: str) -> dict[str, Any] | None:
        """The message that this frame completes, or None. Raises BadFrame."""
        if not self._missing:
            if _COUNT.fullmatch(frame):
                self._missing = int(frame)
                return None
            self._missing = 1
        self._missing -= 1
        self._size += len(frame)
        if self._size > MAX_MESSAGE_CHARACTERS:
            raise BadFrame(f"The message is over {MAX_MESSAGE_CHARACTERS} characters, the most a client may write.")
        self._pieces.append(frame)
        if self._missing:
            return None
        text = "".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        return _decoded(text)


def _decoded(text: str) -> dict[str, Any]:
    try:
        message = msgspec.json.decode(text.encode())
    except (ValueError, RecursionError) as error:
        raise BadFrame("The message is not JSON.") from error
    if not isinstance(message, dict) or not isinstance(message.get("d"), dict):
        raise BadFrame("The message is not an object with the object 'd' in it.")
    return message
