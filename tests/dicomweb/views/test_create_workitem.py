"""CreateUPS (PS3.18 Section 11.4) over HTTP."""

import re

import pytest

from archive.dicom.native_xml import to_xml
from tests.builders import related
from tests.dicomweb.worklist_requests import JSON, SERVICE, WORKITEMS, XML, path, send, told
from tests.workitems import PRESENT, VALUED, code, data_set, tag, workitem
from tests.worklist import in_state, stored
from workflow.models import Workitem, WorkitemTombstone
from workflow.uids import FILTERED_SUBSCRIPTION, GLOBAL_SUBSCRIPTION

pytestmark = pytest.mark.django_db

UID = "1.2.826.0.9.1"
MODIFIED = "The Workitem was created with modifications."


def with_uid(uid: str = UID) -> dict:
    return workitem(SOPInstanceUID=uid)


@pytest.mark.parametrize(
    ("query", "body"),
    [
        pytest.param(f"?AffectedSOPInstanceUID={UID}", workitem(), id="2017"),
        pytest.param(f"?workitem={UID}", workitem(), id="dcm4chee"),
        pytest.param(f"?WORKITEM={UID}", workitem(), id="case"),
        pytest.param(f"?{UID}", workitem(), id="bare"),
        pytest.param(f"/?{UID}", workitem(), id="slash"),
        pytest.param("", with_uid(), id="data-set"),
        pytest.param("/", with_uid(), id="slash-data-set"),
        pytest.param("", {"00001000": {"vr": "UI", "Value": [UID]}, **workitem()}, id="command"),
        pytest.param(f"?workitem={UID}", with_uid(), id="both"),
    ],
)
def test_a_workitem_is_created_under_the_uid_that_the_request_names(worklist, query, body):
    response = send(worklist, "POST", f"{WORKITEMS}{query}", body)

    assert told(response) == (201, None)
    assert response["Location"] == response["Content-Location"] == f"{SERVICE}/workitems/{UID}"
    assert response.content == b""
    assert "Content-Type" not in response
    assert tag("TransactionUID") not in stored(UID)


def test_without_a_uid_it_gets_one(worklist):
    response = send(worklist, "POST", WORKITEMS, workitem())

    assert response.status_code == 201
    assert re.fullmatch(rf"{SERVICE}/workitems/2\.25\.\d+", response["Location"])
    assert worklist.get(response["Location"].removeprefix("http://testserver")).status_code == 200


def test_the_location_is_where_the_client_sees_the_archive(worklist, settings):
    settings.ARCHIVE_PUBLIC_URL = "https://pacs.example.org/imaging"

    response = send(worklist, "POST", f"{WORKITEMS}?{UID}", workitem(WorklistLabel=[]))

    assert response["Location"] == f"https://pacs.example.org/imaging/dicom-web/workitems/{UID}"
    assert response["Warning"] == f"299 https://pacs.example.org/imaging/dicom-web: {MODIFIED}"


@pytest.mark.parametrize("keyword", PRESENT)
def test_what_may_be_empty_is_filled_in_with_a_warning_or_refused_where_the_archive_is_strict(
    worklist, settings, keyword
):
    response = send(worklist, "POST", f"{WORKITEMS}?{UID}", workitem(**{keyword: None}))

    # The archive does not keep a Transaction UID there.
    assert told(response) == (201, None if keyword == "TransactionUID" else MODIFIED)
    assert response.content == b""

    settings.ARCHIVE_UPS_STRICT = True
    response = send(worklist, "POST", f"{WORKITEMS}?{UID}.1", workitem(**{keyword: None}))

    assert response.status_code == 400
    assert keyword in response.json()["message"]
    assert not Workitem.objects.filter(sop_instance_uid=f"{UID}.1").exists()


def test_a_worklist_label_that_the_archive_gives_is_a_modification(worklist):
    assert told(send(worklist, "POST", f"{WORKITEMS}?{UID}", workitem(WorklistLabel=[]))) == (201, MODIFIED)


@pytest.mark.parametrize("value", [None, []])
@pytest.mark.parametrize("keyword", VALUED)
def test_H11_what_needs_a_value_has_one(worklist, keyword, value):
    response = send(worklist, "POST", f"{WORKITEMS}?{UID}", workitem(**{keyword: value}))

    assert response.status_code == 400
    assert keyword in response.json()["message"]
    assert not Workitem.objects.exists()


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        pytest.param("TransactionUID", "1.2.3", id="lock"),
        pytest.param("ProcedureStepProgressInformationSequence", data_set(ProcedureStepProgress="1"), id="progress"),
        pytest.param(
            "UnifiedProcedureStepPerformedProcedureSequence",
            data_set(PerformedStationNameCodeSequence=[code("A")]),
            id="performed",
        ),
    ],
)
def test_H11_what_comes_later_is_empty(worklist, keyword, value):
    response = send(worklist, "POST", f"{WORKITEMS}?{UID}", workitem(**{keyword: value}))

    assert response.status_code == 400
    assert keyword in response.json()["message"]
    assert not Workitem.objects.exists()


@pytest.mark.parametrize("state", ["IN PROGRESS", "COMPLETED", "CANCELED"])
def test_H11_a_new_workitem_is_scheduled(worklist, state):
    response = send(worklist, "POST", WORKITEMS, workitem(ProcedureStepState=state))

    assert (response.status_code, response.json()["code"]) == (400, "C309")


@pytest.mark.parametrize("state", ["SCHEDULED", "IN PROGRESS", "COMPLETED", "CANCELED"])
def test_H11_a_uid_is_given_once(worklist, state):
    uid = in_state(state)
    before = stored(uid)

    response = send(worklist, "POST", f"{WORKITEMS}?{uid}", workitem())

    assert (response.status_code, response.json()["code"]) == (409, "0111")
    assert uid in response.json()["message"]
    assert stored(uid) == before


@pytest.mark.parametrize("uid", [GLOBAL_SUBSCRIPTION, FILTERED_SUBSCRIPTION])
def test_H11_the_uids_of_subscriptions_are_taken(worklist, uid):
    assert send(worklist, "POST", f"{WORKITEMS}?{uid}", workitem()).status_code == 409


def test_H11_the_uid_of_a_workitem_that_was_purged_is_not_given_again(worklist):
    WorkitemTombstone.objects.create(sop_instance_uid=UID)

    assert send(worklist, "POST", f"{WORKITEMS}?{UID}", workitem()).status_code == 409


@pytest.mark.parametrize(
    ("query", "body"),
    [
        pytest.param("?1.2.3", with_uid("1.2.4"), id="query-and-data-set"),
        pytest.param("?workitem=1.2.3&AffectedSOPInstanceUID=1.2.4", workitem(), id="query"),
        pytest.param("", {"00001000": {"vr": "UI", "Value": ["1.2.3"]}, **with_uid("1.2.4")}, id="data-set"),
        pytest.param("?1.2.03", workitem(), id="leading-zero"),
        pytest.param("?workitem=1..2", workitem(), id="empty-component"),
        pytest.param("?workitem=x", workitem(), id="letters"),
        pytest.param("?workitem=", workitem(), id="empty"),
        pytest.param(f"?1.{'2' * 63}", workitem(), id="long"),
        pytest.param("", with_uid("1.02"), id="in-the-data-set"),
    ],
)
def test_H11_a_uid_that_is_none_or_not_one_is_refused(worklist, query, body):
    assert send(worklist, "POST", f"{WORKITEMS}{query}", body).status_code == 400
    assert not Workitem.objects.exists()


BODIES = {
    "none": (b"", JSON, 400),
    "broken-json": (b'{"00741204"', JSON, 400),
    "no-data-set": (b"[]", JSON, 400),
    "two-data-sets": ([workitem(), workitem()], JSON, 400),
    "an-attribute-that-is-none": ({"00741204": 5}, JSON, 400),
    "broken-xml": (b"<NativeDicomModel>", XML, 400),
    "two-parts": (*related([({"Content-Type": XML}, to_xml(workitem()))] * 2, type=XML), 400),
    "text": (b"text", "text/plain", 415),
    "file": (b"\0" * 128 + b"DICM", "application/dicom", 415),
}


@pytest.mark.parametrize("form", BODIES)
def test_H11_a_body_that_is_no_workitem_is_refused(worklist, form):
    body, content_type, status = BODIES[form]

    response = send(worklist, "POST", f"{WORKITEMS}?{UID}", body, content_type)

    assert response.status_code == status
    assert response.json()["message"]
    assert not Workitem.objects.exists()


def test_an_encoded_body_is_415_and_a_large_one_413(worklist, settings):
    assert send(worklist, "POST", WORKITEMS, workitem(), **{"content-encoding": "gzip"}).status_code == 415

    settings.ARCHIVE_MAX_WORKITEM_SIZE = 100
    assert send(worklist, "POST", WORKITEMS, workitem()).status_code == 413


def test_values_are_not_repeated_where_they_are_wrong(worklist):
    body = workitem(PatientName="Doe^Jane", ScheduledProcedureStepPriority="Doe^Jane")

    response = send(worklist, "POST", WORKITEMS, body)

    assert response.status_code == 400
    assert "Doe" not in response.content.decode()


def test_other_methods_are_405_and_say_what_there_is(worklist):
    for method in ("PUT", "PATCH", "DELETE"):
        response = send(worklist, method, WORKITEMS)
        assert response.status_code == 405
        assert "POST" in response["Allow"]
    assert send(worklist, "PATCH", path(UID)).status_code == 405
