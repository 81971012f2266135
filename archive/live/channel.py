"""The socket of a page that is open (`/live?topic=studies`), as an ASGI application: it is sent the topics of hints.

It is for the archive's own pages and for who has signed in on them, as long as that holds. A page without one looks by
itself now and then (`static/js/live.js`).
"""

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseForbidden

from archive.database_threads import DatabaseThreads
from archive.live.hub import Listener, hub
from archive.own_pages import is_ours, person
from archive.server_extensions import RECEIPTS
from archive.web_sockets import (
    CHECK_SECONDS,
    GOING_AWAY,
    POLICY_VIOLATION,
    TRY_AGAIN_LATER,
    Message,
    Receive,
    Send,
    end,
    handshake,
    refuse,
    until_over,
)

_threads = DatabaseThreads(1, "live")


class LiveChannel:
    """
    Args:
        topics: what there are hints of, each with the permission to hear of it.
    """

    def __init__(self, topics: Mapping[str, str]) -> None:
        self._topics = topics

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One socket, from the handshake until it is closed."""
        await receive()
        request = handshake(scope)
        wanted = await _threads.run(self._admitted, request)
        if isinstance(wanted, HttpResponse):
            await refuse(scope, send, wanted)
            return
        with hub().listener(wanted) as listener:
            await send({"type": "websocket.accept"})
            tell = partial(_tell, listener, send, receipts=RECEIPTS in scope.get("extensions", {}))
            check = partial(self._check, request, wanted)
            if code := await until_over(partial(_hear, receive), check, tell):
                await send({"type": "websocket.close", "code": code})

    def _admitted(self, request: HttpRequest) -> Collection[str] | HttpResponse:
        """The topics that the page asks for, or why it may not hear of them."""
        try:
            wanted = request.GET.getlist("topic")
            if not wanted or not self._topics.keys() >= set(wanted):
                return HttpResponseBadRequest()
            return wanted if is_ours(request) and self._may_hear(request, wanted) else HttpResponseForbidden()
        except SuspiciousOperation:
            return HttpResponseBadRequest()
        except (DatabaseError, InterfaceError):
            return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)

    def _may_hear(self, request: HttpRequest, wanted: Collection[str]) -> bool:
        """Whether they may now: sessions end, and permissions are taken away."""
        user = person(request)
        return all(user.has_perm(self._topics[topic]) for topic in wanted)

    async def _check(self, request: HttpRequest, wanted: Collection[str]) -> int:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            with suppress(DatabaseError, InterfaceError):  # nobody can say
                if not await _threads.run(self._may_hear, request, wanted):
                    return POLICY_VIOLATION


async def _hear(receive: Receive) -> int | None:
    return GOING_AWAY if await end(receive) else None


async def _tell(listener: Listener, send: Send, *, receipts: bool) -> int | None:
    """Send hints as they come. Until a client has taken one, no other is sent; what takes none is closed."""
    while True:
        topics = await listener.news()
        try:
            async with asyncio.timeout(settings.ARCHIVE_STALL_SECONDS):
                await _send_hint(" ".join(sorted(topics)), send, receipts=receipts)
        except TimeoutError:
            return TRY_AGAIN_LATER
        except OSError:  # closed
            return None


async def _send_hint(text: str, send: Send, *, receipts: bool) -> None:
    message: dict[str, Any] = {"type": "websocket.send", "text": text}
    if not receipts:
        await send(message)
        return
    taken = asyncio.Event()
    await send(message | {RECEIPTS: taken.set})
    await taken.wait()
