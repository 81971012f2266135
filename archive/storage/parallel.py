"""The threads that wait for the storage, so that nobody else has to."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from itertools import islice
from typing import TypeVar

from django.conf import settings

Result = TypeVar("Result")


@cache
def io_pool() -> ThreadPoolExecutor:
    """For whoever writes, or opens, several blobs at once."""
    return ThreadPoolExecutor(settings.ARCHIVE_IO_THREADS, thread_name_prefix="blob-io")


@cache
def read_ahead_pool() -> ThreadPoolExecutor:
    """For the storage itself: what runs here waits for no other thread, so readers in `io_pool` may wait for it."""
    return ThreadPoolExecutor(settings.ARCHIVE_IO_THREADS, thread_name_prefix="blob-read-ahead")


def ahead(calls: Iterable[Callable[[], Result]], number: int) -> Generator[Result, None, None]:
    """What the calls return, in their order; so many of them are made before their turn, in `io_pool`."""
    if not number:
        yield from (call() for call in calls)
        return
    coming = iter(calls)
    window: deque[Future[Result]] = deque(io_pool().submit(call) for call in islice(coming, number))
    try:
        while window:
            result = window.popleft().result()
            window.extend(io_pool().submit(call) for call in islice(coming, 1))
            yield result
    finally:
        for future in window:
            future.cancel()
