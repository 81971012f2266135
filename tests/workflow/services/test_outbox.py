"""How long events are kept: by age, by number, and what is said about those that nobody has been sent."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.worklist import application_entity as ae
from workflow.event_reports import EventReport, EventType
from workflow.models import ApplicationEntity, Event
from workflow.services import outbox
from workflow.services.publish import Addressed, publish
from workflow.services.transaction import change

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = timezone.now() - timedelta(days=13)
TOO_LONG_AGO = timezone.now() - timedelta(days=15)


def tell(subscriber: ApplicationEntity, number: int = 1) -> None:
    report = EventReport(EventType.STATE_REPORT, "1.2.3", {})
    change(lambda: publish([Addressed(report, [subscriber.pk])] * number))


def kept(subscriber: ApplicationEntity) -> list[int]:
    return list(Event.objects.filter(subscriber=subscriber).order_by("sequence").values_list("sequence", flat=True))


def test_events_that_are_too_old_are_dropped_and_the_others_kept():
    one, two = ae("ONE"), ae("TWO")
    for subscriber in (one, two):
        tell(subscriber, 5)
    Event.objects.update(created_at=LONG_AGO)
    Event.objects.filter(sequence__lte=3, subscriber=one).update(created_at=TOO_LONG_AGO)

    assert outbox.prune() == 3

    assert (kept(one), kept(two)) == ([4, 5], [1, 2, 3, 4, 5])
    assert outbox.prune() == 0


def test_of_each_ae_the_newest_are_kept(settings):
    settings.ARCHIVE_UPS_EVENTS_KEPT = 2
    one, two = ae("ONE"), ae("TWO")
    tell(one, 5)
    tell(two, 1)
    Event.objects.update(created_at=LONG_AGO)

    assert outbox.prune() == 3

    assert (kept(one), kept(two)) == ([4, 5], [1])


def test_what_has_just_been_published_stays_for_those_who_are_connected_however_much_it_is(settings):
    settings.ARCHIVE_UPS_EVENTS_KEPT = 2
    subscriber = ae()
    tell(subscriber, 3 * outbox.STEP)
    tell(subscriber, 3 * outbox.STEP)

    assert outbox.prune() == 0

    assert len(kept(subscriber)) == 6 * outbox.STEP


def test_many_are_dropped_in_several_transactions(settings, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 10)
    settings.ARCHIVE_UPS_EVENTS_KEPT = 1
    subscriber = ae()
    tell(subscriber, 35)
    Event.objects.update(created_at=LONG_AGO)

    assert outbox.prune() == 34

    assert kept(subscriber) == [35]


def test_nothing_is_kept_for_those_who_are_not_connected_where_that_is_turned_off(settings, caplog):
    settings.ARCHIVE_UPS_KEEP_EVENTS = False
    subscriber = ae()
    tell(subscriber, 3)
    Event.objects.filter(sequence__lte=2).update(created_at=timezone.now() - 2 * outbox.GRACE)

    assert outbox.prune() == 2

    assert kept(subscriber) == [3]
    assert "dropped" not in caplog.text


def test_the_log_says_how_many_events_an_ae_has_missed(settings, caplog):
    settings.ARCHIVE_UPS_EVENTS_KEPT = 2
    missing, there = ae("MISSING"), ae("THERE")
    for subscriber in (missing, there):
        tell(subscriber, 5)
    ApplicationEntity.objects.filter(pk=missing.pk).update(delivered_sequence=1)
    ApplicationEntity.objects.filter(pk=there.pk).update(delivered_sequence=5)
    Event.objects.update(created_at=LONG_AGO)

    with caplog.at_level(logging.WARNING):
        outbox.prune()

    (line,) = [record.getMessage() for record in caplog.records if "dropped" in record.getMessage()]
    assert line == "2 event reports to MISSING have been dropped: it was not connected for too long"


def test_an_ae_may_be_deleted_meanwhile(monkeypatch):
    tell(ae(), 3)
    drop = outbox._drop

    def deleted_meanwhile(subscriber, most):
        ApplicationEntity.objects.all().delete()
        return drop(subscriber, most)

    monkeypatch.setattr(outbox, "_drop", deleted_meanwhile)

    assert outbox.prune() == 0


# -- without anything in the background ------------------------------------------


def test_who_is_told_of_something_now_and_then_loses_the_oldest_events(settings):
    settings.ARCHIVE_UPS_EVENTS_KEPT = 50
    subscriber = ae()
    for _ in range(10):
        tell(subscriber, outbox.STEP)
        Event.objects.update(created_at=LONG_AGO)

    left = kept(subscriber)
    assert left[-1] == 10 * outbox.STEP
    assert 50 <= len(left) <= 50 + 2 * outbox.STEP


def test_subscribers_take_turns_so_that_no_publication_has_to_drop_for_all_of_them(
    settings, django_assert_max_num_queries
):
    settings.ARCHIVE_UPS_EVENTS_KEPT = 1
    pks = [ae(f"AE{number}").pk for number in range(50)]
    ApplicationEntity.objects.update(last_sequence=outbox.STEP - 5)
    report = EventReport(EventType.STATE_REPORT, "1.2.3", {})
    for _ in range(10):
        with django_assert_max_num_queries(25):
            change(lambda: publish([Addressed(report, pks)]))
