"""H14: work that is for people is assigned, assigned to others, made ready and put off."""

from pydicom.uid import generate_uid

from archive.dicom.dicom_json import DataSet
from tests.flows.worklist import reports
from tests.flows.worklist.client import Worklist, outcome
from tests.flows.worklist.reports import ASSIGNED, GLOBAL, Report
from tests.workitems import code, data_set, performer, progress

PUSH = "1.2.840.10008.5.1.4.34.6.1"
READERS = [performer("Read^Er", "Radiology", "R1"), performer("Second^Read", "Neuroradiology", "R2")]
STATION = [code("WORKSTATION")]

#: Human Performer Code Sequence and Human Performer's Organization are at the top of a report.
FLATTENED = ("00404009", "00404036")


def assigned(uid: str, human: DataSet, **stations: list[DataSet]) -> Report:
    return Report(ASSIGNED, uid, data_set(**stations) | {name: human[name] for name in FLATTENED})


def test_H14_a_task_is_assigned_and_handed_over(worklist: Worklist, ae: str) -> None:
    """UPS-E2-1"""
    channel = worklist.listen(ae)
    worklist.subscribe(GLOBAL, ae)

    uid = worklist.create(ScheduledHumanPerformersSequence=READERS, InputReadinessState="INCOMPLETE")
    channel.expect(reports.state(uid, "SCHEDULED", "INCOMPLETE"), *(assigned(uid, reader) for reader in READERS))

    assert outcome(worklist.update(uid, data_set(ScheduledStationNameCodeSequence=STATION))) == (200, b"")
    with_station = [assigned(uid, reader, ScheduledStationNameCodeSequence=STATION) for reader in READERS]
    channel.expect(*with_station)
    assert worklist.update(uid, data_set(ScheduledHumanPerformersSequence=READERS[1:])).status_code == 200
    channel.expect(with_station[1])
    assert worklist.update(uid, data_set(ScheduledHumanPerformersSequence=READERS[1:])).status_code == 200
    channel.expect_silence()

    assert worklist.update(uid, data_set(InputReadinessState="READY")).status_code == 200
    channel.expect(reports.state(uid, "SCHEDULED", "READY"))


def test_H14_a_task_is_put_off_by_another_that_replaces_it(worklist: Worklist, ae: str) -> None:
    channel = worklist.listen(ae)
    worklist.subscribe(GLOBAL, ae)
    uid = worklist.create()

    assert worklist.request_cancellation(uid).status_code == 202
    replaced = [data_set(ReferencedSOPClassUID=PUSH, ReferencedSOPInstanceUID=uid)]
    later = worklist.create(
        ReplacedProcedureStepSequence=replaced, ScheduledProcedureStepStartDateTime="20261126090000"
    )

    channel.expect(
        reports.state(uid, "SCHEDULED"),
        reports.state(uid, "IN PROGRESS"),
        reports.canceled(uid),
        reports.state(later, "SCHEDULED"),
    )
    (found,) = worklist.search(ReplacedProcedureStepSequence__ReferencedSOPInstanceUID=uid)
    assert found["00080018"]["Value"] == [later]
    assert worklist.retrieve(later)["00741224"]["Value"] == replaced


def test_H14_who_only_watches_does_not_work(worklist: Worklist, ae: str) -> None:
    """UPS-B2-1"""
    channel = worklist.listen(ae)
    uid = worklist.create()
    worklist.subscribe(uid, ae)
    lock = worklist.claim(uid)
    before = worklist.retrieve(uid)

    assert worklist.update(uid, progress("10")).status_code == 400
    assert worklist.update(uid, progress("10"), generate_uid()).status_code == 400

    assert worklist.retrieve(uid) == before
    channel.expect(reports.state(uid, "SCHEDULED"), reports.state(uid, "IN PROGRESS"))
    channel.expect_silence()
    assert worklist.update(uid, progress("10"), lock).status_code == 200
