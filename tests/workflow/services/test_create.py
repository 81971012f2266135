"""CreateUPS: PS3.18 Section 11.4."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from archive.dicom.dicom_json import DataSet
from archive.dicom.uids import is_uid
from tests.workitems import code, data_set, performer, tag, workitem
from tests.worklist import created, stored, subscribed_globally, told, told_briefly, value
from workflow.errors import DuplicateWorkitem, InvalidWorkitem, NotScheduled
from workflow.models import Event, IndexedValue, Subscription, Workitem, WorkitemTombstone
from workflow.services import create as create_module
from workflow.services.create import create

pytestmark = pytest.mark.django_db(transaction=True)

UID, OTHER = "1.2.826.0.1", "1.2.826.0.2"
SOP_INSTANCE = data_set(SOPInstanceUID=UID)


def nothing_is_there() -> bool:
    return not any(model.objects.exists() for model in (Workitem, IndexedValue, Subscription, Event))


# -- its UID ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "requested"),
    [({}, UID), (SOP_INSTANCE, None), (SOP_INSTANCE, UID)],
    ids=["query", "SOP Instance UID", "both"],
)
def test_the_query_or_the_data_set_names_the_uid(named: DataSet, requested: str | None):
    assert create(workitem() | named, sop_instance_uid=requested).sop_instance_uid == UID

    assert value(stored(UID), "SOPInstanceUID") == UID


def test_a_query_and_a_data_set_that_disagree_are_refused():
    with pytest.raises(InvalidWorkitem, match="SOPInstanceUID"):
        create(workitem(SOPInstanceUID=UID), sop_instance_uid=OTHER)

    assert nothing_is_there()


@pytest.mark.parametrize("uid", ["1.02.3", "1..2", "abc", "1" * 65])
def test_what_is_no_uid_is_refused(uid: str):
    with pytest.raises(InvalidWorkitem, match=r"SOPInstanceUID \(0008,0018\) is not a UID"):
        create(workitem(), sop_instance_uid=uid)


def test_without_a_uid_it_gets_one_of_its_own():
    first, second = create(workitem()), create(workitem(SOPInstanceUID=[]))

    assert first.sop_instance_uid != second.sop_instance_uid
    for uid in (first.sop_instance_uid, second.sop_instance_uid):
        assert is_uid(uid)
        assert value(stored(uid), "SOPInstanceUID") == uid


@pytest.mark.parametrize("uid", ["1.2.840.10008.5.1.4.34.5", "1.2.840.10008.5.1.4.34.5.1"])
def test_the_well_known_uids_are_taken(uid: str):
    with pytest.raises(DuplicateWorkitem, match=uid):
        create(workitem(), sop_instance_uid=uid)


def test_the_uid_of_a_workitem_that_was_purged_is_taken():
    WorkitemTombstone.objects.create(sop_instance_uid=UID)

    with pytest.raises(DuplicateWorkitem, match=UID):
        create(workitem(), sop_instance_uid=UID)


# -- what is stored --------------------------------------------------------------


def test_the_archive_sets_what_is_its_own_to_set():
    uid = created(ScheduledProcedureStepModificationDateTime="19990101")

    data = stored(uid)
    assert value(data, "SOPClassUID") == "1.2.840.10008.5.1.4.34.6.1"
    modified = datetime.strptime(value(data, "ScheduledProcedureStepModificationDateTime"), "%Y%m%d%H%M%S.%f%z")
    assert abs(datetime.now(UTC) - modified) < timedelta(minutes=1)
    assert list(data) == sorted(data)
    assert tag("TransactionUID") not in data


def test_it_is_found_by_its_columns_and_the_codes_of_its_sequences():
    uid = created(PatientID="ID-7", WorklistLabel="AI", ScheduledStationNameCodeSequence=[code("AIALG")])

    row = Workitem.objects.get()
    assert (row.sop_instance_uid, row.patient_id, row.worklist_label) == (uid, "ID-7", "AI")
    assert (row.procedure_step_state, row.transaction_uid, row.finished_at) == ("SCHEDULED", "", None)
    assert IndexedValue.objects.filter(workitem=row, value="AIALG").exists()


def test_what_is_added_to_it_is_told():
    complete = workitem()
    lacking = {key: element for key, element in complete.items() if key != tag("PatientName")}

    assert create(complete, sop_instance_uid=UID).modified is False
    assert create(lacking, sop_instance_uid=OTHER).modified is True
    assert stored(OTHER)[tag("PatientName")] == {"vr": "PN"}


def test_a_workitem_without_a_worklist_label_gets_the_archives(settings: Any):
    settings.ARCHIVE_WORKLIST_LABEL = "READING"

    assert create(workitem(WorklistLabel=[]), sop_instance_uid=UID).modified is True
    assert value(stored(UID), "WorklistLabel") == Workitem.objects.get().worklist_label == "READING"


def test_what_may_be_empty_has_to_be_there_when_the_archive_is_strict(settings: Any):
    settings.ARCHIVE_UPS_STRICT = True

    created()
    with pytest.raises(InvalidWorkitem, match="PatientName"):
        created(PatientName=None)


@pytest.mark.parametrize("state", ["IN PROGRESS", "COMPLETED", "CANCELED"])
def test_a_workitem_begins_as_scheduled(state: str):
    with pytest.raises(NotScheduled):
        create(workitem(ProcedureStepState=state))

    assert nothing_is_there()


@pytest.mark.parametrize("missing", [None, []])
def test_a_workitem_says_that_it_is_scheduled(missing: list[Any] | None):
    with pytest.raises(InvalidWorkitem, match="ProcedureStepState"):
        create(workitem(ProcedureStepState=missing))


# -- who is told -----------------------------------------------------------------


def test_who_is_subscribed_to_all_is_subscribed_and_told_the_state_and_then_the_assignment():
    subscribed_globally("A")
    subscribed_globally("B")

    uid = created(
        ScheduledStationNameCodeSequence=[code("CT1")],
        ScheduledHumanPerformersSequence=[performer(value="A"), performer(value="B")],
    )

    for ae_title in ("A", "B"):
        assert told_briefly(ae_title) == ["1 SCHEDULED", "5", "5"]
        assert {one.workitem for one in told(ae_title)} == {uid}
    assert Subscription.objects.filter(workitem__sop_instance_uid=uid).count() == 2


def test_a_creation_that_fails_late_leaves_nothing(monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    subscribed_globally()
    monkeypatch.setattr(create_module, "publish", fail)

    with pytest.raises(ZeroDivisionError):
        created()

    assert nothing_is_there()


def test_a_second_creation_is_told_to_nobody():
    subscribed_globally()
    create(workitem(), sop_instance_uid=UID)

    with pytest.raises(DuplicateWorkitem):
        create(workitem(ScheduledStationNameCodeSequence=[code("CT1")]), sop_instance_uid=UID)

    assert told_briefly() == ["1 SCHEDULED"]
    assert orjson.loads(Workitem.objects.get().dicom_json)[tag("ScheduledStationNameCodeSequence")] == {"vr": "SQ"}
