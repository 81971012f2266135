"""ChangeUPSState, PS3.18 Section 11.7, beyond the table of transitions (`test_transitions.py`)."""

import logging
from typing import Any

import orjson
import pytest
from django.utils import timezone

from tests.workitems import code, data_set, performed, progress, tag
from tests.worklist import (
    ANOTHER_LOCK,
    LOCK,
    claimed,
    created,
    in_state,
    performed_workitem,
    stored,
    subscribed,
    told,
    told_briefly,
    value,
)
from workflow.errors import InvalidWorkitem, LockIncorrect, NotFinishable, StateConflict, WorkflowError, WorkitemDeleted
from workflow.models import Event, Workitem, WorkitemTombstone
from workflow.services.change_state import change_state
from workflow.services.update import update

pytestmark = pytest.mark.django_db(transaction=True)

PERFORMED = tag("UnifiedProcedureStepPerformedProcedureSequence")
#: PS3.4 Table CC.2.5-3, code P within Unified Procedure Step Performed Procedure Sequence.
NEEDED = (
    "PerformedStationNameCodeSequence",
    "PerformedProcedureStepStartDateTime",
    "PerformedWorkitemCodeSequence",
    "PerformedProcedureStepEndDateTime",
)


def progress_item(uid: str) -> Any:
    return value(stored(uid), "ProcedureStepProgressInformationSequence")


# -- requests that make no sense -------------------------------------------------


@pytest.mark.parametrize("requested", ["CANCELLED", "FOO", "", "in progress", "IN  PROGRESS", "DISCONTINUED"])
def test_a_state_that_does_not_exist_is_refused(requested: str):
    with pytest.raises(InvalidWorkitem, match=r"ProcedureStepState .* CANCELED, which is written with one L"):
        change_state(created(), requested, transaction_uid=LOCK)


@pytest.mark.parametrize("transaction_uid", ["abc", "1.2.", "1.02", "1" * 65, "1.2\\1.3", " "])
def test_a_transaction_uid_that_is_no_uid_claims_nothing(transaction_uid: str):
    uid = created()

    with pytest.raises(InvalidWorkitem, match=r"TransactionUID \(0008,1195\) is not a UID"):
        change_state(uid, "IN PROGRESS", transaction_uid=transaction_uid)

    assert value(stored(uid), "ProcedureStepState") == "SCHEDULED"


def test_a_purged_workitem_is_gone():
    WorkitemTombstone.objects.create(sop_instance_uid="1.2.3")

    with pytest.raises(WorkitemDeleted):
        change_state("1.2.3", "IN PROGRESS", transaction_uid=LOCK)


# -- claims ----------------------------------------------------------------------


def test_a_second_claim_is_wrong_with_another_lock_and_late_with_the_same():
    uid = created()
    change_state(uid, "IN PROGRESS", transaction_uid=LOCK)

    with pytest.raises(LockIncorrect):
        change_state(uid, "IN PROGRESS", transaction_uid=ANOTHER_LOCK)
    with pytest.raises(StateConflict) as late:
        change_state(uid, "IN PROGRESS", transaction_uid=LOCK)

    assert late.value.code == 0xC302
    assert Workitem.objects.get().transaction_uid == LOCK


def test_a_claim_changes_the_state_and_the_time_of_change_and_nothing_else():
    uid = created(PatientID="ID-7", ScheduledStationNameCodeSequence=[code("CT1")])
    before = stored(uid)

    change_state(uid, "IN PROGRESS", transaction_uid=LOCK)

    changed = {tag for tag, element in stored(uid).items() if before.get(tag) != element}
    assert changed == {tag("ProcedureStepState"), tag("ScheduledProcedureStepModificationDateTime")}
    assert list(stored(uid)) == list(before)
    row = Workitem.objects.get()
    assert (row.procedure_step_state, row.patient_id, row.finished_at) == ("IN PROGRESS", "ID-7", None)


@pytest.mark.parametrize("state", ["IN PROGRESS", "COMPLETED", "CANCELED"])
def test_the_transaction_uid_is_in_no_data_set_no_event_no_message_and_no_log(
    state: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    uid = created()
    subscribed(uid)
    change_state(uid, "IN PROGRESS", transaction_uid=LOCK)
    update(uid, performed() | progress(), transaction_uid=LOCK)
    if state != "IN PROGRESS":
        change_state(uid, state, transaction_uid=LOCK)
    refusals = []
    for offered in (LOCK, ANOTHER_LOCK):
        with pytest.raises(WorkflowError) as refusal:
            change_state(uid, "IN PROGRESS", transaction_uid=offered)
        refusals.append(str(refusal.value))

    kept = [*Workitem.objects.values_list("dicom_json", flat=True), *Event.objects.values_list("dicom_json", flat=True)]
    assert len(kept) == (3 if state == "IN PROGRESS" else 4)
    assert not any(LOCK.encode() in bytes(one) or b"00081195" in bytes(one) for one in kept)
    assert not any(lock in text for lock in (LOCK, ANOTHER_LOCK) for text in (*refusals, caplog.text))


# -- completion ------------------------------------------------------------------


def test_what_has_not_been_performed_cannot_be_completed():
    uid = claimed()
    subscribed(uid)
    before = stored(uid)

    with pytest.raises(NotFinishable, match="UnifiedProcedureStepPerformedProcedureSequence"):
        change_state(uid, "COMPLETED", transaction_uid=LOCK)

    assert stored(uid) == before
    assert Workitem.objects.get().finished_at is None
    assert told() == []


@pytest.mark.parametrize("keyword", [*NEEDED, "OutputInformationSequence"])
def test_what_completion_needs_is_named_where_it_is_missing(keyword: str):
    uid = claimed()
    lacking = performed()
    del lacking[PERFORMED]["Value"][0][tag(keyword)]
    # An update would not lack the output; what came here by other ways might.
    Workitem.objects.update(dicom_json=orjson.dumps(stored(uid) | lacking))

    with pytest.raises(NotFinishable, match=keyword) as refusal:
        change_state(uid, "COMPLETED", transaction_uid=LOCK)

    assert not any(other in str(refusal.value) for other in NEEDED if other != keyword)
    assert value(stored(uid), "ProcedureStepState") == "IN PROGRESS"


def test_an_empty_output_is_enough():
    uid = claimed()
    update(uid, performed(OutputInformationSequence=[]), transaction_uid=LOCK)

    assert change_state(uid, "COMPLETED", transaction_uid=LOCK).already is False
    assert abs((timezone.now() - Workitem.objects.get().finished_at).total_seconds()) < 60


# -- cancellation by the performer -----------------------------------------------


def test_the_performer_cancels_without_a_word_and_the_archive_supplies_what_is_needed():
    uid = claimed()
    subscribed(uid)

    change_state(uid, "CANCELED", transaction_uid=LOCK)

    item = progress_item(uid)
    assert value(item, "ProcedureStepCancellationDateTime") == value(
        stored(uid), "ScheduledProcedureStepModificationDateTime"
    )
    [reason] = item[tag("ProcedureStepDiscontinuationReasonCodeSequence")]["Value"]
    assert (value(reason, "CodeValue"), value(reason, "CodingSchemeDesignator")) == ("110513", "DCM")
    [event] = told()
    assert event.attributes[tag("ProcedureStepDiscontinuationReasonCodeSequence")]["Value"] == [reason]


def test_the_performers_own_reason_stays():
    uid = claimed()
    subscribed(uid)
    item = data_set(
        ProcedureStepProgress="30",
        ProcedureStepCancellationDateTime="20261125101500",
        ReasonForCancellation="The lamp broke",
        ProcedureStepDiscontinuationReasonCodeSequence=[code("110501", "Equipment failure", "DCM")],
    )
    update(uid, data_set(ProcedureStepProgressInformationSequence=[item]), transaction_uid=LOCK)
    kept = progress_item(uid)

    change_state(uid, "CANCELED", transaction_uid=LOCK)

    assert progress_item(uid) == kept
    assert told_briefly() == ["3", "1 CANCELED"]
    assert value(told()[-1].attributes, "ReasonForCancellation") == "The lamp broke"


def test_what_was_performed_can_still_be_canceled():
    uid = performed_workitem()

    change_state(uid, "CANCELED", transaction_uid=LOCK)

    assert Workitem.objects.get().finished_at is not None
    assert PERFORMED in stored(uid)


@pytest.mark.parametrize("state", ["COMPLETED", "CANCELED"])
def test_the_final_state_again_is_no_news(state: str):
    uid = in_state(state)
    subscribed(uid)
    finished = Workitem.objects.get().finished_at

    assert change_state(uid, state, transaction_uid=LOCK).already is True
    with pytest.raises(LockIncorrect):
        change_state(uid, state, transaction_uid=ANOTHER_LOCK)

    assert Workitem.objects.get().finished_at == finished
    assert told() == []
