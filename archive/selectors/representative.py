"""The instances that can stand for a study or a series on a thumbnail (PS3.18 Section 10.4.1.1.4), the best first."""

from collections.abc import Iterator

from archive import rows
from archive.missing import missing
from archive.selectors.locate import INSTANCES, StoredInstance

#: Series of these modalities say something of images that others have: they stand for a study of nothing else.
SECONDARY = frozenset({"AU", "DOC", "FID", "KO", "PLAN", "PR", "REG", "RTDOSE", "RTPLAN", "RTSTRUCT", "SEG", "SR"})

_SERIES = (
    "SELECT series.id, series.modality, series.number_of_series_related_instances"
    " FROM archive_series series JOIN archive_study study ON study.id = series.study_id"
    " WHERE study.study_instance_uid = %s"
)
_IN_ORDER = "ORDER BY instance.instance_number, instance.id LIMIT 1"


def candidates(study: str, series: str | None = None) -> Iterator[StoredInstance]:
    """Instances of the study or the series, one or two of each series: its middle one, and its first with frames.

    Raises:
        StudyNotFound, SeriesNotFound: there is none at this place.
        Deleted: there was.
    """
    condition, uids = ("", [study]) if series is None else (" AND series.series_instance_uid = %s", [study, series])
    found = rows.select(f"{_SERIES}{condition} ORDER BY series.series_number, series.id", *uids)
    if not found:
        raise missing(study, series)
    found.sort(key=lambda row: row[1] in SECONDARY)
    return (instance for pk, _, count in found for instance in _of_series(pk, count))


def middle(series: int, count: int) -> StoredInstance | None:
    """The first of the candidates of a series of so many instances."""
    return next(_of_series(series, count), None)


def _of_series(pk: int, count: int) -> Iterator[StoredInstance]:
    of_series = f"{INSTANCES} WHERE series.id = %s"
    for row in rows.select(f"{of_series} {_IN_ORDER} OFFSET %s", pk, count // 2):
        yield StoredInstance(*row)
    with_frames = "SELECT 1 FROM archive_instancemetadata WHERE instance_id = instance.id AND length(frames) > 0"
    for row in rows.select(f"{of_series} AND EXISTS ({with_frames}) {_IN_ORDER}", pk):
        yield StoredInstance(*row)
