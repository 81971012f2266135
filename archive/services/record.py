"""Make instances visible: rows, wide bytes and counts, all in one transaction.

Every writer locks the studies it touches, in the order of their UIDs, before anything below them: so the counts of a
study and its series cannot be changed by two at once, and nobody waits in a circle.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from isal import isal_zlib

from archive.dicom.part10 import ParsedInstance
from archive.dicom.person_names import search_keys
from archive.models import (
    Instance,
    InstanceMetadata,
    NameKey,
    Patient,
    PatientNameKey,
    ReferringPhysicianNameKey,
    RequestAttributes,
    Series,
    Study,
)
from archive.queryable import Level, columns, request_attributes
from archive.services.outcomes import Identity

#: A transaction that met another one creating the same row, or a deadlock, is run again so many times.
ATTEMPTS = 8
#: PostgreSQL's serialization_failure and deadlock_detected.
TRANSIENT = {"40001", "40P01"}


@dataclass(frozen=True, slots=True)
class NewInstance:
    """An instance whose bytes are stored, as the column values of the rows to come."""

    identity: Identity
    blob_key: str
    size: int
    sha256: str
    patient: Mapping[str, Any]
    study: Mapping[str, Any]
    series: Mapping[str, Any]
    request_attributes: Sequence[Mapping[str, Any]]
    instance: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, parsed: ParsedInstance, *, blob_key: str, size: int, sha256: str) -> "NewInstance":
        return cls(
            identity=Identity(
                parsed.study_instance_uid, parsed.series_instance_uid, parsed.sop_instance_uid, parsed.sop_class_uid
            ),
            blob_key=blob_key,
            size=size,
            sha256=sha256,
            patient=columns(parsed.dataset, Level.PATIENT),
            study=columns(parsed.dataset, Level.STUDY),
            series=columns(parsed.dataset, Level.SERIES),
            request_attributes=request_attributes(parsed.dataset),
            instance=columns(parsed.dataset, Level.INSTANCE) | {"transfer_syntax_uid": parsed.transfer_syntax_uid},
            metadata={
                "dicom_json": isal_zlib.compress(parsed.dicom_json, 1),
                "bulkdata": parsed.bulkdata.to_bytes(),
                "frames": parsed.frames.to_bytes() if parsed.frames else b"",
                "deflated_from": parsed.deflated_from,
            },
        )


class AlreadyStored(Exception):
    """Another request has made some of these instances visible meanwhile."""


def record(instances: Sequence[NewInstance], *, replace: bool = False) -> list[str]:
    """Make the instances visible, all or none.

    With `replace`, an instance takes the place of the one stored under its SOP Instance UID in the same series. Returns
    the keys of the blobs that no row refers to any more.

    Raises:
        AlreadyStored: some SOP Instance UIDs are taken; nothing was recorded.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return _record(instances, replace=replace)
        except IntegrityError:
            # Two requests have created the same patient, study, series or instance: look again, theirs is visible now.
            _refuse_taken(instances, replace=replace)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in TRANSIENT:
                raise
    return _record(instances, replace=replace)


def _refuse_taken(instances: Sequence[NewInstance], *, replace: bool) -> None:
    series_of = dict(
        Instance.objects.filter(sop_instance_uid__in=[new.identity.instance for new in instances]).values_list(
            "sop_instance_uid", "series__series_instance_uid"
        )
    )
    for new in instances:
        series = series_of.get(new.identity.instance)
        if series is not None and not (replace and series == new.identity.series):
            raise AlreadyStored


@transaction.atomic
def _record(instances: Sequence[NewInstance], *, replace: bool) -> list[str]:
    studies = _locked_studies(instances)
    series = _series(instances, studies)
    replaced = _stored_before(instances, series) if replace else {}
    rows = [
        Instance(
            series=series[new.identity.study, new.identity.series],
            sop_instance_uid=new.identity.instance,
            blob_key=new.blob_key,
            size=new.size,
            sha256=new.sha256,
            **new.instance,
        )
        for new in instances
        if new.identity.instance not in replaced
    ]
    Instance.objects.bulk_create(rows)
    ids = {row.sop_instance_uid: row.pk for row in rows}
    InstanceMetadata.objects.bulk_create(
        InstanceMetadata(instance_id=ids[new.identity.instance], **new.metadata)
        for new in instances
        if new.identity.instance not in replaced
    )
    _count(rows, studies)
    return [_replace(replaced[new.identity.instance], new) for new in instances if new.identity.instance in replaced]


def _locked_studies(instances: Sequence[NewInstance]) -> dict[str, Study]:
    """The studies of these instances, locked until the transaction ends; new ones as their first instance says."""
    first = {new.identity.study: new for new in reversed(instances)}
    stored = Study.objects.select_for_update().filter(study_instance_uid__in=first).order_by("study_instance_uid")
    studies = {study.study_instance_uid: study for study in stored}
    for uid in sorted(first.keys() - studies.keys()):
        studies[uid] = _create_study(first[uid])
    return studies


def _create_study(new: NewInstance) -> Study:
    study = Study.objects.create(patient=_patient(new.patient), study_instance_uid=new.identity.study, **new.study)
    _create_name_keys(ReferringPhysicianNameKey, study.referring_physician_name, study=study)
    return study


def _patient(values: Mapping[str, Any]) -> Patient:
    if values["patient_id"]:
        known = Patient.objects.filter(
            patient_id=values["patient_id"], issuer_of_patient_id=values["issuer_of_patient_id"]
        ).first()
        if known:
            return known
    patient = Patient.objects.create(**values)
    _create_name_keys(PatientNameKey, patient.patient_name, patient=patient)
    return patient


def _create_name_keys(model: type[NameKey], name: str, **owner: Patient | Study) -> None:
    keys = search_keys(name)
    if keys:
        model._default_manager.bulk_create(model(key=key, **owner) for key in sorted(keys))


def _series(instances: Sequence[NewInstance], studies: Mapping[str, Study]) -> dict[tuple[str, str], Series]:
    """The series of these instances, by study and series UID; new ones as their first instance says."""
    first = {(new.identity.study, new.identity.series): new for new in reversed(instances)}
    stored = Series.objects.filter(study__in=studies.values(), series_instance_uid__in={series for _, series in first})
    by_key = {study.pk: study for study in studies.values()}
    series = {}
    for row in stored:
        row.study = by_key[row.study_id]  # the locked row, whose counts are kept
        series[row.study.study_instance_uid, row.series_instance_uid] = row
    for (study, uid), new in first.items():
        if (study, uid) not in series:
            series[study, uid] = _create_series(studies[study], new)
    return series


def _create_series(study: Study, new: NewInstance) -> Series:
    series = Series.objects.create(study=study, series_instance_uid=new.identity.series, **new.series)
    if new.request_attributes:
        RequestAttributes.objects.bulk_create(
            RequestAttributes(series=series, **values) for values in new.request_attributes
        )
    study.number_of_study_related_series += 1
    modalities = {*study.modalities_in_study.split("\\"), *series.modality.split("\\")} - {""}
    study.modalities_in_study = "\\".join(sorted(modalities))
    return series


def _stored_before(instances: Sequence[NewInstance], series: Mapping[tuple[str, str], Series]) -> dict[str, Instance]:
    return {
        row.sop_instance_uid: row
        for row in Instance.objects.filter(
            series__in=series.values(), sop_instance_uid__in=[new.identity.instance for new in instances]
        )
    }


def _count(rows: Sequence[Instance], studies: Mapping[str, Study]) -> None:
    added: dict[Series, int] = defaultdict(int)
    for row in rows:
        added[row.series] += 1
    for series, number in added.items():
        series.number_of_series_related_instances += number
        series.save(update_fields=["number_of_series_related_instances", "updated_at"])
        series.study.number_of_study_related_instances += number
    for study in studies.values():
        study.save(
            update_fields=[
                "number_of_study_related_series",
                "number_of_study_related_instances",
                "modalities_in_study",
                "updated_at",
            ]
        )


def _replace(row: Instance, new: NewInstance) -> str:
    """Let the row stand for other bytes. Returns the key of the blob it stood for before."""
    old_key = row.blob_key
    row.blob_key, row.size, row.sha256 = new.blob_key, new.size, new.sha256
    for name, value in new.instance.items():
        setattr(row, name, value)
    row.save(force_update=True)
    InstanceMetadata(instance=row, **new.metadata).save(force_update=True)
    return old_key
