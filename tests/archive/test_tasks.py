"""Who is told to derive, when, and what happens to messages: the rows are the truth, messages may be lost."""

import logging
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone
from kombu import Connection
from kombu.exceptions import OperationalError

from archive import derivation, derivation_messages, tasks
from archive.models import Derivation, DerivedBlob, Destination, SendOrder
from archive.sending import delivery
from archive.services import derivations
from config.celery import app
from config.file_broker import Transport
from tests import builders
from tests.archive.derivable import native, state
from tests.storing import store, stored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def broker(tmp_path, monkeypatch) -> Iterator[Connection]:
    """The application's connections go to a folder of the test's own."""

    def connect(**options: object) -> Connection:
        return Connection("files://localhost", transport=Transport, transport_options={"folder": str(tmp_path)})

    for name in ("connection_for_write", "connection_for_read", "connection"):
        monkeypatch.setattr(app, name, connect)
    with connect() as connection:
        yield connection


@pytest.fixture
def sender(monkeypatch) -> derivation_messages._Sender:
    """A sender of the test's own, which has looked at no queue yet."""
    own = derivation_messages._Sender()
    monkeypatch.setattr(derivation_messages, "_sender", own)
    monkeypatch.setattr(derivation_messages, "COLLECTING_SECONDS", 0.01)
    return own


def messages(broker: Connection) -> list[list[int]]:
    """The instances of each message that waits; they are taken."""
    queue = app.amqp.queues[derivation_messages.QUEUE](broker.default_channel)
    queue.declare()
    found = []
    while (message := queue.get(no_ack=True)) is not None:
        found.append(message.payload[0][0])
    return found


def sent(broker: Connection, number: int) -> list[list[int]]:
    """So many instances in messages, once they have been sent."""
    found: list[list[int]] = []
    deadline = time.monotonic() + 10
    while sum(map(len, found)) < number:
        assert time.monotonic() < deadline, "they have not been sent"
        found += messages(broker)
        time.sleep(0.01)
    return found


def make_due() -> None:
    Derivation.objects.update(due_at=timezone.now() - timedelta(seconds=1))


# -- what a store sends ----------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("sender")
def test_what_is_stored_is_sent_together_and_what_has_no_frames_is_not(broker):
    store(*(builders.part10(builders.instance()) for _ in range(25)))
    stored(PixelData=None, Rows=None, Columns=None)

    found = sent(broker, 25)

    assert max(map(len, found)) == derivation_messages.TOGETHER
    expected = Derivation.objects.filter(state="waiting").values_list("pk", flat=True)
    assert sorted(pk for message in found for pk in message) == sorted(expected)


@pytest.mark.usefixtures("sender")
def test_stores_of_one_instance_each_share_a_message(broker):
    for pk in range(10):
        derivation_messages.offer([pk])

    assert len(sent(broker, 10)) < 5


def test_nothing_piles_up_while_no_worker_runs(broker, monkeypatch, sender):
    monkeypatch.setattr(derivation_messages, "MOST_WAITING", 3)

    for _ in range(3):
        derivation_messages.offer(range(100))
        time.sleep(0.05)
    while sender._offered:
        time.sleep(0.01)
    time.sleep(0.05)

    assert len(messages(broker)) == 3


@pytest.mark.usefixtures("sender")
def test_without_a_budget_nobody_is_told(broker, settings):
    settings.ARCHIVE_DERIVED_SIZE = 0

    derivation_messages.offer([1])
    make_due()
    tasks.send_derivations()

    time.sleep(0.1)
    assert messages(broker) == []


@pytest.mark.usefixtures("sender")
def test_a_broker_that_is_away_is_said_once_and_nobody_waits_for_it(broker, monkeypatch, caplog):
    monkeypatch.setattr(derivation_messages, "PAUSE_SECONDS", 0.01)
    attempts = []

    def away(self: Connection, **options: object) -> None:
        attempts.append(1)
        raise OperationalError("It is away.")

    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(Connection, "ensure_connection", away)
        deadline = time.monotonic() + 10
        while len(attempts) < 3:
            assert time.monotonic() < deadline
            before = time.monotonic()
            derivation_messages.offer([1])
            assert time.monotonic() - before < 1
            time.sleep(0.02)

    (said,) = [record for record in caplog.records if record.name == "archive.derivation_messages"]
    assert said.levelno == logging.WARNING
    time.sleep(0.1)
    derivation_messages.offer([2])
    assert sent(broker, 1)[-1] == [2]


# -- what the clock sends --------------------------------------------------------


def test_the_clock_sends_what_is_due_once_and_again_when_nobody_has_dealt_with_it(broker):
    due, later, done = native(), native(), native()
    make_due()
    Derivation.objects.filter(pk=later.pk).update(due_at=timezone.now() + timedelta(minutes=1))
    derivation.derive(done.pk)

    tasks.send_derivations()
    tasks.send_derivations()
    assert messages(broker) == [[due.pk]]

    make_due()
    tasks.send_derivations()
    assert sorted(messages(broker)[0]) == [due.pk, later.pk]


def test_the_clock_sends_no_more_than_there_is_room_for(broker, monkeypatch):
    monkeypatch.setattr(derivation_messages, "MOST_WAITING", 2)
    monkeypatch.setattr(derivation_messages, "TOGETHER", 1)
    for _ in range(3):
        native()
    make_due()

    tasks.send_derivations()
    tasks.send_derivations()

    assert len(messages(broker)) == 2


# -- what a worker does ----------------------------------------------------------


def test_a_task_derives_from_each_of_its_instances(broker):
    files = [native() for _ in range(3)]

    tasks.derive([file.pk for file in files])

    assert {state(file) for file in files} == {"done"}
    assert messages(broker) == []


@pytest.mark.parametrize("end", [SoftTimeLimitExceeded, KeyError])
def test_a_task_that_is_interrupted_puts_back_what_it_has_not_begun(broker, monkeypatch, end):
    files = [native() for _ in range(4)]
    derive = derivation.derive

    def interrupted(pk: int) -> object:
        if pk == files[1].pk:
            raise end
        return derive(pk)

    monkeypatch.setattr(derivation, "derive", interrupted)

    with pytest.raises(end):
        tasks.derive([file.pk for file in files])

    assert messages(broker) == [[files[2].pk, files[3].pk]]
    assert state(files[0]) == "done"


def test_a_task_that_runs_long_leaves_its_place_to_others(broker, monkeypatch):
    monkeypatch.setattr(tasks, "SLICE_SECONDS", -1)

    tasks.derive([1, 2])

    assert messages(broker) == [[1, 2]]


def test_the_clock_keeps_the_budget(settings):
    file = native()
    derivation.derive(file.pk)
    settings.ARCHIVE_DERIVED_SIZE = 1

    tasks.prune_derived()

    assert not DerivedBlob.objects.exists()


def test_what_has_failed_is_tried_again_when_somebody_says_so():
    file = native()
    derivations.settle(file.pk, file.sha256, error="It is broken.")
    assert derivation.derive(file.pk) == derivation.Outcome.NOTHING_TO_DO

    assert derivations.retry(Derivation.objects.all()) == 1

    assert derivation.derive(file.pk) == derivation.Outcome.DONE


# -- sending ---------------------------------------------------------------------


@pytest.mark.parametrize("worked", [True, False])
def test_who_has_sent_something_lets_others_work_and_goes_on_behind_them(broker, monkeypatch, worked):
    slices = []
    monkeypatch.setattr(delivery, "work", lambda seconds: slices.append(seconds) or worked)

    tasks.send_ordered()

    queue = app.amqp.queues[app.conf.task_default_queue](broker.default_channel)
    queue.declare()
    assert slices == [tasks.SLICE_SECONDS]
    assert (queue.get(no_ack=True) is not None) is worked


def test_one_large_object_may_take_longer_than_other_tasks():
    assert app.tasks["archive.tasks.send_ordered"].time_limit > app.conf.task_time_limit


def test_the_clock_removes_old_orders(settings):
    destination = Destination.objects.create(name="Elsewhere", url="https://pacs.example.org")
    SendOrder.objects.create(destination=destination, state="done")
    SendOrder.objects.update(ordered_at=timezone.now() - timedelta(days=settings.ARCHIVE_SENT_DAYS + 1))

    tasks.prune_send_orders()

    assert not SendOrder.objects.exists()
