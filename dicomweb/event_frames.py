"""Event reports as they are sent (PS3.18 Section 11.13), with their number for clients that resume by it."""

from typing import Any

import orjson

from archive.dicom.dicom_json import DataSet
from workflow import event_reports
from workflow.selectors.events import StoredEvent

#: After the attributes of the worklist's own group: Message IDs start again after 65535, these do not.
PRIVATE_CREATOR = "00750010"
SEQUENCE = "00751001"
CREATOR = "ARCHIVE EVENT CHANNEL"


def report(event: StoredEvent) -> DataSet:
    """The object that PS3.18 Section 11.13 has."""
    return event_reports.message(event.type, event.workitem, orjson.loads(event.dicom_json), event.sequence)


def frame(event: StoredEvent, *, numbered: bool) -> str:
    """The text of one frame.

    Args:
        numbered: a private attribute says where the event stands among those of its subscriber.
    """
    number: dict[str, Any] = {
        PRIVATE_CREATOR: {"vr": "LO", "Value": [CREATOR]},
        SEQUENCE: {"vr": "UV", "Value": [event.sequence]},
    }
    return orjson.dumps(report(event) | (number if numbered else {})).decode()
