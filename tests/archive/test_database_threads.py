"""The database's threads: what they are asked is answered, and nobody is kept who has been cancelled."""

import asyncio
import threading

import pytest

from archive.database_threads import DatabaseThreads

PATIENCE = 20


def test_what_a_thread_gives_or_raises_comes_back():
    async def work() -> None:
        threads = DatabaseThreads(2, "test")
        assert await threads.run(divmod, 7, 2) == (3, 1)
        assert await threads.run(sorted, [1, 2], reverse=True) == [2, 1]
        with pytest.raises(ZeroDivisionError):
            await threads.run(divmod, 1, 0)

    asyncio.run(work())


def test_as_many_run_at_once_as_there_are_threads():
    together = threading.Barrier(2, timeout=PATIENCE)

    async def work() -> None:
        threads = DatabaseThreads(2, "test")
        await asyncio.gather(*(threads.run(together.wait) for _ in range(4)))

    asyncio.run(work())


def test_who_is_cancelled_does_not_wait_for_the_thread():
    begun, may_end = threading.Event(), threading.Event()

    def stay() -> None:
        begun.set()
        may_end.wait(PATIENCE)

    async def work() -> None:
        task = asyncio.create_task(DatabaseThreads(1, "test").run(stay))
        await asyncio.to_thread(begun.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(PATIENCE / 2):
                await task
        assert not may_end.is_set()

    try:
        asyncio.run(work())
    finally:
        may_end.set()
