"""`manage.py purge_workitems`: what it deletes, and what it says."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.workflow.rows import step
from workflow.models import Event, Workitem
from workflow.services.subscribe import subscribe

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = timezone.now() - timedelta(days=365)


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("purge_workitems", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _some_workitems() -> None:
    """One whose time is over, one that is locked, one in progress; and an event from long ago."""
    step(ProcedureStepState="COMPLETED", finished_at=LONG_AGO)
    locked = step(ProcedureStepState="CANCELED", finished_at=LONG_AGO)
    step(ProcedureStepState="IN PROGRESS")
    subscribe(locked.sop_instance_uid, "WATCHER", deletion_lock=True)
    Event.objects.update(created_at=LONG_AGO)


def test_workitems_and_events_are_deleted_whose_time_is_over():
    assert run() == "Deleted 1 workitems; 1 more are kept by deletion locks. Dropped 1 events.\n"

    assert set(Workitem.objects.values_list("procedure_step_state", flat=True)) == {"CANCELED", "IN PROGRESS"}
    assert not Event.objects.exists()


def test_a_dry_run_deletes_nothing():
    assert run("--dry-run") == "1 workitems would be deleted; 1 more are kept by deletion locks.\n"

    assert Workitem.objects.count() == 3
    assert Event.objects.count() == 1
