"""How large workitems may become, by several updates too, and how much there may be to tell of them."""

import orjson
from django.conf import settings

from archive.dicom.dicom_json import DataSet
from workflow.attribute_values import OTHER_VALUE
from workflow.errors import InvalidWorkitem, Problem
from workflow.event_reports import told

#: Bytes of the event reports that a workitem, or a request to cancel it, may give reason for. They are written and sent
#: for every subscriber, and many clients end a channel that brings them a message of a megabyte, each time again.
MOST_TOLD = 256 * 1024


def check_workitem(data_set: DataSet) -> None:
    """
    Raises:
        InvalidWorkitem: it is too large to be kept, or to be told of.
    """
    _check("its attributes have", len(orjson.dumps(data_set)), settings.ARCHIVE_MAX_WORKITEM_SIZE)
    _check("its event reports have", told(data_set), MOST_TOLD)


def check_request(details: DataSet) -> None:
    """
    Raises:
        InvalidWorkitem: what a request to cancel says is too much to be told.
    """
    _check("the event report has", len(orjson.dumps(details)), MOST_TOLD)


def _check(what: str, length: int, most: int) -> None:
    if length > most:
        raise InvalidWorkitem([Problem("", f"{what} {length} bytes; this archive takes {most}", OTHER_VALUE)])
