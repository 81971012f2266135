"""Event reports: PS3.4 Section CC.2.4, PS3.18 Section 11.13. What happened to a workitem, as data sets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import orjson

from archive.dicom.dicom_json import DataSet, Element
from archive.dicom.value_representations import first_value
from workflow.data_sets import element, in_order, is_valued, valued
from workflow.tags import (
    COMMUNICATIONS_URI_SEQUENCE,
    CONTACT_DISPLAY_NAME,
    CONTACT_URI,
    DISCONTINUATION_REASON_CODE_SEQUENCE,
    HUMAN_PERFORMER_CODE_SEQUENCE,
    HUMAN_PERFORMER_ORGANIZATION,
    INPUT_READINESS_STATE,
    PROCEDURE_STEP_STATE,
    PROGRESS,
    PROGRESS_DESCRIPTION,
    PROGRESS_INFORMATION_SEQUENCE,
    PROGRESS_PARAMETERS_SEQUENCE,
    REASON_FOR_CANCELLATION,
    REQUESTING_AE,
    SCHEDULED_HUMAN_PERFORMERS_SEQUENCE,
    SCHEDULED_STATION_NAME_CODE_SEQUENCE,
    SCP_STATUS,
    SUBSCRIPTION_LIST_STATUS,
    UNIFIED_PROCEDURE_STEP_LIST_STATUS,
)
from workflow.uids import GLOBAL_SUBSCRIPTION, PUSH_SOP_CLASS

RESTARTED = "RESTARTED"
GOING_DOWN = "GOING DOWN"
WARM_START = "WARM START"

#: Message IDs have 16 bits, and 0 is none.
MESSAGE_IDS = 0xFFFF


class EventType(IntEnum):
    """PS3.4 Table CC.2.4-1."""

    STATE_REPORT = 1
    CANCEL_REQUESTED = 2
    PROGRESS_REPORT = 3
    SCP_STATUS_CHANGE = 4
    ASSIGNED = 5


EVENT_NAMES: Mapping[EventType, str] = {
    EventType.STATE_REPORT: "UPS State Report",
    EventType.CANCEL_REQUESTED: "UPS Cancel Requested",
    EventType.PROGRESS_REPORT: "UPS Progress Report",
    EventType.SCP_STATUS_CHANGE: "SCP Status Change",
    EventType.ASSIGNED: "UPS Assigned",
}


@dataclass(frozen=True, slots=True)
class EventReport:
    """One report, whoever it is for.

    Args:
        workitem: the SOP Instance UID that it is about.
        attributes: what PS3.4 Table CC.2.4-1 has for the type.
    """

    type: EventType
    workitem: str
    attributes: DataSet = field(repr=False)


# -- one of each type ------------------------------------------------------------


def state_report(workitem: str, data_set: DataSet) -> EventReport:
    """The present state; of what is canceled also why, as far as it is known."""
    state = valued(data_set, (INPUT_READINESS_STATE, PROCEDURE_STEP_STATE))
    why = valued(_progress_item(data_set), (REASON_FOR_CANCELLATION, DISCONTINUATION_REASON_CODE_SEQUENCE))
    return EventReport(EventType.STATE_REPORT, workitem, in_order(state | why))


def cancel_requested(workitem: str, details: DataSet, requesting_ae: str) -> EventReport:
    """Somebody asks for the cancellation of a workitem in progress, and says so much about it."""
    given = (DISCONTINUATION_REASON_CODE_SEQUENCE, CONTACT_URI, CONTACT_DISPLAY_NAME, REASON_FOR_CANCELLATION)
    requesting = {REQUESTING_AE: element("AE", requesting_ae)}
    return EventReport(EventType.CANCEL_REQUESTED, workitem, in_order(valued(details, given) | requesting))


#: What a progress report tells, and the changes that are reason for one.
PROGRESS_TOLD = (PROGRESS, PROGRESS_DESCRIPTION, PROGRESS_PARAMETERS_SEQUENCE, COMMUNICATIONS_URI_SEQUENCE)
PROGRESS_WATCHED = (PROGRESS, PROGRESS_DESCRIPTION, COMMUNICATIONS_URI_SEQUENCE)


def progress_report(workitem: str, data_set: DataSet) -> EventReport:
    item = in_order(valued(_progress_item(data_set), PROGRESS_TOLD))
    return EventReport(EventType.PROGRESS_REPORT, workitem, {PROGRESS_INFORMATION_SEQUENCE: element("SQ", item)})


def scp_status_change(status: str) -> EventReport:
    """The archive has started, or is about to stop; the worklist and its subscriptions are kept in either case."""
    values = {SCP_STATUS: status, SUBSCRIPTION_LIST_STATUS: WARM_START, UNIFIED_PROCEDURE_STEP_LIST_STATUS: WARM_START}
    attributes = {tag: element("CS", value) for tag, value in values.items()}
    return EventReport(EventType.SCP_STATUS_CHANGE, GLOBAL_SUBSCRIPTION, attributes)


def assigned(workitem: str, data_set: DataSet) -> list[EventReport]:
    """Who is to perform it: a report for each human performer, with the stations in every one."""
    stations = valued(data_set, (SCHEDULED_STATION_NAME_CODE_SEQUENCE,))
    performers: Sequence[DataSet] = data_set.get(SCHEDULED_HUMAN_PERFORMERS_SEQUENCE, {}).get("Value") or [{}]
    flattened = [valued(item, (HUMAN_PERFORMER_CODE_SEQUENCE, HUMAN_PERFORMER_ORGANIZATION)) for item in performers]
    return [EventReport(EventType.ASSIGNED, workitem, in_order(stations | performer)) for performer in flattened]


# -- what a change gives reason for ----------------------------------------------


def of_creation(workitem: str, data_set: DataSet) -> list[EventReport]:
    """PS3.4 Section CC.2.5.3: the state, then who it is assigned to, if to anybody."""
    is_assigned = any(is_valued(data_set, tag) for tag in ASSIGNMENT)
    return [state_report(workitem, data_set), *(assigned(workitem, data_set) if is_assigned else [])]


ASSIGNMENT = (SCHEDULED_STATION_NAME_CODE_SEQUENCE, SCHEDULED_HUMAN_PERFORMERS_SEQUENCE)


def of_change(workitem: str, before: DataSet, after: DataSet) -> list[EventReport]:
    """State, progress, assignment, in this order; nothing for what stays as it was."""
    return list(_of_change(workitem, before, after))


def _of_change(workitem: str, before: DataSet, after: DataSet) -> Iterator[EventReport]:
    if _differ(before, after, (PROCEDURE_STEP_STATE, INPUT_READINESS_STATE)):
        yield state_report(workitem, after)
    if _differ(_progress_item(before), _progress_item(after), PROGRESS_WATCHED):
        yield progress_report(workitem, after)
    if _differ(before, after, ASSIGNMENT):
        yield from assigned(workitem, after)


# -- the message -----------------------------------------------------------------


def message(kind: int, workitem: str, attributes: Mapping[str, Any], sequence: int) -> dict[str, Any]:
    """The object of a text frame: the command's elements, as PS3.18 Section 11.13 has them, before the attributes.

    Args:
        sequence: of the event among those of its subscriber, from 1; the Message ID is what 16 bits hold of it.
    """
    return {
        "00000002": element("UI", PUSH_SOP_CLASS),
        "00000110": element("US", (sequence - 1) % MESSAGE_IDS + 1),
        "00001000": element("UI", workitem),
        "00001002": element("US", int(kind)),
        **attributes,
    }


# -- how much --------------------------------------------------------------------


def told(data_set: DataSet) -> int:
    """The bytes of all reports on a workitem, about: stations are told with every human performer."""
    performers = data_set.get(SCHEDULED_HUMAN_PERFORMERS_SEQUENCE, {})
    stations = _length(valued(data_set, (SCHEDULED_STATION_NAME_CODE_SEQUENCE,)))
    return _length(_progress_item(data_set)) + _length(performers) + stations * max(1, len(performers.get("Value", ())))


def _length(told: DataSet | Element) -> int:
    return len(orjson.dumps(told))


# -- data sets -------------------------------------------------------------------


def _progress_item(data_set: DataSet) -> DataSet:
    """The one item that Procedure Step Progress Information Sequence can have (PS3.3 Section C.30.1)."""
    item: DataSet = first_value(data_set, PROGRESS_INFORMATION_SEQUENCE) or {}
    return item


def _differ(before: DataSet, after: DataSet, tags: Sequence[str]) -> bool:
    return valued(before, tags) != valued(after, tags)
