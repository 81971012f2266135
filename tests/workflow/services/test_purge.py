"""Purge: finished workitems go when their time is over and nobody holds them; nothing else goes, ever (H8)."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests.workflow.rows import step
from tests.worklist import application_entity as ae
from workflow.errors import WorkitemDeleted, WorkitemNotFound
from workflow.models import Event, IndexedValue, Subscription, Workitem, WorkitemTombstone
from workflow.selectors.workitems import retrieve
from workflow.services import purge as purging
from workflow.services.purge import Purged, purge
from workflow.services.subscribe import subscribe, subscribe_globally
from workflow.services.unsubscribe import unsubscribe, unsubscribe_globally
from workflow.states import CANCELED, COMPLETED, IN_PROGRESS, SCHEDULED

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=1000)


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def completed(days: int = 1000) -> Workitem:
    return step(ProcedureStepState=COMPLETED, finished_at=days_ago(days), PatientName="Doe^Jane")


# -- what is purged --------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "days", "deleted"),
    [
        (COMPLETED, 9, 0),
        (COMPLETED, 10, 1),
        (COMPLETED, 11, 1),
        (CANCELED, 19, 0),
        (CANCELED, 20, 1),
        (SCHEDULED, 1000, 0),
        (IN_PROGRESS, 1000, 0),
    ],
)
def test_workitems_are_purged_when_they_have_been_final_for_their_time(settings, state, days, deleted):
    settings.ARCHIVE_UPS_COMPLETED_DAYS = 10
    settings.ARCHIVE_UPS_CANCELED_DAYS = 20
    row = step(ProcedureStepState=state, finished_at=days_ago(days))
    Workitem.objects.update(created_at=LONG_AGO, updated_at=LONG_AGO)

    assert purge(NOW) == Purged(deleted, 0)

    assert Workitem.objects.filter(pk=row.pk).exists() == (not deleted)


def test_without_retention_they_go_at_once(settings):
    settings.ARCHIVE_UPS_COMPLETED_DAYS = 0
    completed(0)

    assert purge(NOW).deleted == 1


def test_a_purged_workitem_is_gone_with_all_its_rows_and_answered_as_deleted():
    row, other = completed(), step()
    subscribe(row.sop_instance_uid, "WATCHER", deletion_lock=False)
    assert IndexedValue.objects.filter(workitem=row).exists()

    purge(NOW)

    assert not IndexedValue.objects.filter(workitem_id=row.pk).exists()
    assert not Subscription.objects.exists()
    assert Event.objects.get().sop_instance_uid == row.sop_instance_uid  # what was reported is still sent
    with pytest.raises(WorkitemDeleted):
        retrieve(row.sop_instance_uid)
    with pytest.raises(WorkitemDeleted):
        subscribe(row.sop_instance_uid, "WATCHER", deletion_lock=True)
    with pytest.raises(WorkitemNotFound):
        retrieve("1.2.3")
    assert retrieve(other.sop_instance_uid)


def test_many_are_purged_in_several_transactions(monkeypatch):
    monkeypatch.setattr(purging, "BATCH", 3)
    uids = {completed().sop_instance_uid for _ in range(8)}

    assert purge(NOW).deleted == 8

    assert set(WorkitemTombstone.objects.values_list("sop_instance_uid", flat=True)) == uids


def test_a_dry_run_says_what_would_be_purged_and_purges_nothing():
    completed()
    subscribe(completed().sop_instance_uid, "WATCHER", deletion_lock=True)

    assert purge(NOW, dry_run=True) == Purged(deleted=1, locked=1)

    assert Workitem.objects.count() == 2
    assert not WorkitemTombstone.objects.exists()


# -- deletion locks --------------------------------------------------------------


def test_a_workitem_stays_until_every_lock_is_released():
    uid = completed().sop_instance_uid
    for ae_title in ("A", "B"):
        subscribe(uid, ae_title, deletion_lock=True)

    assert purge(NOW) == Purged(deleted=0, locked=1)
    unsubscribe(uid, "A")
    assert purge(NOW) == Purged(deleted=0, locked=1)
    subscribe(uid, "B", deletion_lock=False)
    assert purge(NOW) == Purged(deleted=1, locked=0)

    with pytest.raises(WorkitemDeleted):
        retrieve(uid)


def test_unsubscribing_globally_releases_locks():
    completed()
    subscribe_globally("A", deletion_lock=True, filter=None)
    assert purge(NOW).deleted == 0

    unsubscribe_globally("A")

    assert purge(NOW).deleted == 1


def test_a_subscription_without_lock_keeps_nothing():
    subscribe(completed().sop_instance_uid, "A", deletion_lock=False)

    assert purge(NOW).deleted == 1


def test_a_lock_that_was_refused_keeps_nothing(settings):
    settings.ARCHIVE_UPS_DELETION_LOCKS = "refuse"
    subscribe(completed().sop_instance_uid, "A", deletion_lock=True)

    assert purge(NOW).deleted == 1


@pytest.mark.parametrize(("days", "deleted"), [(0, 0), (100, 1), (2000, 0)])
def test_locks_may_have_a_longest_time(settings, days, deleted):
    settings.ARCHIVE_UPS_LOCK_DAYS = days
    subscribe(completed(1000).sop_instance_uid, "A", deletion_lock=True)

    assert purge(NOW).deleted == deleted


def test_a_lock_that_comes_while_the_purge_runs_holds(monkeypatch):
    """The purge has found its workitem when the lock comes, and looks again before it deletes."""
    uid = completed().sop_instance_uid
    found = purging._delete_batches

    def locked_meanwhile(due, now):
        subscribe(uid, "A", deletion_lock=True)
        return found(due, now)

    monkeypatch.setattr(purging, "_delete_batches", locked_meanwhile)

    assert purge(NOW) == Purged(deleted=0, locked=1)
    assert retrieve(uid)
    assert not WorkitemTombstone.objects.exists()
    assert ae("A").subscriptions.get().deletion_lock
