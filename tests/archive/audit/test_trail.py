"""The trail: counted in memory, written without loss or double counting, and never changed."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from archive.append_only import AppendOnly
from archive.audit import event_rows
from archive.audit import trail as audit_trail
from archive.audit.acting import Actor, acting
from archive.audit.event_rows import Times
from archive.audit.events import CODES, Action, Way
from archive.audit.trail import note
from archive.models import AuditEvent
from archive.services import audit

pytestmark = pytest.mark.django_db

READER = Actor("reader", "session", "192.0.2.7", Way.PAGE)
STUDY = "1.2.3"


def look(study: str = STUDY, times: int = 1) -> None:
    with acting(lambda: READER):
        for _ in range(times):
            note(Action.ACCESSED, study)


def test_what_somebody_does_again_is_counted_in_one_row(trail):
    before = timezone.now()
    look(times=3)
    look("1.2.4")

    first, other = trail()

    assert (first.person, first.credential, first.address, first.way) == ("reader", "session", "192.0.2.7", "page")
    assert (first.action, first.succeeded, first.study_instance_uid, first.times) == ("accessed", True, STUDY, 3)
    assert before <= first.first_at < first.last_at <= timezone.now()
    assert (first.hour.minute, first.hour.second) == (0, 0)
    assert (other.study_instance_uid, other.times) == ("1.2.4", 1)


def test_rows_are_counted_on_while_the_hour_lasts(trail, monkeypatch):
    at = datetime(2026, 3, 1, 10, 59, tzinfo=UTC)
    monkeypatch.setattr(audit_trail.timezone, "now", lambda: at)
    look()
    trail()
    at += timedelta(seconds=30)
    look(times=2)
    trail()
    at += timedelta(minutes=1)
    look()

    first, second = trail()

    assert (first.times, first.last_at - first.first_at) == (3, timedelta(seconds=30))
    assert (second.times, second.hour) == (1, datetime(2026, 3, 1, 11, tzinfo=UTC))


def test_who_runs_a_process_is_named_outside_of_requests(trail):
    note(Action.DELETED, STUDY)

    (event,) = trail()

    assert (event.way, event.credential, event.address) == ("command", "", "")


def test_what_is_no_uid_is_not_written_down(trail):
    note(Action.ACCESSED, "Doe^Jane")

    assert [event.study_instance_uid for event in trail()] == [""]


def test_what_is_longer_than_its_column_is_cut(trail):
    with acting(lambda: Actor("p" * 200, "", "fe80::1%" + "e" * 60, Way.PAGE)):
        note(Action.ACCESS_CHANGED, subject="s" * 300)

    (event,) = trail()

    assert (len(event.person), len(event.address), len(event.subject)) == (150, 45, 200)


def test_every_action_has_its_event_of_the_standard():
    assert set(CODES) == set(Action)
    assert all(event.isdecimal() for event, _ in CODES.values())


def test_nothing_is_lost_nor_counted_twice_when_many_write_at_once(trail):
    threads = [threading.Thread(target=look, args=[STUDY, 500]) for _ in range(8)]
    for thread in threads:
        thread.start()
    total = sum(event.times for event in trail())
    for thread in threads:
        thread.join()

    assert total <= 4000
    assert [event.times for event in trail()] == [4000]


# -- a database that is away -----------------------------------------------------


def test_what_cannot_be_written_waits_and_the_log_says_so_once(trail, monkeypatch, caplog):
    def away(times):
        raise OperationalError("secret of the database")

    with monkeypatch.context() as patch:
        patch.setattr(event_rows, "write", away)
        for _ in range(3):
            look()
            assert not audit_trail.flush()

    assert [record.message for record in caplog.records] == [
        "the audit trail is written later: the database cannot be reached (OperationalError)"
    ]
    assert [event.times for event in trail()] == [3]


def test_no_more_waits_than_there_is_room_for_and_the_log_says_what_is_missing(trail, monkeypatch, caplog):
    monkeypatch.setattr(audit_trail, "MOST_WAITING", 2)
    for number in range(5):
        look(f"1.2.{number}")
    look("1.2.0")

    assert [(event.study_instance_uid, event.times) for event in trail()] == [("1.2.0", 2), ("1.2.1", 1)]
    assert "3 events are missing" in caplog.text


# -- laws ------------------------------------------------------------------------

moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31))  # noqa: DTZ001
counts = st.builds(
    lambda number, first, last: Times(number, *sorted((first, last))), st.integers(1, 99), moments, moments
)


@given(counts, counts, counts)
def test_counts_can_be_joined_in_any_order(one, other, third):
    assert one.joined(other) == other.joined(one)
    assert one.joined(other).joined(third) == one.joined(other.joined(third))
    assert one.joined(other).number == one.number + other.number
    assert one.joined(other).first <= one.joined(other).last


# -- append only -----------------------------------------------------------------


def test_events_are_not_changed_nor_removed(trail):
    look()
    (event,) = trail()
    event.person = "somebody else"

    for change in (
        event.save,
        event.delete,
        lambda: AuditEvent.objects.update(person="somebody else"),
        lambda: AuditEvent.objects.filter(pk=event.pk).delete(),
        lambda: AuditEvent.objects.bulk_update([event], ["person"]),
        lambda: AuditEvent._base_manager.filter(pk=event.pk).update(person="somebody else"),
        lambda: AuditEvent.objects.bulk_create([event], update_conflicts=True, update_fields=["person"]),
    ):
        with pytest.raises(AppendOnly):
            change()
    assert [event.person for event in trail()] == ["reader"]


def test_events_are_kept_for_ever_unless_a_setting_says_for_how_long(trail, monkeypatch, settings):
    monkeypatch.setattr(audit_trail.timezone, "now", lambda: datetime(2001, 1, 1, tzinfo=UTC))
    look()
    monkeypatch.undo()
    look("1.2.4")
    assert audit.prune() == 0
    assert len(trail()) == 2

    settings.ARCHIVE_AUDIT_DAYS = 30

    assert audit.prune() == 1
    assert [event.study_instance_uid for event in trail()] == ["1.2.4"]
