"""The stored DICOM JSON of instances: as bytes, or as the data set that speaks for a study or a series."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter
from threading import Lock

import orjson
from cachetools import LRUCache
from django.db.models import OuterRef, QuerySet, Subquery
from isal import isal_zlib

from archive import rows
from archive.dicom import dicom_json
from archive.dicom.dicom_json import DataSet
from archive.dicom.errors import NotRenderable
from archive.errors import Deleted
from archive.models import Instance, Series, Study
from archive.queryable import Level
from archive.selectors.locate import StoredInstance

#: The absolute URL of a study, series or instance, from its one, two or three UIDs.
RetrieveURL = Callable[..., str]

#: Of JSON, of which objects take ten times as much; a film of ten thousand frames has half of it.
LARGEST = 1 << 26
#: Data sets are kept once they are read, of so many bytes of JSON together: those of a film are read for each frame.
MOST_KEPT = 1 << 24
_kept: LRUCache[str, tuple[int, DataSet]] = LRUCache(MOST_KEPT, getsizeof=itemgetter(0))
_lock = Lock()

#: Metadata of so many instances is read at once: it bounds the memory of an answer.
BATCH = 200


def stored_json(instance_ids: Sequence[int]) -> dict[int, bytes]:
    """DICOM JSON by primary key, with the placeholder for the instance's URL still in it."""
    sql = "SELECT instance_id, dicom_json FROM archive_instancemetadata WHERE instance_id IN %s"
    found = rows.select(sql, tuple(instance_ids)) if instance_ids else []
    return {pk: isal_zlib.decompress(compressed) for pk, compressed in found}


def in_order(instances: Sequence[StoredInstance]) -> Iterator[tuple[StoredInstance, bytes]]:
    """Each instance with its stored DICOM JSON, read in batches.

    Raises:
        Deleted: while reading, when an instance has been deleted since it was found.
    """
    for start in range(0, len(instances), BATCH):
        batch = instances[start : start + BATCH]
        documents = stored_json([stored.pk for stored in batch])
        for stored in batch:
            if stored.pk not in documents:
                raise Deleted(stored.study, stored.series, stored.instance)
            yield stored, documents[stored.pk]


def data_set(stored: StoredInstance) -> DataSet:
    """The data set of one instance, without URLs for its bulk data. It is everybody's: nobody may change it.

    Raises:
        NotRenderable: it is larger than what is looked at for one picture or page.
        Deleted: it has been deleted since it was found.
    """
    with _lock:
        kept = _kept.get(stored.sha256)
    if kept:
        return kept[1]
    ((_, document),) = in_order([stored])
    found = parsed(stored, document)
    if len(document) <= MOST_KEPT:
        with _lock:
            _kept[stored.sha256] = len(document), found
    return found


def parsed(stored: StoredInstance, document: bytes) -> DataSet:
    """The data set of an instance out of its stored DICOM JSON; as `data_set`, which says more."""
    if len(document) > LARGEST:
        raise NotRenderable(f"The metadata of instance {stored.instance} are too many to be shown.")
    return _data_set(document, "")


def representatives(level: Level, pks: Sequence[int], url: RetrieveURL) -> Mapping[int, Callable[[], DataSet]]:
    """Readers of the data sets of these instances, or of the first instance of each of these studies or series.

    A data set takes its room only when it is read.
    """
    owner = {Level.STUDY: "series__study_id", Level.SERIES: "series_id", Level.INSTANCE: "pk"}[level]
    uids = ("series__study__study_instance_uid", "series__series_instance_uid", "sop_instance_uid")
    rows = _first_instances(level, pks).values_list(owner, "metadata__dicom_json", *uids)
    return {pk: partial(_read, compressed, url(*uids)) for pk, compressed, *uids in rows if compressed is not None}


def _read(compressed: bytes, instance_url: str) -> DataSet:
    return _data_set(isal_zlib.decompress(compressed), instance_url)


def _data_set(document: bytes, instance_url: str) -> DataSet:
    found: DataSet = orjson.loads(dicom_json.resolve(document, instance_url))
    return found


def _first_instances(level: Level, pks: Sequence[int]) -> QuerySet[Instance]:
    if level == Level.INSTANCE:
        return Instance.objects.filter(pk__in=pks)
    if level == Level.SERIES:
        series = Series.objects.filter(pk__in=pks)
        return Instance.objects.filter(pk__in=series.values(first=_first_of_series(OuterRef("pk"))))
    first_series = Subquery(Series.objects.filter(study=OuterRef(OuterRef("pk"))).order_by("id").values("pk")[:1])
    studies = Study.objects.filter(pk__in=pks)
    return Instance.objects.filter(pk__in=studies.values(first=_first_of_series(first_series)))


def _first_of_series(series: OuterRef | Subquery) -> Subquery:
    return Subquery(Instance.objects.filter(series=series).order_by("instance_number", "id").values("pk")[:1])
