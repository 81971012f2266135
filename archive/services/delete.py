"""Delete a study, a series or an instance: rows, counts and tombstones in one transaction, then the bytes, and those
derived from them.

What loses its last instance goes with it: a series, its study, and the patient of no other study.
"""

import logging
from contextlib import ExitStack
from functools import partial
from tempfile import SpooledTemporaryFile

from django.db import transaction
from django.db.models import DateTimeField, F, QuerySet, Sum, Value
from django.utils import timezone

from archive import derived_rows, rows
from archive.audit import trail
from archive.audit.events import Action
from archive.live.hints import STUDIES, hint_on_commit
from archive.missing import missing
from archive.models import Instance, Patient, Series, Study, Tombstone
from archive.services.blob_removal import delete_blobs, delete_derived_blobs
from archive.transactions import write

log = logging.getLogger(__name__)

#: Keys of blobs are read from the database so many at a time.
KEYS_AT_ONCE = 2000
#: More characters of keys than this wait in a temporary file until the blobs are removed.
KEYS_IN_MEMORY = 1 << 20


def delete(study: str, series: str | None = None, instance: str | None = None) -> None:
    """Delete the study, its series, or the one instance. It is gone when this returns.

    Who is reading it goes on with the object that is open, and fails at the next. A blob that cannot be removed is
    logged and left. Not to be called inside a transaction.

    Raises:
        StudyNotFound, SeriesNotFound, InstanceNotFound: there is none at this place.
        Deleted: there was.
    """
    with ExitStack() as on_failure:
        keys = on_failure.enter_context(SpooledTemporaryFile(KEYS_IN_MEMORY, "w+", encoding="ascii"))
        write(partial(_delete, study, series, instance, keys))
        on_failure.pop_all()
    # Here and not in the transaction: it may take long, and other writers need not wait for it.
    transaction.on_commit(partial(_delete_blobs, keys))
    log.info("deleted %s", instance or series or study)
    trail.note(Action.DELETED, study, subject=_part(series, instance))


def _part(series: str | None, instance: str | None) -> str:
    return f"instance {instance}" if instance else f"series {series}" if series else ""


def _delete_blobs(keys: SpooledTemporaryFile[str]) -> None:
    with keys:
        keys.seek(0)
        delete_blobs(line.rstrip("\n") for line in keys)


def _delete(study: str, series: str | None, instance: str | None, keys: SpooledTemporaryFile[str]) -> None:
    locked = rows.select_for_update("SELECT id, patient_id FROM archive_study WHERE study_instance_uid = %s", study)
    if not locked:
        raise missing(study, series, instance)
    [(pk, patient)] = locked
    condemned = Instance.objects.filter(series__study=pk)
    if series is not None:
        condemned = condemned.filter(series__series_instance_uid=series)
    if instance is not None:
        condemned = condemned.filter(sop_instance_uid=instance)
    _write_down(condemned, keys)
    _delete_derived(condemned)
    size = condemned.aggregate(total=Sum("size"))["total"]
    number = _delete_instances(condemned)
    if not number:
        raise missing(study, series, instance)
    _delete_empty_series(study, pk)
    if Series.objects.filter(study=pk).exists():
        Series.objects.filter(study=pk, series_instance_uid=series).update(
            number_of_series_related_instances=F("number_of_series_related_instances") - number,
            updated_at=timezone.now(),
        )
        _count(pk, number, size)
    else:
        _delete_study(study, pk, patient)


def _write_down(condemned: QuerySet[Instance], keys: SpooledTemporaryFile[str]) -> None:
    keys.seek(0)
    keys.truncate()  # what an attempt before this one wrote
    for key in condemned.values_list("blob_key", flat=True).iterator(KEYS_AT_ONCE):
        keys.write(f"{key}\n")


def _delete_instances(condemned: QuerySet[Instance]) -> int:
    """Replace them by tombstones. Returns how many they were. No row of them is read: there may be very many."""
    uids, parameters = condemned.values_list(
        "series__study__study_instance_uid",
        "series__series_instance_uid",
        "sop_instance_uid",
        Value(timezone.now(), DateTimeField()),
    ).query.sql_with_params()
    rows.execute(
        "INSERT INTO archive_tombstone (study_instance_uid, series_instance_uid, sop_instance_uid, deleted_at)"
        f" {uids} ON CONFLICT DO NOTHING",
        *parameters,
    )
    pks, parameters = condemned.values_list("pk").query.sql_with_params()
    rows.execute(f"DELETE FROM archive_instancemetadata WHERE instance_id IN ({pks})", *parameters)  # noqa: S608
    return rows.execute(f"DELETE FROM archive_instance WHERE id IN ({pks})", *parameters)  # noqa: S608


def _delete_derived(condemned: QuerySet[Instance]) -> None:
    """What was made of their pixels does not outlive them."""
    pks, parameters = condemned.values_list("pk").query.sql_with_params()
    keys = derived_rows.drop(f"instance_id IN ({pks})", *parameters)
    transaction.on_commit(partial(delete_derived_blobs, keys))
    rows.execute(f"DELETE FROM archive_derivation WHERE instance_id IN ({pks})", *parameters)  # noqa: S608


def _delete_empty_series(study: str, pk: int) -> None:
    empty = Series.objects.filter(study=pk, instances=None)
    uids = empty.values_list("series_instance_uid", flat=True)
    _bury(*(Tombstone(study_instance_uid=study, series_instance_uid=uid) for uid in uids))
    empty.delete()


def _count(pk: int, number: int, size: int) -> None:
    """The study has so many instances and bytes fewer, and maybe fewer series."""
    left = list(Series.objects.filter(study=pk).values_list("modality", flat=True))
    modalities = {modality for text in left for modality in text.split("\\")}
    Study.objects.filter(pk=pk).update(
        number_of_study_related_instances=F("number_of_study_related_instances") - number,
        size=F("size") - size,
        number_of_study_related_series=len(left),
        modalities_in_study="\\".join(sorted(modalities - {""})),
        updated_at=timezone.now(),
    )


def _delete_study(study: str, pk: int, patient: int) -> None:
    _bury(Tombstone(study_instance_uid=study))
    Study.objects.filter(pk=pk).delete()
    Patient.objects.filter(pk=patient, studies=None).delete()
    hint_on_commit(STUDIES)


def _bury(*tombstones: Tombstone) -> None:
    Tombstone.objects.bulk_create(tombstones, ignore_conflicts=True)
