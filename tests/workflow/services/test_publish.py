"""The outbox: every subscriber's events numbered in order, written and announced with what they report."""

from collections.abc import Collection

import pytest
from django.db import transaction

from tests.worklist import application_entity, told
from workflow import notifier
from workflow.event_reports import EventReport, EventType, scp_status_change
from workflow.models import ApplicationEntity, Event
from workflow.services.publish import Addressed, batches, publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[Collection[str]]:
    calls: list[Collection[str]] = []
    monkeypatch.setattr(notifier, "wake", calls.append)
    return calls


def report(workitem: str = "1.2.3") -> EventReport:
    return EventReport(EventType.STATE_REPORT, workitem, {})


def workitems(ae_title: str) -> list[str]:
    return [one.workitem for one in told(ae_title)]


def test_each_subscriber_gets_its_reports_in_order_with_numbers_of_its_own():
    a, b = application_entity("A").pk, application_entity("B").pk

    with transaction.atomic():
        publish([Addressed(report("1"), (a, b)), Addressed(report("2"), (b,)), Addressed(report("3"), (b, a))])
    with transaction.atomic():
        publish([Addressed(report("4"), (a,))])

    assert workitems("A") == ["1", "3", "4"]
    assert workitems("B") == ["1", "2", "3"]


def test_an_event_keeps_the_reports_type_workitem_and_attributes():
    change = scp_status_change("RESTARTED")

    publish([Addressed(change, (application_entity("A").pk,))])

    [event] = told("A")
    assert (event.type, event.workitem, event.attributes) == (change.type, change.workitem, change.attributes)


def test_the_same_report_reaches_nobody_twice():
    a = application_entity("A").pk

    publish([Addressed(report(), [a, a])])

    assert len(told("A")) == 1


def test_subscribers_are_woken_once_when_the_events_are_committed(woken: list[Collection[str]]):
    a, b = application_entity("A").pk, application_entity("B").pk

    with transaction.atomic():
        publish([Addressed(report(), (a, b)), Addressed(report(), (a,))])
        assert woken == []

    assert [sorted(ae_titles) for ae_titles in woken] == [["A", "B"]]


def test_what_is_rolled_back_leaves_no_event_takes_no_number_and_wakes_nobody(woken: list[Collection[str]]):
    a = application_entity("A").pk

    def fail() -> None:
        with transaction.atomic():
            publish([Addressed(report("1"), (a,))])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (told("A"), woken) == ([], [])

    publish([Addressed(report("2"), (a,))])
    assert workitems("A") == ["2"]


def test_reports_for_nobody_are_none(woken: list[Collection[str]], django_assert_num_queries):
    with django_assert_num_queries(0):
        publish([Addressed(report(), ())])

    assert woken == []


def test_who_is_gone_meanwhile_is_left_out():
    gone, here = application_entity("GONE"), application_entity("HERE")
    gone_pk = gone.pk
    gone.delete()

    publish([Addressed(report(), (gone_pk, here.pk))])

    assert Event.objects.count() == len(told("HERE")) == 1


def test_that_nobody_can_be_woken_does_not_undo_what_is_committed(monkeypatch: pytest.MonkeyPatch):
    def fail(ae_titles: Collection[str]) -> None:
        raise ConnectionError

    monkeypatch.setattr(notifier, "wake", fail)

    publish([Addressed(report(), (application_entity("A").pk,))])

    assert len(told("A")) == 1


def test_more_subscribers_than_one_statement_takes(django_assert_max_num_queries):
    ApplicationEntity.objects.bulk_create(ApplicationEntity(ae_title=f"AE{number}") for number in range(2000))
    pks = list(ApplicationEntity.objects.values_list("pk", flat=True))

    with transaction.atomic(), django_assert_max_num_queries(40):
        publish([Addressed(report(), pks), Addressed(report(), pks[:10])])

    assert Event.objects.count() == 2010
    assert sorted(ApplicationEntity.objects.values_list("last_sequence", flat=True)) == [1] * 1990 + [2] * 10


def test_batches_are_all_keys_in_order():
    keys = list(range(2500))

    assert [key for batch in batches(keys) for key in batch] == keys
    assert list(batches([])) == []
