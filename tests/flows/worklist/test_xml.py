"""H10: what can be said in JSON can be said in XML, PS3.18 Section 11.1.3."""

import re

import pytest
from pydicom.uid import generate_uid
from requests import Response

from archive.dicom.dicom_json import DataSet
from tests.builders import multipart
from tests.flows.worklist import native_model, reports
from tests.flows.worklist.client import JSON, PATIENCE, Worklist, outcome
from tests.workitems import code, data_set, performed, progress, workitem

XML = "application/dicom+xml"
RELATED = f'multipart/related; type="{XML}"'


def single(found: DataSet) -> tuple[bytes, str]:
    return native_model.write(found), XML


def in_parts(*found: DataSet) -> tuple[bytes, str]:
    return multipart([native_model.write(one) for one in found], type=XML)


def send(worklist: Worklist, method: str, path: str, body: tuple[bytes, str]) -> Response:
    content, content_type = body
    headers = {"Content-Type": content_type, "Accept": XML}
    return worklist.session.request(method, worklist.url + path, data=content, headers=headers, timeout=PATIENCE)


def data_sets(response: Response) -> list[DataSet]:
    """The data sets of an answer in XML, in one part or several."""
    kind = response.headers["Content-Type"]
    if kind == XML:
        return [native_model.read(response.content)]
    found = re.fullmatch(r'multipart/related; type="application/dicom\+xml"; boundary=(\w+)', kind)
    assert found, kind
    parts = response.content.split(b"--" + found[1].encode())[1:-1]
    return [native_model.read(part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")) for part in parts]


@pytest.mark.parametrize("written", [single, in_parts])
def test_H10_a_step_in_xml_from_beginning_to_end(worklist: Worklist, ae: str, written: object) -> None:
    assert callable(written)
    uid, lock = generate_uid(), generate_uid()
    worklist.mine.add(uid)
    new = workitem(PatientName="Müller^Zoë", ScheduledStationNameCodeSequence=[code(ae), code("OTHER")])
    created = send(worklist, "POST", f"/workitems?workitem={uid}", written(new))
    assert created.status_code == 201
    channel = worklist.listen(ae)
    worklist.subscribe(uid, ae)
    channel.expect(reports.state(uid, "SCHEDULED"))

    state = f"/workitems/{uid}/state"
    claimed = data_set(ProcedureStepState="IN PROGRESS", TransactionUID=lock)
    assert outcome(send(worklist, "PUT", state, written(claimed))) == (200, b"")
    for changes in (progress("50"), performed()):
        updated = send(worklist, "POST", f"/workitems/{uid}?transaction-uid={lock}", written(changes))
        assert outcome(updated) == (200, b"")
    completed = data_set(ProcedureStepState="COMPLETED", TransactionUID=lock)
    assert outcome(send(worklist, "PUT", state, written(completed))) == (200, b"")

    channel.expect(
        reports.state(uid, "IN PROGRESS"),
        reports.progress(uid, ProcedureStepProgress=50),
        reports.state(uid, "COMPLETED"),
    )
    in_json = worklist.retrieve(uid)
    assert in_json["00100010"]["Value"] == [{"Alphabetic": "Müller^Zoë"}]
    for accepted in (XML, RELATED):
        response = worklist.send("GET", f"/workitems/{uid}", Accept=accepted)
        assert response.status_code == 200
        assert data_sets(response) == [in_json]


def test_H10_a_search_is_answered_in_parts(worklist: Worklist, ae: str) -> None:
    """UPS-F-10"""
    uids = {worklist.create(WorklistLabel=ae) for _ in range(3)}
    path = f"/workitems?WorklistLabel={ae}"

    in_json = worklist.send("GET", path, Accept=JSON)
    in_xml = worklist.send("GET", path, Accept=RELATED)

    assert {found["00080018"]["Value"][0] for found in in_json.json()} == uids
    assert in_xml.headers["Content-Type"].startswith("multipart/related")
    assert data_sets(in_xml) == in_json.json()


def test_H10_a_cancel_request_in_xml(worklist: Worklist) -> None:
    uid = worklist.create()
    answer = send(worklist, "POST", f"/workitems/{uid}/cancelrequest", single(data_set(ReasonForCancellation="Late")))
    assert outcome(answer) == (202, b"")
    assert worklist.retrieve(uid)["00741002"]["Value"][0]["00741238"]["Value"] == ["Late"]


def test_H10_the_tag_says_what_an_attribute_is(worklist: Worklist) -> None:
    document = native_model.write(workitem(WorklistLabel="CHEST"))
    misnamed = document.replace(b'vr="LO" keyword="WorklistLabel"', b'vr="CS" keyword="ProcedureStepLabel"')
    assert misnamed != document
    uid = generate_uid()

    created = send(worklist, "POST", f"/workitems?workitem={uid}", (misnamed, XML))

    assert created.status_code == 201
    assert worklist.retrieve(uid)["00741202"] == {"vr": "LO", "Value": ["CHEST"]}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(in_parts(workitem(), workitem()), 400, id="two parts"),
        pytest.param(in_parts(), 400, id="no part"),
        pytest.param((native_model.write(workitem())[:-20], XML), 400, id="cut off"),
        pytest.param((b"<html/>", XML), 400, id="another document"),
        pytest.param((b"", XML), 400, id="nothing"),
        pytest.param((native_model.write(workitem()), "text/xml; charset=utf-8"), 415, id="another type"),
        pytest.param((b"png", "image/png"), 415, id="an image"),
    ],
)
def test_H10_what_cannot_be_read_creates_nothing(worklist: Worklist, body: tuple[bytes, str], status: int) -> None:
    uid = generate_uid()
    assert send(worklist, "POST", f"/workitems?workitem={uid}", body).status_code == status
    assert worklist.send("GET", f"/workitems/{uid}").status_code == 404


def test_H10_what_nobody_can_read_is_not_acceptable(worklist: Worklist) -> None:
    uid = worklist.create()
    for path in (f"/workitems/{uid}", f"/workitems?SOPInstanceUID={uid}"):
        assert worklist.send("GET", path, Accept="image/png").status_code == 406
