"""Wake-ups: to whoever serves event channels here or elsewhere, few messages for many events, and never a failure."""

import asyncio
import logging
import os
import threading
from collections.abc import Iterator

import pytest
from channels.layers import InMemoryChannelLayer
from redis import RedisError

from workflow import notifier
from workflow.notifier import Waker, wake, wake_from

PATIENCE = 20


@pytest.fixture(autouse=True)
def _no_waker() -> Iterator[None]:
    """Each test begins as a process that serves no channels."""
    notifier._wakers.pop(os.getpid(), None)
    yield
    notifier._wakers.pop(os.getpid(), None)


class Layer:
    """A channel layer of another process."""

    def __init__(self, *, fails: bool = False) -> None:
        self.sent: list[list[str]] = []
        self.may_send = threading.Event()
        self.may_send.set()
        self.fails = fails

    async def group_send(self, group: str, message: dict[str, object]) -> None:
        assert (group, message["type"]) == (notifier.GROUP, "wake")
        await asyncio.to_thread(self.may_send.wait)
        if self.fails:
            raise RedisError("away")
        self.sent.append(message["subscribers"])


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> Layer:
    layer = Layer()
    monkeypatch.setattr(notifier, "get_channel_layer", lambda: layer)
    return layer


def finish() -> None:
    notifier._wakers[os.getpid()].finish()


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> InMemoryChannelLayer:
    layer = InMemoryChannelLayer()
    monkeypatch.setattr(notifier, "get_channel_layer", lambda: layer)
    return layer


@pytest.mark.usefixtures("in_memory")
def test_in_memory_a_process_that_serves_no_channels_wakes_nobody():
    wake(["A"])

    assert os.getpid() not in notifier._wakers


def test_in_memory_the_loop_that_serves_channels_hears_of_it_from_any_thread(in_memory: InMemoryChannelLayer):
    async def work() -> object:
        channel = await in_memory.new_channel()
        await in_memory.group_add(notifier.GROUP, channel)
        wake_from(asyncio.get_running_loop())
        await asyncio.to_thread(wake, ["B", "A"])
        async with asyncio.timeout(PATIENCE):
            return await in_memory.receive(channel)

    assert asyncio.run(work()) == {"type": "wake", "subscribers": ["A", "B"]}


def test_a_command_wakes_those_who_serve_channels_elsewhere(layer: Layer):
    wake(["A"])
    finish()

    assert layer.sent == [["A"]]


def test_what_comes_while_one_is_under_way_goes_together(layer: Layer):
    layer.may_send.clear()
    wake(["A"])
    for title in ("B", "C", "B"):
        wake([title])
    layer.may_send.set()
    finish()

    together = [title for message in layer.sent for title in message]
    assert sorted(together) in (["A", "B", "C"], ["A", "B", "B", "C"])
    assert len(layer.sent) <= 2


def test_a_layer_that_is_away_is_told_to_the_log_and_tried_again(layer: Layer, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.WARNING, notifier.__name__)
    layer.fails = True
    wake(["A"])
    finish()
    layer.fails = False
    wake(["B"])
    finish()

    assert layer.sent == [["B"]]
    assert "could not be woken: RedisError" in caplog.text


def test_a_layer_that_does_not_answer_keeps_nobody_waiting_for_long(layer: Layer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(notifier, "LAST_SECONDS", 0.05)
    layer.may_send.clear()
    wake(["A"])

    finish()

    assert layer.sent == []
    layer.may_send.set()


def test_a_loop_that_has_ended_is_no_failure():
    loop = asyncio.new_event_loop()
    loop.close()

    Waker(loop).wake(["A"])
