"""RequestUPSCancellation (PS3.18 Section 11.8) over HTTP."""

import pytest

from archive.dicom.native_xml import to_xml
from tests.dicomweb.worklist_requests import XML, path, send, told
from tests.workitems import code, data_set, tag
from tests.worklist import application_entity, claimed, created, in_state, stored, subscribed, told_briefly
from tests.worklist import told as told_to
from workflow.models import WorkitemTombstone

pytestmark = pytest.mark.django_db

DETAILS = data_set(
    ReasonForCancellation="Patient has left",
    ProcedureStepDiscontinuationReasonCodeSequence=[code("110514", "Incorrect worklist entry selected", "DCM")],
    ContactURI="tel:+1",
    ContactDisplayName="Ward 5",
)


def requested_by(ae_title: str = "WATCHER") -> str:
    """Whom the last event names as who asks."""
    return told_to(ae_title)[-1].attributes[tag("RequestingAE")]["Value"][0]


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("end", ["cancelrequest", "cancelrequest/", "cancelrequest?requester=RIS", "cancelrequest/RIS"])
@pytest.mark.parametrize("body", [b"", b"{}", [{}], DETAILS], ids=["nothing", "empty", "empty-array", "details"])
def test_what_is_scheduled_is_canceled(worklist, method, end, body):
    uid = created()
    subscribed(uid)

    response = send(worklist, method, f"{path(uid)}/{end}", body)

    assert told(response) == (202, None)
    assert response.content == b""
    assert told_briefly() == ["1 IN PROGRESS", "1 CANCELED"]
    assert stored(uid)[tag("ProcedureStepState")]["Value"] == ["CANCELED"]


def test_why_and_whom_to_ask_is_kept(worklist):
    uid = created()

    assert told(send(worklist, "POST", f"{path(uid)}/cancelrequest", to_xml(DETAILS), XML)) == (202, None)

    [item] = stored(uid)[tag("ProcedureStepProgressInformationSequence")]["Value"]
    assert item[tag("ReasonForCancellation")]["Value"] == ["Patient has left"]
    [contact] = item[tag("ProcedureStepCommunicationsURISequence")]["Value"]
    assert contact[tag("ContactURI")]["Value"] == ["tel:+1"]


def test_what_is_in_progress_its_performer_is_told(worklist):
    uid = claimed()
    subscribed(uid)

    response = send(worklist, "POST", f"{path(uid)}/cancelrequest?requester=RIS", DETAILS)

    assert told(response) == (202, None)
    assert told_briefly() == ["2"]
    assert requested_by() == "RIS"
    assert stored(uid)[tag("ProcedureStepState")]["Value"] == ["IN PROGRESS"]


def test_where_nobody_can_tell_the_performer_the_setting_decides(worklist, settings):
    uid = claimed()

    assert told(send(worklist, "POST", f"{path(uid)}/cancelrequest")) == (202, None)

    settings.ARCHIVE_UPS_CANCEL_UNHEARD = "refuse"
    response = send(worklist, "POST", f"{path(uid)}/cancelrequest")
    assert told(response) == (409, "The performer cannot be contacted.")
    assert response.json()["code"] == "C312"


def test_what_is_finished(worklist):
    completed, canceled = in_state("COMPLETED"), in_state("CANCELED")
    subscribed(canceled)

    response = send(worklist, "POST", f"{path(completed)}/cancelrequest")
    assert told(response) == (409, "The UPS is already COMPLETED.")
    assert response.json()["code"] == "C311"

    response = send(worklist, "POST", f"{path(canceled)}/cancelrequest", DETAILS)
    assert told(response) == (202, "The UPS is already in the requested state of CANCELED.")
    assert response.json() == {"status": 202, "message": "The UPS is already in the requested state of CANCELED."}
    assert told_briefly() == []


def test_one_that_never_was_is_404_and_one_that_was_purged_410(worklist):
    WorkitemTombstone.objects.create(sop_instance_uid="1.2.4")

    assert send(worklist, "POST", f"{path('1.2.3')}/cancelrequest").status_code == 404
    assert send(worklist, "POST", f"{path('1.2.4')}/cancelrequest").status_code == 410


# -- who asks --------------------------------------------------------------------


@pytest.mark.parametrize(
    "end", ["?requester=RIS", "?REQUESTER=RIS", "/RIS", "/RIS/", "/%20RIS%20", "/RIS?requester=OTHER"]
)
def test_who_asks_is_who_the_request_says(worklist, end):
    uid = claimed()
    subscribed(uid)

    send(worklist, "POST", f"{path(uid)}/cancelrequest{end}")

    assert requested_by() == "RIS"


def test_else_it_is_who_is_signed_in_and_else_the_archive(member, client_of, settings):
    scheduler = member("schedulers")
    uid = claimed()
    subscribed(uid)

    send(client_of(scheduler), "POST", f"{path(uid)}/cancelrequest")
    assert requested_by() == "ARCHIVE"

    application_entity("MINE").users.add(scheduler)
    send(client_of(scheduler), "POST", f"{path(uid)}/cancelrequest")
    assert requested_by() == "MINE"

    application_entity("MINE_TOO").groups.add(scheduler.groups.get())
    settings.ARCHIVE_AE_TITLE = "HOSPITAL"
    send(client_of(scheduler), "POST", f"{path(uid)}/cancelrequest")
    assert requested_by() == "HOSPITAL"


def test_nobody_asks_under_the_title_of_somebody_else(member, client_of):
    application_entity("THEIRS").users.add(member("schedulers"))
    uid = claimed()
    subscribed(uid)
    client = client_of(member("schedulers"))

    for end in ("?requester=THEIRS", "/THEIRS"):
        assert send(client, "POST", f"{path(uid)}/cancelrequest{end}").status_code == 403
    assert told_briefly() == []


# -- what is refused -------------------------------------------------------------


@pytest.mark.parametrize("keyword", ["ReasonForCancellation", "ContactURI", "ContactDisplayName", "ProcedureStepState"])
@pytest.mark.parametrize("state", ["SCHEDULED", "IN PROGRESS"])
def test_H11_details_have_values_and_are_no_others(worklist, state, keyword):
    uid = in_state(state)
    subscribed(uid)

    assert send(worklist, "POST", f"{path(uid)}/cancelrequest", data_set(**{keyword: []})).status_code == 400
    assert told_briefly() == []


@pytest.mark.parametrize("state", ["SCHEDULED", "IN PROGRESS"])
@pytest.mark.parametrize(
    "details",
    [
        data_set(ProcedureStepDiscontinuationReasonCodeSequence=[data_set(CodeValue="1")]),
        data_set(ProcedureStepDiscontinuationReasonCodeSequence=[{}]),
    ],
    ids=["no-meaning", "no-code"],
)
def test_H11_details_that_cannot_be_kept_are_refused(worklist, state, details):
    uid = in_state(state)
    subscribed(uid)

    assert send(worklist, "POST", f"{path(uid)}/cancelrequest", details).status_code == 400
    assert told_briefly() == []


@pytest.mark.parametrize("body", [b"{", b"[]", b"[{},{}]", b"null"])
def test_H11_a_body_that_is_no_data_set_is_refused(worklist, body):
    assert send(worklist, "POST", f"{path(created())}/cancelrequest", body).status_code == 400


@pytest.mark.parametrize("title", ["SEVENTEEN_LETTERS", "A%5CB", "%C3%84", "%20"])
@pytest.mark.parametrize("end", ["?requester={}", "/{}"])
def test_H11_what_is_no_ae_title_is_refused(worklist, title, end):
    assert send(worklist, "POST", f"{path(created())}/cancelrequest{end.format(title)}").status_code == 400
