"""Wake-ups: to whoever listens here or elsewhere, few messages for much news, and never a failure."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Iterator

import pytest
from channels.layers import InMemoryChannelLayer
from redis import RedisError

from archive import wake_ups
from archive.wake_ups import Waker, WakeUps, between_processes, wake

PATIENCE = 20
GROUP = "some"


@pytest.fixture(autouse=True)
def _no_waker() -> Iterator[None]:
    """Each test begins as a process that listens to nothing."""
    wake_ups.forget()
    yield
    wake_ups.forget()


class Layer:
    """A channel layer of another process."""

    def __init__(self, *, fails: bool = False) -> None:
        self.sent: list[list[str]] = []
        self.may_send = threading.Event()
        self.may_send.set()
        self.fails = fails

    async def group_send(self, group: str, message: dict[str, object]) -> None:
        assert (group, message["type"]) == (GROUP, "wake")
        await asyncio.to_thread(self.may_send.wait)
        if self.fails:
            raise RedisError("away")
        self.sent.append(message["names"])


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> Layer:
    layer = Layer()
    monkeypatch.setattr(wake_ups, "get_channel_layer", lambda: layer)
    return layer


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> InMemoryChannelLayer:
    layer = InMemoryChannelLayer()
    monkeypatch.setattr(wake_ups, "get_channel_layer", lambda: layer)
    return layer


@pytest.mark.usefixtures("in_memory")
def test_in_memory_a_process_that_listens_to_nothing_wakes_nobody():
    wake(GROUP, ["A"])

    assert not between_processes()
    assert (os.getpid(), GROUP) not in wake_ups._wakers


def test_in_memory_the_loop_that_listens_hears_of_it_from_any_thread(in_memory: InMemoryChannelLayer):
    async def work() -> list[str]:
        heard = WakeUps(GROUP).heard()
        first = asyncio.create_task(anext(heard))
        while not in_memory.groups:
            await asyncio.sleep(0)
        await asyncio.to_thread(wake, GROUP, ["B", "A"])
        async with asyncio.timeout(PATIENCE):
            return await first

    assert asyncio.run(work()) == ["A", "B"]


def test_a_command_wakes_those_who_listen_elsewhere(layer: Layer):
    wake(GROUP, ["A"])
    wake_ups.finish()

    assert layer.sent == [["A"]]


def test_what_comes_while_one_is_under_way_goes_together(layer: Layer):
    layer.may_send.clear()
    wake(GROUP, ["A"])
    for title in ("B", "C", "B"):
        wake(GROUP, [title])
    layer.may_send.set()
    wake_ups.finish()

    together = [title for message in layer.sent for title in message]
    assert sorted(together) in (["A", "B", "C"], ["A", "B", "B", "C"])
    assert len(layer.sent) <= 2


def test_between_two_wake_ups_there_is_a_pause_but_for_the_first_nobody_waits(layer: Layer):
    began = time.monotonic()
    wake(GROUP, ["A"], pause=0.3)
    wake_ups.finish()
    after_the_first = time.monotonic() - began
    for title in ("B", "C", "B"):
        wake(GROUP, [title], pause=0.3)
    wake_ups.finish()

    assert layer.sent == [["A"], ["B", "C"]]
    assert after_the_first < 0.3 <= time.monotonic() - began


def test_groups_are_apart(monkeypatch: pytest.MonkeyPatch):
    layer = InMemoryChannelLayer()
    monkeypatch.setattr(wake_ups, "get_channel_layer", lambda: layer)

    async def work() -> list[str]:
        both = [asyncio.create_task(anext(WakeUps(group).heard())) for group in (GROUP, "other")]
        while len(layer.groups) < len(both):
            await asyncio.sleep(0)
        await asyncio.to_thread(wake, GROUP, ["A"])
        await asyncio.to_thread(wake, "other", ["B"])
        async with asyncio.timeout(PATIENCE):
            return [name for names in await asyncio.gather(*both) for name in names]

    assert asyncio.run(work()) == ["A", "B"]


def test_a_layer_that_is_away_is_told_to_the_log_and_tried_again(layer: Layer, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.WARNING, wake_ups.__name__)
    layer.fails = True
    wake(GROUP, ["A"])
    wake_ups.finish()
    layer.fails = False
    wake(GROUP, ["B"])
    wake_ups.finish()

    assert layer.sent == [["B"]]
    assert "could not be woken: RedisError" in caplog.text


def test_a_layer_that_does_not_answer_keeps_nobody_waiting_for_long(layer: Layer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wake_ups, "LAST_SECONDS", 0.05)
    layer.may_send.clear()
    wake(GROUP, ["A"])

    wake_ups.finish()

    assert layer.sent == []
    layer.may_send.set()


def test_a_loop_that_has_ended_is_no_failure():
    loop = asyncio.new_event_loop()
    loop.close()

    Waker(loop, GROUP).wake(["A"])
