"""Rows of the worklist, for tests that need no service to come by them, and what an AE has been told."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from tests.workflow import building
from tests.worklist import told, value
from workflow.models import Subscription, Workitem
from workflow.states import FINAL


def step(*, finished_at: datetime | None = None, **attributes: Any) -> Workitem:
    """A workitem as it is stored, in any state; `attributes` by keyword."""
    row = building.workitem(**attributes)
    if row.procedure_step_state in FINAL:
        row.finished_at = finished_at or timezone.now()
        row.save()
    return row


def locks(ae_title: str = "WATCHER") -> dict[str, bool]:
    """The workitems that an AE is subscribed to, and whether with a deletion lock."""
    found = Subscription.objects.filter(subscriber__ae_title=ae_title)
    return dict(found.values_list("workitem__sop_instance_uid", "deletion_lock"))


def events(ae_title: str = "WATCHER") -> list[tuple[str, int, str | None]]:
    """What an AE is told, in order: of which workitem, which type of event, which state."""
    return [(one.workitem, one.type, value(one.attributes, "ProcedureStepState")) for one in told(ae_title)]
