"""The application as the server sees it: both protocols on one port, behind proxies."""

import asyncio
from typing import Any

import pytest

from config.asgi import BehindProxies, application
from config.proxies import TrustedProxies


def test_a_websocket_where_there_is_no_event_channel_is_refused():
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/", "headers": [], "client": ("127.0.0.1", 4711)}
    asyncio.run(application(scope, receive, send))

    assert [message["type"] for message in sent] == ["websocket.close"]


@pytest.mark.parametrize(("client", "host"), [("10.0.0.1", b"pacs.example"), ("203.0.113.9", b"inside")])
def test_what_a_trusted_proxy_says_reaches_the_application(client, host):
    seen: list[dict[str, Any]] = []

    async def inner(scope: dict[str, Any], receive: object, send: object) -> None:
        seen.append(scope)

    scope = {
        "type": "http",
        "path": "/",
        "scheme": "http",
        "client": (client, 4711),
        "headers": [(b"host", b"inside"), (b"x-forwarded-host", b"pacs.example")],
    }
    asyncio.run(BehindProxies(inner, TrustedProxies(["10.0.0.0/8"]))(scope, None, None))

    assert seen[0]["headers"] == [(b"host", host)]
