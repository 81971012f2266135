"""Workitems in their states, who is subscribed to them, and what they have been told."""

from dataclasses import dataclass
from itertools import count
from typing import Any

import orjson

from archive.dicom.dicom_json import DataSet
from tests.workitems import performed, tag, workitem
from workflow.models import ApplicationEntity, Event, GlobalSubscription, Subscription, Workitem
from workflow.services.change_state import change_state
from workflow.services.create import create
from workflow.services.update import update

STATE = tag("ProcedureStepState")


@dataclass(frozen=True, slots=True)
class Told:
    """An event as its subscriber will see it."""

    type: int
    workitem: str
    attributes: DataSet

    def __str__(self) -> str:
        """`1 IN PROGRESS` for a state report, else the type alone: as in `tests/workflow/transitions.csv`."""
        return f"{self.type} {self.attributes[STATE]['Value'][0]}" if self.type == 1 else str(self.type)


def application_entity(ae_title: str = "WATCHER", **columns: Any) -> ApplicationEntity:
    return ApplicationEntity.objects.get_or_create(ae_title=ae_title, defaults=columns)[0]


def subscribed(workitem: str, *ae_titles: str) -> None:
    """Subscribe to a workitem, without initial events."""
    row = Workitem.objects.get(sop_instance_uid=workitem)
    for ae_title in ae_titles or ("WATCHER",):
        Subscription.objects.create(subscriber=application_entity(ae_title), workitem=row)


def subscribed_globally(ae_title: str = "WATCHER") -> None:
    """Subscribe to all workitems that will be created."""
    GlobalSubscription.objects.create(
        subscriber=application_entity(ae_title), kind=GlobalSubscription.Kind.GLOBAL, deletion_lock=False
    )


def told(ae_title: str = "WATCHER") -> list[Told]:
    """All that it has been told, in order; the numbers have no gap."""
    events = list(Event.objects.filter(subscriber__ae_title=ae_title).order_by("sequence"))
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert application_entity(ae_title).last_sequence == len(events)
    return [Told(event.type, event.sop_instance_uid, orjson.loads(event.dicom_json)) for event in events]


def told_briefly(ae_title: str = "WATCHER") -> list[str]:
    return [str(one) for one in told(ae_title)]


def stored(workitem: str) -> DataSet:
    data_set: DataSet = orjson.loads(Workitem.objects.get(sop_instance_uid=workitem).dicom_json)
    return data_set


def value(data_set: DataSet, keyword: str) -> Any:
    """The first value of an attribute; None when it has none."""
    return next(iter(data_set.get(tag(keyword), {}).get("Value", ())), None)


# -- workitems -------------------------------------------------------------------

LOCK, ANOTHER_LOCK = "1.2.826.0.1.1", "1.2.826.0.1.2"

_numbers = count(1)


def created(**attributes: Any) -> str:
    """The UID of a new workitem."""
    return create(workitem(**attributes), sop_instance_uid=f"1.2.826.0.2.{next(_numbers)}").sop_instance_uid


def claimed(**attributes: Any) -> str:
    """A workitem in progress, with `LOCK`."""
    uid = created(**attributes)
    change_state(uid, "IN PROGRESS", transaction_uid=LOCK)
    return uid


def performed_workitem(**attributes: Any) -> str:
    """A workitem in progress that can be completed."""
    uid = claimed(**attributes)
    update(uid, performed(), transaction_uid=LOCK)
    return uid


def in_state(state: str) -> str:
    """A workitem that got there by the way that its performer goes, with `LOCK`."""
    if state == "SCHEDULED":
        return created()
    uid = performed_workitem()
    if state != "IN PROGRESS":
        change_state(uid, state, transaction_uid=LOCK)
    return uid
