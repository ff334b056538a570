"""Push ids: they sort by the time they were made."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from emulators.database.keys import key_order
from emulators.database.push_ids import ALPHABET, PushIds


def test_spec_an_id_is_eight_characters_of_time_and_twelve_random_ones() -> None:
    made = PushIds(lambda below: below - 1).make(64**7)
    assert made == ALPHABET[1] + "-" * 7 + "z" * 12


@example([1, 1], 64**12 - 1)
@given(st.lists(st.integers(0, 3), max_size=30), st.integers(0, 64**12 - 1))
def test_spec_ids_keep_the_order_in_which_they_were_made(steps: list[int], dice: int) -> None:
    ids = PushIds(lambda below: dice)
    now, made = 1_700_000_000_000, []
    for step in steps:
        now += step - 1
        made.append(ids.make(now))
    assert made == sorted(set(made), key=key_order)
    assert sorted(made) == made
