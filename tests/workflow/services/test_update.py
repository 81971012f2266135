"""UpdateUPS: PS3.18 Section 11.6."""

from typing import Any

import pytest

from archive.dicom.dicom_json import DataSet
from tests.workitems import code, data_set, element, performed, performer, progress, tag
from tests.worklist import (
    ANOTHER_LOCK,
    LOCK,
    claimed,
    created,
    in_state,
    stored,
    subscribed,
    told,
    told_briefly,
    value,
)
from workflow.errors import (
    AlreadyFinal,
    InvalidWorkitem,
    LockIncorrect,
    LockMissing,
    LockUnexpected,
    WorkflowError,
    WorkitemDeleted,
    WorkitemNotFound,
)
from workflow.models import Event, IndexedValue, Workitem, WorkitemTombstone
from workflow.services import update as update_module
from workflow.services.update import update

pytestmark = pytest.mark.django_db(transaction=True)

LABEL = data_set(ProcedureStepLabel="Another")
MODIFIED = tag("ScheduledProcedureStepModificationDateTime")
PROGRESS = tag("ProcedureStepProgressInformationSequence")


def row() -> tuple[Any, ...]:
    return Workitem.objects.values_list("dicom_json", "updated_at", "transaction_uid", "procedure_step_label").get()


# -- locks -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "offered", "refusal"),
    [
        ("SCHEDULED", None, None),
        ("SCHEDULED", LOCK, LockUnexpected),
        ("IN PROGRESS", LOCK, None),
        ("IN PROGRESS", None, LockMissing),
        ("IN PROGRESS", "", LockMissing),
        ("IN PROGRESS", ANOTHER_LOCK, LockIncorrect),
        ("IN PROGRESS", "no UID at all", LockIncorrect),
        ("COMPLETED", LOCK, AlreadyFinal),
        ("COMPLETED", None, AlreadyFinal),
        ("COMPLETED", ANOTHER_LOCK, AlreadyFinal),
        ("CANCELED", LOCK, AlreadyFinal),
        ("CANCELED", None, AlreadyFinal),
    ],
)
def test_only_who_has_claimed_a_workitem_updates_it(
    state: str, offered: str | None, refusal: type[WorkflowError] | None
):
    uid = in_state(state)
    before = row()

    if refusal:
        with pytest.raises(refusal):
            update(uid, LABEL, transaction_uid=offered)
        assert row() == before
    else:
        update(uid, LABEL, transaction_uid=offered)
        assert value(stored(uid), "ProcedureStepLabel") == "Another"


def test_what_is_not_there_cannot_be_updated():
    WorkitemTombstone.objects.create(sop_instance_uid="1.2.3")

    with pytest.raises(WorkitemDeleted):
        update("1.2.3", LABEL, transaction_uid=None)
    with pytest.raises(WorkitemNotFound):
        update("1.2.4", LABEL, transaction_uid=None)


# -- what changes ----------------------------------------------------------------


def test_attributes_are_replaced_whole_and_the_others_stay():
    uid = created(
        PatientID="ID-7",
        CommentsOnTheScheduledProcedureStep="Careful",
        ScheduledStationNameCodeSequence=[code("CT1"), code("CT2")],
    )
    before = stored(uid)

    update(uid, data_set(ScheduledStationNameCodeSequence=[code("MR1")]), transaction_uid=None)

    changed = {"ScheduledStationNameCodeSequence": [code("MR1")]}
    assert {**stored(uid), MODIFIED: before[MODIFIED]} == before | data_set(**changed)
    assert value(stored(uid), "ScheduledProcedureStepModificationDateTime") > before[MODIFIED]["Value"][0]
    assert list(stored(uid)) == sorted(stored(uid))


def test_it_is_found_by_what_it_is_now():
    uid = created(ProcedureStepLabel="Before", ScheduledStationNameCodeSequence=[code("CT1")])

    update(
        uid,
        data_set(ProcedureStepLabel="After", ScheduledStationNameCodeSequence=[code("MR1")]),
        transaction_uid=None,
    )

    assert Workitem.objects.get().procedure_step_label == "After"
    assert not IndexedValue.objects.filter(value="CT1").exists()
    assert IndexedValue.objects.filter(value="MR1").exists()


@pytest.mark.parametrize(
    "keyword", ["PatientName", "PatientID", "AdmissionID", "SOPInstanceUID", "ProcedureStepState", "PatientSex"]
)
def test_an_update_with_an_attribute_that_cannot_be_set_changes_nothing_else_either(keyword: str):
    uid = claimed()
    subscribed(uid)
    before = row()

    with pytest.raises(InvalidWorkitem, match=keyword):
        update(uid, progress() | {tag(keyword): element(keyword, "1")}, transaction_uid=LOCK)

    assert row() == before
    assert told() == []


def test_an_update_says_that_it_has_left_something_out():
    uid = created()
    private: DataSet = {"00091001": {"vr": "LO", "Value": ["?"]}}

    assert update(uid, LABEL, transaction_uid=None).modified is False
    assert update(uid, data_set(ProcedureStepLabel="Third") | private, transaction_uid=None).modified is True
    assert "00091001" not in stored(uid)


def test_an_update_that_fails_late_leaves_nothing(monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    uid = claimed()
    subscribed(uid)
    before = row()
    monkeypatch.setattr(update_module, "publish_to_subscribers", fail)

    with pytest.raises(ZeroDivisionError):
        update(uid, progress(), transaction_uid=LOCK)

    assert row() == before
    assert told() == []


# -- who is told -----------------------------------------------------------------


def test_a_repeated_update_writes_nothing_and_tells_nothing():
    uid = claimed()
    subscribed(uid)
    update(uid, progress("50"), transaction_uid=LOCK)
    before = row()

    update(uid, progress("50"), transaction_uid=LOCK)
    update(uid, progress(50), transaction_uid=LOCK)
    update(uid, progress("50.0"), transaction_uid=LOCK)

    assert row() == before
    assert told_briefly() == ["3"]


def test_an_update_of_several_things_tells_the_state_then_the_progress_then_the_assignment():
    uid = claimed()
    subscribed(uid)
    changes = progress("10") | data_set(
        InputReadinessState="INCOMPLETE",
        ScheduledStationNameCodeSequence=[code("CT1")],
        ScheduledHumanPerformersSequence=[performer(value="A"), performer(value="B")],
    )

    update(uid, changes, transaction_uid=LOCK)

    assert told_briefly() == ["1 IN PROGRESS", "3", "5", "5"]


def test_readiness_is_told_with_the_state():
    uid = created(InputReadinessState="INCOMPLETE")
    subscribed(uid)

    update(uid, data_set(InputReadinessState="READY"), transaction_uid=None)

    [event] = told()
    assert event.attributes == data_set(InputReadinessState="READY", ProcedureStepState="SCHEDULED")


def test_progress_is_told_each_time_that_it_changes():
    uid = claimed()
    subscribed(uid)

    for percent in ("50", "100", "100"):
        update(uid, progress(percent), transaction_uid=LOCK)

    percents = [
        value(value(event.attributes, "ProcedureStepProgressInformationSequence"), "ProcedureStepProgress")
        for event in told()
    ]
    assert percents == [50, 100]


@pytest.mark.parametrize(
    "changes",
    [
        performed(),
        LABEL,
        data_set(
            ProcedureStepProgressInformationSequence=[
                data_set(
                    ProcedureStepCancellationDateTime="20261125101500",
                    ProcedureStepDiscontinuationReasonCodeSequence=[code("110501", "Equipment failure", "DCM")],
                )
            ]
        ),
    ],
    ids=["performed", "label", "reason"],
)
def test_what_nobody_watches_is_not_told(changes: DataSet):
    uid = claimed()
    subscribed(uid)

    update(uid, changes, transaction_uid=LOCK)

    assert told() == []
    assert stored(uid) | changes == stored(uid)


def test_who_is_not_subscribed_is_not_told():
    uid, other = claimed(), claimed()
    subscribed(uid, "A")
    subscribed(other, "B")

    update(uid, progress(), transaction_uid=LOCK)

    assert told_briefly("A") == ["3"]
    assert told("B") == []
    assert Event.objects.count() == 1
