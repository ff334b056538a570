"""How long to wait and when to give up, as Cloud Tasks and Cloud Scheduler document it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators import retry
from emulators.retry import RetryPolicy


def test_spec_the_wait_doubles_then_grows_evenly_then_stays() -> None:
    # The example of the documentation of maxDoublings: 10 s, doubled thrice, then 80 s more each time, 300 s at most.
    policy = RetryPolicy(None, None, 10, 300, 3)
    assert [policy.backoff_s(failures) for failures in range(1, 9)] == [10, 20, 40, 80, 160, 240, 300, 300]


OVER = {
    "the last attempt": (RetryPolicy(3, None, 0, 0, 0), 3, 0.0, True),
    "one is left": (RetryPolicy(3, None, 0, 0, 0), 2, 1e9, False),
    "time is up": (RetryPolicy(None, 60, 0, 0, 0), 1, 60.0, True),
    "both limits: the attempts alone do not end it": (RetryPolicy(3, 60, 0, 0, 0), 3, 59.0, False),
    "both limits: the time alone does not end it": (RetryPolicy(3, 60, 0, 0, 0), 2, 61.0, False),
    "both limits reached": (RetryPolicy(3, 60, 0, 0, 0), 3, 60.0, True),
    "no limit": (RetryPolicy(None, None, 0, 0, 0), 10**6, 1e9, False),
}


@pytest.mark.parametrize(("policy", "failures", "since_s", "over"), OVER.values(), ids=OVER.keys())
def test_spec_when_it_is_over(policy: RetryPolicy, failures: int, since_s: float, over: bool) -> None:
    assert policy.is_over(failures, since_s) is over


def test_spec_a_queue_without_a_word_tries_three_times() -> None:
    assert retry.of_queue(None) == RetryPolicy(3, None, 0.1, 3600, 16)


def test_spec_a_queue_says_what_differs() -> None:
    assert retry.of_queue({"maxAttempts": 5, "minBackoffSeconds": 0}) == RetryPolicy(5, None, 0, 3600, 16)


def test_spec_a_schedule_without_a_word_tries_once() -> None:
    assert retry.of_schedule({}) == RetryPolicy(1, None, 5, 3600, 5)


def test_spec_a_schedule_counts_its_retries_only() -> None:
    assert retry.of_schedule({"retryCount": 3}).max_attempts == 4


def test_spec_a_schedule_with_a_time_alone_retries_until_then() -> None:
    assert retry.of_schedule({"maxRetrySeconds": 60}) == RetryPolicy(None, 60, 5, 3600, 5)


@given(st.integers(1, 10**6), st.integers(0, 1000), st.floats(0, 3600), st.floats(0, 3600))
def test_ours_the_wait_is_never_more_than_the_most_and_never_shrinks(
    failures: int, doublings: int, least_s: float, most_s: float
) -> None:
    policy = RetryPolicy(None, None, least_s, most_s, doublings)
    assert policy.backoff_s(failures) <= policy.backoff_s(failures + 1) <= most_s
