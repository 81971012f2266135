"""One study, for people: its patient, its series with what stands for each, and earlier studies of the patient."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from archive.dicom.rendering.categories import Category, category
from archive.dicom.rendering.pictures import version
from archive.dicom.uids import is_tolerable_uid
from archive.errors import SeriesNotFound, StudyNotFound
from archive.missing import missing
from archive.models import Instance, Series, Study
from archive.selectors import locate, representative
from archive.selectors.locate import StoredInstance

#: More earlier studies are not listed.
MOST_PRIORS = 50
#: So many series are shown at once.
MOST_SERIES = 500
#: So many documents of each series.
MOST_DOCUMENTS = 20


@dataclass(frozen=True, slots=True)
class ShownSeries:
    """A series and the instance that stands for it.

    Args:
        category: how that is shown; None where there is no way.
    """

    row: Series
    instance: StoredInstance
    category: Category | None

    @property
    def picture_version(self) -> str:
        """What tells browsers which picture its thumbnail is, so that they keep it."""
        return version(self.instance.sha256)

    @property
    def has_thumbnail(self) -> bool:
        return self.category in {Category.IMAGE, Category.WAVEFORM, Category.PRESENTATION_STATE}

    @property
    def is_framed(self) -> bool:
        """Whether it is read as a page: a report, a document, a plot."""
        return self.category in {Category.REPORT, Category.DOCUMENT, Category.WAVEFORM}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instance is in its study: `at` is its position in its series, counted from 1."""

    instance: StoredInstance
    study: Study
    row: Series
    all_series: Sequence[Series]
    at: int

    @property
    def count(self) -> int:
        return self.row.number_of_series_related_instances


def study(uid: str) -> Study:
    """The study with its patient.

    Raises:
        StudyNotFound: there is none.
        Deleted: there was.
    """
    if not is_tolerable_uid(uid):
        raise StudyNotFound(uid)
    found = Study.objects.select_related("patient").filter(study_instance_uid=uid).first()
    if found is None:
        raise missing(uid)
    return found


def number_of_objects(uid: str) -> int:
    """How many the study has; 0 when there is no such study."""
    found = Study.objects.filter(study_instance_uid=uid).values_list("number_of_study_related_instances", flat=True)
    return found.first() or 0


def series(of: Study) -> list[ShownSeries]:
    """Its series in their order."""
    rows = list(of.series.order_by("series_number", "id")[:MOST_SERIES])
    instances = representative.firsts(rows)
    found = [(row, instances[row.pk]) for row in rows if row.pk in instances]
    indexes = locate.indexes([instance for _, instance in found])
    return [
        ShownSeries(row, instance, category(index.sop_class_uid, index.frames))
        for row, instance in found
        if (index := indexes.get(instance.pk))
    ]


def priors(of: Study) -> Sequence[Study]:
    """The other studies of the patient, newest first. Without a Patient ID nobody can say which they are."""
    others = Study.objects.filter(patient=of.patient_id).exclude(pk=of.pk)
    return list(others.order_by("-study_date", "-study_time_key", "-pk")[:MOST_PRIORS])


def documents(shown: Sequence[ShownSeries]) -> list[tuple[ShownSeries, list[str]]]:
    """Of the series that are read as pages, the SOP Instance UIDs of the first instances."""
    return [
        (one, list(_in_order(one.row).values_list("sop_instance_uid", flat=True)[:MOST_DOCUMENTS]))
        for one in shown
        if one.is_framed
    ]


def place(of: Study, series_uid: str, at: int) -> Place:
    """The instance at a position of a series, or the nearest that there is; of the first series unless one is named.

    Raises:
        SeriesNotFound: there is none such.
        Deleted: there was.
    """
    all_series = list(of.series.order_by("series_number", "id")[:MOST_SERIES])
    row = next((one for one in all_series if series_uid in {"", one.series_instance_uid}), None)
    if row is None and is_tolerable_uid(series_uid):
        raise missing(of.study_instance_uid, series_uid)
    if row is None:
        raise SeriesNotFound(of.study_instance_uid, series_uid)
    position = min(max(at, 1), row.number_of_series_related_instances)
    uid = _in_order(row).values_list("sop_instance_uid", flat=True)[position - 1 : position]
    (instance,) = locate.instances(of.study_instance_uid, row.series_instance_uid, next(iter(uid), ""))
    return Place(instance, of, row, all_series, position)


def _in_order(row: Series) -> QuerySet[Instance]:
    return row.instances.order_by("instance_number", "id")
