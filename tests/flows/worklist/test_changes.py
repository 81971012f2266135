"""What the archive itself makes of a workitem that is created or updated, and what it tells of a change."""

import time

from pydicom.uid import generate_uid

from tests.flows.worklist import reports
from tests.flows.worklist.client import JSON, PATIENCE, Worklist, outcome, values, warning
from tests.flows.worklist.reports import FILTERED, GLOBAL
from tests.workitems import code, data_set, progress, tag, workitem

MODIFIED = tag("ScheduledProcedureStepModificationDateTime")


def test_UPS_A1_1_the_query_says_which_workitem_or_the_data_set_does(worklist: Worklist) -> None:
    """One that the query names needs no UID in its data set; there it is its own, or that of the command."""
    in_query, in_both, its_own, affected = (generate_uid() for _ in range(4))
    of_command = {"00001000": {"vr": "UI", "Value": [affected]}}

    for query, new, uid in (
        (f"?workitem={in_query}", workitem(), in_query),
        (f"?workitem={in_both}", workitem(SOPInstanceUID=in_both), in_both),
        ("", workitem(SOPInstanceUID=its_own), its_own),
        ("", of_command | workitem(), affected),
    ):
        created = worklist.send("POST", f"/workitems{query}", new)
        assert (created.status_code, created.headers["Location"]) == (201, f"{worklist.url}/workitems/{uid}")
        assert "00001000" not in worklist.retrieve(uid)


def test_UPS_A1_3_the_archive_says_what_it_is_and_when_it_was_modified(worklist: Worklist) -> None:
    """Whatever the client says of that; and it has a label for a workitem without one."""
    before = time.strftime("%Y%m%d%H%M%S", time.gmtime())
    uid = generate_uid()

    claimed = workitem(ScheduledProcedureStepModificationDateTime="19990101", WorklistLabel=[])
    created = worklist.send("POST", f"/workitems?workitem={uid}", claimed)

    assert created.status_code == 201
    assert created.headers["Warning"] == warning(worklist, "The Workitem was created with modifications.")
    found = worklist.retrieve(uid)
    assert values(found, "00080016") == ["1.2.840.10008.5.1.4.34.6.1"]
    assert values(found, tag("WorklistLabel")) == ["Default"]
    assert values(found, MODIFIED)[0] > before


def test_UPS_A1_7_who_creates_a_workitem_is_told_nothing_of_it(worklist: Worklist, ae: str) -> None:
    channel = worklist.listen(ae)
    uid = generate_uid()
    worklist.mine.add(uid)
    assert worklist.send("POST", f"/workitems?workitem={uid}&requester={ae}", workitem()).status_code == 201
    worklist.claim(uid)
    channel.expect_silence()


def test_UPS_A2_3_to_do_the_same_again_does_nothing(worklist: Worklist, ae: str) -> None:
    channel = worklist.listen(ae)
    uid = worklist.create()
    worklist.subscribe(uid, ae)
    lock = worklist.claim(uid)
    worklist.update(uid, progress("50"), lock)
    channel.expect(
        reports.state(uid, "SCHEDULED"),
        reports.state(uid, "IN PROGRESS"),
        reports.progress(uid, ProcedureStepProgress=50),
    )
    before = worklist.retrieve(uid)

    assert outcome(worklist.update(uid, progress("50"), lock)) == (200, b"")

    assert worklist.retrieve(uid) == before
    channel.expect_silence()


def test_UPS_A2_5_what_is_not_of_a_workitem_is_not_kept(worklist: Worklist) -> None:
    uid = worklist.create()

    updated = worklist.update(uid, data_set(ProcedureStepLabel="Changed", Rows=512))

    assert updated.status_code == 200
    assert updated.headers["Warning"] == warning(worklist, "Requested optional Attributes are not supported.")
    found = worklist.retrieve(uid)
    assert values(found, tag("ProcedureStepLabel")) == ["Changed"]
    assert tag("Rows") not in found


def test_UPS_A2_6_an_update_is_a_modification(worklist: Worklist) -> None:
    uid = worklist.create()
    (before,) = values(worklist.retrieve(uid), MODIFIED)
    assert worklist.update(uid, data_set(ProcedureStepLabel="Changed")).ok
    (after,) = values(worklist.retrieve(uid), MODIFIED)
    assert after > before


def test_UPS_A2_7_a_request_is_in_its_own_character_set(worklist: Worklist) -> None:
    """What the archive gives is in UTF-8, and says so where that matters."""
    uid = worklist.create(PatientName="Müller^Zoë")
    latin = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>'
        '<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">'
        '<DicomAttribute tag="00080005" vr="CS" keyword="SpecificCharacterSet"><Value number="1">ISO_IR 100</Value>'
        '</DicomAttribute><DicomAttribute tag="00741204" vr="LO" keyword="ProcedureStepLabel">'
        '<Value number="1">Schädel</Value></DicomAttribute></NativeDicomModel>'
    ).encode("latin-1")

    updated = worklist.session.post(
        f"{worklist.url}/workitems/{uid}",
        data=latin,
        headers={"Content-Type": "application/dicom+xml"},
        timeout=PATIENCE,
    )

    assert updated.status_code == 200, updated.text
    response = worklist.send("GET", f"/workitems/{uid}", Accept=JSON)
    (found,) = response.json()
    assert values(found, tag("ProcedureStepLabel")) == ["Schädel"]
    assert values(found, "00100010") == [{"Alphabetic": "Müller^Zoë"}]
    assert values(found, "00080005") in ([], ["ISO_IR 192"])


def test_UPS_D3_4_and_UPS_D3_5_a_filter_replaces_another_and_tells_of_what_is_there_with_a_lock(
    worklist: Worklist, ae: str
) -> None:
    channel = worklist.listen(ae)
    urgent = worklist.create(WorklistLabel=ae, ScheduledProcedureStepPriority="HIGH")

    assert worklist.subscribe(FILTERED, ae, f"filter=WorklistLabel%3D{ae}").status_code == 201
    channel.expect_silence()
    other = f"deletionlock=true&filter=WorklistLabel%3D{ae}X"
    later = worklist.create(WorklistLabel=f"{ae}X")
    assert worklist.subscribe(FILTERED, ae, other).status_code == 201
    channel.expect(reports.state(later, "SCHEDULED"))
    worklist.create(WorklistLabel=ae)
    channel.expect_silence()
    worklist.claim(urgent)
    channel.expect(reports.state(urgent, "IN PROGRESS"))


def test_UPS_D2_2_all_workitems_are_all_whatever_their_state(worklist: Worklist, ae: str) -> None:
    """UPS-D2-3: only with a lock does a global subscription begin with reports."""
    channel = worklist.listen(ae)
    uid = worklist.create()
    worklist.request_cancellation(uid)

    assert worklist.subscribe(GLOBAL, ae).status_code == 201
    channel.expect_silence()
    assert worklist.unsubscribe(GLOBAL, ae).status_code == 200
    assert worklist.subscribe(GLOBAL, ae, "deletionlock=true").status_code == 201

    channel.expect(reports.canceled(uid))


def test_UPS_E2_2_only_what_is_done_is_progress(worklist: Worklist, ae: str) -> None:
    channel = worklist.listen(ae)
    uid = worklist.create()
    lock = worklist.claim(uid)
    worklist.subscribe(uid, ae)
    channel.expect(reports.state(uid, "IN PROGRESS"))
    contact = data_set(ContactURI="tel:+3225550100")
    why = {"ProcedureStepDiscontinuationReasonCodeSequence": [code("110501", "Equipment failure", "DCM")]}
    told = {"ProcedureStepProgress": 10, "ProcedureStepProgressDescription": "Begun"}

    for changes in (why, why | told, why | told | {"ProcedureStepCommunicationsURISequence": [contact]}):
        item = data_set(**changes)
        assert worklist.update(uid, data_set(ProcedureStepProgressInformationSequence=[item]), lock).ok

    channel.expect(
        reports.progress(uid, **told), reports.progress(uid, **told, ProcedureStepCommunicationsURISequence=[contact])
    )
    channel.expect_silence()


def test_UPS_E3_1_what_one_update_changes_is_told_in_order(worklist: Worklist, ae: str) -> None:
    channel = worklist.listen(ae)
    uid = worklist.create()
    lock = worklist.claim(uid)
    worklist.subscribe(uid, ae)
    stations = {"ScheduledStationNameCodeSequence": [code("OTHER")]}
    changes = progress("20") | data_set(InputReadinessState="INCOMPLETE", **stations)

    assert worklist.update(uid, changes, lock).status_code == 200

    channel.expect(
        reports.state(uid, "IN PROGRESS"),
        reports.state(uid, "IN PROGRESS", "INCOMPLETE"),
        reports.progress(uid, ProcedureStepProgress=20),
        reports.assigned(uid, **stations),
    )
    channel.expect_silence()
