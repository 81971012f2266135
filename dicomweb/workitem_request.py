"""The requests of the worklist: one data set in JSON or XML as the body (PS3.18 Section 11.1.3), and a query."""

from itertools import chain
from typing import Any

from django.conf import settings
from rest_framework.request import Request

from archive.dicom.dicom_json import DataSet
from archive.dicom.metadata import json_reader, native_xml_reader, received_model
from archive.dicom.uids import is_uid
from archive.dicom.value_representations import first_value
from dicomweb import body
from dicomweb.errors import BadRequest, UnsupportedMediaType
from dicomweb.http import workitem_parameters
from dicomweb.http.media_types import MULTIPART_RELATED, MalformedMediaType, MediaType
from dicomweb.http.multipart import Decoder, MalformedMultipart, PartData, PartStart, is_encoded
from dicomweb.responses import DICOM_JSON, DICOM_XML
from workflow.tags import (
    CONTACT_DISPLAY_NAME,
    CONTACT_URI,
    DISCONTINUATION_REASON_CODE_SEQUENCE,
    PROCEDURE_STEP_STATE,
    REASON_FOR_CANCELLATION,
    SPECIFIC_CHARACTER_SET,
    TRANSACTION_UID,
)

#: What a data set is, by the names that are in use for it.
FORMS = {DICOM_JSON: DICOM_JSON, "application/json": DICOM_JSON, DICOM_XML: DICOM_XML}
SUPPORTED = (*FORMS, f'{MULTIPART_RELATED}; type="{DICOM_XML}"')
#: Objects, arrays and values of a data set: more than the largest one has, and no more than memory has room for.
MOST_VALUES = 1_000_000

AFFECTED_SOP_INSTANCE_UID = "00001000"
#: PS3.18 Section 11.7.1.4, and 11.8.1.4: what the data sets of these requests have.
STATE_CHANGE = frozenset({TRANSACTION_UID, PROCEDURE_STEP_STATE})
CANCELLATION = frozenset(
    {CONTACT_URI, CONTACT_DISPLAY_NAME, DISCONTINUATION_REASON_CODE_SEQUENCE, REASON_FOR_CANCELLATION}
)


def query(request: Request) -> str:
    """As it was written, not decoded yet."""
    written: str = request.META.get("QUERY_STRING", "")
    return written


def new_workitem(request: Request) -> tuple[DataSet, str | None]:
    """The data set of a workitem to create, and the UID that the query or Affected SOP Instance UID gives it.

    Raises:
        BadRequest: the two are not the same.
    """
    raw = _raw(request)
    named = {_affected(raw), workitem_parameters.workitem(query(request))} - {None}
    if len(named) > 1:
        raise BadRequest("The query and Affected SOP Instance UID (0000,1000) are not the same UID.")
    return _read(raw), next(iter(named), None)


def changes(request: Request) -> tuple[DataSet, str | None]:
    """The attributes to replace, and the lock that the query or the data set has.

    Raises:
        BadRequest: the two are not the same.
    """
    data_set = _read(_raw(request))
    return data_set, _transaction_uid(request, data_set.pop(TRANSACTION_UID, {}))


def state_change(request: Request) -> tuple[str, str | None]:
    """The requested state and the lock.

    Raises:
        BadRequest: there is not one state; or there is more in the data set.
    """
    data_set = _read(_raw(request))
    _refuse_others(data_set, STATE_CHANGE, "A change of state")
    match data_set.get(PROCEDURE_STEP_STATE):
        case {"Value": [str(state)]}:
            return state, _transaction_uid(request, data_set.get(TRANSACTION_UID, {}))
    raise BadRequest("Procedure Step State (0074,1000) is not one text.")


def cancellation(request: Request) -> DataSet:
    """What a request for cancellation says of it, which may be nothing.

    Raises:
        BadRequest: there is more in the data set, or an attribute without a value.
    """
    content = _content(request)
    data_set = _read(_parsed(request, content)) if content else {}
    data_set.pop(SPECIFIC_CHARACTER_SET, None)
    _refuse_others(data_set, CANCELLATION, "A request for cancellation")
    if empty := [tag for tag in data_set if first_value(data_set, tag) is None]:
        raise BadRequest(f"Attribute {empty[0]} has no value; it can be left out.")
    return data_set


# -- UIDs ------------------------------------------------------------------------


def _affected(raw: Any) -> str | None:
    """Commands do not travel as data sets over HTTP; some clients put this one of their elements there all the same."""
    match raw.get(AFFECTED_SOP_INSTANCE_UID) if isinstance(raw, dict) else None:
        case {"Value": [str(uid)]} if is_uid(uid.strip()):
            return uid.strip()
        case {"Value": [_, *_]}:
            raise BadRequest("Affected SOP Instance UID (0000,1000) is not one UID.")
    return None


def _transaction_uid(request: Request, element: Any) -> str | None:
    values = [uid for uid in element.get("Value", ()) if uid]
    if len(values) > 1 or not all(map(is_uid, values)):
        raise BadRequest("Transaction UID (0008,1195) is not one UID.")
    given = {*values, workitem_parameters.transaction_uid(query(request))} - {None}
    if len(given) > 1:
        raise BadRequest("The query and Transaction UID (0008,1195) are not the same UID.")
    return next(iter(given), None)


def _refuse_others(data_set: DataSet, known: frozenset[str], subject: str) -> None:
    """A character set is no attribute of the subject, it says how the data set is written."""
    if others := data_set.keys() - known - {SPECIFIC_CHARACTER_SET}:
        raise BadRequest(f"{subject} has no attribute {min(others)}.")


# -- the body --------------------------------------------------------------------


def _read(raw: Any) -> DataSet:
    """VRs are those of PS3.6: what workitems have is known, and some clients get them wrong."""
    return received_model.read(raw, by_dictionary=True).data_set


def _raw(request: Request) -> Any:
    """The data set as it was written, for `received_model.read`."""
    content = _content(request)
    if not content:
        raise BadRequest("The request has no data set.")
    return _parsed(request, content)


def _content(request: Request) -> bytes:
    return body.whole(request, settings.ARCHIVE_MAX_WORKITEM_SIZE)


def _parsed(request: Request, content: bytes) -> Any:
    """The data set of a body.

    Raises:
        UnsupportedMediaType, EncodedBody
        BadRequest, MalformedMetadata: it is not one data set.
    """
    content_type = body.content_type(request, SUPPORTED)
    if content_type.essence == MULTIPART_RELATED:
        content_type, content = _only_part(content_type, content)
    _check(content_type)
    if FORMS[content_type.essence] == DICOM_JSON:
        return json_reader.data_set(content, most_values=MOST_VALUES)
    return native_xml_reader.instance(content, content_type.parameter("charset"))


def _check(content_type: MediaType) -> None:
    if content_type.essence not in FORMS:
        raise UnsupportedMediaType(SUPPORTED)


def _only_part(content_type: MediaType, content: bytes) -> tuple[MediaType, bytes]:
    """The one part of a multipart/related body, and what it is; where it does not say that, the body does."""
    if root := content_type.root:
        _check(root)
    headers, payload = _part(content_type.parameter("boundary"), content)
    if is_encoded(headers):
        raise BadRequest("The part is encoded; parts are taken as they are.")
    try:
        part_type = MediaType.parse(headers.get("content-type") or (root.essence if root else ""))
    except MalformedMediaType as error:
        raise UnsupportedMediaType(SUPPORTED) from error
    return part_type, payload


def _part(boundary: str | None, content: bytes) -> tuple[dict[str, str], bytes]:
    """Headers and payload."""
    if boundary is None:
        raise BadRequest("The Content-Type has no boundary parameter.")
    headers: dict[str, str] = {}
    payload = b""
    try:
        decoder = Decoder(boundary, max_parts=1)
        for event in chain(decoder.feed(content), decoder.feed(None)):
            if isinstance(event, PartStart):
                headers = event.headers
            elif isinstance(event, PartData):
                payload += event.data
    except MalformedMultipart as error:
        raise BadRequest(str(error)) from error
    return headers, payload
