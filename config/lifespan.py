"""What is done when the server stops, once all requests have been answered."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from django.utils.module_loading import import_string

from config.streams import Receive, Send

#: By its name: models cannot be imported before Django is set up.
ON_STOP = "archive.audit.trail.flush"


class WithLifespan:
    """An ASGI application that leaves nothing unwritten when its process ends (ASGI lifespan protocol)."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._application(scope, receive, send)
            return
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.to_thread(import_string(ON_STOP))
        await send({"type": "lifespan.shutdown.complete"})
