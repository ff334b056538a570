"""Shared reads: many requests, few reads, and none sees data older than itself."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from kindling.serve import latest as latest_module
from kindling.serve.latest import Latest

DEADLINE_S = 30
THREADS = 6


class Source:
    """Something to read that counts its reads and can be held up."""

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)
        self._numbers = count(1)

    def read(self) -> int:
        number = next(self._numbers)
        self.begun.release()
        assert self.go.acquire(timeout=DEADLINE_S)
        return number


class Door:
    """A closed door that says when somebody waits in front of it."""

    def __init__(self, joined: threading.Semaphore) -> None:
        self._joined = joined
        self._lock = threading.Semaphore(0)

    def acquire(self) -> bool:
        self._joined.release()
        return self._lock.acquire(timeout=DEADLINE_S)

    def release(self) -> None:
        self._lock.release()


def test_ours_requests_that_come_during_a_read_share_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    joined = threading.Semaphore(0)
    monkeypatch.setattr(latest_module, "_closed", lambda: Door(joined))
    source, latest = Source(), Latest[int]()
    with ThreadPoolExecutor(THREADS) as pool:
        first = pool.submit(latest.get, "x", source.read)
        assert source.begun.acquire(timeout=DEADLINE_S)
        others = [pool.submit(latest.get, "x", source.read) for _ in range(THREADS - 1)]
        for _ in others:
            assert joined.acquire(timeout=DEADLINE_S)
        source.go.release(2)
        assert first.result(DEADLINE_S) == 1
        assert [other.result(DEADLINE_S) for other in others] == [2] * (THREADS - 1)


def test_ours_reads_one_after_another_are_each_their_own() -> None:
    source, latest = Source(), Latest[int]()
    source.go.release(3)
    assert [latest.get("x", source.read) for _ in range(3)] == [1, 2, 3]


def test_ours_an_error_is_raised_and_the_next_read_is_made_anew() -> None:
    latest = Latest[int]()

    def fail() -> int:
        raise KeyError("gone")

    with pytest.raises(KeyError):
        latest.get("x", fail)
    assert latest.get("x", lambda: 7) == 7


def test_ours_names_do_not_wait_for_each_other() -> None:
    source, latest = Source(), Latest[int]()
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(latest.get, "x", source.read)
        assert source.begun.acquire(timeout=DEADLINE_S)
        assert latest.get("y", lambda: 5) == 5
        source.go.release()
        assert held.result(DEADLINE_S) == 1


def test_ours_who_waits_for_a_read_that_fails_fails_too_and_the_next_read_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    joined = threading.Semaphore(0)
    monkeypatch.setattr(latest_module, "_closed", lambda: Door(joined))
    source, latest = Source(), Latest[int]()

    def fail() -> int:
        raise KeyError("gone")

    with ThreadPoolExecutor(THREADS) as pool:
        first = pool.submit(latest.get, "x", source.read)
        assert source.begun.acquire(timeout=DEADLINE_S)
        others = [pool.submit(latest.get, "x", fail) for _ in range(THREADS - 1)]
        for _ in others:
            assert joined.acquire(timeout=DEADLINE_S)
        source.go.release()
        assert first.result(DEADLINE_S) == 1
        assert [type(other.exception(DEADLINE_S)) for other in others] == [KeyError] * (THREADS - 1)
    assert latest.get("x", lambda: 7) == 7
