"""WebSockets as ASGI has them: the handshake as the request that it is, how one is refused, and how one ends."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from io import BytesIO
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse

from archive.server_extensions import SHUTDOWN

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: RFC 6455 Section 7.4.1, and the registry of close codes.
GOING_AWAY, POLICY_VIOLATION, TRY_AGAIN_LATER = 1001, 1008, 1013

#: Whether somebody still may have a socket open is asked now and then.
CHECK_SECONDS = 30.0


def handshake(scope: Message) -> HttpRequest:
    """The handshake as the HTTP request that it is."""
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    return ASGIRequest(dict(scope) | {"type": "http", "method": "GET", "scheme": scheme}, BytesIO())


async def refuse(scope: Message, send: Send, response: HttpResponse) -> None:
    """With the status and the reason, where the server can send them; else it is 403."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.items()]
    await send({"type": "websocket.http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": response.content})


async def end(receive: Receive) -> bool:
    """Wait for the end of a socket. Returns whether the server goes down, and waits until it is closed.

    What the client writes is ignored.
    """
    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == SHUTDOWN:
            return True
    return False


async def until_over(*works: Callable[[], Coroutine[Any, Any, int | None]]) -> int | None:
    """Do all that a socket does at once, until one ends: with the code to close it with, or None when it is closed."""
    tasks = [asyncio.create_task(work()) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task.done()).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
