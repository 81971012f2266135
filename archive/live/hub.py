"""The hub: hears hints, and hands them to the sockets of the pages that are open in this process, not too many."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from archive.live import hints
from archive.wake_ups import WakeUps, for_ever, one_for_each_loop

#: Pages are told no more than once in so many seconds: each look is a request, and there may be many pages.
PAUSE_SECONDS = 1.0
#: A layer forgets those that have been members for a day.
STAY_SECONDS = 3600.0

COMPLAINT = "open pages may be told late"


class Listener:
    """An open page, as the hub sees it.

    Args:
        topics: what it wants to hear of.
    """

    def __init__(self, topics: Collection[str]) -> None:
        self._topics = frozenset(topics)
        self._news: set[str] = set()
        self._something = asyncio.Event()

    def offer(self, topics: Collection[str]) -> None:
        if news := self._topics.intersection(topics):
            self._news |= news
            self._something.set()

    async def news(self) -> set[str]:
        """Wait for hints. What has come since the last time comes together."""
        await self._something.wait()
        self._something.clear()
        news, self._news = self._news, set()
        return news


class Hub:
    """One in each process that has such sockets open, and in its event loop."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._news: set[str] = set()
        self._something = asyncio.Event()
        self._wake_ups = WakeUps(hints.GROUP)
        work = (self._listen, self._stay, self._hand_out)
        self._tasks = [asyncio.create_task(for_ever(function, COMPLAINT)) for function in work]

    @contextmanager
    def listener(self, topics: Collection[str]) -> Iterator[Listener]:
        """A place for a page; from now on it misses nothing."""
        listener = Listener(topics)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def _listen(self) -> None:
        async for topics in self._wake_ups.heard():
            self._news.update(topics)
            self._something.set()

    async def _stay(self) -> None:
        while True:
            await asyncio.sleep(STAY_SECONDS)
            await self._wake_ups.stay()

    async def _hand_out(self) -> None:
        """The first hint at once; what comes soon after it, together."""
        while True:
            await self._something.wait()
            self._something.clear()
            news, self._news = self._news, set()
            for listener in self._listeners:
                listener.offer(news)
            await asyncio.sleep(PAUSE_SECONDS)


#: The hub of the running event loop.
hub = one_for_each_loop(Hub)
