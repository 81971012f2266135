"""An algorithm takes its work from the worklist: claimed once, told about, finished when it is whole."""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import pytest
import requests
from pydicom.uid import generate_uid

from archive.dicom.dicom_json import DataSet
from tests.flows.worklist import reports
from tests.flows.worklist.client import Worklist, outcome, values, warning
from tests.flows.worklist.reports import GLOBAL
from tests.flows.worklist.sites import in_one_process_and_in_two
from tests.workitems import code, data_set, performed, progress, references

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
CT = "1.2.840.10008.5.1.4.1.1.2"

#: PS3.4 Table CC.2.5-3: Return Key Type 1, and the roots of type 2.
RETURNED_VALUED = {
    "00080016", "00080018", "00741200", "00741204", "00741202", "00404005", "00404041", "00741000",
}  # fmt: skip
RETURNED = RETURNED_VALUED | {
    "00741210", "00404025", "00404026", "00404027", "00404034", "00404018", "00404021", "0020000D", "00100010",
    "00100020", "00100021", "00100024", "00101002", "00100030", "00100040", "00380010", "00380014", "00081080",
    "00081084", "0040A370", "00741002",
}  # fmt: skip


@in_one_process_and_in_two
def test_H01_a_step_from_its_creation_to_its_result(worklist: Worklist, ae: str) -> None:
    """UPS-A1-6, UPS-B1-1, UPS-E3-2"""
    channel = worklist.listen(ae)
    subscribed = worklist.subscribe(GLOBAL, ae)
    assert (subscribed.status_code, subscribed.content) == (201, b"")
    own_channel = f"ws{worklist.url.removeprefix('http')}/subscribers/{ae}"
    assert subscribed.headers["Content-Location"] == subscribed.headers["Location"] == own_channel
    channel.expect_silence()

    stations = [code(ae)]
    uid = worklist.create(
        ScheduledStationNameCodeSequence=stations, InputInformationSequence=[references((CT, generate_uid()))]
    )
    channel.expect(reports.state(uid, "SCHEDULED"), reports.assigned(uid, ScheduledStationNameCodeSequence=stations))
    (found,) = worklist.search(
        ScheduledStationNameCodeSequence__CodeValue=ae, ProcedureStepState="SCHEDULED", InputReadinessState="READY"
    )
    assert values(found, "00080018") == [uid]
    assert found.keys() >= RETURNED
    assert all(values(found, tag) for tag in RETURNED_VALUED)
    assert "00081195" not in found

    lock = worklist.claim(uid)
    channel.expect(reports.state(uid, "IN PROGRESS"))
    for percent in (50, 100):
        assert outcome(worklist.update(uid, progress(str(percent)), lock)) == (200, b"")
        channel.expect(reports.progress(uid, ProcedureStepProgress=percent))
    result = references((SECONDARY_CAPTURE, generate_uid()))
    assert outcome(worklist.update(uid, performed(OutputInformationSequence=[result]), lock)) == (200, b"")
    channel.expect_silence()
    assert outcome(worklist.change_state(uid, "COMPLETED", lock)) == (200, b"")
    channel.expect(reports.state(uid, "COMPLETED"))

    final = worklist.retrieve(uid)
    assert values(final, "00741216.00404033") == [result]
    assert lock not in str(final)
    again = worklist.change_state(uid, "COMPLETED", lock)
    assert again.status_code == 200
    text = "The UPS is already in the requested state of COMPLETED."
    assert again.headers["Warning"] == warning(worklist, text)
    assert worklist.change_state(uid, "COMPLETED", generate_uid()).status_code == 400
    channel.expect_silence()


@in_one_process_and_in_two
def test_H02_of_twenty_claims_at_once_one_is_granted(worklist: Worklist, ae: str) -> None:
    """UPS-B1-2, UPS-B2-1, UPS-B2-4"""
    channel = worklist.listen(ae)
    uid = worklist.create()
    worklist.subscribe(uid, ae)
    channel.expect(reports.state(uid, "SCHEDULED"))
    locks = [generate_uid() for _ in range(20)]
    doors = cycle([worklist.url, worklist.channels])

    def claim(door: str, lock: str) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            session.headers.update(worklist.session.headers)
            return Worklist(door, session).change_state(uid, "IN PROGRESS", lock)

    with ThreadPoolExecutor(20) as pool:
        answers = dict(zip(locks, pool.map(claim, doors, locks), strict=False))

    (winner,) = [lock for lock, answer in answers.items() if answer.status_code == 200]
    losers = answers.keys() - {winner}
    assert {answers[lock].status_code for lock in losers} == {400}
    assert all("The Transaction UID is incorrect." in answers[lock].headers["Warning"] for lock in losers)
    channel.expect(reports.state(uid, "IN PROGRESS"))
    assert {worklist.update(uid, progress("1"), lock).status_code for lock in losers} == {400}
    channel.expect_silence()
    assert worklist.update(uid, progress("2"), winner).status_code == 200
    channel.expect(reports.progress(uid, ProcedureStepProgress=2))


def test_H02_the_same_lock_claims_once(worklist: Worklist) -> None:
    uid = worklist.create()
    lock = worklist.claim(uid)

    again = worklist.change_state(uid, "IN PROGRESS", lock)

    assert again.status_code == 409
    text = "The submitted request is inconsistent with the state of the UPS Instance."
    assert again.headers["Warning"] == warning(worklist, text)


def removed(keyword: str) -> DataSet:
    return performed(**{keyword: None})


@pytest.mark.parametrize(
    ("performed_before", "missing"),
    [
        pytest.param(data_set(), "UnifiedProcedureStepPerformedProcedureSequence", id="nothing"),
        *(
            pytest.param(removed(keyword), keyword, id=keyword)
            for keyword in (
                "PerformedStationNameCodeSequence",
                "PerformedProcedureStepStartDateTime",
                "PerformedWorkitemCodeSequence",
                "PerformedProcedureStepEndDateTime",
                "OutputInformationSequence",
            )
        ),
    ],
)
def test_H03_what_is_not_whole_is_not_completed(
    worklist: Worklist, ae: str, performed_before: DataSet, missing: str
) -> None:
    """UPS-B4-2"""
    channel = worklist.listen(ae)
    uid = worklist.create()
    lock = worklist.claim(uid)
    worklist.subscribe(uid, ae)
    channel.expect(reports.state(uid, "IN PROGRESS"))
    if performed_before:
        assert worklist.update(uid, performed_before, lock).status_code == 200
    before = worklist.retrieve(uid)

    refused = worklist.change_state(uid, "COMPLETED", lock)

    assert refused.status_code == 409
    assert missing in refused.text, "the answer says what is missing"
    assert worklist.retrieve(uid) == before
    channel.expect_silence()
    assert worklist.update(uid, performed(OutputInformationSequence=[]), lock).status_code == 200
    assert outcome(worklist.change_state(uid, "COMPLETED", lock)) == (200, b"")
    channel.expect(reports.state(uid, "COMPLETED"))
