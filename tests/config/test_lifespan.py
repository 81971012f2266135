"""What waits in memory is written before the server's process ends."""

import asyncio
from typing import Any

from config.lifespan import WithLifespan


def test_what_waits_is_written_when_the_server_stops_and_not_before(monkeypatch):
    story: list[str] = []
    monkeypatch.setattr("archive.audit.trail.flush", lambda: story.append("written"))

    async def receive() -> dict[str, str]:
        return {"type": "lifespan.shutdown" if story else "lifespan.startup"}

    async def send(message: dict[str, str]) -> None:
        story.append(message["type"])

    asyncio.run(WithLifespan(None)({"type": "lifespan"}, receive, send))

    assert story == ["lifespan.startup.complete", "written", "lifespan.shutdown.complete"]


def test_other_scopes_are_the_applications():
    seen: list[Any] = []

    async def application(*arguments: Any) -> None:
        seen.append(arguments)

    asyncio.run(WithLifespan(application)({"type": "http"}, "receive", "send"))  # type: ignore[arg-type]

    assert seen == [({"type": "http"}, "receive", "send")]
