"""What the archive tells others about its stored objects: which studies have arrived, and what is in them.

A study has arrived when no instance has been added to it, or replaced, for a while.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from archive.dicom.dicom_json import DataSet
from archive.dicom.matching import query_strings
from archive.dicom.matching.attribute_paths import MalformedAttribute, name_of
from archive.dicom.matching.query_keys import MalformedMatch
from archive.models import Instance, Series, Study
from archive.queryable import REQUEST_ATTRIBUTES_SEQUENCE, Level
from archive.selectors.conditions import conditions
from archive.selectors.keys import SearchKeys, read_keys
from archive.selectors.results import Selection, data_sets
from archive.selectors.scan import meeting

#: So many studies are looked at together.
BATCH = 50

#: Of these Study Instance UIDs, those of which somebody knows already.
Told = Callable[[Sequence[str]], Collection[str]]


class MalformedFilter(ValueError):
    """A filter is none that studies can be chosen by. The message repeats no values."""


@dataclass(frozen=True, slots=True)
class StudyFilter:
    """Which studies somebody wants to be told of: those with a series that a search with these keys finds."""

    keys: SearchKeys


@dataclass(frozen=True, slots=True)
class ArrivedSeries:
    """A series of a study that has arrived.

    Args:
        attributes: what a search returns of it, with all of Request Attributes Sequence.
        instances: SOP Class UID and SOP Instance UID of each.
    """

    series_instance_uid: str
    attributes: DataSet = field(repr=False)
    instances: Sequence[tuple[str, str]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ArrivedStudy:
    """A study that has arrived. What is in it is read when it is asked for, and is as it is then."""

    pk: int = field(repr=False)
    study_instance_uid: str

    def attributes(self) -> DataSet:
        """All that is known of the study and its patient, as a search returns it; nothing if it has been deleted."""
        return _attributes_of(self.pk)

    def series(self) -> Iterator[ArrivedSeries]:
        """Its series with their instances."""
        return _series_of(self.pk)


def stored_study(study_instance_uid: str) -> ArrivedStudy | None:
    """A study by its UID, whether or not something is still being added to it."""
    pk = Study.objects.filter(study_instance_uid=study_instance_uid).values_list("pk", flat=True).first()
    return None if pk is None else ArrivedStudy(pk, study_instance_uid)


def read_filter(text: str) -> StudyFilter:
    """The filter that a text such as `ModalitiesInStudy=CT&BodyPartExamined=CHEST` describes, in the form of a query.

    Raises:
        MalformedFilter: it has something that is no attribute, or none that a study or a series can be found by.
    """
    try:
        keys, ignored = read_keys(Level.SERIES, query_strings.keys(text))
    except (query_strings.MalformedParameters, MalformedAttribute, MalformedMatch) as error:
        raise MalformedFilter(str(error)) from error
    if ignored:
        raise MalformedFilter(f"Studies and series cannot be found by {', '.join(map(name_of, ignored))}.")
    return StudyFilter(keys)


def arrived_studies(
    since: datetime, until: datetime, wanted: StudyFilter, *, but: Told = lambda uids: ()
) -> Iterator[ArrivedStudy]:
    """The studies whose last instance came at `since` or later and before `until`, in this order.

    Args:
        but: of so many Study Instance UIDs those that need not be told.
    """
    arrived = Study.objects.filter(last_instance_at__gte=since, last_instance_at__lt=until)
    rows = list(arrived.order_by("last_instance_at", "id").values_list("pk", "study_instance_uid"))
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        known = but([uid for _, uid in batch])
        left = {pk: uid for pk, uid in batch if uid not in known}
        yield from (ArrivedStudy(pk, left[pk]) for pk in _matching(list(left), wanted.keys))


def _matching(studies: Sequence[int], keys: SearchKeys) -> list[int]:
    """Those of the studies that have a series which meets the keys."""
    series = Series.objects.filter(*conditions(Level.SERIES, keys), study__in=studies)
    owners = dict(series.values_list("pk", "study_id"))
    if left := keys.left_to_metadata:
        owners = {pk: owners[pk] for pk in meeting(Level.SERIES, list(owners), left, keys.timezone)}
    found = set(owners.values())
    return [pk for pk in studies if pk in found]


def _attributes_of(study: int) -> DataSet:
    selection = Selection.of(Level.STUDY, whole=(Level.PATIENT, Level.STUDY), keys=(), include=(), everything=True)
    rows = list(Study.objects.filter(pk=study).values_list(*selection.fields))
    return next(data_sets(selection, rows, _no_url), {})


def _series_of(study: int) -> Iterator[ArrivedSeries]:
    selection = Selection.of(
        Level.SERIES, whole=(Level.SERIES,), keys=(), include=((REQUEST_ATTRIBUTES_SEQUENCE,),), everything=False
    )
    rows = list(Series.objects.filter(study=study).order_by("series_number", "id").values_list(*selection.fields))
    instances = Instance.objects.filter(series__study=study).order_by("series_id", "instance_number", "id")
    uids = instances.values_list("series_id", "sop_class_uid", "sop_instance_uid")
    of_series = {pk: [(kind, uid) for _, kind, uid in group] for pk, group in groupby(uids, lambda row: row[0])}
    for (_, uid, pk, *_), data_set in zip(rows, data_sets(selection, rows, _no_url), strict=True):
        yield ArrivedSeries(uid, data_set, of_series.get(pk, []))


def _no_url(*uids: str) -> str:
    return ""
