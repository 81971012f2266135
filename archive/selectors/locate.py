"""Where stored instances are: rows and byte ranges, found before the first byte of an answer is sent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from archive import rows
from archive.dicom import frame_index
from archive.dicom.bulkdata import BulkdataIndex, BulkValue
from archive.dicom.frame_index import FrameIndex, FrameLocation
from archive.errors import BulkdataNotFound, Deleted, FrameNotFound, NoPixelData
from archive.missing import missing
from archive.selectors.inflation import Inflation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """One stored instance and where its bytes are."""

    pk: int
    study: str
    series: str
    instance: str
    transfer_syntax_uid: str
    blob_key: str
    size: int
    sha256: str


#: The columns are the fields of `StoredInstance`.
INSTANCES = (
    "SELECT instance.id, study.study_instance_uid, series.series_instance_uid, instance.sop_instance_uid,"
    " instance.transfer_syntax_uid, instance.blob_key, instance.size, instance.sha256"
    " FROM archive_study study"
    " JOIN archive_series series ON series.study_id = study.id"
    " JOIN archive_instance instance ON instance.series_id = series.id"
)
STORED_INSTANCES = f"{INSTANCES} WHERE study.study_instance_uid = %s"
#: Indexes of so many instances are read at once.
BATCH = 200
IN_ORDER = "series.series_number, series.id, instance.instance_number, instance.id"


def instances(study: str, series: str | None = None, instance: str | None = None) -> list[StoredInstance]:
    """The instances of a study, of one of its series, or the one instance, in their order.

    Raises:
        StudyNotFound, SeriesNotFound, InstanceNotFound: there is none at this place.
        Deleted: there was.
    """
    sql, uids = STORED_INSTANCES, [study]
    if series is not None:
        sql, uids = f"{sql} AND series.series_instance_uid = %s", [*uids, series]
    if instance is not None:
        sql, uids = f"{sql} AND instance.sop_instance_uid = %s", [*uids, instance]
    found = [StoredInstance(*row) for row in rows.select(f"{sql} ORDER BY {IN_ORDER}", *uids)]
    if not found:
        raise missing(study, series, instance)
    return found


def among(instances: Sequence[str], study: str | None = None) -> list[StoredInstance]:
    """Those of the instances that are stored; only those of the study, where it is named."""
    sql, uids = ("", []) if study is None else (" AND study.study_instance_uid = %s", [study])
    sql = f"{INSTANCES} WHERE instance.sop_instance_uid IN %s{sql}"
    return [StoredInstance(*row) for batch in _batches(instances) for row in rows.select(sql, tuple(batch), *uids)]


def by_primary_key(pk: int) -> StoredInstance | None:
    """The instance of this row; None when there is none."""
    found = rows.select(f"{INSTANCES} WHERE instance.id = %s", pk)
    return StoredInstance(*found[0]) if found else None


@dataclass(frozen=True, slots=True)
class StoredFrames:
    """The frames of one instance. Their offsets count in what `inflation` gives, where there is one."""

    stored: StoredInstance
    index: FrameIndex
    inflation: Inflation | None

    def locate(self, numbers: Sequence[int]) -> list[FrameLocation]:
        """Where these frames are, counted from 1.

        Raises:
            FrameNotFound: there are not so many.
        """
        self.check(numbers)
        return [self.index.locate(number) for number in numbers]

    def check(self, numbers: Sequence[int]) -> None:
        """See that there are these frames.

        Raises:
            FrameNotFound: there are not so many.
        """
        if missing := [number for number in numbers if not 1 <= number <= self.index.count]:
            raise FrameNotFound(self.stored.instance, missing, self.index.count)


def frames(stored: StoredInstance) -> StoredFrames:
    """The frames of an instance.

    Raises:
        NoPixelData: it has no pixel data, or frames that cannot be told apart.
        Deleted: it has been deleted since it was found.
    """
    sql = "SELECT frames, deflated_from FROM archive_instancemetadata WHERE instance_id = %s"
    index, deflated_from = _only_row(sql, stored)
    if not index:
        raise NoPixelData(stored.instance)
    return StoredFrames(stored, frame_index.from_bytes(bytes(index)), _inflation(stored, deflated_from))


@dataclass(frozen=True, slots=True)
class StoredValue:
    """One bulk value of an instance."""

    stored: StoredInstance
    value: BulkValue
    inflation: Inflation | None


def bulk_value(stored: StoredInstance, path: str) -> StoredValue:
    """The bulk value at a path such as `00420011` or `00540410/0/00420011`.

    Raises:
        BulkdataNotFound: the instance has none there.
        Deleted: it has been deleted since it was found.
    """
    sql = "SELECT bulkdata, deflated_from FROM archive_instancemetadata WHERE instance_id = %s"
    index, deflated_from = _only_row(sql, stored)
    value = BulkdataIndex.from_bytes(bytes(index)).get(path)
    if value is None:
        raise BulkdataNotFound(stored.instance)
    return StoredValue(stored, value, _inflation(stored, deflated_from))


@dataclass(frozen=True, slots=True)
class StoredIndexes:
    """What the one parse of an instance found in it."""

    sop_class_uid: str
    frames: FrameIndex | None
    bulkdata: BulkdataIndex
    inflation: Inflation | None


def indexes(instances: Sequence[StoredInstance]) -> dict[int, StoredIndexes]:
    """The indexes of these instances by primary key; those deleted since they were found are missing."""
    sql = (
        "SELECT instance.id, instance.sop_class_uid, metadata.frames, metadata.bulkdata, metadata.deflated_from"
        " FROM archive_instancemetadata metadata JOIN archive_instance instance ON instance.id = metadata.instance_id"
        " WHERE instance.id IN %s"
    )
    by_pk = {stored.pk: stored for stored in instances}
    return {
        pk: StoredIndexes(
            sop_class_uid,
            frame_index.from_bytes(bytes(frames)) if frames else None,
            BulkdataIndex.from_bytes(bytes(bulkdata)),
            _inflation(by_pk[pk], deflated_from),
        )
        for batch in _batches(list(by_pk))
        for pk, sop_class_uid, frames, bulkdata, deflated_from in rows.select(sql, tuple(batch))
    }


def with_indexes(instances: Sequence[StoredInstance]) -> Iterator[tuple[StoredInstance, StoredIndexes]]:
    """Each instance with its indexes, read in batches.

    Raises:
        Deleted: while reading, when an instance has been deleted since it was found.
    """
    for batch in _batches(instances):
        found = indexes(batch)
        for stored in batch:
            if stored.pk not in found:
                raise Deleted(stored.study, stored.series, stored.instance)
            yield stored, found[stored.pk]


def with_frames(instances: Sequence[StoredInstance]) -> set[int]:
    """The primary keys of those of the instances that have frames."""
    sql = "SELECT instance_id FROM archive_instancemetadata WHERE length(frames) > 0 AND instance_id IN %s"
    found = (rows.select(sql, tuple(stored.pk for stored in batch)) for batch in _batches(instances))
    return {pk for batch in found for (pk,) in batch}


def _batches(instances: Sequence[T]) -> Iterator[Sequence[T]]:
    return (instances[start : start + BATCH] for start in range(0, len(instances), BATCH))


def indexes_of(stored: StoredInstance) -> StoredIndexes:
    """The indexes of one instance.

    Raises:
        Deleted: it has been deleted since it was found.
    """
    ((_, found),) = with_indexes([stored])
    return found


def _inflation(stored: StoredInstance, deflated_from: int | None) -> Inflation | None:
    return None if deflated_from is None else Inflation(stored.blob_key, deflated_from, stored.size)


def _only_row(sql: str, stored: StoredInstance) -> tuple[Any, ...]:
    found = rows.select(sql, stored.pk)
    if not found:
        raise Deleted(stored.study, stored.series, stored.instance)
    return found[0]
