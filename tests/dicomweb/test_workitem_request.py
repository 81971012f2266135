"""The bodies of the worklist's requests: every form that is taken, and what each that is not is answered."""

from typing import Any

import orjson
import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.request import Request

from archive.dicom.dicom_json import DataSet
from archive.dicom.errors import MalformedAttribute, MalformedMetadata
from archive.dicom.native_xml import to_xml
from dicomweb import workitem_request
from dicomweb.errors import BadRequest, EncodedBody, RequestTooLarge, UnsupportedMediaType
from dicomweb.http.search_parameters import MalformedParameters
from dicomweb.negotiation import Negotiation, Unread
from tests.builders import related
from tests.dicomweb.worklist_requests import JSON, XML, state
from tests.workitems import code, data_set, workitem

LOCK = "1.2.826.0.1.1"
CHANGES = data_set(ProcedureStepLabel="Ä€ 象", ScheduledStationNameCodeSequence=[code("AIALG")])


def request(body: Any = b"", content_type: str = JSON, query: str = "", **headers: str) -> Request:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    plain: HttpRequest = RequestFactory().generic(
        "POST", f"/?{query}", content, content_type=content_type if content else "", headers=headers
    )
    return Request(plain, parsers=[Unread()], negotiator=Negotiation())


def xml_parts(*documents: bytes, type: str = XML, part_type: str = XML) -> tuple[bytes, str]:
    return related([({"Content-Type": part_type}, document) for document in documents], type=type)


# -- forms -----------------------------------------------------------------------


FORMS = {
    "array": (orjson.dumps([CHANGES]), JSON),
    "object": (orjson.dumps(CHANGES), JSON),
    "with-spaces": (b"\n [ %b ] \n" % orjson.dumps(CHANGES), JSON),
    "json-alias": (orjson.dumps([CHANGES]), "application/json"),
    "json-charset": (orjson.dumps(CHANGES), "application/dicom+json; charset=utf-8"),
    "byte-order-mark": (b"\xef\xbb\xbf" + orjson.dumps(CHANGES), JSON),
    "xml": (to_xml(CHANGES), XML),
    "xml-in-capitals": (to_xml(CHANGES), "Application/DICOM+XML"),
    "xml-in-the-charset-it-declares": (to_xml(CHANGES, "US-ASCII"), XML),
    "xml-in-the-charset-of-the-type": (to_xml(CHANGES).decode().encode("utf-16"), f"{XML}; charset=utf-16"),
    "multipart": xml_parts(to_xml(CHANGES)),
    "multipart-in-another-charset": xml_parts(
        to_xml(CHANGES).decode().encode("gb18030"), part_type=f"{XML}; charset=gb18030"
    ),
    "multipart-untyped-part": related([({}, to_xml(CHANGES))], type=XML),
    "multipart-json": xml_parts(orjson.dumps([CHANGES]), type=JSON, part_type=JSON),
    "multipart-without-a-type": (xml_parts(to_xml(CHANGES))[0], "multipart/related; boundary=boundary"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_data_set_is_read_in_every_form(form):
    assert workitem_request.changes(request(*FORMS[form])) == (CHANGES, None)


@given(st.sampled_from([orjson.dumps(CHANGES), orjson.dumps([CHANGES]), to_xml(CHANGES)]), st.data())
def test_a_body_cut_anywhere_is_refused(document: bytes, data: st.DataObject):
    cut = document[: data.draw(st.integers(1, len(document.rstrip()) - 1))]

    with pytest.raises((BadRequest, MalformedMetadata)):
        workitem_request.changes(request(cut, XML if document.startswith(b"<") else JSON))


@given(st.binary(max_size=200), st.sampled_from([JSON, XML, FORMS["multipart"][1]]))
def test_any_bytes_are_a_data_set_or_refused(content: bytes, content_type: str):
    try:
        data, _ = workitem_request.changes(request(content, content_type))
    except (BadRequest, MalformedMetadata, MalformedAttribute):
        return
    assert isinstance(data, dict)


def test_keywords_mean_nothing_and_vrs_are_those_of_the_dictionary():
    document = (
        b"<NativeDicomModel>"
        b'<DicomAttribute tag="00741204" vr="SH" keyword="PatientName"><Value number="1">Read</Value></DicomAttribute>'
        b'<DicomAttribute tag="00404025" vr="UN"><Item number="1"/></DicomAttribute>'
        b"</NativeDicomModel>"
    )

    changes, _ = workitem_request.changes(request(document, XML))

    assert changes == {"00404025": {"vr": "SQ", "Value": [{}]}, "00741204": {"vr": "LO", "Value": ["Read"]}}


MALFORMED = {
    "nothing": (b"", JSON),
    "no-json": (b"{", JSON),
    "no-data-set": (b"[]", JSON),
    "two-data-sets": (orjson.dumps([CHANGES, CHANGES]), JSON),
    "two-documents": (b"{}{}", JSON),
    "a-text": (b'"text"', JSON),
    "a-number": (b"5", JSON),
    "null": (b"null", JSON),
    "array-of-null": (b"[null]", JSON),
    "array-of-arrays": (b"[[{}]]", JSON),
    "not-utf-8": (b'{"00741204":{"vr":"LO","Value":["\xff"]}}', JSON),
    "duplicate-tag": (b'{"00741204":{"vr":"LO"},"00741204":{"vr":"LO"}}', JSON),
    "duplicate-tag-in-another-case": (b'{"0074100e":{"vr":"SQ"},"0074100E":{"vr":"SQ"}}', JSON),
    "duplicate-member": (b'{"00741204":{"vr":"LO","vr":"LO"}}', JSON),
    "nan": (b'{"00741004":{"vr":"DS","Value":[NaN]}}', JSON),
    "infinity": (b'{"00741004":{"vr":"DS","Value":[-Infinity]}}', JSON),
    "control-character": (b'{"00741204":{"vr":"LO","Value":["a\\u0000b"]}}', JSON),
    "half-a-character": (b'{"00741204":{"vr":"LO","Value":["\\ud800"]}}', JSON),
    "name-of-no-tag": (b'{"ProcedureStepLabel":{"vr":"LO"}}', JSON),
    "element-of-no-object": (b'{"00741204":"Read"}', JSON),
    "value-of-no-array": (b'{"00741204":{"vr":"LO","Value":"Read"}}', JSON),
    "nested-without-end": (b"[" * 100_000, JSON),
    "objects-without-end": (b'{"00404025":{"vr":"SQ","Value":[' * 5_000, JSON),
    "sequences-without-end": (b'{"00404025":{"vr":"SQ","Value":[' * 300 + b"]}}" * 300, JSON),
    "no-xml": (b"<NativeDicomModel>", XML),
    "other-xml": (b"<html/>", XML),
    "two-roots": (b"<NativeDicomModel/><NativeDicomModel/>", XML),
    "doctype": (b'<!DOCTYPE x [<!ENTITY a "b">]><NativeDicomModel/>', XML),
    "unknown-charset": (to_xml(CHANGES), f"{XML}; charset=nonsense"),
    "no-parts": xml_parts(),
    "two-parts": xml_parts(to_xml(CHANGES), to_xml(CHANGES)),
    "empty-part": xml_parts(b""),
    "truncated-parts": (xml_parts(to_xml(CHANGES))[0][:-10], xml_parts()[1]),
    "no-boundary": (xml_parts(to_xml(CHANGES))[0], f'multipart/related; type="{XML}"'),
    "encoded-part": related([({"Content-Type": XML, "Content-Encoding": "gzip"}, to_xml(CHANGES))], type=XML),
}


@pytest.mark.parametrize("form", MALFORMED)
def test_what_is_not_one_data_set_is_refused(form):
    with pytest.raises((BadRequest, MalformedMetadata, MalformedAttribute)):
        workitem_request.changes(request(*MALFORMED[form]))


UNSUPPORTED = {
    "none": (b"{}", ""),
    "text": (b"{}", "text/plain"),
    "no-media-type": (b"{}", "json"),
    "dicom": (b"DICM", "application/dicom"),
    "other-xml": (to_xml(CHANGES), "application/xml"),
    "form": (b"a=b", "application/x-www-form-urlencoded"),
    "parts-of-files": xml_parts(b"DICM", type="application/dicom", part_type="application/dicom"),
    "part-of-text": xml_parts(to_xml(CHANGES), part_type="text/xml"),
    "part-of-no-media-type": xml_parts(to_xml(CHANGES), part_type="xml"),
    "other-parts": (b"", "multipart/form-data; boundary=a"),
}


@pytest.mark.parametrize("form", UNSUPPORTED)
def test_what_is_not_of_a_type_that_is_taken_is_unsupported(form):
    content, content_type = UNSUPPORTED[form]

    with pytest.raises(UnsupportedMediaType, match="application/dicom"):
        workitem_request.changes(request(content or b"-", content_type))


def test_an_encoded_body_is_refused():
    with pytest.raises(EncodedBody):
        workitem_request.changes(request(CHANGES, **{"content-encoding": "gzip"}))


@pytest.mark.parametrize("surplus", [0, 1])
def test_a_body_that_is_too_large_is_refused(settings, surplus):
    content = orjson.dumps(CHANGES)
    settings.ARCHIVE_MAX_WORKITEM_SIZE = len(content) - surplus

    if surplus:
        with pytest.raises(RequestTooLarge):
            workitem_request.changes(request(content))
    else:
        assert workitem_request.changes(request(content))[0] == CHANGES


def test_a_body_of_more_values_than_a_workitem_has_is_refused(monkeypatch):
    monkeypatch.setattr(workitem_request, "MOST_VALUES", 100)

    with pytest.raises(MalformedMetadata, match="more than 100"):
        workitem_request.changes(request(b'{"00741204":{"vr":"LO","Value":[%b0]}}' % (b"0," * 100)))


# -- the UID of a new workitem ---------------------------------------------------


def with_affected(uid: str) -> DataSet:
    return {"00001000": {"vr": "UI", "Value": [uid]}, **workitem()}


@pytest.mark.parametrize(
    ("body", "query", "uid"),
    [
        (workitem(), "", None),
        (workitem(), "workitem=1.2.3", "1.2.3"),
        (workitem(), "1.2.3", "1.2.3"),
        (with_affected("1.2.3"), "", "1.2.3"),
        (with_affected("1.2.3"), "AffectedSOPInstanceUID=1.2.3", "1.2.3"),
        ({"00001000": {"vr": "UI"}, **workitem()}, "", None),
    ],
)
def test_the_query_or_the_command_names_a_new_workitem(body, query, uid):
    data, named = workitem_request.new_workitem(request(body, query=query))

    assert named == uid
    assert data == workitem()


@pytest.mark.parametrize(
    ("body", "query"),
    [
        (with_affected("1.2.3"), "workitem=1.2.4"),
        (with_affected("1..3"), ""),
        (with_affected("x"), "workitem=1.2.3"),
        ({"00001000": {"vr": "UI", "Value": ["1.2", "1.3"]}}, ""),
        (workitem(), "workitem=1..3"),
    ],
)
def test_a_new_workitem_has_one_uid(body, query):
    with pytest.raises((BadRequest, MalformedParameters)):
        workitem_request.new_workitem(request(body, query=query))


# -- the lock --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lock", "query"),
    [(LOCK, ""), (None, f"transaction-uid={LOCK}"), (LOCK, f"transaction={LOCK}"), (None, LOCK), ([], LOCK)],
)
def test_the_query_or_the_data_set_has_the_lock(lock, query):
    body = data_set(ProcedureStepLabel="Read", TransactionUID=lock)

    assert workitem_request.changes(request(body, query=query)) == (data_set(ProcedureStepLabel="Read"), LOCK)
    assert workitem_request.state_change(request(state("COMPLETED", lock), query=query)) == ("COMPLETED", LOCK)


@pytest.mark.parametrize(
    ("lock", "query"),
    [(LOCK, "transaction=1.2"), ("1..2", ""), ([LOCK, LOCK], ""), ("x", LOCK), (None, "transaction=1..2")],
)
def test_there_is_one_lock(lock, query):
    for read, body in [
        (workitem_request.changes, data_set(TransactionUID=lock)),
        (workitem_request.state_change, state("COMPLETED", lock)),
    ]:
        with pytest.raises((BadRequest, MalformedParameters)):
            read(request(body, query=query))


# -- changes of state ------------------------------------------------------------


@pytest.mark.parametrize("target", ["SCHEDULED", "IN PROGRESS", "COMPLETED", "CANCELED", " CANCELED "])
def test_a_state_is_asked_for_with_or_without_the_lock(target):
    assert workitem_request.state_change(request(state(target, LOCK))) == (target.strip(), LOCK)
    assert workitem_request.state_change(request([state(target)])) == (target.strip(), None)


def test_a_change_of_state_may_say_how_it_is_written():
    body = state("COMPLETED", LOCK, SpecificCharacterSet="ISO_IR 192")

    assert workitem_request.state_change(request(body)) == ("COMPLETED", LOCK)


@pytest.mark.parametrize("target", [None, [], ["COMPLETED", "CANCELED"]])
def test_a_change_of_state_is_to_one_state(target):
    with pytest.raises(BadRequest, match="not one text"):
        workitem_request.state_change(request(state(target, LOCK)))


def test_a_change_of_state_changes_nothing_else():
    with pytest.raises(BadRequest, match="00741204"):
        workitem_request.state_change(request(state("COMPLETED", LOCK, ProcedureStepLabel="Read")))


# -- requests for cancellation ---------------------------------------------------


@pytest.mark.parametrize("content_type", ["", JSON, "text/plain"])
def test_a_request_for_cancellation_need_not_say_anything(content_type):
    assert workitem_request.cancellation(request(b"", content_type)) == {}
    assert workitem_request.cancellation(request([{}])) == {}


def test_a_request_for_cancellation_says_why_and_whom_to_ask():
    details = data_set(
        ReasonForCancellation="Patient has left",
        ProcedureStepDiscontinuationReasonCodeSequence=[code("110514", "Incorrect worklist entry selected", "DCM")],
        ContactURI="tel:+1",
        ContactDisplayName="Ward 5",
    )

    assert workitem_request.cancellation(request(details)) == details
    assert workitem_request.cancellation(request(to_xml(details), XML)) == details
    assert workitem_request.cancellation(request(details | data_set(SpecificCharacterSet="ISO_IR 192"))) == details


@pytest.mark.parametrize("keyword", ["ReasonForCancellation", "ContactURI", "ContactDisplayName"])
def test_what_it_says_it_says_with_a_value(keyword):
    with pytest.raises(BadRequest, match="no value"):
        workitem_request.cancellation(request(data_set(**{keyword: []})))


@pytest.mark.parametrize("keyword", ["TransactionUID", "ProcedureStepState", "PatientID"])
def test_it_says_nothing_else(keyword):
    with pytest.raises(BadRequest, match="has no attribute"):
        workitem_request.cancellation(request(data_set(**{keyword: "1"})))


def test_empty_means_no_bytes():
    for content in (b"[]", b"null", b" "):
        with pytest.raises((BadRequest, MalformedMetadata, MalformedAttribute)):
            workitem_request.cancellation(request(content))
