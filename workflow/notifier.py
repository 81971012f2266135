"""Wake whoever sends events to subscribers, in this process and in others. A wake-up that is lost loses no event."""

import asyncio
import logging
from collections.abc import Collection

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

#: The group that every process with open event channels listens to.
GROUP = "worklist-events"


class EventLoop:
    """The loop that the process serves WebSocket in; none in workers and commands.

    The in-memory layer wakes nobody from another thread, and connections to Redis belong to the loop that made them.
    """

    loop: asyncio.AbstractEventLoop | None = None


def wake(subscribers: Collection[str]) -> None:
    """There are new events for these AE titles. To be called when they have been committed, from synchronous code."""
    loop = EventLoop.loop
    if loop is None:
        async_to_sync(_send)(subscribers)
    elif not loop.is_closed():
        asyncio.run_coroutine_threadsafe(_send(subscribers), loop)


async def _send(subscribers: Collection[str]) -> None:
    try:
        await get_channel_layer().group_send(GROUP, {"type": "wake", "subscribers": list(subscribers)})
    except (OSError, RedisError) as error:
        # Whoever has an event channel open looks for new events now and then.
        log.warning("subscribers could not be woken: %s", type(error).__name__)
