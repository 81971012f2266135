"""Delivery moves forward, for each AE by itself, and says when."""

import threading

import pytest
from django.db import connection

from tests.worklist import application_entity
from workflow.event_reports import EventReport, EventType
from workflow.models import ApplicationEntity, Event
from workflow.services.deliver import delivered
from workflow.services.publish import Addressed, publish
from workflow.services.transaction import change

pytestmark = pytest.mark.django_db(transaction=True)


def published(ae_title: str, number: int) -> None:
    report = EventReport(EventType.STATE_REPORT, "1.2.3", {})
    publish([Addressed(report, [application_entity(ae_title).pk])] * number)


def position(ae_title: str) -> int:
    return ApplicationEntity.objects.get(ae_title=ae_title).delivered_sequence


def stamped(ae_title: str) -> list[int]:
    sent = Event.objects.filter(subscriber__ae_title=ae_title, delivered_at__isnull=False)
    return list(sent.order_by("sequence").values_list("sequence", flat=True))


def test_events_up_to_the_position_are_delivered():
    published("A", 3)
    published("B", 2)

    delivered({"A": 2})

    assert (position("A"), stamped("A")) == (2, [1, 2])
    assert (position("B"), stamped("B")) == (0, [])


def test_nothing_is_taken_back():
    published("A", 3)
    delivered({"A": 3})
    first = Event.objects.get(sequence=1).delivered_at

    delivered({"A": 1})

    assert (position("A"), stamped("A")) == (3, [1, 2, 3])
    assert Event.objects.get(sequence=1).delivered_at == first


def test_nobody_knows_an_ae_that_is_gone():
    published("A", 1)

    delivered({"GONE": 7, "A": 1})
    delivered({})

    assert position("A") == 1


def test_delivery_and_publication_at_once_neither_wait_in_a_circle_nor_forget():
    titles = [f"AE{number}" for number in range(8)]
    for title in titles:
        published(title, 1)
    everybody = list(ApplicationEntity.objects.values_list("pk", flat=True))

    def repeatedly(work) -> None:
        try:
            for number in range(1, 20):
                work(number)
        finally:
            connection.close()

    report = EventReport(EventType.STATE_REPORT, "1.2.3", {})
    threads = [
        threading.Thread(target=repeatedly, args=[lambda _: publish_in_one_go(report, everybody)]),
        threading.Thread(target=repeatedly, args=[lambda number: delivered(dict.fromkeys(titles, number))]),
        threading.Thread(target=repeatedly, args=[lambda number: delivered(dict.fromkeys(reversed(titles), number))]),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [position(title) for title in titles] == [19] * len(titles)
    assert list(ApplicationEntity.objects.values_list("last_sequence", flat=True)) == [20] * len(titles)


def publish_in_one_go(report: EventReport, subscribers: list[int]) -> None:
    change(lambda: publish([Addressed(report, subscribers)]))
