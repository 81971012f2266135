"""What is made once, kept, and forgotten."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.errors import MalformedPixelData
from archive.made import MadeBytes

SIZE = 64


class Maker:
    """Makes `length` bytes of a key, and counts how often."""

    def __init__(self, length: int = SIZE // 8) -> None:
        self.made = 0
        self._length = length

    def __call__(self) -> bytes:
        self.made += 1
        return bytes(self._length)


def test_what_was_made_is_there_when_it_is_asked_for_again():
    made, make = MadeBytes(SIZE), Maker()

    assert made.get("key", make) is made.get("key", make)
    assert make.made == 1
    made.get("other", make)
    assert make.made == 2


def test_what_is_empty_is_made_once_too():
    made, make = MadeBytes(SIZE), Maker(0)

    assert made.get("key", make) == made.get("key", make) == b""
    assert make.made == 1


def test_what_was_not_asked_for_the_longest_is_forgotten_first():
    made, make = MadeBytes(SIZE), Maker()
    for key in range(8):
        made.get(key, make)
    made.get(0, make)
    made.get("new", make)
    assert make.made == 9

    made.get(0, make)
    assert make.made == 9
    made.get(1, make)
    assert make.made == 10


def test_what_is_larger_than_an_eighth_is_not_kept():
    made, make = MadeBytes(SIZE), Maker(SIZE // 8 + 1)

    assert len(made.get("key", make)) == len(made.get("key", make)) == SIZE // 8 + 1
    assert make.made == 2


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 12)), max_size=60))
def test_no_more_is_kept_than_there_is_room_and_everybody_gets_what_they_asked_for(wanted):
    made = MadeBytes(SIZE)
    for key, length in wanted:
        assert made.get((key, length), lambda key=key, length=length: bytes([key]) * length) == bytes([key]) * length
        assert sum(map(len, made._kept.values())) == made._kept.currsize <= SIZE


def test_many_at_once_get_what_one_of_them_makes():
    made, begun, go_on, count = MadeBytes(SIZE), threading.Event(), threading.Event(), []

    def make() -> bytes:
        count.append(1)
        begun.set()
        assert go_on.wait(10)
        return b"made"

    with ThreadPoolExecutor(8) as pool:
        results = [pool.submit(made.get, "key", make) for _ in range(8)]
        assert begun.wait(10)
        assert made.get("other", lambda: b"other") == b"other"
        go_on.set()
        assert [result.result() for result in results] == [b"made"] * 8
    assert len(count) == 1


def test_an_error_is_that_of_all_who_wait_and_is_not_kept():
    made, begun, go_on = MadeBytes(SIZE), threading.Event(), threading.Event()

    def fail() -> bytes:
        begun.set()
        assert go_on.wait(10)
        raise MalformedPixelData("It is broken.")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(made.get, "key", fail)
        assert begun.wait(10)
        second = pool.submit(made.get, "key", fail)
        while not made._coming["key"]._condition._waiters:
            time.sleep(0.001)
        go_on.set()
        assert isinstance(first.exception(), MalformedPixelData)
        assert second.exception() is first.exception()
    assert made.get("key", lambda: b"whole") == b"whole"


def test_a_process_that_is_forked_meanwhile_waits_for_nobody():
    made, begun, go_on = MadeBytes(SIZE), threading.Event(), threading.Event()

    def make() -> bytes:
        begun.set()
        assert go_on.wait(10)
        return b"of the parent"

    with ThreadPoolExecutor(1) as pool:
        parent = pool.submit(made.get, "key", make)
        assert begun.wait(10)
        made.clear()
        assert made.get("key", lambda: b"its own") == b"its own"
        go_on.set()
        assert parent.result() == b"of the parent"
