"""Open Event Channel and Send Event Report: PS3.18 Sections 8.10.4 and 8.10.5, as an ASGI application.

The channel only sends; what a client writes into it is ignored. To open or close one changes no subscription.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated

from archive.database_threads import DatabaseThreads
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
from dicomweb import exceptions
from dicomweb.authentication import BasicAuthentication
from dicomweb.event_admission import SUBPROTOCOL, Admission, admit
from dicomweb.event_frames import frame
from dicomweb.event_hub import Listener, hub
from workflow.selectors.events import StoredEvent, last_sequences

#: The rows of `dicomweb/urls.py` that are event channels.
CHANNELS = ("subscribers/{ae_title}", "ws/subscribers/{ae_title}")

#: As for HTTP, by the first of its ways to sign in.
CHALLENGE = f'Basic realm="{BasicAuthentication.www_authenticate_realm}"'

#: Passwords are hashed here: nobody waits for that who only gets events.
_threads = DatabaseThreads(2, "admission")


async def event_channel(scope: Message, receive: Receive, send: Send) -> None:
    """One channel, from the handshake until it is closed."""
    await receive()
    offered = scope.get("subprotocols", [])
    admitted = await _threads.run(_admitted, handshake(scope), offered)
    if isinstance(admitted, HttpResponse):
        await refuse(scope, send, admitted)
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
        return await until_over(self._hear, self._check, self._tell)

    async def _hear(self) -> int | None:
        if not await end(self._receive):
            return None
        await hub().go_down()
        return GOING_AWAY

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
