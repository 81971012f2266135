"""Rows of stored objects, for tests that need no bytes: each with what it belongs to, and fresh UIDs."""

from itertools import count
from typing import Any

import orjson
from isal import isal_zlib

from archive.dicom.matching.moments import time_key
from archive.dicom.matching.person_names import sort_key
from archive.models import (
    Instance,
    InstanceMetadata,
    Label,
    Patient,
    PatientNameKey,
    ReferringPhysicianNameKey,
    RequestAttributes,
    Series,
    Study,
    StudyDescriptionKey,
    StudyLabel,
)
from archive.queryable import description_keys, name_keys

CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"

_numbers = count(1)


def uid() -> str:
    return f"1.2.826.0.1.{next(_numbers)}"


def patient(**columns: Any) -> Patient:
    values = {"patient_id": f"P-{next(_numbers)}", "patient_name": "Doe^Jane"} | columns
    row = Patient.objects.create(patient_name_key=sort_key(values["patient_name"]), **values)
    PatientNameKey.objects.bulk_create(PatientNameKey(patient=row, **key) for key in name_keys(row.patient_name))
    return row


def study(**columns: Any) -> Study:
    """A study, of a patient of its own unless one is given."""
    defaults = {"study_instance_uid": uid(), "study_date": "20240131", "study_time": "101530"}
    values = defaults | columns
    values["study_time_key"] = time_key(values["study_time"]) or ""
    row = Study.objects.create(patient=values.pop("patient", None) or patient(), **values)
    ReferringPhysicianNameKey.objects.bulk_create(
        ReferringPhysicianNameKey(study=row, **key) for key in name_keys(row.referring_physician_name)
    )
    words = description_keys(row.study_description)
    StudyDescriptionKey.objects.bulk_create(StudyDescriptionKey(study=row, key=word) for word in words)
    return row


def series(study_row: Study | None = None, *, request_attributes: Any = (), **columns: Any) -> Series:
    """A series, counted in its study; of a study of its own unless one is given."""
    owner = study_row or study()
    values = {"series_instance_uid": uid(), "modality": "CT", "series_number": 1} | columns
    start = values.get("performed_procedure_step_start_time", "")
    row = Series.objects.create(study=owner, performed_procedure_step_start_time_key=time_key(start) or "", **values)
    RequestAttributes.objects.bulk_create(RequestAttributes(series=row, **item) for item in request_attributes)
    modalities = {*owner.modalities_in_study.split("\\"), row.modality} - {""}
    owner.modalities_in_study = "\\".join(sorted(modalities))
    owner.number_of_study_related_series += 1
    owner.save()
    return row


def instance(series_row: Series | None = None, *, data_set: dict[str, Any] | None = None, **columns: Any) -> Instance:
    """An instance, counted in its series and study; `data_set` is its stored metadata."""
    owner = series_row or series()
    values = {
        "sop_instance_uid": uid(),
        "sop_class_uid": CT_IMAGE_STORAGE,
        "transfer_syntax_uid": EXPLICIT_VR_LITTLE_ENDIAN,
        "instance_number": 1,
        "blob_key": f"blob-{next(_numbers)}",
        "size": 1,
    } | columns
    row = Instance.objects.create(series=owner, **values)
    InstanceMetadata.objects.create(instance=row, dicom_json=compressed(data_set or {}), bulkdata=b"", frames=b"")
    owner.study.size += row.size
    for counted, counter in (
        (owner, "number_of_series_related_instances"),
        (owner.study, "number_of_study_related_instances"),
    ):
        setattr(counted, counter, getattr(counted, counter) + 1)
        counted.save()
    return row


def label(name: str, *studies: Study, **columns: Any) -> Label:
    """A label, on these studies."""
    row = Label.objects.create(name=name, **columns)
    StudyLabel.objects.bulk_create(StudyLabel(study=study, label=row) for study in studies)
    return row


def compressed(data_set: dict[str, Any]) -> bytes:
    """A data set as the metadata of an instance is stored."""
    return isal_zlib.compress(orjson.dumps(data_set), 1)
