"""Rows of the worklist, for tests that need no service to come by them, and what an AE has been told."""

from datetime import datetime
from typing import Any

import orjson
from django.utils import timezone

from archive.dicom.value_representations import first_value
from tests.factories import uid
from tests.workflow.building import stored
from tests.workitems import workitem
from workflow.event_reports import EVENT_NAMES
from workflow.models import ApplicationEntity, Event, Subscription, Workitem
from workflow.states import FINAL
from workflow.tags import PROCEDURE_STEP_STATE
from workflow.uids import PUSH_SOP_CLASS


def step(*, finished_at: datetime | None = None, **attributes: Any) -> Workitem:
    """A workitem as it is stored, in any state; `attributes` by keyword."""
    of_archive = {"SOPClassUID": PUSH_SOP_CLASS, "SOPInstanceUID": uid(), "TransactionUID": None}
    row = stored(workitem(**(of_archive | attributes)))
    if row.procedure_step_state in FINAL:
        row.finished_at = finished_at or timezone.now()
        row.save()
    return row


def ae(ae_title: str = "WATCHER", **columns: Any) -> ApplicationEntity:
    return ApplicationEntity.objects.get_or_create(ae_title=ae_title, defaults=columns)[0]


def locks(ae_title: str = "WATCHER") -> dict[str, bool]:
    """The workitems that an AE is subscribed to, and whether with a deletion lock."""
    found = Subscription.objects.filter(subscriber__ae_title=ae_title)
    return dict(found.values_list("workitem__sop_instance_uid", "deletion_lock"))


def events(ae_title: str = "WATCHER") -> list[tuple[str, int, str | None]]:
    """What an AE is told, in order: of which workitem, which type of event, which state."""
    found = Event.objects.filter(subscriber__ae_title=ae_title).order_by("sequence")
    numbers = [event.sequence for event in found]
    assert numbers == list(range(1, len(numbers) + 1)) or not numbers
    assert all(event.type in EVENT_NAMES for event in found)
    return [
        (event.sop_instance_uid, event.type, first_value(orjson.loads(event.dicom_json), PROCEDURE_STEP_STATE))
        for event in found
    ]
