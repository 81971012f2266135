"""Subscribers of the worklist, and what they have been told."""

from dataclasses import dataclass
from typing import Any

import orjson

from archive.dicom.dicom_json import DataSet
from tests.workitems import tag
from workflow.models import ApplicationEntity, Event, Subscription, Workitem

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


def application_entity(ae_title: str = "WATCHER") -> ApplicationEntity:
    return ApplicationEntity.objects.get_or_create(ae_title=ae_title)[0]


def subscribed(workitem: str, *ae_titles: str) -> None:
    """Subscribe to a workitem, without initial events."""
    row = Workitem.objects.get(sop_instance_uid=workitem)
    for ae_title in ae_titles or ("WATCHER",):
        Subscription.objects.create(subscriber=application_entity(ae_title), workitem=row)


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
