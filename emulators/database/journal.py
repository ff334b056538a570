"""How writes are put into bytes, and how bytes that were torn are told from whole ones. Pure: no file is touched here.

A file is a header line, `kindling-database FORMAT`, then records: four bytes of length, four of CRC-32, both little
endian, then the payload: JSON, a list of [path, value in export form]. Values are as stored, server values filled in,
so that reading records in order gives the tree again. One record is one request: it is there wholly or not at all.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

import msgspec

from emulators.database.json_form import BadValue, from_json, to_json
from emulators.database.keys import PRIORITY, Path
from emulators.database.overlay import Write
from emulators.database.tree import Raw, View

FORMAT = 1
MAGIC = b"kindling-database "
HEADER = MAGIC + b"%d\n" % FORMAT
_FRAME = struct.Struct("<II")
MAX_RECORD_BYTES = 1 << 30  # far more than a write of 256 MB usually takes; a greater length is rubbish


class BadJournal(ValueError):
    """A file that is no journal of ours, or of a newer format; the text says which."""


@dataclass(frozen=True, slots=True)
class Record:
    """The writes of one request and where its bytes end in the file."""

    writes: tuple[Write, ...]
    end: int


def encode_record(writes: Iterable[Write]) -> bytes:
    """One framed record of the writes. Raises BadValue for more than one record may hold."""
    payload = msgspec.json.encode([("/".join(path), to_json(View(raw), export=True)) for path, raw in writes])
    if len(payload) > MAX_RECORD_BYTES:
        raise BadValue(
            f"the write takes {len(payload)} bytes on disk, and at most {MAX_RECORD_BYTES} are kept; divide it"
        )
    return _FRAME.pack(len(payload), zlib.crc32(payload)) + payload


def records(data: bytes | memoryview) -> Iterator[Record]:
    """The whole records of a file, up to the first that is torn; an empty file has none. Raises BadJournal."""
    view = memoryview(data)
    at = header_bytes(bytes(view[:64]))
    while payload := _payload(view, at):
        at += _FRAME.size + len(payload)
        yield Record(tuple(map(_write, msgspec.json.decode(payload))), at)


def is_torn(rest: bytes) -> bool:
    """Whether the rest of a file can be one record that a crash cut short; else whole records have been damaged."""
    if len(rest) < _FRAME.size or not rest.strip(b"\0"):  # after a power cut some systems leave zeros
        return True
    length, _ = _FRAME.unpack_from(rest)
    if length < len(rest) - _FRAME.size:  # something stands behind it
        return False
    try:
        json.JSONDecoder().raw_decode(rest[_FRAME.size :].decode(errors="replace"))
    except ValueError:
        return True
    return False  # the payload is whole, so its length or its checksum is wrong


def header_bytes(start: bytes) -> int:
    """How long the header is; 0 if it is not there wholly, as in a file that was just being made."""
    line, newline, _ = start.partition(b"\n")
    if not newline and HEADER.startswith(start):
        return 0
    if not line.startswith(MAGIC) or not line[len(MAGIC) :].isdigit():
        raise BadJournal("it is no file of this database")
    if int(line[len(MAGIC) :]) > FORMAT:
        raise BadJournal(f"it has format {line[len(MAGIC) :].decode()}; this version reads up to {FORMAT}")
    return len(line) + 1


def _payload(view: memoryview, at: int) -> memoryview | None:
    """The payload of the record at `at`, or None where none is whole."""
    if at == 0 or len(view) - at < _FRAME.size:
        return None
    length, checksum = _FRAME.unpack_from(view, at)
    payload = view[at + _FRAME.size : at + _FRAME.size + length]
    whole = 0 < length <= MAX_RECORD_BYTES and len(payload) == length and zlib.crc32(payload) == checksum
    return payload if whole else None


def _write(item: list[object]) -> Write:
    text, value = item
    path: Path = tuple(str(text).split("/")) if text else ()
    raw: Raw = cast(Raw, value) if path[-1:] == (PRIORITY,) else from_json(value)
    return path, raw
