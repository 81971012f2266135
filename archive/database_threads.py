"""The database from an event loop: a few threads for many coroutines, each with the connection that it keeps."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseThreads:
    """So many calls run at once; others wait for their turn.

    Whoever is cancelled does not wait for the thread any more. (asgiref's `sync_to_async` would wait, and then forget
    that it was cancelled.)
    """

    def __init__(self, threads: int, name: str) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        call = partial(_with_usable_connection, partial(function, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)


def _with_usable_connection(call: Callable[[], T]) -> T:
    """As Django does before and after each request: a connection that has failed is not used again."""
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()
