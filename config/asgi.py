"""One port for both: HTTP goes to Django in threads, WebSocket is answered in the event loop."""

import os
from collections.abc import MutableMapping
from typing import Any

from channels.routing import ProtocolTypeRouter
from django.conf import settings

from archive.live.channel import LiveChannel
from archive.live.hints import STUDIES
from archive.pages.live import is_for_page
from archive.storage import blobs
from archive.web_sockets import handshake
from config import memory
from config.http import ThreadedHTTP
from config.lifespan import WithLifespan
from config.proxies import TrustedProxies
from config.streams import Receive, Send
from config.wsgi import application as wsgi_application
from dicomweb.event_channel import event_channel
from workflow.services.transaction import WORKITEMS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

memory.share_arenas()
blobs()  # the first request should not wait for the storage's client to be made


class BehindProxies:
    """An ASGI application that sees requests as the trusted proxies describe them."""

    def __init__(self, application: Any, proxies: TrustedProxies) -> None:
        self._application = application
        self._proxies = proxies

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        await self._application(self._proxies.apply(scope), receive, send)


#: What pages that are open are told of, and who may hear of it.
live_channel = LiveChannel({STUDIES: "archive.view_instance", WORKITEMS: "workflow.view_workitem"})


async def web_socket(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """For pages that are open, or for subscribers of the worklist."""
    application = live_channel if is_for_page(handshake(scope)) else event_channel
    await application(scope, receive, send)


application = WithLifespan(
    BehindProxies(
        ProtocolTypeRouter(
            {
                "http": ThreadedHTTP(
                    wsgi_application, threads=settings.ARCHIVE_THREADS, stall_seconds=settings.ARCHIVE_STALL_SECONDS
                ),
                "websocket": web_socket,
            }
        ),
        TrustedProxies(settings.ARCHIVE_TRUSTED_PROXIES),
    )
)
