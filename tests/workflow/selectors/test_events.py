"""Where a channel begins, and what comes next: of several AEs in one go, of each in order."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.worklist import application_entity
from workflow.event_reports import EventReport, EventType
from workflow.models import ApplicationEntity, Event
from workflow.selectors import events
from workflow.selectors.events import events_after, last_sequences, position_for
from workflow.services.deliver import delivered
from workflow.services.publish import Addressed, publish

pytestmark = pytest.mark.django_db(transaction=True)


def published(ae_title: str, number: int = 1) -> None:
    report = EventReport(EventType.STATE_REPORT, "1.2.3", {})
    publish([Addressed(report, [application_entity(ae_title).pk])] * number)


def aged(ae_title: str, sequence: int, days: int) -> None:
    of_the_ae = Event.objects.filter(subscriber__ae_title=ae_title)
    of_the_ae.filter(sequence__lte=sequence).update(created_at=timezone.now() - timedelta(days=days))


def sequences(positions: dict[str, int], limit: int = 100) -> dict[str, list[int]]:
    found = events_after(positions, limit)
    return {ae_title: [event.sequence for event in after] for ae_title, after in found.items()}


def test_an_event_is_what_was_published():
    report = EventReport(EventType.ASSIGNED, "1.2.3", {"00404036": {"vr": "LO"}})
    publish([Addressed(report, [application_entity("A").pk])])

    [event] = events_after({"A": 0}, 10)["A"]

    assert (event.sequence, event.type, event.workitem) == (1, 5, "1.2.3")
    assert event.dicom_json == b'{"00404036":{"vr":"LO"}}'
    assert timezone.now() - event.created_at < timedelta(minutes=1)


def test_each_ae_has_those_after_its_own_position():
    published("A", 3)
    published("B", 2)
    published("C", 1)

    assert sequences({"A": 1, "B": 0, "NOBODY": 0}) == {"A": [2, 3], "B": [1, 2]}
    assert sequences({"A": 3, "C": 7}) == {}
    assert sequences({}) == {}


def test_the_limit_is_for_all_together_and_leaves_no_gap():
    published("A", 3)
    published("B", 3)

    assert sequences({"A": 0, "B": 0}, limit=4) == {"A": [1, 2, 3], "B": [1]}


def test_many_aes_are_asked_for_in_several_statements(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(events, "BATCH", 2)
    for number in range(5):
        published(f"AE{number}", 2)

    with django_assert_num_queries(3):
        assert sequences({f"AE{number}": 1 for number in range(5)}) == {f"AE{number}": [2] for number in range(5)}
    assert sequences({f"AE{number}": 0 for number in range(5)}, limit=3) == {"AE0": [1, 2], "AE1": [1]}


def test_a_channel_begins_after_what_has_been_delivered():
    published("A", 3)
    assert position_for("A", None) == 0

    delivered({"A": 2})

    assert position_for("A", None) == 2


def test_a_channel_of_somebody_unknown_begins_before_the_first_event():
    assert position_for("NOBODY", None) == position_for("NOBODY", 7) == 0
    assert last_sequences(["NOBODY"]) == {}


def test_with_keeping_off_a_channel_begins_with_what_comes(settings):
    settings.ARCHIVE_UPS_KEEP_EVENTS = False
    published("A", 3)

    assert position_for("A", None) == 3
    assert last_sequences(["A", "B"]) == {"A": 3}


@pytest.mark.parametrize(("after", "position"), [(0, 0), (2, 2), (3, 3), (1000, 3)])
@pytest.mark.parametrize("kept", [True, False])
def test_who_resumes_begins_where_they_say_but_not_in_the_future(settings, after, position, kept):
    settings.ARCHIVE_UPS_KEEP_EVENTS = kept
    published("A", 3)
    delivered({"A": 3})

    assert position_for("A", after) == position


def test_a_channel_begins_with_no_more_than_is_kept(settings):
    settings.ARCHIVE_UPS_EVENTS_KEPT = 2
    published("A", 5)

    assert position_for("A", None) == 3
    delivered({"A": 4})
    assert position_for("A", None) == 4


def test_a_channel_begins_with_nothing_older_than_is_kept(settings):
    settings.ARCHIVE_UPS_EVENT_DAYS = 14
    published("A", 5)
    aged("A", 3, days=15)
    assert position_for("A", None) == 3

    aged("A", 5, days=15)
    assert position_for("A", None) == 5


def test_events_that_were_dropped_leave_a_gap_that_is_passed():
    published("A", 5)
    Event.objects.filter(sequence__lte=3).delete()

    assert sequences({"A": 0}) == {"A": [4, 5]}
    assert position_for("A", None) == 3
    assert ApplicationEntity.objects.get().last_sequence == 5
