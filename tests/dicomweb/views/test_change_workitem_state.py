"""ChangeUPSState (PS3.18 Section 11.7) over HTTP: PS3.4 Table CC.1.1-2 as statuses."""

import pytest

from archive.dicom.native_xml import to_xml
from tests.dicomweb.worklist_requests import XML, path, send, state, told
from tests.workitems import tag
from tests.worklist import (
    ANOTHER_LOCK,
    LOCK,
    application_entity,
    claimed,
    created,
    in_state,
    performed_workitem,
    stored,
    subscribed,
    told_briefly,
)
from workflow.models import Workitem, WorkitemTombstone

pytestmark = pytest.mark.django_db

MISSING, INCORRECT = "The Transaction UID is missing.", "The Transaction UID is incorrect."
INCONSISTENT = "The submitted request is inconsistent with the state of the UPS Instance."

#: Current state, requested state, lock -> status and warning. `ok` for any lock where there is none yet.
TABLE = {
    **{(now, "SCHEDULED", lock): (409, INCONSISTENT) for now in ("SCHEDULED", "IN PROGRESS", "COMPLETED", "CANCELED")
       for lock in ("ok", "missing")},
    **{(now, "SCHEDULED", "wrong"): (409, INCONSISTENT) for now in ("IN PROGRESS", "COMPLETED", "CANCELED")},
    **{(now, target, "missing"): (400, MISSING) for now in ("SCHEDULED", "IN PROGRESS", "COMPLETED", "CANCELED")
       for target in ("IN PROGRESS", "COMPLETED", "CANCELED")},
    **{(now, target, "wrong"): (400, INCORRECT) for now in ("IN PROGRESS", "COMPLETED", "CANCELED")
       for target in ("IN PROGRESS", "COMPLETED", "CANCELED")},
    ("SCHEDULED", "IN PROGRESS", "ok"): (200, None),
    ("SCHEDULED", "COMPLETED", "ok"): (409, INCONSISTENT),
    ("SCHEDULED", "CANCELED", "ok"): (409, INCONSISTENT),
    ("IN PROGRESS", "IN PROGRESS", "ok"): (409, INCONSISTENT),
    ("IN PROGRESS", "COMPLETED", "ok"): (200, None),
    ("IN PROGRESS", "CANCELED", "ok"): (200, None),
    ("COMPLETED", "IN PROGRESS", "ok"): (409, INCONSISTENT),
    ("COMPLETED", "COMPLETED", "ok"): (200, "The UPS is already in the requested state of COMPLETED."),
    ("COMPLETED", "CANCELED", "ok"): (409, INCONSISTENT),
    ("CANCELED", "IN PROGRESS", "ok"): (409, INCONSISTENT),
    ("CANCELED", "COMPLETED", "ok"): (409, INCONSISTENT),
    ("CANCELED", "CANCELED", "ok"): (200, "The UPS is already in the requested state of CANCELED."),
}  # fmt: skip
LOCKS = {"ok": LOCK, "missing": None, "wrong": ANOTHER_LOCK}


def now_in(uid: str) -> str:
    return stored(uid)[tag("ProcedureStepState")]["Value"][0]


@pytest.mark.parametrize(("current", "target", "lock"), TABLE)
def test_every_move_has_the_status_and_the_warning_of_the_table(worklist, current, target, lock):
    uid = in_state(current)
    subscribed(uid)

    response = send(worklist, "PUT", f"{path(uid)}/state", state(target, LOCKS[lock]))

    status, warning = TABLE[current, target, lock]
    assert told(response) == (status, warning)
    moved = status == 200 and warning is None
    assert now_in(uid) == (target if moved else current)
    assert told_briefly() == ([f"1 {target}"] if moved else [])
    if status != 200:
        assert response.json()["warning"] == warning
        assert response.json()["code"].startswith("C3")


def test_a_move_is_answered_without_a_body(worklist):
    response = send(worklist, "PUT", f"{path(created())}/state", state("IN PROGRESS", LOCK))

    assert (response.status_code, response.content) == (200, b"")
    assert "Content-Type" not in response


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize(
    "end", ["state", "state/", "state?requester=RIS", "state/?Requester=RIS", "state/RIS", "state/RIS/", "state/A%2FB"]
)
def test_every_spelling_of_the_path_is_understood(worklist, method, end):
    uid = created()

    assert told(send(worklist, method, f"{path(uid)}/{end}", state("IN PROGRESS", LOCK))) == (200, None)
    assert now_in(uid) == "IN PROGRESS"


@pytest.mark.parametrize("target", ["COMPLETED", "CANCELED"])
def test_xml_says_it_too(worklist, target):
    uid = performed_workitem()

    assert told(send(worklist, "PUT", f"{path(uid)}/state", to_xml(state(target, LOCK)), XML)) == (200, None)
    assert now_in(uid) == target


def test_the_query_may_have_the_lock(worklist):
    uid = created()

    assert told(send(worklist, "PUT", f"{path(uid)}/state?transaction={LOCK}", state("IN PROGRESS"))) == (200, None)
    assert Workitem.objects.get(sop_instance_uid=uid).transaction_uid == LOCK


def test_what_is_completed_too_early_is_told_what_it_lacks(worklist):
    uid = claimed()

    response = send(worklist, "PUT", f"{path(uid)}/state", state("COMPLETED", LOCK))

    assert told(response) == (409, INCONSISTENT)
    assert response.json()["code"] == "C304"
    assert "PerformedStationNameCodeSequence" in response.json()["message"]
    assert now_in(uid) == "IN PROGRESS"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(state(None, LOCK), id="no-state"),
        pytest.param(state([], LOCK), id="empty-state"),
        pytest.param(state("FOO", LOCK), id="no-such-state"),
        pytest.param(state("CANCELLED", LOCK), id="two-l"),
        pytest.param(state("in progress", LOCK), id="lower-case"),
        pytest.param(state("IN PROGRESS", "1..2"), id="no-uid"),
        pytest.param(state("IN PROGRESS", [LOCK, ANOTHER_LOCK]), id="two-uids"),
        pytest.param(state("IN PROGRESS", LOCK, ProcedureStepLabel="Read"), id="another-attribute"),
        pytest.param([state("IN PROGRESS", LOCK)] * 2, id="two-data-sets"),
        pytest.param([], id="no-data-set"),
        pytest.param(b"", id="no-body"),
        pytest.param(b"{", id="no-json"),
    ],
)
def test_H11_what_is_no_change_of_state_is_refused(worklist, body):
    uid = created()

    response = send(worklist, "PUT", f"{path(uid)}/state", body)

    assert told(response) == (400, None)
    assert now_in(uid) == "SCHEDULED"


def test_canceled_has_one_l_and_the_answer_says_so(worklist):
    response = send(worklist, "PUT", f"{path(created())}/state", state("CANCELLED", LOCK))

    assert "CANCELED, which is written with one L" in response.json()["message"]


def test_H11_two_locks_are_refused(worklist):
    uid = created()

    response = send(worklist, "PUT", f"{path(uid)}/state?transaction={ANOTHER_LOCK}", state("IN PROGRESS", LOCK))

    assert told(response) == (400, None)


def test_what_is_malformed_is_told_before_what_is_not_there(worklist):
    WorkitemTombstone.objects.create(sop_instance_uid="1.2.4")

    for uid, status in (("1.2.3", 404), ("1.2.4", 410)):
        assert send(worklist, "PUT", f"{path(uid)}/state", state("FOO", LOCK)).status_code == 400
        assert send(worklist, "PUT", f"{path(uid)}/state", state("IN PROGRESS", LOCK)).status_code == status


@pytest.mark.parametrize("title", ["SEVENTEEN_LETTERS", "A%5CB", "%C3%84", "%20"])
@pytest.mark.parametrize("end", ["state?requester={}", "state/{}"])
def test_H11_what_is_no_ae_title_is_refused(worklist, title, end):
    uid = created()

    assert told(send(worklist, "PUT", f"{path(uid)}/{end.format(title)}", state("IN PROGRESS", LOCK))) == (400, None)
    assert now_in(uid) == "SCHEDULED"


def test_somebody_elses_ae_title_is_not_to_be_used(member, client_of):
    performer = member("performers")
    application_entity("THEIRS").users.add(member("performers"))
    application_entity("MINE").users.add(performer)
    client = client_of(performer)

    for title, status in (("THEIRS", 403), ("MINE", 200), ("NOBODYS", 200)):
        uid = created()
        body = state("IN PROGRESS", LOCK)
        assert send(client, "PUT", f"{path(uid)}/state?requester={title}", body).status_code == status


def test_the_second_claim_fails_and_the_first_one_again_too(worklist):
    uid = created()
    claim = f"{path(uid)}/state"

    answers = [told(send(worklist, "PUT", claim, state("IN PROGRESS", lock))) for lock in (LOCK, ANOTHER_LOCK, LOCK)]

    assert answers == [(200, None), (400, INCORRECT), (409, INCONSISTENT)]


def test_a_workitem_is_not_had_by_other_methods(worklist):
    for method in ("GET", "DELETE", "PATCH"):
        response = send(worklist, method, f"{path('1.2.3')}/state")
        assert response.status_code == 405
        assert {"PUT", "POST"} <= set(response["Allow"].split(", "))
