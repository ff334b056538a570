"""What a walk found against what is remembered."""

from __future__ import annotations

from kindling.diff import NO_PAGE, Difference, diff, outdated
from kindling.flow import Print

KNOWN = {"a": Print("p1", "A"), "b": Print("p1", "B"), "c": Print("p2", "C")}


def test_new_changed_moved_and_gone_records_are_told_apart() -> None:
    seen = {"a": Print("p1", "A2"), "c": Print("p1", "C"), "d": Print("p1", "D")}
    assert diff(seen, KNOWN, (), complete=True) == Difference(
        written=("a", "d"),
        moved={"c": (Print("p2", "C"), Print("p1", "C"))},
        gone={"b": Print("p1", "B")},
        same=0,
    )


def test_an_unfinished_walk_calls_nothing_gone_and_lets_what_left_its_page_wait() -> None:
    waiting = {"c": (Print("p2", "C"), Print(NO_PAGE, "C"))}
    assert diff({}, KNOWN, (), complete=False, read=["p2"]) == Difference(moved=waiting)


def test_records_on_unchanged_pages_are_still_there_and_those_that_are_as_they_were_on_changed_ones() -> None:
    assert diff({"a": KNOWN["a"]}, KNOWN, ("b", "c"), complete=True) == Difference(same=3)


def test_a_detail_page_read_again_without_a_change_moves_only_the_print() -> None:
    old, new = Print("p", "A", "L", 1), Print("p", "A", "L", 2)
    assert diff({"a": new}, {"a": old}, (), complete=True) == Difference(moved={"a": (old, new)})


def test_what_an_unfinished_walk_did_not_see_is_read_anew_after_the_definition_changed() -> None:
    known = {key: Print(page, key, "L", 1) for key, page in {"a": "p1", "b": "p1", "c": "p2"}.items()}
    found = diff({"a": Print("p1", "A2")}, known, (), complete=False, read=["p1"])
    assert outdated(found, known, {"a"}) == Difference(
        written=("a",),
        moved={"b": (known["b"], Print(NO_PAGE, "b")), "c": (known["c"], Print("p2", "c"))},
    )
