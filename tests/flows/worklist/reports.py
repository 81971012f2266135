"""The event reports that a client expects, PS3.4 Table CC.2.4-1, and how it reads the frames that bring them."""

from dataclasses import dataclass
from typing import Any

from archive.dicom.dicom_json import DataSet
from tests.workitems import code, data_set

#: The well-known instances that stand for all workitems, and for those that match a filter (PS3.4 Table CC.2.3-1).
GLOBAL = "1.2.840.10008.5.1.4.34.5"
FILTERED = "1.2.840.10008.5.1.4.34.5.1"

STATE, CANCEL_REQUESTED, PROGRESS, SCP_STATUS_CHANGE, ASSIGNED = 1, 2, 3, 4, 5


@dataclass(frozen=True)
class Report:
    """A report without its Message ID."""

    type: int
    workitem: str
    attributes: DataSet


def read(frame: DataSet) -> Report:
    """The report of a frame, whose command elements have to be those of PS3.18 Section 11.13."""
    command = {tag: frame[tag] for tag in ("00000002", "00000110", "00001000", "00001002")}
    assert [element["vr"] for element in command.values()] == ["UI", "US", "UI", "US"]
    sop_class, message, workitem, kind = (element["Value"][0] for element in command.values())
    assert sop_class == "1.2.840.10008.5.1.4.34.6.1"
    assert 1 <= message <= 0xFFFF
    assert "00081195" not in frame, "the lock never leaves the archive"
    return Report(kind, workitem, {tag: element for tag, element in frame.items() if tag not in command})


def state(workitem: str, value: str, readiness: str = "READY", **why: Any) -> Report:
    return Report(STATE, workitem, data_set(ProcedureStepState=value, InputReadinessState=readiness, **why))


def canceled(workitem: str, **why: Any) -> Report:
    """Canceled, for the reason that stands when nobody has given one, or for this one."""
    reason = {"ProcedureStepDiscontinuationReasonCodeSequence": [UNSPECIFIED]} | why
    return state(workitem, "CANCELED", **reason)


#: What the archive puts where nobody has said why.
UNSPECIFIED = code("110513", "Discontinued for unspecified reason", "DCM")


def cancel_requested(workitem: str, requester: str, **details: Any) -> Report:
    return Report(CANCEL_REQUESTED, workitem, data_set(RequestingAE=requester, **details))


def progress(workitem: str, **attributes: Any) -> Report:
    return Report(PROGRESS, workitem, data_set(ProcedureStepProgressInformationSequence=[data_set(**attributes)]))


def scp_status(status: str) -> Report:
    lists = {"SubscriptionListStatus": "WARM START", "UnifiedProcedureStepListStatus": "WARM START"}
    return Report(SCP_STATUS_CHANGE, GLOBAL, data_set(SCPStatus=status, **lists))


def assigned(workitem: str, **attributes: Any) -> Report:
    return Report(ASSIGNED, workitem, data_set(**attributes))
