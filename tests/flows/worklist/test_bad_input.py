"""H11: what is wrong is answered with a status that says so, and changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from pydicom.uid import generate_uid
from requests import Response

from archive.dicom.dicom_json import DataSet
from tests.flows.worklist.client import JSON, PATIENCE, Worklist, warning
from tests.flows.worklist.reports import FILTERED, GLOBAL
from tests.workitems import code, data_set, performed, performer, progress, tag, workitem

#: PS3.4 Table CC.2.5-3, Create: type 1.
VALUED = (
    "ScheduledProcedureStepPriority",
    "ProcedureStepLabel",
    "ScheduledProcedureStepStartDateTime",
    "InputReadinessState",
    "ProcedureStepState",
)

#: The same table, Set: not allowed.
NEVER_SET: dict[str, Any] = {
    "SOPClassUID": "1.2.840.10008.5.1.4.34.6.1",
    "SOPInstanceUID": "1.2.3",
    "PatientName": "Other^Name",
    "PatientID": "OTHER",
    "IssuerOfPatientID": "OTHER",
    "IssuerOfPatientIDQualifiersSequence": [data_set(UniversalEntityID="1.2", UniversalEntityIDType="ISO")],
    "PatientBirthDate": "19700101",
    "PatientSex": "O",
    "AdmissionID": "OTHER",
    "IssuerOfAdmissionIDSequence": [data_set(LocalNamespaceEntityID="OTHER")],
    "AdmittingDiagnosesDescription": "Other",
    "AdmittingDiagnosesCodeSequence": [code("OTHER")],
    "ReferencedRequestSequence": [data_set(StudyInstanceUID="1.2.3", AccessionNumber="OTHER")],
    "ReplacedProcedureStepSequence": [
        data_set(ReferencedSOPClassUID="1.2.840.10008.5.1.4.34.6.1", ReferencedSOPInstanceUID="1.2.3")
    ],
    "ProcedureStepState": "COMPLETED",
}


def create(worklist: Worklist, new: DataSet) -> tuple[str, Response]:
    uid = generate_uid()
    return uid, worklist.send("POST", f"/workitems?workitem={uid}", new)


def assert_there_is_none(worklist: Worklist, uid: str) -> None:
    assert worklist.send("GET", f"/workitems/{uid}").status_code == 404


@pytest.mark.parametrize(
    "new",
    [
        *(pytest.param(workitem(**{keyword: None}), id=f"without {keyword}") for keyword in VALUED),
        *(pytest.param(workitem(**{keyword: []}), id=f"{keyword} without a value") for keyword in VALUED),
        *(
            pytest.param(workitem(ProcedureStepState=state), id=state)
            for state in ("IN PROGRESS", "COMPLETED", "CANCELED", "FOO")
        ),
        pytest.param(workitem(TransactionUID="1.2.3"), id="with a lock"),
        pytest.param(workitem() | progress("1"), id="with progress"),
        pytest.param(workitem() | performed(), id="performed"),
        pytest.param(workitem(ScheduledProcedureStepPriority="URGENT"), id="no priority"),
        pytest.param(workitem(InputReadinessState="SOON"), id="no readiness"),
        pytest.param(workitem(ScheduledProcedureStepStartDateTime="tomorrow"), id="no time"),
        pytest.param(workitem(ScheduledStationNameCodeSequence=[data_set(CodeValue="A")]), id="no code"),
    ],
)
@pytest.mark.parametrize("client", ["worklist", "other_worklist"])
def test_H11_a_workitem_that_is_not_valid_is_not_created(
    request: pytest.FixtureRequest, client: str, new: DataSet
) -> None:
    """UPS-A1-3, UPS-A1-4"""
    worklist: Worklist = request.getfixturevalue(client)
    uid, response = create(worklist, new)
    assert response.status_code == 400
    assert_there_is_none(worklist, uid)


def test_H11_what_may_be_empty_may_be_left_out_where_the_archive_is_not_strict(
    worklist: Worklist, other_worklist: Worklist
) -> None:
    """UPS-A1-5"""
    short = data_set(
        ProcedureStepLabel="Read",
        ProcedureStepState="SCHEDULED",
        InputReadinessState="READY",
        ScheduledProcedureStepPriority="LOW",
        ScheduledProcedureStepStartDateTime="20261125",
    )
    uid, created = create(worklist, short)
    refused_uid, refused = create(other_worklist, short)

    assert created.status_code == 201
    assert created.headers["Warning"] == warning(worklist, "The Workitem was created with modifications.")
    assert worklist.retrieve(uid)[tag("PatientName")] == {"vr": "PN"}
    assert refused.status_code == 400
    assert_there_is_none(other_worklist, refused_uid)


def test_H11_a_uid_is_used_once(worklist: Worklist) -> None:
    uid = worklist.create()
    before = worklist.retrieve(uid)
    for taken in (uid, GLOBAL, FILTERED):
        assert worklist.send("POST", f"/workitems?workitem={taken}", workitem()).status_code == 409
    assert worklist.retrieve(uid) == before


def test_H11_query_and_data_set_name_one_uid(worklist: Worklist) -> None:
    """UPS-A1-1"""
    uid, response = create(worklist, workitem(SOPInstanceUID=generate_uid()))
    assert response.status_code == 400
    assert_there_is_none(worklist, uid)


@pytest.mark.parametrize("uid", ["1.2.x", "1..2", "1.02", "1." * 40 + "1", "%20", "1.2.3%00"])
def test_H11_a_uid_is_one(worklist: Worklist, uid: str) -> None:
    assert worklist.send("POST", f"/workitems?workitem={uid}", workitem()).status_code == 400
    assert worklist.send("GET", f"/workitems/{uid}").status_code in {400, 404}


@pytest.mark.parametrize("ae", ["SEVENTEEN-LETTERS", "BACK%5CSLASH", "TAB%09", "%20%20"])
def test_H11_an_ae_title_is_one(worklist: Worklist, ae: str) -> None:
    assert worklist.subscribe(worklist.create(), ae).status_code == 400


@pytest.mark.parametrize("keyword", NEVER_SET)
def test_H11_what_a_step_is_for_is_not_updated(worklist: Worklist, keyword: str) -> None:
    """UPS-A2-3, UPS-A2-4"""
    uid = worklist.create()
    before = worklist.retrieve(uid)

    response = worklist.update(uid, data_set(ProcedureStepLabel="Changed", **{keyword: NEVER_SET[keyword]}))

    assert response.status_code == 400
    assert worklist.retrieve(uid) == before, "all of an update is done, or nothing"


def test_H11_nobody_has_a_lock_of_what_is_scheduled(worklist: Worklist) -> None:
    """UPS-A2-1, UPS-B2-2"""
    uid = worklist.create()
    response = worklist.update(uid, data_set(ProcedureStepLabel="Changed"), lock=generate_uid())
    assert response.status_code == 409
    assert response.headers["Warning"] == warning(worklist, "The target URI did not reference a claimed Workitem.")


@pytest.mark.parametrize("right", [False, None], ids=["another lock", "no lock"])
def test_H11_who_does_not_hold_the_lock_changes_nothing(worklist: Worklist, right: bool | None) -> None:
    """UPS-A2-2, UPS-B2-2"""
    uid = worklist.create()
    worklist.claim(uid)
    before = worklist.retrieve(uid)
    lock = None if right is None else generate_uid()
    text = "The Transaction UID is missing." if lock is None else "The Transaction UID is incorrect."

    answers = [
        worklist.update(uid, progress("1"), lock),
        *(worklist.change_state(uid, state, lock) for state in ("IN PROGRESS", "COMPLETED", "CANCELED")),
    ]

    assert [answer.status_code for answer in answers] == [400] * 4
    assert all(text in answer.headers["Warning"] for answer in answers)
    assert worklist.retrieve(uid) == before


def test_H11_what_is_final_is_not_updated(worklist: Worklist) -> None:
    """UPS-B4-3"""
    uid = worklist.create()
    lock = worklist.claim(uid)
    worklist.change_state(uid, "CANCELED", lock)
    before = worklist.retrieve(uid)

    response = worklist.update(uid, progress("1"), lock)

    assert response.status_code == 400
    text = "The submitted request is inconsistent with the current state of the Workitem."
    assert response.headers["Warning"] == warning(worklist, text)
    assert worklist.retrieve(uid) == before


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        (data_set(ProcedureStepState="SCHEDULED", TransactionUID="1.2.3"), 409),
        (data_set(ProcedureStepState="COMPLETED", TransactionUID="1.2.3"), 409),
        (data_set(ProcedureStepState="CANCELED", TransactionUID="1.2.3"), 409),
        (data_set(ProcedureStepState="FOO", TransactionUID="1.2.3"), 400),
        (data_set(ProcedureStepState="CANCELLED", TransactionUID="1.2.3"), 400),
        (data_set(ProcedureStepState=[], TransactionUID="1.2.3"), 400),
        (data_set(TransactionUID="1.2.3"), 400),
        (data_set(ProcedureStepState="IN PROGRESS"), 400),
        (data_set(ProcedureStepState="IN PROGRESS", TransactionUID="x"), 400),
        (data_set(ProcedureStepState="IN PROGRESS", TransactionUID="1.2.3", ProcedureStepLabel="More"), 400),
    ],
)
def test_H11_a_scheduled_step_can_be_claimed_and_nothing_else(worklist: Worklist, wanted: DataSet, status: int) -> None:
    """UPS-B1-3"""
    uid = worklist.create()
    before = worklist.retrieve(uid)
    assert worklist.send("PUT", f"/workitems/{uid}/state", wanted).status_code == status
    assert worklist.retrieve(uid) == before


@pytest.mark.parametrize("body", [b"[{}, {}]", b"[]", b"{", b"nonsense", b'"text"', b"null", b"[1]", b"\xff\xfe", b""])
@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("POST", "/{}"), ("PUT", "/{}/state")])
def test_H11_a_body_is_one_data_set(worklist: Worklist, method: str, path: str, body: bytes) -> None:
    url = f"{worklist.url}/workitems{path.format(worklist.create())}"
    response = worklist.session.request(method, url, data=body, headers={"Content-Type": JSON}, timeout=PATIENCE)
    assert response.status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "limit=-1",
        "limit=many",
        "offset=-1",
        "offset=1.5",
        "TransactionUID=1.2.3",
        "00081195=1.2.3",
        "includefield=NoSuchAttribute",
        "WorklistLabel=A&WorklistLabel=B",
        "WorklistLabel=A&00741202=A",
        "ScheduledProcedureStepStartDateTime=yesterday",
        "ScheduledProcedureStepStartDateTime=20260102-20260101",
        "fuzzymatching=perhaps",
    ],
)
def test_H11_a_search_is_well_formed(worklist: Worklist, query: str) -> None:
    """UPS-F-2"""
    assert worklist.send("GET", f"/workitems?{query}").status_code == 400


UNKNOWN: dict[str, Callable[[Worklist, str], Response]] = {
    "retrieve": lambda worklist, uid: worklist.send("GET", f"/workitems/{uid}"),
    "update": lambda worklist, uid: worklist.update(uid, data_set(ProcedureStepLabel="Changed")),
    "claim": lambda worklist, uid: worklist.change_state(uid, "IN PROGRESS", generate_uid()),
    "back to SCHEDULED": lambda worklist, uid: worklist.change_state(uid, "SCHEDULED", generate_uid()),
    "cancel": lambda worklist, uid: worklist.request_cancellation(uid),
    "subscribe": lambda worklist, uid: worklist.subscribe(uid, "UNKNOWN"),
    "unsubscribe": lambda worklist, uid: worklist.unsubscribe(uid, "UNKNOWN"),
}


@pytest.mark.parametrize("transaction", UNKNOWN)
def test_H11_what_was_never_there_is_not_found(worklist: Worklist, transaction: str) -> None:
    assert UNKNOWN[transaction](worklist, generate_uid()).status_code == 404


def test_H11_there_is_no_such_subscription(worklist: Worklist, ae: str) -> None:
    """UPS-A8-2"""
    uid = worklist.create()
    for target in (uid, GLOBAL, FILTERED):
        assert worklist.unsubscribe(target, ae).status_code == 404
    for target in (GLOBAL, FILTERED):
        assert worklist.suspend(target, ae).status_code == 404


def test_H11_one_workitem_cannot_be_suspended(worklist: Worklist, ae: str) -> None:
    """UPS-A8-2"""
    uid = worklist.create()
    worklist.subscribe(uid, ae)
    assert worklist.suspend(uid, ae).status_code == 400
    assert worklist.unsubscribe(uid, ae).status_code == 200, "it is still there"


def test_H11_a_lock_is_true_or_false(worklist: Worklist, ae: str) -> None:
    """UPS-A7-1"""
    assert worklist.subscribe(worklist.create(), ae, "deletionlock=perhaps").status_code == 400


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/workitems", {"GET", "POST"}),
        ("/workitems/{uid}", {"GET", "POST", "PUT"}),
        ("/workitems/{uid}/state", {"PUT", "POST"}),
        ("/workitems/{uid}/cancelrequest", {"POST"}),
        ("/workitems/{uid}/subscribers/AE", {"POST", "DELETE"}),
    ],
)
def test_H11_a_method_that_is_none_is_answered_with_those_that_are(
    worklist: Worklist, path: str, methods: set[str]
) -> None:
    response = worklist.send("PATCH", path.format(uid=worklist.create()))
    assert response.status_code == 405
    assert {method.strip() for method in response.headers["Allow"].split(",")} >= methods


def test_H11_performers_are_whole_or_refused(worklist: Worklist) -> None:
    """What is required within an item is required of every item that is there."""
    uid = worklist.create()
    nameless = {name: element for name, element in performer().items() if name != tag("HumanPerformerName")}
    assert worklist.update(uid, data_set(ScheduledHumanPerformersSequence=[nameless])).status_code == 400
    assert tag("ScheduledHumanPerformersSequence") not in worklist.retrieve(uid)
