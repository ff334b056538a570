"""Content codings, piece by piece: what went in comes out, in any split, and never much more than allowed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kindling.fetch.decompress import PIECE_BYTES, Undecodable, undo
from kindling.fetch.limits import Limits

CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda body: body,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "gzip, br": lambda body: brotli.compress(gzip.compress(body)),
}


def split(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    at = 0
    for cut in sorted(cut % (len(data) + 1) for cut in cuts):
        yield data[at:cut]
        at = cut
    yield data[at:]


@given(
    body=st.binary(max_size=300), coding=st.sampled_from(list(CODINGS)), cuts=st.lists(st.integers(0, 999), max_size=9)
)
def test_spec_what_went_in_comes_out_however_it_is_cut(body: bytes, coding: str, cuts: list[int]) -> None:
    wire = CODINGS[coding](body)
    assert b"".join(undo(split(wire, cuts), coding, Limits())) == body


@pytest.mark.parametrize("coding", list(CODINGS)[1:])
@pytest.mark.parametrize("length", [300_000, 1_000_000, 5_000_000])
def test_spec_a_body_is_whole_however_little_came_for_it(coding: str, length: int) -> None:
    body = bytes(length)
    pieces = list(undo([CODINGS[coding](body)], coding, Limits(ratio=10**6)))
    assert b"".join(pieces) == body
    assert max(map(len, pieces)) <= 2 * PIECE_BYTES


@given(body=st.binary(min_size=1, max_size=300), coding=st.sampled_from(list(CODINGS)[1:]), cut=st.integers(1, 999))
def test_ours_no_cut_body_is_ever_taken_for_a_whole_one(body: bytes, coding: str, cut: int) -> None:
    wire = CODINGS[coding](body)
    with pytest.raises(Undecodable):
        list(undo([wire[: 1 + cut % (len(wire) - 1)]], coding, Limits()))


@given(noise=st.binary(max_size=200), coding=st.sampled_from(list(CODINGS)))
def test_ours_noise_is_decoded_or_refused_and_nothing_else(noise: bytes, coding: str) -> None:
    try:
        body = b"".join(undo([noise], coding, Limits()))
    except Undecodable as error:
        assert error.code in ("encoding", "truncated")  # noqa: PT017 either outcome is right
    else:
        assert coding == "" or len(body) < 1_000_000


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, br"])
def test_ours_a_bomb_is_seen_one_piece_past_the_limit(coding: str) -> None:
    pieces = undo([CODINGS[coding](bytes(5_000_000))], coding, Limits(ratio_from_bytes=1_000_000, ratio=20))
    lengths: list[int] = []
    with pytest.raises(Undecodable) as refused:
        lengths.extend(map(len, pieces))
    assert refused.value.code == "bomb"
    assert max(lengths, default=0) <= 2 * PIECE_BYTES
    assert sum(lengths) <= 1_000_000
