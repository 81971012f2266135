"""A request's body as the thread that answers reads it, and the answer as the event loop sends it."""

import asyncio
import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.streams import AHEAD, BodyStream, ClientLost, Outbox


def read(pieces: list[bytes], use: Callable[[BodyStream], Any], *, then: Exception | None = None) -> tuple[Any, int]:
    """What a thread gets from a body that comes in these pieces, and how many of them were received."""
    received = 0

    async def receive() -> dict[str, Any]:
        nonlocal received
        if received == len(pieces) and then:
            raise then
        received += 1
        last = received == len(pieces) and not then
        return {"type": "http.request", "body": pieces[received - 1], "more_body": not last}

    async def run() -> Any:
        body = BodyStream(receive)
        try:
            return await asyncio.to_thread(use, body)
        finally:
            body.close()

    return asyncio.run(run()), received


pieces = st.lists(st.binary(max_size=12), min_size=1, max_size=8)


def all_of(body: BodyStream, size: int) -> list[bytes]:
    return list(iter(lambda: body.read(size), b""))


@settings(max_examples=30)
@given(pieces, st.integers(1, 9))
def test_reads_of_one_size_are_those_of_a_file(cut, size):
    file = io.BytesIO(b"".join(cut))

    assert read(cut, lambda body: all_of(body, size))[0] == list(iter(lambda: file.read(size), b""))


@settings(max_examples=30)
@given(st.lists(st.sampled_from([b"a", b"\n", b"bc\nd", b""]), min_size=1, max_size=8))
def test_lines_are_those_of_a_file(cut):
    assert read(cut, list)[0] == list(io.BytesIO(b"".join(cut)))


def test_read1_gives_what_is_there_and_no_more_than_was_asked_for():
    def use(body: BodyStream) -> list[bytes]:
        return [body.read1(2), body.read1(10), body.read1(10), body.read1(10)]

    assert b"".join(read([b"abc", b"def"], use)[0]) == b"abcdef"
    assert read([b"abc"], use)[0] == [b"ab", b"c", b"", b""]


def test_a_body_is_not_asked_for_before_it_is_read():
    assert read([b"abc"], lambda body: None) == (None, 0)


def test_no_more_is_received_than_is_worth_keeping_before_it_is_read():
    megabyte = bytes(AHEAD)

    first, received = read([megabyte] * 50, lambda body: body.read1(1))

    assert first == b"\0"
    assert received <= 2


def test_a_body_longer_than_what_is_kept_arrives_whole():
    content = [bytes([number]) * (AHEAD // 2) for number in range(10)]

    assert read(content, lambda body: body.read())[0] == b"".join(content)


def test_a_lost_client_is_an_error_after_what_came_before():
    def use(body: BodyStream) -> bytes:
        first = body.read(3)
        with pytest.raises(ClientLost):
            body.read(3)
        with pytest.raises(ClientLost):
            body.read1(3)
        return first

    assert read([b"abc"], use, then=ClientLost("gone"))[0] == b"abc"


# -- the answer ------------------------------------------------------------------


def piece(length: int) -> dict[str, Any]:
    return {"type": "http.response.body", "body": bytes(length), "more_body": True}


def test_messages_are_sent_in_order_and_the_thread_waits_while_too_much_is_unsent():
    sent: list[int] = []
    most_unsent = 0

    async def run() -> None:
        outbox = Outbox()
        added = 0

        def answer() -> None:
            nonlocal added
            for number in range(40):
                outbox.add(piece(AHEAD // 4 + number))
                added += 1

        async def send(message: Any) -> None:
            nonlocal most_unsent
            await asyncio.sleep(0)
            most_unsent = max(most_unsent, added - len(sent))
            sent.append(len(message["body"]) - AHEAD // 4)

        sender = asyncio.create_task(outbox.send_all(send))
        await asyncio.to_thread(answer)
        await outbox.put(None)
        await sender

    asyncio.run(run())

    assert sent == list(range(40))
    assert most_unsent <= 5


def test_nothing_can_be_added_to_what_is_closed():
    async def run() -> None:
        outbox = Outbox()
        outbox.close()
        with pytest.raises(ClientLost):
            outbox.add(piece(1))

    asyncio.run(run())
