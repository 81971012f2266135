"""The instances that can stand for a study or a series on a thumbnail (PS3.18 Section 10.4.1.1.4), the best first."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from archive import rows
from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.slides import shows_specimen
from archive.errors import Deleted
from archive.missing import missing
from archive.models import Series
from archive.selectors import locate
from archive.selectors.attributes import attributes
from archive.selectors.locate import INSTANCES, StoredInstance

#: Series of these modalities say something of images that others have: they stand for a study of nothing else.
SECONDARY = frozenset({"AU", "DOC", "FID", "KO", "PLAN", "PR", "REG", "RTDOSE", "RTPLAN", "RTSTRUCT", "SEG", "SR"})
SLIDE_MICROSCOPY = "SM"
#: So many images of a slide are looked at: a pyramid has fewer levels.
MOST_LEVELS = 20

_SERIES = (
    "SELECT series.id, series.modality, series.number_of_series_related_instances"
    " FROM archive_series series JOIN archive_study study ON study.id = series.study_id"
    " WHERE study.study_instance_uid = %s"
)
_OF_SERIES = f"{INSTANCES} WHERE series.id = %s"
_IN_ORDER = "ORDER BY instance.instance_number, instance.id LIMIT 1"
#: As numbers of any size.
_PIXELS = "1.0 * instance.rows * instance.columns * COALESCE(instance.number_of_frames, 1)"


#: The middle one of each series, by the index that has them in order.
_MIDDLES = """
SELECT series_id, id FROM (
    SELECT instance.series_id, instance.id, series.number_of_series_related_instances / 2 AS middle,
        ROW_NUMBER() OVER (PARTITION BY instance.series_id ORDER BY instance.instance_number, instance.id) AS number
    FROM archive_instance instance JOIN archive_series series ON series.id = instance.series_id
    WHERE instance.series_id IN %s
) AS numbered WHERE number = middle + 1
"""


def candidates(study: str, series: str | None = None) -> Iterator[StoredInstance]:
    """Instances of the study or the series, a few of each series.

    Of a slide, the smallest image of the specimen comes first; then the middle one, and the first with frames.

    Raises:
        StudyNotFound, SeriesNotFound: there is none at this place.
        Deleted: there was.
    """
    condition, uids = ("", [study]) if series is None else (" AND series.series_instance_uid = %s", [study, series])
    found = rows.select(f"{_SERIES}{condition} ORDER BY series.series_number, series.id", *uids)
    if not found:
        raise missing(study, series)
    found.sort(key=lambda row: row[1] in SECONDARY)
    return (instance for pk, modality, count in found for instance in _of_series(pk, modality, count))


def first(series: int, modality: str, count: int) -> StoredInstance | None:
    """The first of the candidates of a series of this modality and so many instances."""
    return next(_of_series(series, modality, count), None)


def firsts(series: Sequence[Series]) -> dict[int, StoredInstance]:
    """The same of each of these series that has one, by primary keys, without a query for each."""
    usual = tuple(one.pk for one in series if one.modality != SLIDE_MICROSCOPY)
    middles = {instance: pk for pk, instance in rows.select(_MIDDLES, usual)} if usual else {}
    stored = rows.select(f"{INSTANCES} WHERE instance.id IN %s", tuple(middles)) if middles else []
    found = {middles[one.pk]: one for one in (StoredInstance(*row) for row in stored)}
    for one in series:
        if one.pk not in found and (other := first(one.pk, one.modality, one.number_of_series_related_instances)):
            found[one.pk] = other
    return found


def _of_series(pk: int, modality: str, count: int) -> Iterator[StoredInstance]:
    if modality == SLIDE_MICROSCOPY:
        yield from _of_slide(pk)
    for row in rows.select(f"{_OF_SERIES} {_IN_ORDER} OFFSET %s", pk, count // 2):
        yield StoredInstance(*row)
    with_frames = "SELECT 1 FROM archive_instancemetadata WHERE instance_id = instance.id AND length(frames) > 0"
    for row in rows.select(f"{_OF_SERIES} AND EXISTS ({with_frames}) {_IN_ORDER}", pk):
        yield StoredInstance(*row)


def _of_slide(pk: int) -> Iterator[StoredInstance]:
    """The smallest image of the specimen; the metadata of larger ones, which tell of every tile, stay unread."""
    sql = f"{_OF_SERIES} AND instance.rows > 0 ORDER BY {_PIXELS}, instance.id LIMIT %s"
    for row in rows.select(sql, pk, MOST_LEVELS):
        stored = StoredInstance(*row)
        with suppress(Deleted, NotRenderable):
            if shows_specimen(attributes(stored, locate.indexes_of(stored))):
                yield stored
                return
