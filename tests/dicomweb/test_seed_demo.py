"""`manage.py seed_demo`: everything is stored, found and shown; nothing twice; and gone when it is discarded."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pydicom.dataset import Dataset

from archive.dicom.demo.catalogue import names
from archive.models import Instance, Patient, Series, Study, Tombstone
from archive.services import store
from archive.storage import blobs
from tests.storing import stored
from workflow.models import Workitem, WorkitemRule, WorkitemTombstone
from workflow.services import rules

pytestmark = pytest.mark.django_db

#: Images are of a few pixels, so that all of them are made at once.
COARSE = ("--coarse", "16")


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("seed_demo", *arguments, "--no-progress", stdout=output, stderr=output)
    return output.getvalue()


def test_all_is_stored_and_a_second_time_nothing_is_new():
    assert run(*COARSE) == f"New: {len(names())} studies, 0 small studies, 9 workitems.\n"
    before = Instance.objects.count()

    assert run(*COARSE) == "New: 0 studies, 0 small studies, 0 workitems.\n"
    assert Instance.objects.count() == before
    assert len({instance.sop_class_uid for instance in Instance.objects.all()}) == 16


def test_all_is_found_and_shown(archive):
    run(*COARSE)

    assert len(archive.get("/dicom-web/studies").json()) == len(names())
    assert len(archive.get("/dicom-web/studies", {"PatientName": "山田*"}).json()) == 2
    assert len(archive.get("/dicom-web/studies", {"PatientID": "D-1001"}).json()) == 5
    for instance in Instance.objects.select_related("series__study"):
        study, series = instance.series.study.study_instance_uid, instance.series.series_instance_uid
        path = f"/dicom-web/studies/{study}/series/{series}/instances/{instance.sop_instance_uid}/rendered"
        shown = archive.get(path).status_code == 200

        # There is no way to show contours by themselves.
        assert shown == (instance.series.modality != "RTSTRUCT"), instance.series.modality


def referenced(workitem: Workitem) -> set[str]:
    """The instances that are its input, or came out of it."""
    data_set = Dataset.from_json(bytes(workitem.dicom_json).decode())
    return {str(element.value) for element in data_set.iterall() if element.keyword == "ReferencedSOPInstanceUID"}


@pytest.mark.django_db(transaction=True)
def test_the_rule_makes_steps_too_and_discarded_nothing_is_left():
    mine = stored()
    run("--scale", "5", *COARSE)
    rule = WorkitemRule.objects.get()
    assert rules.fire(rule.pk, timezone.now() + timedelta(seconds=rule.quiet_seconds + 1)) == 4
    there = set(Instance.objects.values_list("sop_instance_uid", flat=True))
    assert all(referenced(workitem) and referenced(workitem) <= there for workitem in Workitem.objects.all())

    assert run("--discard") == f"Removed: {len(names()) + 5} studies, 13 workitems.\n"

    assert [study.study_instance_uid for study in Study.objects.all()] == [mine.study]
    assert (Series.objects.count(), Instance.objects.count(), Patient.objects.count()) == (1, 1, 1)
    assert not any(model.objects.exists() for model in (Tombstone, Workitem, WorkitemTombstone, WorkitemRule))
    assert len(list(blobs().listing())) == 1
    assert run("--only", "ecg") == "New: 1 studies, 0 small studies, 0 workitems.\n"


def test_some_studies_alone_come_without_a_worklist():
    assert run("--only", "ecg", "head-mr", *COARSE) == "New: 2 studies, 0 small studies, 0 workitems.\n"

    assert set(Study.objects.values_list("modalities_in_study", flat=True)) == {"ECG", "MR"}
    assert not Workitem.objects.exists()


def test_small_studies_are_as_many_as_one_likes_and_none_twice():
    assert run("--only", "ecg", "--scale", "30", *COARSE) == "New: 1 studies, 30 small studies, 0 workitems.\n"
    assert run("--only", "ecg", "--scale", "40", *COARSE) == "New: 0 studies, 10 small studies, 0 workitems.\n"

    assert Study.objects.count() == 41


@pytest.mark.django_db(transaction=True)
def test_an_interruption_leaves_whole_studies_only(monkeypatch):
    stored_before = store.StoreBatch.add
    added = []

    def interrupted(batch, spool, **options):
        added.append(spool)
        if len(added) == 5:
            raise KeyboardInterrupt
        stored_before(batch, spool, **options)

    with monkeypatch.context() as patched:
        patched.setattr(store.StoreBatch, "add", interrupted)
        with pytest.raises(CommandError, match="go on"):
            run("--only", "head-mr", *COARSE)

    assert not Study.objects.exists()
    assert not list(blobs().listing())
    assert run("--only", "head-mr", *COARSE).startswith("New: 1 studies")


def test_what_the_archive_does_not_take_is_said_once(settings):
    settings.ARCHIVE_SOP_CLASSES = ("1.2.840.10008.5.1.4.1.1.4",)

    said = run("--only", "ecg", "ecg-earlier", *COARSE)

    assert said.count("Refused: ") == 1
    assert said.endswith("New: 0 studies, 0 small studies, 0 workitems.\n")
    assert not Study.objects.exists()


def test_a_study_that_is_not_known_is_refused():
    with pytest.raises(CommandError, match="nothing-of-the-kind"):
        run("--only", "nothing-of-the-kind")


def test_the_newest_study_is_of_today():
    run("--only", "echocardiogram", *COARSE)

    assert Study.objects.get().study_date == f"{datetime.now(UTC):%Y%m%d}"
