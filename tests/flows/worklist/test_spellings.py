"""H13: requests as earlier and later editions spell them, and as clients in the field do, have the same effects."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from pydicom.uid import generate_uid
from requests import Response

from archive.dicom.dicom_json import DataSet
from tests.flows.worklist import reports
from tests.flows.worklist.client import Worklist, values
from tests.flows.worklist.reports import FILTERED
from tests.workitems import data_set, performed, progress, workitem


@dataclass(frozen=True)
class Spelling:
    """The URIs of the transactions whose spelling differs, below the root; `{uid}`, `{lock}`, `{ae}` are filled in."""

    create: str = "/workitems?workitem={uid}"
    update: str = "/workitems/{uid}?transaction-uid={lock}"
    update_method: str = "POST"
    state: str = "/workitems/{uid}/state?requester={ae}"
    state_method: str = "PUT"
    cancel: str = "/workitems/{uid}/cancelrequest?requester={ae}"
    filtered: str = f"/workitems/{FILTERED}/subscribers/{{ae}}?filter=WorklistLabel%3D{{ae}}"
    suspend: str = f"/workitems/{FILTERED}/subscribers/{{ae}}/suspend"
    channel: str = "/subscribers/{ae}"
    located: str = "Location"
    lock_in_data_set: bool = False


SPELLINGS = {
    "earlier editions": Spelling(
        create="/workitems?AffectedSOPInstanceUID={uid}",
        update="/workitems/{uid}?transaction={lock}",
        state="/workitems/{uid}/state",
        cancel="/workitems/{uid}/cancelrequest",
        filtered=f"/workitems/{FILTERED}/subscribers/{{ae}}?deletionlock=false&WorklistLabel={{ae}}",
        located="Content-Location",
    ),
    "later editions": Spelling(),
    "Transaction-uid and paths with the requester": Spelling(
        update="/workitems/{uid}?Transaction-uid={lock}",
        state="/workitems/{uid}/state/{ae}",
        cancel="/workitems/{uid}/cancelrequest/{ae}",
        channel="/ws/subscribers/{ae}",
    ),
    "bare UIDs": Spelling(create="/workitems?{uid}", update="/workitems/{uid}?{lock}", state_method="POST"),
    "in the data set": Spelling(
        create="/workitems", update="/workitems/{uid}", update_method="PUT", lock_in_data_set=True
    ),
    "other cases and slashes": Spelling(
        create="/workitems/?WorkItem={uid}",
        update="/workitems/{uid}/?TransactionUID={lock}",
        state="/workitems/{uid}/state/?Requester={ae}",
        filtered=f"/workitems/{FILTERED}/subscribers/{{ae}}/?DeletionLock=FALSE&Filter=00741202%3D{{ae}}",
        suspend=f"/workitems/{FILTERED}/?aetitle={{ae}}",
    ),
    "by tag": Spelling(update="/workitems/{uid}?00081195={lock}", suspend=f"/workitems/{FILTERED}?requester={{ae}}"),
}


@pytest.fixture(params=SPELLINGS)
def spelling(request: pytest.FixtureRequest) -> Spelling:
    return SPELLINGS[request.param]


def test_H13_a_step_in_every_spelling(worklist: Worklist, ae: str, spelling: Spelling) -> None:
    """UPS-A6-1, UPS-A7-1, UPS-A8-1"""
    uid, canceled, lock = generate_uid(), generate_uid(), generate_uid()
    worklist.mine |= {uid, canceled}

    def send(method: str, path: str, body: DataSet | None = None, uid: str = uid) -> Response:
        return worklist.send(method, path.format(uid=uid, lock=lock, ae=ae), body)

    def create(uid: str) -> Response:
        in_data_set = {} if "{uid}" in spelling.create else {"SOPInstanceUID": uid}
        return send("POST", spelling.create, workitem(WorklistLabel=ae, **in_data_set), uid)

    def update(changes: DataSet) -> Response:
        in_data_set = data_set(TransactionUID=lock) if spelling.lock_in_data_set else {}
        return send(spelling.update_method, spelling.update, in_data_set | changes)

    def change_state(state: str) -> Response:
        return send(spelling.state_method, spelling.state, data_set(ProcedureStepState=state, TransactionUID=lock))

    channel = worklist.listen(ae, path=spelling.channel.format(ae=ae))
    subscribed = send("POST", spelling.filtered)
    assert subscribed.status_code == 201, subscribed.text
    assert subscribed.headers["Content-Location"] == worklist.channel_url(ae)
    created = create(uid)
    assert created.status_code == 201, created.text
    assert created.headers[spelling.located] == f"{worklist.url}/workitems/{uid}"
    assert change_state("IN PROGRESS").status_code == 200
    assert update(progress("50")).status_code == 200
    assert send("POST", spelling.cancel).status_code == 202
    assert update(performed()).status_code == 200
    assert change_state("COMPLETED").status_code == 200
    assert create(canceled).status_code == 201
    assert send("POST", spelling.cancel, uid=canceled).status_code == 202
    assert send("POST", spelling.suspend).status_code == 200
    create(generate_uid())

    requester = ae if "{ae}" in spelling.cancel else "ARCHIVE"
    channel.expect(
        reports.state(uid, "SCHEDULED"),
        reports.state(uid, "IN PROGRESS"),
        reports.progress(uid, ProcedureStepProgress=50),
        reports.cancel_requested(uid, requester),
        reports.state(uid, "COMPLETED"),
        reports.state(canceled, "SCHEDULED"),
        reports.state(canceled, "IN PROGRESS"),
        reports.canceled(canceled),
    )
    channel.expect_silence()
    found = worklist.retrieve(uid)
    assert values(found, "00741000") == ["COMPLETED"]
    assert values(found, "00741002.00741004") == [50]
    assert "00081195" not in found


BODIES: dict[str, Callable[[DataSet], Any]] = {"an array": lambda one: [one], "an object": lambda one: one}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("content_type", ["application/dicom+json", "application/json"])
def test_H13_json_with_brackets_and_without(worklist: Worklist, body: str, content_type: str) -> None:
    uid = generate_uid()
    response = worklist.session.post(
        f"{worklist.url}/workitems?workitem={uid}",
        json=BODIES[body](workitem()),
        headers={"Content-Type": content_type},
        timeout=30,
    )
    assert response.status_code == 201
    assert values(worklist.retrieve(uid), "00741000") == ["SCHEDULED"]


def test_H13_a_uid_is_made_where_none_is_given(worklist: Worklist) -> None:
    """UPS-A1-2"""
    created = worklist.send("POST", "/workitems", workitem())
    assert created.status_code == 201
    uid = created.headers["Location"].removeprefix(f"{worklist.url}/workitems/")
    assert values(worklist.retrieve(uid), "00080018") == [uid]


def test_H13_two_spellings_of_two_locks_are_none(worklist: Worklist) -> None:
    uid = worklist.create()
    lock = worklist.claim(uid)
    for query in (f"transaction={lock}&transaction-uid={generate_uid()}", f"{lock}&00081195={generate_uid()}"):
        assert worklist.send("POST", f"/workitems/{uid}?{query}", progress("1")).status_code == 400
    in_both = data_set(TransactionUID=generate_uid()) | progress("1")
    assert worklist.update(uid, in_both, lock).status_code == 400
