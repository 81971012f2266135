"""The threads that wait for the storage, so that nobody else has to."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache

from django.conf import settings


@cache
def io_pool() -> ThreadPoolExecutor:
    """For whoever writes, or opens, several blobs at once."""
    return ThreadPoolExecutor(settings.ARCHIVE_IO_THREADS, thread_name_prefix="blob-io")


@cache
def read_ahead_pool() -> ThreadPoolExecutor:
    """For the storage itself: what runs here waits for no other thread, so readers in `io_pool` may wait for it."""
    return ThreadPoolExecutor(settings.ARCHIVE_IO_THREADS, thread_name_prefix="blob-read-ahead")
