"""Shared reads: many requests, few reads, and none sees data older than itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from kindling.serve import latest as latest_module
from kindling.serve.latest import Latest

DEADLINE_S = 30
THREADS = 6
ASKS = 300  # of each thread


class Source:
    """Something to read: the n-th read that is asked for gives n."""

    def __init__(self) -> None:
        self.asked = 0
        self.read: list[int] = []
        self._lock = threading.Lock()

    def ask(self) -> Callable[[], int]:
        with self._lock:
            self.asked += 1
            number = self.asked

        def answer() -> int:
            self.read.append(number)
            return number

        return answer


def fail_to_ask() -> Callable[[], int]:
    raise KeyError("asked")


def fail_to_answer() -> Callable[[], int]:
    def answer() -> int:
        raise KeyError("answered")

    return answer


def test_ours_who_comes_while_nobody_reads_has_asked_before_the_answer_is_needed() -> None:
    source, latest = Source(), Latest[int]()
    answer = latest.begin("x", source.ask)
    assert (source.asked, source.read) == (1, [])
    assert (answer(), source.read) == (1, [1])


def test_ours_who_comes_during_a_read_asks_only_when_the_answer_is_needed_and_for_all() -> None:
    source, latest = Source(), Latest[int]()
    first = latest.begin("x", source.ask)
    others = [latest.begin("x", source.ask) for _ in range(THREADS)]
    assert source.asked == 1
    assert ([other() for other in others], source.asked, source.read) == ([2] * THREADS, 2, [1, 2])
    assert (first(), source.read) == (1, [1, 2])  # it had been waited for already


def test_ours_reads_one_after_another_are_each_their_own() -> None:
    source, latest = Source(), Latest[int]()
    assert [latest.begin("x", source.ask)() for _ in range(3)] == [1, 2, 3]


def test_ours_names_do_not_wait_for_each_other() -> None:
    source, latest = Source(), Latest[int]()
    latest.begin("x", source.ask)
    assert (latest.begin("y", source.ask)(), source.read) == (2, [2])


@pytest.mark.parametrize("ask", [fail_to_ask, fail_to_answer], ids=["asking", "answering"])
def test_ours_what_goes_wrong_is_raised_for_all_who_share_it_and_the_next_read_is_made_anew(
    ask: Callable[[], Callable[[], int]],
) -> None:
    source, latest = Source(), Latest[int]()
    first = latest.begin("x", source.ask)
    others = [latest.begin("x", ask) for _ in range(3)]
    for other in others:
        with pytest.raises(KeyError):
            other()
    assert (first(), latest.begin("x", source.ask)()) == (1, 2)


def test_ours_a_read_that_failed_is_no_reason_to_fail_for_who_came_during_it() -> None:
    source, latest = Source(), Latest[int]()
    failing = latest.begin("x", fail_to_answer)
    assert latest.begin("x", source.ask)() == 1
    with pytest.raises(KeyError):
        failing()


def test_ours_no_more_reads_are_remembered_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latest_module, "NAMES_MAX", 2)
    source, latest = Source(), Latest[int]()
    latest.begin("a", source.ask)
    during = latest.begin("a", source.ask)
    for name in "bcd":
        latest.begin(name, source.ask)()
    assert len(latest._last) <= 2
    assert during() == 5  # what came before it is forgotten: it asks for itself


def test_ours_no_answer_is_of_a_read_that_began_before_its_question_came() -> None:
    source, latest = Source(), Latest[int]()
    together = threading.Barrier(THREADS)

    def asks() -> list[tuple[int, int]]:
        together.wait(DEADLINE_S)
        found = []
        for _ in range(ASKS):
            before = source.asked
            found.append((before, latest.begin("x", source.ask)()))
        return found

    with ThreadPoolExecutor(THREADS) as pool:
        running = [pool.submit(asks) for _ in range(THREADS)]
        found = [pair for one in running for pair in one.result(DEADLINE_S)]
    assert [pair for pair in found if pair[1] <= pair[0]] == []
    assert len(found) == THREADS * ASKS
    assert sorted(source.read) == list(range(1, source.asked + 1))  # each that was asked for was read, and once
