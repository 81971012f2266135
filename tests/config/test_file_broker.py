"""Celery's broker in a folder: messages come once, in order, whole, and not only when all goes well."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from config import file_broker
from config.file_broker import Channel

QUEUE = "tests"


@pytest.fixture(autouse=True)
def _recovery_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(file_broker, "RECOVERY_SECONDS", 0)


@pytest.fixture
def connect(tmp_path):
    """Opens channels over one folder."""
    connections = []

    def channel() -> Channel:
        options = {"folder": str(tmp_path), "polling_interval": 0.01}
        connection = Connection("files://localhost", transport=file_broker.Transport, transport_options=options)
        connections.append(connection)
        opened = connection.channel()
        opened.queue_declare(QUEUE)
        return opened

    yield channel
    for connection in connections:
        connection.release()


def send(channel: Channel, *bodies: str) -> None:
    for body in bodies:
        channel.basic_publish(channel.prepare_message(body), exchange="", routing_key=QUEUE)


def receive(channel: Channel):
    """The next message, or None."""
    return channel.basic_get(QUEUE)


def everything(channel: Channel) -> Iterator[str]:
    while message := receive(channel):
        message.ack()
        yield message.body.decode()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_messages_come_in_the_order_in_which_they_were_sent(connect, tmp_path):
    send(connect(), *map(str, range(20)))

    assert list(everything(connect())) == list(map(str, range(20)))
    assert files(tmp_path) == []


def test_messages_that_are_sent_meanwhile_come_too(connect):
    channel = connect()
    send(channel, "1", "2")
    first = receive(channel)
    send(channel, "3")

    assert [first.body.decode(), *everything(channel)] == ["1", "2", "3"]


def test_a_message_goes_to_one_receiver(connect):
    first, second = connect(), connect()
    send(first, "1")

    message = receive(first)
    assert receive(second) is None
    message.ack()
    assert receive(second) is None


def test_a_message_that_is_put_back_comes_again_at_its_place(connect):
    channel, other = connect(), connect()
    send(channel, "1", "2")

    receive(channel).requeue()

    assert list(everything(other)) == ["1", "2"]


def test_a_message_that_is_rejected_is_gone(connect, tmp_path):
    channel = connect()
    send(channel, "1")

    receive(channel).reject()

    assert receive(channel) is None
    assert files(tmp_path) == []


def test_a_receiver_that_stops_lets_its_messages_wait_again(connect):
    channel, other = connect(), connect()
    send(channel, "1", "2")
    receive(channel)

    channel.close()

    assert list(everything(other)) == ["1", "2"]


TAKE_AND_WAIT = """
import sys, time
from kombu import Connection
from config.file_broker import Transport
options = {"folder": sys.argv[1]}
channel = Connection("files://localhost", transport=Transport, transport_options=options).channel()
channel.queue_declare("tests")
assert channel.basic_get("tests")
print("taken", flush=True)
time.sleep(60)
"""


def test_a_message_comes_again_when_its_receiver_is_killed_and_not_before(connect, tmp_path):
    channel = connect()
    send(channel, "1")
    command = [sys.executable, "-c", TAKE_AND_WAIT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as receiver:
        assert receiver.stdout.readline() == "taken\n"
        assert receive(channel) is None

        receiver.kill()
        receiver.wait()

        assert list(everything(channel)) == ["1"]


def test_a_process_that_was_forked_meanwhile_does_not_hold_what_is_put_back(connect):
    channel, other = connect(), connect()
    send(channel, "1")
    message = receive(channel)
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    try:
        message.requeue()
        assert list(everything(other)) == ["1"]
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_many_who_send_and_receive_at_once_lose_and_repeat_nothing(connect):
    """What is half written is not read, and what one has taken, or puts back, no other has at the same time."""
    channels = [connect() for _ in range(6)]
    sent = [[f"{sender}-{number}" for number in range(200)] for sender in range(3)]
    received: list[str] = []
    done = threading.Event()

    def take(channel: Channel) -> None:
        putting_back = True
        while True:
            message = receive(channel)
            if message is None:
                if done.is_set():
                    return
            elif putting_back := not putting_back:
                message.requeue()
            else:
                message.ack()
                received.append(message.body.decode())

    senders = [threading.Thread(target=send, args=(channels[i], *sent[i])) for i in range(3)]
    receivers = [threading.Thread(target=take, args=(channel,)) for channel in channels[3:]]
    for thread in (*senders, *receivers):
        thread.start()
    for thread in senders:
        thread.join()
    done.set()
    for thread in receivers:
        thread.join()

    assert sorted(received + list(everything(channels[0]))) == sorted(chain(*sent))


def test_a_queue_can_be_counted_and_emptied(connect):
    channel = connect()
    send(channel, "1", "2", "3")

    assert channel.queue_declare(QUEUE).message_count == 3
    assert channel.queue_purge(QUEUE) == 3
    assert channel.queue_declare(QUEUE).message_count == 0


def test_what_is_on_its_way_in_is_not_read(connect, tmp_path):
    channel = connect()
    (tmp_path / QUEUE / file_broker.NEW / "0").write_text('{"body": "ha')

    assert receive(channel) is None


@pytest.mark.parametrize("content", ["", '{"body": "ha', "{}", "[]", "\xff"])
def test_a_message_that_a_power_failure_has_spoilt_is_dropped(connect, tmp_path, content):
    channel = connect()
    (tmp_path / QUEUE / file_broker.WAITING / "0").write_text(content, encoding="latin-1")
    send(channel, "1")

    assert list(everything(channel)) == ["1"]
    assert files(tmp_path) == []


def test_a_long_queue_is_not_listed_for_every_message(connect, monkeypatch):
    channel = connect()
    send(channel, *map(str, range(50)))
    listings = []
    listing = Channel._listing
    monkeypatch.setattr(Channel, "_listing", lambda *args: (listings.append(args), listing(*args))[1])

    assert len(list(everything(channel))) == 50
    assert len(listings) <= 6


def test_nothing_is_received_where_nothing_waits(connect):
    with pytest.raises(Empty):
        connect()._get(QUEUE)


def test_a_receiver_that_may_take_no_more_goes_on_as_soon_as_one_is_settled(connect):
    """Not at the next look into the folder, which would allow a worker few tasks in a second."""
    channel = connect()
    transport = channel.connection
    transport.polling_interval = 60
    channel.basic_qos(0, 1, False)
    received = []
    channel.basic_consume(QUEUE, no_ack=False, callback=received.append, consumer_tag="1")
    send(channel, "1", "2")
    transport.drain_events(transport, timeout=0.2)

    threading.Timer(0.05, received[0].ack).start()
    transport.drain_events(transport, timeout=0.2)

    assert [message.body.decode() for message in received] == ["1", "2"]


def test_a_receiver_of_nothing_is_told_so_in_time(connect):
    channel = connect()
    channel.basic_consume(QUEUE, no_ack=False, callback=lambda message: None, consumer_tag="1")

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        channel.connection.drain_events(channel.connection, timeout=5)

    assert time.monotonic() - began < 2
