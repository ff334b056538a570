"""Bodies as they were before Content-Encoding, piece by piece and never more than allowed. Pure, knows no socket.

Like a browser: codings are undone from the last to the first, `deflate` is zlib or raw by its first bytes, an unknown
word is ignored, bytes after the end are ignored. Unlike one, a body that ends too early is a failure: no half pages.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # ships no types

from kindling.fetch.limits import Limits

ACCEPT_ENCODING = "gzip, deflate, br"
"""What is offered to a site: exactly what is undone here."""

PIECE_BYTES = 256 * 1024
"""What one step of a decompressor may give (brotli: twice that): how far a bomb gets before it is seen."""

MOST_CODINGS = 2
"""Codings on top of each other; two happen by mistake (a server and its proxy), more is an attack."""

_GZIP_MAGIC = b"\x1f\x8b\x08"


class Undecodable(Exception):
    """The body cannot be had; `code` is `truncated`, `encoding`, `bomb` or `too-big`, the text says why."""

    def __init__(self, code: str, what: str) -> None:
        self.code = code
        super().__init__(what)


class _Decoder(Protocol):
    """Undoes one coding: `feed` gives what a piece of input yields, `done` says whether the end was seen."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def done(self) -> bool: ...


class _Zlib:
    """gzip, and deflate with or without its zlib header; gzip members that follow each other are one body."""

    def __init__(self, gzip: bool) -> None:
        self._gzip = gzip
        self._begun = b""
        self._stream = zlib.decompressobj(wbits=31) if gzip else None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            data = self._begun + data
            if len(data) < 2:
                self._begun = data
                return
            self._stream = zlib.decompressobj(wbits=15 if _has_zlib_header(data) else -15)
        while data:
            if self._stream.eof:
                if not (self._gzip and data.startswith(_GZIP_MAGIC)):
                    return
                self._stream = zlib.decompressobj(wbits=31)
            try:
                piece = self._stream.decompress(data, PIECE_BYTES)
            except zlib.error as error:
                raise Undecodable("encoding", f"the body is not the {self._name()} its header says") from error
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if piece:
                yield piece

    def done(self) -> bool:
        return self._stream is not None and self._stream.eof

    def _name(self) -> str:
        return "gzip" if self._gzip else "deflate"


class _Brotli:
    """br, with a bound on what one step gives."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream.is_finished():
            return
        try:
            piece = self._stream.process(data, output_buffer_limit=PIECE_BYTES)
            while piece or not self._stream.can_accept_more_data():  # with no input left it may still hold output
                yield piece
                piece = self._stream.process(b"", output_buffer_limit=PIECE_BYTES)
        except brotli.error as error:
            raise Undecodable("encoding", "the body is not the br its header says") from error

    def done(self) -> bool:
        return bool(self._stream.is_finished())


_MAKERS: dict[str, Callable[[], _Decoder]] = {
    "gzip": lambda: _Zlib(gzip=True),
    "x-gzip": lambda: _Zlib(gzip=True),
    "deflate": lambda: _Zlib(gzip=False),
    "br": _Brotli,
}
_UNKNOWN_BUT_REAL = frozenset({"compress", "x-compress", "zstd", "dcb", "dcz"})  # codings we never offered


def undo(pieces: Iterable[bytes], content_encoding: str, limits: Limits) -> Iterator[bytes]:
    """The body of `pieces` (as they come off the wire) without its codings; Undecodable if it cannot be had whole.

    No more than one step of a decompressor is ever ahead of a limit.
    """
    decoders = [_MAKERS[coding]() for coding in _codings(content_encoding)]
    taken = given = 0
    for data in pieces:
        taken += len(data)
        for piece in _through(decoders, data):
            given += len(piece)
            _check(taken, given, limits)
            yield piece
    if taken and not all(decoder.done() for decoder in decoders):
        raise Undecodable("truncated", "the compressed body ends too early")


def _check(taken: int, given: int, limits: Limits) -> None:
    if given > limits.ratio_from_bytes and given > taken * limits.ratio:
        raise Undecodable("bomb", f"{taken} bytes blew up to over {given}, more than {limits.ratio} times as many")
    if given > limits.body_bytes:
        raise Undecodable("too-big", f"the page is bigger than {limits.body_bytes} bytes")


def _through(decoders: list[_Decoder], data: bytes) -> Iterator[bytes]:
    if not decoders:
        yield data
        return
    *outer, last = decoders
    for piece in _through(outer, data):
        yield from last.feed(piece)


def _codings(content_encoding: str) -> list[str]:
    """The codings to undo, in the order in which to undo them."""
    words = [word.strip().lower() for word in content_encoding.split(",")]
    if unknown := _UNKNOWN_BUT_REAL.intersection(words):
        raise Undecodable("encoding", f"the body is coded as {min(unknown)}, which was not asked for")
    codings = [word for word in reversed(words) if word in _MAKERS]
    if len(codings) > MOST_CODINGS:
        raise Undecodable("encoding", f"the body is coded {len(codings)} times")
    return codings


def _has_zlib_header(data: bytes) -> bool:
    """RFC 1950: method 8 in the low half of the first byte, and both bytes together a multiple of 31."""
    return data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
