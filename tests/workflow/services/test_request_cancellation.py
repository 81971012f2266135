"""RequestUPSCancellation, PS3.18 Section 11.8, and what administrators may do besides."""

from typing import Any

import pytest

from archive.dicom.dicom_json import DataSet
from tests.workitems import code, data_set, progress, tag
from tests.worklist import LOCK, claimed, created, in_state, stored, subscribed, told, told_briefly, value
from workflow.errors import (
    AlreadyCompleted,
    InvalidWorkitem,
    PerformerUnreachable,
    WorkitemDeleted,
    WorkitemNotFound,
)
from workflow.models import Event, Workitem, WorkitemTombstone
from workflow.services.change_state import change_state
from workflow.services.force_cancel import force_cancel
from workflow.services.request_cancellation import request_cancellation
from workflow.services.update import update

pytestmark = pytest.mark.django_db(transaction=True)

EQUIPMENT_FAILURE = code("110501", "Equipment failure", "DCM")
DETAILS = data_set(
    ReasonForCancellation="Wrong patient",
    ProcedureStepDiscontinuationReasonCodeSequence=[EQUIPMENT_FAILURE],
    ContactURI="tel:+1-555-0100",
    ContactDisplayName="Ward 7",
)
WHY = data_set(
    ReasonForCancellation="Wrong patient", ProcedureStepDiscontinuationReasonCodeSequence=[EQUIPMENT_FAILURE]
)


def cancel(uid: str, details: DataSet = DETAILS) -> bool:
    return request_cancellation(uid, details, requesting_ae="RIS").already


def progress_item(uid: str) -> Any:
    return value(stored(uid), "ProcedureStepProgressInformationSequence")


# -- scheduled -------------------------------------------------------------------


def test_what_is_scheduled_is_canceled_by_way_of_in_progress():
    uid = created()
    subscribed(uid)

    assert cancel(uid) is False

    first, second = told()
    assert first.attributes == data_set(InputReadinessState="READY", ProcedureStepState="IN PROGRESS")
    assert second.attributes == data_set(InputReadinessState="READY", ProcedureStepState="CANCELED") | WHY
    row = Workitem.objects.get()
    assert (row.procedure_step_state, row.transaction_uid) == ("CANCELED", "")
    assert row.finished_at is not None


def test_reason_code_and_contact_are_kept_with_the_time():
    uid = created()

    cancel(uid)

    item = progress_item(uid)
    assert value(item, "ReasonForCancellation") == "Wrong patient"
    assert value(item, "ProcedureStepDiscontinuationReasonCodeSequence") == EQUIPMENT_FAILURE
    assert value(item, "ProcedureStepCommunicationsURISequence") == data_set(
        ContactURI="tel:+1-555-0100", ContactDisplayName="Ward 7"
    )
    assert value(item, "ProcedureStepCancellationDateTime") == value(
        stored(uid), "ScheduledProcedureStepModificationDateTime"
    )


def test_without_a_word_the_reason_is_unspecified():
    uid = created()

    cancel(uid, {})

    [reason] = progress_item(uid)[tag("ProcedureStepDiscontinuationReasonCodeSequence")]["Value"]
    assert (value(reason, "CodeValue"), value(reason, "CodingSchemeDesignator")) == ("110513", "DCM")
    assert value(progress_item(uid), "ReasonForCancellation") is None


def test_what_is_canceled_is_not_canceled_again():
    uid = created()
    subscribed(uid)
    cancel(uid)
    before = stored(uid)

    assert cancel(uid, {}) is True

    assert stored(uid) == before
    assert told_briefly() == ["1 IN PROGRESS", "1 CANCELED"]


# -- in progress -----------------------------------------------------------------


def test_who_is_subscribed_is_told_who_wants_it_canceled_and_the_performer_decides():
    uid = claimed()
    subscribed(uid, "PERFORMER", "WATCHER")
    before = stored(uid)

    assert cancel(uid) is False

    for ae_title in ("PERFORMER", "WATCHER"):
        [event] = told(ae_title)
        assert (event.type, event.workitem) == (2, uid)
        assert event.attributes == DETAILS | data_set(RequestingAE="RIS")
    assert stored(uid) == before
    change_state(uid, "CANCELED", transaction_uid=LOCK)
    assert told_briefly() == ["2", "1 CANCELED"]


def test_each_wish_is_told_with_what_it_says_and_no_more():
    uid = claimed()
    subscribed(uid)

    cancel(uid)
    cancel(uid, {})
    cancel(uid, data_set(ReasonForCancellation="Really"))

    assert [event.attributes for event in told()] == [
        details | data_set(RequestingAE="RIS") for details in (DETAILS, {}, data_set(ReasonForCancellation="Really"))
    ]


def test_where_nobody_listens_the_wish_is_accepted_or_refused_as_the_archive_is_set(settings: Any):
    uid = claimed()

    assert cancel(uid) is False
    settings.ARCHIVE_UPS_CANCEL_UNHEARD = "refuse"
    with pytest.raises(PerformerUnreachable):
        cancel(uid)
    subscribed(uid)
    assert cancel(uid) is False

    assert told_briefly() == ["2"]


def test_whoever_listens_what_is_scheduled_can_be_canceled(settings: Any):
    settings.ARCHIVE_UPS_CANCEL_UNHEARD = "refuse"

    assert cancel(created()) is False


# -- neither ---------------------------------------------------------------------


def test_what_is_completed_cannot_be_canceled():
    uid = in_state("COMPLETED")
    subscribed(uid)

    for request in (lambda: cancel(uid), lambda: force_cancel(uid)):
        with pytest.raises(AlreadyCompleted):
            request()

    assert told() == []


def test_what_is_not_there_cannot_be_canceled():
    WorkitemTombstone.objects.create(sop_instance_uid="1.2.3")

    for request in (cancel, force_cancel):
        with pytest.raises(WorkitemDeleted):
            request("1.2.3")
        with pytest.raises(WorkitemNotFound):
            request("1.2.4")


@pytest.mark.parametrize(
    "details",
    [
        data_set(ReasonForCancellation=[]),
        data_set(ProcedureStepDiscontinuationReasonCodeSequence=[]),
        data_set(ProcedureStepDiscontinuationReasonCodeSequence=[data_set(CodeMeaning="No value")]),
        data_set(ContactURI=[]),
        data_set(ContactDisplayName=[]),
    ],
)
@pytest.mark.parametrize("state", ["SCHEDULED", "IN PROGRESS"])
def test_details_that_cannot_be_kept_are_refused(details: DataSet, state: str):
    uid = in_state(state)
    subscribed(uid)
    before = stored(uid)

    with pytest.raises(InvalidWorkitem):
        cancel(uid, details)

    assert stored(uid) == before
    assert told() == []


# -- by an administrator ---------------------------------------------------------


def test_an_administrator_cancels_what_is_scheduled_as_any_request_does():
    uid = created()
    subscribed(uid)

    force_cancel(uid, DETAILS)

    assert told_briefly() == ["1 IN PROGRESS", "1 CANCELED"]
    assert value(progress_item(uid), "ReasonForCancellation") == "Wrong patient"


def test_an_administrator_cancels_what_is_in_progress_and_its_performer_can_do_no_more():
    """UPS-B2-3"""
    uid = claimed()
    subscribed(uid)
    update(uid, progress("30"), transaction_uid=LOCK)

    force_cancel(uid)

    row = Workitem.objects.get()
    assert (row.procedure_step_state, row.transaction_uid) == ("CANCELED", LOCK)
    assert row.finished_at is not None
    assert value(progress_item(uid), "ProcedureStepProgress") == 30
    assert value(progress_item(uid), "ProcedureStepCancellationDateTime")
    assert told_briefly() == ["3", "1 CANCELED"]
    assert change_state(uid, "CANCELED", transaction_uid=LOCK).already is True


def test_an_administrator_leaves_what_is_canceled_as_it_is():
    uid = in_state("CANCELED")
    subscribed(uid)
    before = stored(uid)

    force_cancel(uid, DETAILS)

    assert stored(uid) == before
    assert not Event.objects.exists()
