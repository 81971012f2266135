"""RetrieveUPS (PS3.18 Section 11.5) over HTTP."""

import gzip

import orjson
import pytest
from django.http import HttpResponse

from archive.dicom.metadata import json_reader, native_xml_reader, received_model
from archive.dicom.native_xml import to_xml
from tests.dicomweb.answers import parts
from tests.dicomweb.worklist_requests import JSON, SERVICE, XML, path
from tests.workitems import code, progress, tag
from tests.worklist import LOCK, claimed, created, stored
from workflow.models import WorkitemTombstone
from workflow.services.update import update
from workflow.uids import PUSH_SOP_CLASS

pytestmark = pytest.mark.django_db

MULTIPART = f'multipart/related; type="{XML}"'


@pytest.fixture
def uid() -> str:
    """A workitem in progress, with text, numbers and sequences in it."""
    uid = claimed(ProcedureStepLabel="Ä 象", PatientName="Müller^Jürgen", ScheduledStationNameCodeSequence=[code("A")])
    update(uid, progress("12.50"), transaction_uid=LOCK)
    return uid


def from_xml(document: bytes) -> dict:
    return received_model.read(native_xml_reader.instance(document)).data_set


def as_received(response: HttpResponse) -> dict:
    """What a client makes of the JSON, with numbers as texts, as they are in XML."""
    return received_model.read(json_reader.data_set(response.content, most_values=10_000)).data_set


def test_a_workitem_is_an_array_of_one(worklist, uid):
    response = worklist.get(path(uid))

    assert (response.status_code, response["Content-Type"]) == (200, JSON)
    assert response["Content-Location"] == f"{SERVICE}/workitems/{uid}"
    assert response.json() == [stored(uid)]


def test_it_says_what_it_is_and_not_who_holds_it(worklist, uid):
    [data_set] = worklist.get(path(uid)).json()

    assert data_set[tag("SOPClassUID")]["Value"] == [PUSH_SOP_CLASS]
    assert data_set[tag("SOPInstanceUID")]["Value"] == [uid]
    assert data_set[tag("ProcedureStepState")]["Value"] == ["IN PROGRESS"]
    assert LOCK not in worklist.get(path(uid)).content.decode()
    assert tag("TransactionUID") not in data_set
    assert list(data_set) == sorted(data_set)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/json", JSON),
        (f"{JSON};q=0.5, application/json;q=0.9", JSON),
        (XML, XML),
        (MULTIPART, MULTIPART),
        (f"{XML}, {JSON};q=0.1", XML),
        ("multipart/related", MULTIPART),
    ],
)
def test_H10_it_is_given_in_the_form_that_is_accepted(worklist, uid, accept, content_type):
    headers = {} if accept is None else {"accept": accept}

    response = worklist.get(path(uid), headers=headers)

    assert response.status_code == 200
    assert response["Content-Type"].partition("; boundary")[0] == content_type


@pytest.mark.parametrize("accept", ["image/png", "text/html", "application/dicom", f"{JSON};q=0, {XML};q=0"])
def test_H10_in_another_form_there_is_none(worklist, uid, accept):
    assert worklist.get(path(uid), headers={"accept": accept}).status_code == 406


def test_the_accept_parameter_goes_before_the_header(worklist, uid):
    response = worklist.get(f"{path(uid)}?accept=application/dicom%2Bxml", headers={"accept": JSON})

    assert response["Content-Type"] == XML


def test_H10_xml_says_the_same(worklist, uid):
    as_json = as_received(worklist.get(path(uid)))
    alone = worklist.get(path(uid), headers={"accept": XML})
    [part] = parts(worklist.get(path(uid), headers={"accept": MULTIPART}))

    assert from_xml(alone.content) == from_xml(part.payload) == as_json
    assert (part.content_type, part.location) == (XML, f"{SERVICE}/workitems/{uid}")
    assert alone.content == to_xml(as_json)


@pytest.mark.parametrize("query", ["?charset=ISO-8859-1", "?charset=us-ascii"])
@pytest.mark.parametrize("accept", [XML, MULTIPART])
def test_xml_is_written_in_the_character_set_that_is_asked_for(worklist, uid, accept, query):
    response = worklist.get(f"{path(uid)}{query}", headers={"accept": accept})

    name = query.removeprefix("?charset=").upper()
    [(content, content_type)] = (
        [(response.content, response["Content-Type"])]
        if accept == XML
        else [(part.payload, part.content_type) for part in parts(response)]
    )
    assert content_type == f"{XML}; charset={name}"
    assert from_xml(content.decode(name).replace(name, "UTF-8", 1).encode()) == as_received(worklist.get(path(uid)))


@pytest.mark.parametrize("accept", [JSON, XML, MULTIPART])
def test_what_the_client_has_is_304_until_it_changes(worklist, uid, accept):
    response = worklist.get(path(uid), headers={"accept": accept})
    tag = response["ETag"]
    again = worklist.get(path(uid), headers={"accept": accept, "if-none-match": tag})

    assert response["Cache-Control"] == again["Cache-Control"] == "no-cache"
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)

    update(uid, progress("99"), transaction_uid=LOCK)
    changed = worklist.get(path(uid), headers={"accept": accept, "if-none-match": tag})
    assert changed.status_code == 200
    assert changed["ETag"] != tag


def test_every_form_has_a_tag_of_its_own(worklist, uid):
    accepted = [JSON, XML, MULTIPART, f"{XML}; charset=ISO-8859-1"]

    assert len({worklist.get(path(uid), headers={"accept": accept})["ETag"] for accept in accepted}) == 4


@pytest.mark.parametrize("accept", [JSON, XML, MULTIPART])
def test_head_is_the_same_without_the_body(worklist, uid, accept):
    got = worklist.get(path(uid), headers={"accept": accept})
    head = worklist.head(path(uid), headers={"accept": accept})

    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"] == got["ETag"]
    assert head["Content-Length"] == got["Content-Length"]


@pytest.mark.parametrize("accept", [JSON, XML, MULTIPART, f"{XML}; charset=ISO-8859-1"])
def test_it_is_compressed_where_the_client_takes_it(worklist, accept):
    uid = created(ProcedureStepLabel="Read", CommentsOnTheScheduledProcedureStep="x" * 2000)
    plain = worklist.get(path(uid), headers={"accept": accept})
    compressed = worklist.get(path(uid), headers={"accept": accept, "accept-encoding": "gzip"})

    assert compressed["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(compressed.content)) == len(plain.content)


def test_one_that_never_was_is_404_and_one_that_was_purged_410(worklist):
    WorkitemTombstone.objects.create(sop_instance_uid="1.2.4")

    unknown, purged = worklist.get(path("1.2.3")), worklist.get(path("1.2.4"))

    assert (unknown.status_code, unknown.json()["code"]) == (404, "C307")
    assert (purged.status_code, purged.json()["code"]) == (410, "C307")
    assert "1.2.4" in purged.json()["message"]


@pytest.mark.parametrize("uid", ["1..2", "1.02", "x", "1.2.", f"1.{'2' * 63}", "1%202", "%C3%A4", "1.2%00"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
def test_H11_what_is_no_uid_is_refused(worklist, method, uid):
    assert worklist.generic(method, path(uid), b"{}", content_type=JSON).status_code == 400


def test_a_workitem_that_is_large_is_given_whole(worklist):
    uid = created(ScheduledWorkitemCodeSequence=[code(str(number)) for number in range(3000)])

    assert orjson.loads(worklist.get(path(uid)).content) == [stored(uid)]
