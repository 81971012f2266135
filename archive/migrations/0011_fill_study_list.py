"""Sort keys of names and words of descriptions that are stored already. Apart, as PostgreSQL alters no table with rows on the way."""

from collections.abc import Iterator
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import QuerySet

from archive.dicom.matching.person_names import sort_key
from archive.queryable import description_keys

BATCH = 2000


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    patients = apps.get_model("archive", "Patient").objects
    for batch in _batches(patients.exclude(patient_name="").only("patient_name")):
        for patient in batch:
            patient.patient_name_key = sort_key(patient.patient_name)[:400]
        patients.bulk_update(batch, ["patient_name_key"], batch_size=300)
    keys = apps.get_model("archive", "StudyDescriptionKey").objects
    for batch in _batches(apps.get_model("archive", "Study").objects.exclude(study_description="")):
        words = ((study.pk, word) for study in batch for word in description_keys(study.study_description))
        keys.bulk_create((keys.model(study_id=pk, key=word) for pk, word in words), batch_size=300)


def _batches(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """By primary key: what one batch changes is not read again by the next."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk


class Migration(migrations.Migration):
    dependencies = [("archive", "0010_study_list")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
