"""Rules: a study that has arrived and matches gets its workitem, once."""

import logging
import threading
from datetime import timedelta

import orjson
import pytest
from django.db import connection
from django.utils import timezone
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, generate_uid

from archive.models import Study
from archive.services.delete import delete
from tests.storing import StoredFile, stored
from tests.workitems import code, data_set
from workflow.models import Event, RuleFiring, Workitem, WorkitemRule
from workflow.services import create, rules
from workflow.services.subscribe import subscribe_globally

pytestmark = pytest.mark.django_db(transaction=True)

#: When the rules of these tests are made, and the studies arrive.
NOW = timezone.now()
MINUTE = timedelta(minutes=1)

TRIAGE = data_set(
    ScheduledStationNameCodeSequence=[code("TRIAGE")],
    ScheduledWorkitemCodeSequence=[code("110004", "Computer Aided Detection", "DCM")],
    ScheduledProcedureStepPriority="HIGH",
    WorklistLabel="AI",
)


def rule(name: str = "Triage", *, template=TRIAGE, **columns) -> WorkitemRule:
    defaults = {"quiet_seconds": 60, "created_at": NOW - MINUTE, "examined_until": NOW - MINUTE}
    return WorkitemRule.objects.create(name=name, template=template, **(defaults | columns))


def arrived(when=NOW, **elements) -> StoredFile:
    """A study of one instance, or one instance more of it, which came then."""
    file = stored(**elements)
    Study.objects.filter(study_instance_uid=file.study).update(last_instance_at=when)
    return file


def fire(*fired: WorkitemRule, at=NOW + 2 * MINUTE) -> int:
    return sum(rules.fire(one.pk, at) for one in fired)


def only_workitem():
    return orjson.loads(bytes(Workitem.objects.get().dicom_json))


def value(data_set, *path):
    """The first value down a path of tags."""
    for tag in path:
        data_set = data_set[tag]["Value"][0]
    return data_set


# -- when ------------------------------------------------------------------------


def test_a_study_gets_its_workitem_once_no_instance_has_come_for_so_long():
    one = rule(quiet_seconds=60)
    study = arrived().study

    assert fire(one, at=NOW + timedelta(seconds=59)) == 0
    assert fire(one, at=NOW + timedelta(seconds=61)) == 1
    assert fire(one, at=NOW + timedelta(seconds=62)) == 0
    assert fire(one, at=NOW + timedelta(days=1)) == 0
    firing = RuleFiring.objects.get()
    assert (firing.rule, firing.study_instance_uid) == (one, study)
    assert firing.sop_instance_uid == Workitem.objects.get().sop_instance_uid


def test_a_study_that_still_grows_waits():
    one = rule(quiet_seconds=60)
    study = arrived().study
    arrived(NOW + MINUTE, StudyInstanceUID=study)

    assert fire(one, at=NOW + timedelta(seconds=90)) == 0
    assert fire(one, at=NOW + timedelta(seconds=121)) == 1
    (item,) = only_workitem()["00404021"]["Value"][:1]
    assert len(only_workitem()["00404021"]["Value"]) == 2, "both series"
    assert value(item, "0020000D") == study


def test_a_study_that_grows_after_the_firing_does_not_fire_again():
    one = rule()
    study = arrived().study
    assert fire(one) == 1

    arrived(NOW + timedelta(days=1), StudyInstanceUID=study)

    assert fire(one, at=NOW + timedelta(days=2)) == 0


def test_a_study_that_matches_only_when_it_has_grown_fires_then():
    one = rule(filter="ModalitiesInStudy=SR")
    study = arrived().study
    assert fire(one) == 0

    arrived(NOW + timedelta(hours=1), StudyInstanceUID=study, Modality="SR")

    assert fire(one, at=NOW + timedelta(hours=2)) == 1


def test_a_study_that_is_deleted_and_stored_again_does_not_fire_again():
    one = rule()
    study = arrived().study
    assert fire(one) == 1

    delete(study)
    arrived(NOW + timedelta(hours=1), StudyInstanceUID=study)

    assert fire(one, at=NOW + timedelta(hours=2)) == 0


def test_studies_that_arrived_before_the_rule_was_made_are_not_its_concern():
    one = rule(created_at=NOW, examined_until=NOW)
    arrived(NOW - timedelta(seconds=1))

    assert fire(one) == 0


def test_a_transaction_that_becomes_visible_late_is_not_missed():
    one = rule()
    assert fire(one, at=NOW + 3 * MINUTE) == 0

    arrived(NOW)  # which was committed only now

    assert fire(one, at=NOW + 3 * MINUTE) == 1


def test_what_arrived_while_no_worker_ran_is_caught_up_with():
    one = rule()
    for hours in range(3):
        arrived(NOW + timedelta(hours=hours))

    assert fire(one, at=NOW + timedelta(days=3)) == 3


def test_a_rule_that_is_not_enabled_passes_studies_over():
    one = rule(enabled=False)
    arrived()
    assert rules.enabled() == []
    assert fire(one) == 0

    rules.pass_over(NOW + timedelta(hours=1))
    WorkitemRule.objects.update(enabled=True)

    assert rules.enabled() == [one.pk]
    assert fire(one, at=NOW + timedelta(hours=2)) == 0


def test_a_quiet_time_that_is_made_shorter_leaves_no_gap():
    one = rule(quiet_seconds=3600)
    arrived()
    assert fire(one, at=NOW + 50 * MINUTE) == 0

    WorkitemRule.objects.update(quiet_seconds=60)

    assert fire(one, at=NOW + 51 * MINUTE) == 1


# -- which -----------------------------------------------------------------------


def test_each_rule_fires_for_the_studies_that_match_it():
    chest, every = rule("Chest", filter="Modality=CT&BodyPartExamined=CHEST"), rule("Every")
    arrived(BodyPartExamined="CHEST")
    arrived(BodyPartExamined="KNEE")

    assert (fire(chest), fire(every)) == (1, 2)


# -- what ------------------------------------------------------------------------


def test_the_workitem_has_the_template_the_patient_and_the_time():
    arrived(IssuerOfPatientID="HOSPITAL", PatientBirthDate="19700101", PatientSex="F", AdmissionID="V1")
    fire(rule())

    workitem = only_workitem()
    assert value(workitem, "00404025", "00080100") == "TRIAGE"
    assert value(workitem, "00404018", "00080100") == "110004"
    assert [value(workitem, tag) for tag in ("00741000", "00404041", "00741200")] == ["SCHEDULED", "READY", "HIGH"]
    assert (value(workitem, "00741204"), value(workitem, "00741202")) == ("Triage", "AI")
    assert value(workitem, "00100010") == {"Alphabetic": "Doe^Jane"}
    assert [value(workitem, f"001000{tag}") for tag in (20, 21, 30, 40)] == ["ID-1", "HOSPITAL", "19700101", "F"]
    assert value(workitem, "00380010") == "V1"
    assert value(workitem, "00404005").endswith("+0000")
    assert "00081195" not in workitem


def test_what_the_template_says_of_label_readiness_and_priority_holds():
    template = data_set(ProcedureStepLabel="Look", InputReadinessState="INCOMPLETE")
    arrived()
    fire(rule(template=template))

    workitem = only_workitem()
    assert [value(workitem, tag) for tag in ("00741204", "00404041", "00741200")] == ["Look", "INCOMPLETE", "MEDIUM"]


@pytest.mark.parametrize(
    ("url", "host", "root"),
    [
        ("https://images.example.org/pacs", "127.0.0.1", "https://images.example.org/pacs/dicom-web"),
        ("", "127.0.0.1", "http://127.0.0.1:8042/dicom-web"),
        ("", "0.0.0.0", "http://127.0.0.1:8042/dicom-web"),
        ("", "::1", "http://[::1]:8042/dicom-web"),
    ],
)
def test_the_input_is_each_series_with_its_instances_and_where_they_are_retrieved(settings, url, host, root):
    settings.ARCHIVE_PUBLIC_URL, settings.ARCHIVE_HOST, settings.ARCHIVE_PORT = url, host, 8042
    series, other = generate_uid(), generate_uid()
    first = arrived(SeriesInstanceUID=series, InstanceNumber=1)
    second = arrived(StudyInstanceUID=first.study, SeriesInstanceUID=series, InstanceNumber=2)
    arrived(StudyInstanceUID=first.study, SeriesInstanceUID=other, SeriesNumber=2)
    fire(rule())

    workitem = only_workitem()
    items = workitem["00404021"]["Value"]
    assert value(workitem, "0020000D") == first.study
    assert [value(item, "0020000E") for item in items] == [series, other]
    assert [value(items[0], tag) for tag in ("0040E020", "0020000D")] == ["DICOM", first.study]
    references = [[value(one, "00081150"), value(one, "00081155")] for one in items[0]["00081199"]["Value"]]
    assert references == [[CTImageStorage, first.instance], [CTImageStorage, second.instance]]
    assert value(items[0], "0040E025", "00081190") == f"{root}/studies/{first.study}/series/{series}"


def test_each_request_of_the_study_is_an_item():
    def requested(procedure):
        item = Dataset()
        item.RequestedProcedureID, item.RequestedProcedureDescription = procedure, f"Procedure {procedure}"
        return [item]

    first = arrived(RequestAttributesSequence=requested("A"), ReferringPhysicianName="Refer^Er")
    for number, procedure in enumerate("AB", start=2):
        arrived(StudyInstanceUID=first.study, SeriesNumber=number, RequestAttributesSequence=requested(procedure))
    fire(rule())

    items = only_workitem()["0040A370"]["Value"]
    assert [value(item, "00401001") for item in items] == ["A", "B"]
    assert [value(item, "00321060") for item in items] == ["Procedure A", "Procedure B"]
    assert {value(item, "00080050") for item in items} == {"ACC-1"}
    assert {value(item, "0020000D") for item in items} == {first.study}
    assert {value(item, "00080090")["Alphabetic"] for item in items} == {"Refer^Er"}
    assert items[0]["00400026"] == {"vr": "SQ"}


def test_a_study_that_nobody_requested_has_no_request():
    arrived(AccessionNumber="")
    fire(rule())

    assert only_workitem()["0040A370"] == {"vr": "SQ"}


def test_rules_are_not_bound_by_what_clients_have_to_send(settings):
    settings.ARCHIVE_UPS_STRICT = True
    arrived()

    assert fire(rule()) == 1


# -- the workitem like any other -------------------------------------------------


def test_subscribers_are_told_of_it_as_of_any_other():
    subscribe_globally("WATCHER", deletion_lock=False, filter=None)
    arrived()
    fire(rule())

    events = Event.objects.order_by("sequence").values_list("subscriber__ae_title", "type")
    assert list(events) == [("WATCHER", 1), ("WATCHER", 5)]


# -- exactly once ----------------------------------------------------------------


def test_several_workers_at_once_create_one_workitem_for_each_study():
    fired = [rule("One"), rule("Other")]
    for _ in range(3):
        arrived()
    numbers: list[int] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        numbers.append(fire(*fired))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sum(numbers) == Workitem.objects.count() == RuleFiring.objects.count() == 6


def test_a_firing_that_fails_halfway_leaves_nothing_and_is_made_up_for(monkeypatch):
    one = rule()
    arrived()
    insert = create.insert

    def fail(prepared):
        insert(prepared)
        raise ConnectionError

    monkeypatch.setattr(create, "insert", fail)
    with pytest.raises(ConnectionError):
        fire(one)
    assert (Workitem.objects.count(), RuleFiring.objects.count()) == (0, 0)

    monkeypatch.setattr(create, "insert", insert)
    assert fire(one) == 1


def test_a_rule_that_is_deleted_while_it_fires_creates_nothing(monkeypatch):
    one = rule()
    arrived()
    prepare = create.prepare
    monkeypatch.setattr(create, "prepare", lambda *args, **options: (one.delete(), prepare(*args, **options))[1])

    assert fire(one) == 0
    assert not Workitem.objects.exists()


def test_a_study_that_is_deleted_while_the_rule_fires_gets_nothing(monkeypatch):
    one = rule()
    study = arrived().study
    fire_for = rules._fire_for
    monkeypatch.setattr(rules, "_fire_for", lambda *args: (delete(study), fire_for(*args))[1])

    assert fire(one) == 0
    assert not Workitem.objects.exists()


# -- what is wrong with a rule ---------------------------------------------------

INVALID = [
    ("Modalities=CT", TRIAGE, "Filter"),
    ("StudyDate=yesterday", TRIAGE, "Filter"),
    ("", [], "Template"),
    ("", {"PatientName": {"vr": "PN"}}, "Template"),
    ("", {"00741204": {"vr": "LO", "Value": "SECRET"}}, "Template"),
    ("", data_set(ProcedureStepState="COMPLETED"), "Template"),
    ("", data_set(ScheduledProcedureStepPriority="SECRET"), "Template"),
    ("", data_set(PatientName="SECRET"), "00100010"),
    ("", data_set(SOPInstanceUID="1.2.3"), "00080018"),
    ("", data_set(TransactionUID="1.2.3"), "00081195"),
    ("", data_set(ScheduledWorkitemCodeSequence=[data_set(CodeValue="SECRET")]), "CodeMeaning"),
]


@pytest.mark.parametrize(("wanted", "template", "said"), INVALID)
def test_a_rule_that_cannot_fire_is_refused_with_the_reason(wanted, template, said):
    (problem,) = rules.check(wanted, template)

    assert said in problem
    assert "SECRET" not in problem


def test_everything_that_is_wrong_is_said():
    assert len(rules.check("Modalities=CT", [])) == 2


@pytest.mark.parametrize("template", [{}, TRIAGE, {"00741204": {"Value": ["Look"]}}])
def test_a_rule_that_can_fire_has_nothing_wrong(template):
    assert rules.check("ModalitiesInStudy=CT&StudyDescription=*CHEST*", template) == []
    assert not Workitem.objects.exists()


@pytest.mark.parametrize(("wanted", "template", "said"), INVALID)
def test_a_rule_that_cannot_fire_says_so_in_the_log_and_creates_nothing(caplog, wanted, template, said):
    arrived()
    with caplog.at_level(logging.WARNING):
        assert fire(rule(filter=wanted, template=template)) == 0

    assert f"rule {WorkitemRule.objects.get().pk}" in caplog.text
    assert "SECRET" not in caplog.text
    assert not Workitem.objects.exists()
