"""The hub: pages hear of their topics, at once and then not too often, and miss nothing by that."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from archive import wake_ups
from archive.live import hints
from archive.live import hub as hub_module
from archive.live.hub import Hub, Listener, hub

PATIENCE = 20


@pytest.fixture(autouse=True)
def layer(monkeypatch: pytest.MonkeyPatch) -> InMemoryChannelLayer:
    layer = InMemoryChannelLayer()
    monkeypatch.setattr(wake_ups, "get_channel_layer", lambda: layer)
    monkeypatch.setattr(wake_ups, "RETRY_SECONDS", 0.01)
    return layer


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


async def ready(layer: InMemoryChannelLayer) -> Hub:
    """The hub, as soon as it hears."""
    made = hub()
    async with asyncio.timeout(PATIENCE):
        while hints.GROUP not in layer.groups:
            await asyncio.sleep(0)
    return made


async def told(listener: Listener) -> set[str]:
    async with asyncio.timeout(PATIENCE):
        return await listener.news()


def hint(*topics: str) -> Coroutine[Any, Any, None]:
    return asyncio.to_thread(wake_ups.wake, hints.GROUP, topics)


async def nothing(listener: Listener, seconds: float = 0.1) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await listener.news()


def test_a_page_hears_of_its_topics_and_of_no_others(layer):
    async def work() -> None:
        hub = await ready(layer)
        with hub.listener(["studies"]) as studies, hub.listener(["workitems"]) as workitems:
            await hint("studies")
            assert await told(studies) == {"studies"}
            await nothing(workitems)

    run(work)


def test_many_hints_are_one_look_a_second_and_the_last_is_not_lost(layer, monkeypatch):
    monkeypatch.setattr(hub_module, "PAUSE_SECONDS", 0.2)
    began, heard = time.monotonic(), []

    async def listen(listener: Listener) -> None:
        while True:
            await listener.news()
            heard.append(time.monotonic() - began)

    async def work() -> None:
        hub = await ready(layer)
        with hub.listener(["studies"]) as listener:
            listening = asyncio.create_task(listen(listener))
            for _ in range(500):
                await hint("studies")
                await asyncio.sleep(0.001)
            ended = time.monotonic() - began
            await asyncio.sleep(0.5)
            listening.cancel()
        assert len(heard) <= 2 + ended / 0.2
        assert heard[-1] >= ended

    run(work)


def test_what_comes_while_a_page_takes_nothing_comes_together(layer, monkeypatch):
    monkeypatch.setattr(hub_module, "PAUSE_SECONDS", 0.001)

    async def work() -> None:
        hub = await ready(layer)
        with hub.listener(["studies", "workitems"]) as slow, hub.listener(["studies", "workitems"]) as quick:
            for topic in ("studies", "workitems", "studies"):
                await hint(topic)
                assert await told(quick) == {topic}
            assert await told(slow) == {"studies", "workitems"}
            await nothing(slow)

    run(work)


def test_pages_that_were_closed_are_forgotten(layer):
    async def work() -> None:
        hub = await ready(layer)
        with hub.listener(["studies"]):
            pass
        assert not hub._listeners

    run(work)


def test_the_hub_hears_again_after_its_layer_was_away(layer, monkeypatch):
    receive, failures = layer.receive, [OSError(), OSError()]

    async def fails_at_first(channel: str) -> Any:
        if failures:
            raise failures.pop()
        return await receive(channel)

    monkeypatch.setattr(layer, "receive", fails_at_first)

    async def work() -> None:
        hub = await ready(layer)
        with hub.listener(["studies"]) as listener:
            async with asyncio.timeout(PATIENCE):
                while failures:
                    await asyncio.sleep(0.001)
            await hint("studies")
            assert await told(listener) == {"studies"}

    run(work)


def test_it_stays_a_member_of_its_group(layer, monkeypatch):
    monkeypatch.setattr(hub_module, "STAY_SECONDS", 0.01)

    async def work() -> None:
        await ready(layer)
        layer.groups.clear()  # the layer has forgotten it
        await ready(layer)

    run(work)
