"""Make instances visible: rows, wide bytes and counts, all in one transaction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction
from isal import isal_zlib

from archive import derivation_messages, derived_rows, rows
from archive.dicom.reading.part10 import ParsedInstance
from archive.live.hints import STUDIES, hint_on_commit
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
from archive.queryable import Level, columns, description_keys, name_keys, request_attributes
from archive.services.blob_removal import delete_derived_blobs
from archive.services.outcomes import Identity
from archive.transactions import write


@dataclass(frozen=True, slots=True)
class NewInstance:
    """An instance whose bytes are stored, as the column values of the rows to come."""

    identity: Identity
    blob_key: str
    size: int
    sha256: str
    received_sha256: str
    crc32: int
    patient: Mapping[str, Any]
    study: Mapping[str, Any]
    series: Mapping[str, Any]
    request_attributes: Sequence[Mapping[str, Any]]
    instance: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(
        cls, parsed: ParsedInstance, *, blob_key: str, size: int, sha256: str, crc32: int, received_sha256: str = ""
    ) -> "NewInstance":
        return cls(
            identity=Identity(
                parsed.study_instance_uid, parsed.series_instance_uid, parsed.sop_instance_uid, parsed.sop_class_uid
            ),
            blob_key=blob_key,
            size=size,
            sha256=sha256,
            received_sha256=received_sha256,
            crc32=crc32,
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
    return write(
        partial(_record, instances, replace=replace),
        # Two requests have created the same patient, study, series or instance: theirs is visible now.
        look_again=partial(_refuse_taken, instances, replace=replace),
    )


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


def _record(instances: Sequence[NewInstance], *, replace: bool) -> list[str]:
    studies = _locked_studies(instances)
    series = _series(instances, studies)
    stored = _stored_before(instances, series) if replace else {}
    new = [one for one in instances if one.identity.instance not in stored]
    _insert(new, series)
    _count(new, studies, series)
    _clear_tombstones(new)
    replaced = [one for one in instances if one.identity.instance in stored]
    return [_replace(stored[one.identity.instance], one, studies[one.identity.study].pk) for one in replaced]


@dataclass(slots=True)
class _Study:
    """A locked study. `series` counts the series that this transaction adds to it."""

    pk: int
    modalities: set[str]
    series: int = 0


def _locked_studies(instances: Sequence[NewInstance]) -> dict[str, _Study]:
    """The studies of these instances, locked until the transaction ends; new ones as their first instance says."""
    first = {new.identity.study: new for new in reversed(instances)}
    found = rows.select_for_update(
        "SELECT study_instance_uid, id, modalities_in_study FROM archive_study"
        " WHERE study_instance_uid IN %s ORDER BY study_instance_uid",
        tuple(first),
    )
    studies = {uid: _Study(pk, set(modalities.split("\\"))) for uid, pk, modalities in found}
    for uid in sorted(first.keys() - studies.keys()):
        studies[uid] = _create_study(first[uid])
    return studies


def _create_study(new: NewInstance) -> _Study:
    patient = _patient(new.patient)
    [pk] = rows.insert(Study, [{**new.study, "patient_id": patient, "study_instance_uid": new.identity.study}])
    names = name_keys(new.study["referring_physician_name"])
    rows.insert(ReferringPhysicianNameKey, [{"study_id": pk, **key} for key in names])
    words = description_keys(new.study["study_description"])
    rows.insert(StudyDescriptionKey, [{"study_id": pk, "key": word} for word in words])
    hint_on_commit(STUDIES)
    return _Study(pk, set())


def _patient(values: Mapping[str, Any]) -> int:
    if values["patient_id"]:
        known = rows.select(
            "SELECT id FROM archive_patient WHERE patient_id = %s AND issuer_of_patient_id = %s",
            values["patient_id"],
            values["issuer_of_patient_id"],
        )
        if known:
            return int(known[0][0])
    [pk] = rows.insert(Patient, [values])
    rows.insert(PatientNameKey, [{"patient_id": pk, **key} for key in name_keys(values["patient_name"])])
    return pk


def _series(instances: Sequence[NewInstance], studies: Mapping[str, _Study]) -> dict[tuple[str, str], int]:
    """Primary keys by study and series UID; new series as their first instance says."""
    first = {(new.identity.study, new.identity.series): new for new in reversed(instances)}
    uids = {study.pk: uid for uid, study in studies.items()}
    found = rows.select(
        "SELECT study_id, series_instance_uid, id FROM archive_series"
        " WHERE study_id IN %s AND series_instance_uid IN %s",
        tuple(uids),
        tuple({series for _, series in first}),
    )
    series = {(uids[study], uid): pk for study, uid, pk in found}
    for (study, uid), new in first.items():
        if (study, uid) not in series:
            series[study, uid] = _create_series(studies[study], new)
    return series


def _create_series(study: _Study, new: NewInstance) -> int:
    [pk] = rows.insert(Series, [{**new.series, "study_id": study.pk, "series_instance_uid": new.identity.series}])
    rows.insert(RequestAttributes, [{**values, "series_id": pk} for values in new.request_attributes])
    study.series += 1
    study.modalities.update(new.series["modality"].split("\\"))
    return pk


class _Before(NamedTuple):
    """What is stored under a SOP Instance UID."""

    pk: int
    blob_key: str
    size: int


def _stored_before(instances: Sequence[NewInstance], series: Mapping[tuple[str, str], int]) -> dict[str, _Before]:
    """What is stored in the same series under the same SOP Instance UIDs."""
    found = rows.select(
        "SELECT sop_instance_uid, id, blob_key, size FROM archive_instance"
        " WHERE series_id IN %s AND sop_instance_uid IN %s",
        tuple(series.values()),
        tuple(new.identity.instance for new in instances),
    )
    return {uid: _Before(*before) for uid, *before in found}


def _insert(instances: Sequence[NewInstance], series: Mapping[tuple[str, str], int]) -> None:
    keys = rows.insert(
        Instance,
        [
            {
                **new.instance,
                "series_id": series[new.identity.study, new.identity.series],
                "sop_instance_uid": new.identity.instance,
                "blob_key": new.blob_key,
                "size": new.size,
                "sha256": new.sha256,
                "received_sha256": new.received_sha256,
                "crc32": new.crc32,
            }
            for new in instances
        ],
    )
    rows.insert(
        InstanceMetadata,
        [{**new.metadata, "instance_id": pk} for new, pk in zip(instances, keys, strict=True)],
    )
    _let_derive({pk: new for new, pk in zip(instances, keys, strict=True)})


def _let_derive(instances: Mapping[int, NewInstance]) -> None:
    """Let workers derive what they can from these new instances; from one without frames that is nothing."""
    waits, is_done = {"due_at": derived_rows.first_due()}, {"state": Derivation.State.DONE}
    rows.insert(
        Derivation,
        [{"instance_id": pk, **(waits if new.metadata["frames"] else is_done)} for pk, new in instances.items()],
    )
    waiting = [pk for pk, new in instances.items() if new.metadata["frames"]]
    transaction.on_commit(partial(derivation_messages.offer, waiting))


def _clear_tombstones(instances: Sequence[NewInstance]) -> None:
    """What was deleted may be stored again; then it, its series and its study are no longer deleted."""
    step = rows.MOST_PARAMETERS // 3
    for start in range(0, len(instances), step):
        batch = [new.identity for new in instances[start : start + step]]
        rows.execute(
            "DELETE FROM archive_tombstone"
            " WHERE study_instance_uid IN %s AND series_instance_uid IN %s AND sop_instance_uid IN %s",
            tuple({identity.study for identity in batch}),
            ("", *{identity.series for identity in batch}),
            ("", *(identity.instance for identity in batch)),
        )


def _count(added: Sequence[NewInstance], studies: Mapping[str, _Study], series: Mapping[tuple[str, str], int]) -> None:
    for key, number in Counter((new.identity.study, new.identity.series) for new in added).items():
        rows.add(Series, series[key], {"number_of_series_related_instances": number})
    numbers, sizes = Counter[str](), Counter[str]()
    for new in added:
        numbers[new.identity.study] += 1
        sizes[new.identity.study] += new.size
    for uid, study in studies.items():
        amounts = {
            "number_of_study_related_series": study.series,
            "number_of_study_related_instances": numbers[uid],
            "size": sizes[uid],
        }
        modalities = "\\".join(sorted(study.modalities - {""}))
        rows.add(Study, study.pk, amounts, modalities_in_study=modalities, last_instance_at=rows.now())


def _replace(before: _Before, new: NewInstance, study: int) -> str:
    """Let a row stand for other bytes. Returns the key of the blob it stood for before."""
    pk = before.pk
    changed = {
        "blob_key": new.blob_key,
        "size": new.size,
        "sha256": new.sha256,
        "received_sha256": new.received_sha256,
        "crc32": new.crc32,
    }
    Instance.objects.filter(pk=pk).update(**changed, **new.instance)
    InstanceMetadata.objects.filter(pk=pk).update(**new.metadata)
    rows.add(Study, study, {"size": new.size - before.size})
    derived = derived_rows.drop("instance_id = %s", pk)
    derived_rows.wait("id = %s", pk)
    transaction.on_commit(partial(delete_derived_blobs, derived))
    transaction.on_commit(partial(derivation_messages.offer, [pk]))
    return before.blob_key
