"""The database from an event loop: a few threads for many coroutines, each with the connection that it keeps."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseThreads:
    """So many calls run at once; others wait for their turn."""

    def __init__(self, threads: int, name: str) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        call: Callable[..., Awaitable[T]] = database_sync_to_async(
            function, thread_sensitive=False, executor=self._executor
        )
        return await call(*args, **kwargs)
