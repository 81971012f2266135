"""Indexing again: rows are what the stored bytes say, whatever they were."""

import pytest
from django.db.models import Model
from pydicom.dataset import Dataset
from pydicom.uid import JPEGLSLossless

from archive.errors import CannotReindex
from archive.models import (
    Derivation,
    Instance,
    InstanceMetadata,
    Patient,
    PatientNameKey,
    ReferringPhysicianNameKey,
    RequestAttributes,
    Series,
    Study,
    StudyDescriptionKey,
)
from archive.services.delete import delete
from archive.services.reindex import reindex
from archive.storage import blobs
from tests import builders
from tests.storing import stored, stored_study

pytestmark = pytest.mark.django_db

MODELS = [
    Patient,
    PatientNameKey,
    Study,
    ReferringPhysicianNameKey,
    StudyDescriptionKey,
    Series,
    RequestAttributes,
    Instance,
    InstanceMetadata,
]
MOMENTS = {"updated_at", "id"}


def rows() -> dict[type[Model], list[dict[str, object]]]:
    """All that is known, without what tells one writing from another."""
    return {
        model: sorted(
            ({name: value for name, value in row.items() if name not in MOMENTS} for row in model.objects.values()),
            key=repr,
        )
        for model in MODELS
    }


def file() -> Dataset:
    request = Dataset()
    request.ScheduledProcedureStepID, request.RequestedProcedureID = "SPS-1", "RP-1"
    return builders.instance(
        StudyDescription="Head with contrast",
        ReferringPhysicianName="House^Gregory",
        RequestAttributesSequence=[request],
    )


def test_rows_that_were_right_are_as_they_were():
    for [one, *_] in stored_study([2, 1]):
        assert one
    stored(file())
    stored(builders.compressed(JPEGLSLossless, 3), transfer_syntax=JPEGLSLossless)
    before = rows()

    for pk in Instance.objects.values_list("pk", flat=True):
        reindex(pk)

    assert rows() == before


def test_what_has_been_spoilt_is_put_right():
    stored(file())
    before = rows()
    Patient.objects.update(patient_name="?", patient_name_key="?")
    PatientNameKey.objects.all().delete()
    Study.objects.update(study_description="?", modalities_in_study="", size=7, number_of_study_related_series=7)
    StudyDescriptionKey.objects.update(key="?")
    ReferringPhysicianNameKey.objects.all().delete()
    Series.objects.update(modality="?", number_of_series_related_instances=7)
    RequestAttributes.objects.all().delete()
    Instance.objects.update(rows=None, crc32=None)
    InstanceMetadata.objects.update(dicom_json=b"", bulkdata=b"", frames=b"")

    reindex(Instance.objects.get().pk)

    assert rows() == before


def test_lost_metadata_come_back():
    stored(file())
    before = rows()
    InstanceMetadata.objects.all().delete()

    reindex(Instance.objects.get().pk)

    assert rows() == before


def test_the_first_instance_says_what_study_and_series_are():
    first = stored(StudyDescription="Head")
    stored(
        StudyInstanceUID=first.study,
        SeriesInstanceUID=first.series,
        StudyDescription="Foot",
        SeriesDescription="Other",
    )
    before = rows()

    for pk in reversed(Instance.objects.order_by("pk").values_list("pk", flat=True)):
        reindex(pk)

    assert rows() == before
    assert Study.objects.get().study_description == "Head"


def test_a_patient_of_several_studies_is_as_the_first_says():
    stored(PatientName="Doe^Jane")
    later = stored(PatientName="Doe^Janet")

    reindex(Instance.objects.get(sop_instance_uid=later.instance).pk)

    assert Patient.objects.get().patient_name == "Doe^Jane"


def test_frames_that_are_found_now_are_derived_from():
    stored()
    Derivation.objects.update(state=Derivation.State.DONE)

    reindex(Instance.objects.get().pk)

    assert Derivation.objects.get().state == Derivation.State.WAITING


def test_bytes_that_are_not_those_that_were_stored_are_left_alone():
    stored()
    before = rows()
    Instance.objects.update(sha256="0" * 64)

    with pytest.raises(CannotReindex, match="not those that were stored"):
        reindex(Instance.objects.get().pk)

    Instance.objects.update(sha256=before[Instance][0]["sha256"])
    assert rows() == before


def test_a_lost_blob_is_said():
    stored()
    row = Instance.objects.get()
    blobs().delete(row.blob_key)

    with pytest.raises(CannotReindex, match=row.sop_instance_uid):
        reindex(row.pk)


@pytest.mark.django_db(transaction=True)
def test_what_has_been_deleted_is_not_there():
    one = stored()
    pk = Instance.objects.get().pk
    delete(one.study)

    reindex(pk)

    assert not Instance.objects.exists()
