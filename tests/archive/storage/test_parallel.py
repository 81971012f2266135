"""Calls made ahead of their turn."""

import threading
from functools import partial

import pytest

from archive.storage import ahead


def returned(called: list[int], number: int) -> int:
    called.append(number)
    return number


@pytest.mark.parametrize("window", [0, 1, 3, 100])
def test_results_come_in_the_order_of_the_calls(window):
    called: list[int] = []
    assert list(ahead((partial(returned, called, number) for number in range(20)), window)) == list(range(20))
    assert sorted(called) == list(range(20))


def test_without_a_window_each_call_is_made_when_it_is_its_turn():
    called: list[int] = []
    results = ahead((partial(returned, called, number) for number in range(3)), 0)
    next(results)
    assert called == [0]


def test_no_more_calls_than_the_window_are_made_before_their_turn():
    asked: list[int] = []

    def calls():
        for number in range(100):
            asked.append(number)
            yield partial(int, number)

    results = ahead(calls(), 4)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    assert len(asked) == 4 + 3


def test_a_failure_comes_in_its_turn():
    def fail() -> int:
        raise LookupError

    results = ahead([partial(int, 1), fail, partial(int, 3)], 3)
    assert next(results) == 1
    with pytest.raises(LookupError):
        next(results)


def test_calls_that_have_not_begun_are_not_made_when_nobody_waits_any_more(settings):
    release, called = threading.Event(), []
    waiting = [partial(release.wait, 30) for _ in range(settings.ARCHIVE_IO_THREADS)]
    results = ahead([partial(int, 0), *waiting, partial(called.append, 1)], 100)
    next(results)
    results.close()
    release.set()
    assert called == []
