"""Open Event Channel and Send Event Report: PS3.18 Sections 8.10.4 and 8.10.5, as an ASGI application.

The channel only sends; what a client writes into it is ignored. To open or close one changes no subscription.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated

from dicomweb import exceptions
from dicomweb.authentication import BasicAuthentication
from dicomweb.database_threads import DatabaseThreads
from dicomweb.event_admission import SUBPROTOCOL, Admission, admit
from dicomweb.event_frames import frame
from dicomweb.event_hub import Listener, hub
from dicomweb.server_extensions import RECEIPTS, SHUTDOWN
from workflow.selectors.events import StoredEvent, last_sequences

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: The rows of `dicomweb/urls.py` that are event channels.
CHANNELS = ("subscribers/{ae_title}", "ws/subscribers/{ae_title}")

#: As for HTTP, by the first of its ways to sign in.
CHALLENGE = f'Basic realm="{BasicAuthentication.www_authenticate_realm}"'

#: RFC 6455 Section 7.4.1, and the registry of close codes.
GOING_AWAY, POLICY_VIOLATION, TRY_AGAIN_LATER = 1001, 1008, 1013

#: Whether somebody still may have a channel open is asked now and then.
CHECK_SECONDS = 30.0

#: Passwords are hashed here: nobody waits for that who only gets events.
_threads = DatabaseThreads(2, "admission")


async def event_channel(scope: Message, receive: Receive, send: Send) -> None:
    """One channel, from the handshake until it is closed."""
    await receive()
    offered = scope.get("subprotocols", [])
    admitted = await _threads.run(_admitted, _request(scope), offered)
    if isinstance(admitted, HttpResponse):
        await _refuse(scope, send, admitted)
        return
    with hub().listener(admitted.ae_title, admitted.position) as listener:
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if SUBPROTOCOL in offered else None})
        channel = Channel(listener, admitted, receive, send, receipts=RECEIPTS in scope.get("extensions", {}))
        if code := await channel.until_over():
            await send({"type": "websocket.close", "code": code})


class Channel:
    """An open channel. Each of what it does at once ends with the code to close it with, or None when it is closed."""

    def __init__(
        self, listener: Listener, admission: Admission, receive: Receive, send: Send, *, receipts: bool
    ) -> None:
        self._listener = listener
        self._admission = admission
        self._receive = receive
        self._send = send
        self._receipts = receipts

    async def until_over(self) -> int | None:
        tasks = [asyncio.create_task(work()) for work in (self._hear, self._check, self._tell)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(task for task in tasks if task.done()).result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hear(self) -> int | None:
        while (message := await self._receive())["type"] != "websocket.disconnect":
            if message["type"] == SHUTDOWN:
                await hub().go_down()
                return GOING_AWAY
        return None

    async def _check(self) -> int:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            with suppress(DatabaseError, InterfaceError):  # nobody can say
                if code := await _threads.run(self._wrong):
                    return code

    def _wrong(self) -> int | None:
        """What the channel has to be closed for; an AE that has been deleted begins again, before its channels."""
        title, position = self._listener.ae_title, self._listener.position
        if not self._admission.still_holds():
            return POLICY_VIOLATION
        return TRY_AGAIN_LATER if last_sequences([title]).get(title, 0) < position else None

    async def _tell(self) -> int | None:
        try:
            await hub().send_all(self._listener, self._send_report)
        except TimeoutError:
            return TRY_AGAIN_LATER
        except OSError:  # closed
            return None

    async def _send_report(self, event: StoredEvent) -> None:
        receipt = partial(hub().received, self._listener, event.sequence)
        message = {"type": "websocket.send", "text": frame(event, numbered=self._admission.numbered)}
        async with asyncio.timeout(settings.ARCHIVE_STALL_SECONDS):
            await self._send(message | ({RECEIPTS: receipt} if self._receipts else {}))
        if not self._receipts:
            receipt()


# -- the handshake ---------------------------------------------------------------


def _request(scope: Message) -> HttpRequest:
    """The handshake as the HTTP request that it is."""
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    return ASGIRequest(dict(scope) | {"type": "http", "method": "GET", "scheme": scheme}, BytesIO())


def _admitted(request: HttpRequest, subprotocols: Sequence[str]) -> Admission | HttpResponse:
    """The channel that may be opened, or why none may."""
    try:
        return admit(request, _ae_title(request.path_info), subprotocols)
    except Resolver404 as error:
        return exceptions.not_found(request, error)
    except SuspiciousOperation as error:
        return exceptions.bad_request(request, error)
    except Exception as error:
        response = exceptions.handle(error, {"request": request})
        if response is None:
            raise
        if isinstance(error, AuthenticationFailed | NotAuthenticated):
            response["WWW-Authenticate"] = CHALLENGE
        return response


def _ae_title(path: str) -> str:
    """Whose channel is at this path.

    Raises:
        Resolver404: there is none.
    """
    match = resolve(path.removesuffix("/"))
    if match.url_name not in CHANNELS:
        raise Resolver404
    title: str = match.kwargs["ae_title"]
    return title


async def _refuse(scope: Message, send: Send, response: HttpResponse) -> None:
    """With the status and the reason, where the server can send them; else it is 403."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.items()]
    await send({"type": "websocket.http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": response.content})
