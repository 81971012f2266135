"""Read stored objects anew, and rebuild the rows of an instance from its bytes: when the archive has learned to read
more of objects than it did when they were stored.

What a study, a series or a patient is, their first instance says, as it did when they were stored.
"""

from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet, Sum

from archive import derivation_messages, derived_rows, rows
from archive.dicom.errors import MalformedDicom, NotDicom
from archive.dicom.reading import part10
from archive.errors import CannotReindex
from archive.models import (
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
from archive.queryable import description_keys, name_keys
from archive.services.record import NewInstance
from archive.services.spool import Spool
from archive.services.store import LARGEST_INFLATED
from archive.storage import StorageError, blobs
from archive.transactions import write


def reindex(pk: int) -> None:
    """Index the instance of this primary key again; nothing, when it is gone.

    Raises:
        CannotReindex: its bytes are missing, are not those that were stored, or cannot be read.
        StorageUnavailable: the storage cannot be used now.
    """
    stored = Instance.objects.select_related("series__study").filter(pk=pk).first()
    if stored is not None:
        write(partial(_rebuild, stored, _read(stored)))


def _read(stored: Instance) -> NewInstance:
    """What the bytes of the instance say."""
    with Spool(limit=stored.size) as spool:
        try:
            for chunk in blobs().read(stored.blob_key):
                spool.write(chunk)
        except StorageError as error:
            raise CannotReindex(stored.sop_instance_uid, str(error)) from error
        if spool.sha256 != stored.sha256:
            raise CannotReindex(stored.sop_instance_uid, "its bytes are not those that were stored.")
        try:
            parsed = part10.parse(spool.file(), max_inflated=min(settings.ARCHIVE_MAX_INSTANCE_SIZE, LARGEST_INFLATED))
        except (NotDicom, MalformedDicom) as error:
            raise CannotReindex(stored.sop_instance_uid, str(error)) from error
        return NewInstance.of(
            parsed,
            blob_key=stored.blob_key,
            size=spool.size,
            sha256=spool.sha256,
            crc32=spool.crc32,
            received_sha256=stored.received_sha256,
        )


def _rebuild(stored: Instance, new: NewInstance) -> None:
    """Unless it was deleted or replaced meanwhile: then its rows are new."""
    series, study = stored.series, stored.series.study
    rows.select_for_update("SELECT id FROM archive_study WHERE id = %s", study.pk)
    if not Instance.objects.filter(pk=stored.pk, blob_key=stored.blob_key).update(crc32=new.crc32, **new.instance):
        return
    InstanceMetadata.objects.update_or_create(pk=stored.pk, defaults=dict(new.metadata))
    if new.metadata["frames"]:
        # What is there already is not made again.
        derived_rows.wait("id = %s", stored.pk)
        transaction.on_commit(partial(derivation_messages.offer, [stored.pk]))
    if _is_first(stored, Instance.objects.filter(series=series)):
        _rebuild_series(series, new)
    if _is_first(stored, Instance.objects.filter(series__study=study)):
        _rebuild_study(study, new)


def _is_first(stored: Instance, siblings: QuerySet[Instance]) -> bool:
    return not siblings.filter(pk__lt=stored.pk).exists()


def _rebuild_series(series: Series, new: NewInstance) -> None:
    number = Instance.objects.filter(series=series).count()
    rows.update(Series, series.pk, number_of_series_related_instances=number, **new.series)
    series.request_attributes.all().delete()
    rows.insert(RequestAttributes, [{**values, "series_id": series.pk} for values in new.request_attributes])
    texts = Series.objects.filter(study=series.study_id).values_list("modality", flat=True)
    modalities = {modality for text in texts for modality in text.split("\\")}
    rows.update(Study, series.study_id, modalities_in_study="\\".join(sorted(modalities - {""})))


def _rebuild_study(study: Study, new: NewInstance) -> None:
    sums = Instance.objects.filter(series__study=study).aggregate(
        number_of_study_related_instances=Count("pk"),
        number_of_study_related_series=Count("series", distinct=True),
        size=Sum("size"),
    )
    rows.update(Study, study.pk, **sums, **new.study)
    study.referring_physician_name_keys.all().delete()
    names = name_keys(new.study["referring_physician_name"])
    rows.insert(ReferringPhysicianNameKey, [{"study_id": study.pk, **key} for key in names])
    study.description_keys.all().delete()
    words = description_keys(new.study["study_description"])
    rows.insert(StudyDescriptionKey, [{"study_id": study.pk, "key": word} for word in words])
    identity = {name: new.patient[name] for name in ("patient_id", "issuer_of_patient_id")}
    is_theirs = Patient.objects.filter(pk=study.patient_id, **identity).exists()
    if is_theirs and not Study.objects.filter(patient=study.patient_id, pk__lt=study.pk).exists():
        _rebuild_patient(study.patient_id, new)


def _rebuild_patient(pk: int, new: NewInstance) -> None:
    Patient.objects.filter(pk=pk).update(**new.patient)
    PatientNameKey.objects.filter(patient=pk).delete()
    rows.insert(PatientNameKey, [{"patient_id": pk, **key} for key in name_keys(new.patient["patient_name"])])
