"""The list of studies as people look at it: one page in their order, and how many there are, up to a bound.

Whatever is asked for takes an index: an order that is walked until the page is full, or a filter that finds few.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Exists, F, Model, OrderBy, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Col
from django.db.models.functions import Coalesce

from archive.comparisons import compare
from archive.dicom.matching.person_names import fold
from archive.dicom.matching.rules import AnyOf, Range, SingleValue, Wildcard
from archive.models import (
    Patient,
    PatientNameKey,
    ReferringPhysicianNameKey,
    Series,
    Study,
    StudyDescriptionKey,
    StudyLabel,
)
from archive.selectors.body_parts import beginning_with
from archive.selectors.modalities import combinations_with
from archive.study_list_query import MOST_LISTED, StudyListQuery
from archive.study_steps import STUDY_INSTANCE_UID, provided

_PATIENT = Col(Patient._meta.db_table, Patient._meta.pk)

#: By what a column is sorted. The primary key is the last, so that pages neither overlap nor skip; what is before it is
#: an index. Of patients that is their own primary key: SQLite does not see that the study's reference is the same.
ORDERS: Mapping[str, tuple[str | Col, ...]] = {
    "name": ("patient__patient_name_key", _PATIENT),
    "id": ("patient__patient_id", _PATIENT),
    "born": ("patient__patient_birth_date", _PATIENT),
    "sex": ("patient__patient_sex", _PATIENT),
    "date": ("study_date", "study_time_key"),
    "modality": ("modalities_in_study",),
    "description": ("study_description",),
    "accession": ("accession_number",),
    "referrer": ("referring_physician_name",),
    "series": ("number_of_study_related_series",),
    "images": ("number_of_study_related_instances",),
    "received": ("last_instance_at",),
}

#: Columns of studies that are looked at while another index is walked, so that theirs is not taken instead.
SEEN = {
    "date_seen": Coalesce("study_date", Value("")),
    "modalities_seen": Coalesce("modalities_in_study", Value("")),
}

#: Further words of a search are left out.
MOST_WORDS = 10


@dataclass(frozen=True, slots=True)
class StudyPage:
    """Some studies in order.

    Args:
        total: how many there are altogether, but no more than one beyond `MOST_LISTED`.
        newest: the highest primary key there was: who comes later has a higher one.
    """

    studies: Sequence[Study]
    total: int
    newest: int


def study_page(query: StudyListQuery, today: date) -> StudyPage:
    """The page that the query asks for.

    What few studies meet is found first, and then sorted. What many meet is looked for in the order itself: walking its
    index, a page is full before long.
    """
    newest = Study.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    few = _few(_ways(query, today, walking=False))
    found = Q(pk__in=few) if few is not None else reduce(or_, _ways(query, today, walking=True))
    ordered = Study.objects.alias(**SEEN).filter(found).order_by(*_order(query)).values_list("pk", flat=True)
    pks = list(ordered[query.offset : query.offset + query.rows])
    studies = Study.objects.select_related("patient").in_bulk(pks)
    return StudyPage([studies[pk] for pk in pks if pk in studies], MOST_LISTED + 1 if few is None else len(few), newest)


def arrived_since(query: StudyListQuery, today: date, newest: int) -> int:
    """How many studies the query would find that came later, up to 100."""
    found = reduce(or_, _ways(query, today, walking=True))
    return Study.objects.alias(**SEEN).filter(found, pk__gt=newest).order_by()[:100].count()


def _few(ways: Sequence[Q]) -> set[int] | None:
    """The primary keys of what meets one of the conditions; None when they are more than `MOST_LISTED`.

    Each by its own indexes: databases take none for an "or" across tables.
    """
    found: set[int] = set()
    for way in ways:
        found |= set(Study.objects.filter(way).order_by().values_list("pk", flat=True)[: MOST_LISTED + 1])
        if len(found) > MOST_LISTED:
            return None
    return found


def _order(query: StudyListQuery) -> list[OrderBy]:
    fields = (F(field) if isinstance(field, str) else field for field in (*ORDERS[query.column], "pk"))
    return [OrderBy(field, descending=query.descending) for field in fields]


def _ways(query: StudyListQuery, today: date, *, walking: bool) -> list[Q]:
    """The conditions of which a study meets one.

    Args:
        walking: each study is asked whether it meets them; else those that do are found by indexes.
    """
    filters = reduce(and_, _filters(query, today, walking), Q())
    return [filters & way for way in _quick(query.q, walking)] if query.q else [filters]


def _filters(query: StudyListQuery, today: date, walking: bool) -> Iterator[Q]:
    period = query.period(today)
    if any(period):
        yield compare("study_date" if query.column == "date" or not walking else "date_seen", Range(*period))
    if query.born:
        yield Q(patient__patient_birth_date=query.born.replace("-", ""))
    if query.modality:
        combinations = AnyOf(tuple(map(SingleValue, combinations_with(query.modality))))
        yield compare("modalities_seen" if walking else "modalities_in_study", combinations)
    if query.id:
        yield _identifier("patient__patient_id", query.id)
    if query.accession:
        yield _identifier("accession_number", query.accession)
    for kind, text in ((PATIENT, query.name), (REFERRER, query.referrer), (DESCRIPTION, query.description)):
        if text:
            yield kind.words(text, walking)
    for parts, owner, of in _parts(query):
        yield _has(parts, owner, of, walking)


def _parts(query: StudyListQuery) -> Iterator[tuple[QuerySet[Any, Any], str, str]]:
    """What a study has to have one of: rows, their field that says whose they are, the study's that says the same."""
    if query.label:
        yield StudyLabel.objects.filter(label__in=query.label), "study_id", "pk"
    if query.body:
        yield Series.objects.filter(body_part_examined__in=beginning_with(query.body)), "study_id", "pk"
    if query.steps and (steps := provided()):
        yield steps.open(), STUDY_INSTANCE_UID, "study_instance_uid"


def _has(parts: QuerySet[Any, Any], owner: str, of: str, walking: bool) -> Q:
    """A study has one of these parts."""
    if walking:
        return Q(Exists(parts.filter(**{owner: OuterRef(of)})))
    return Q(**{f"{of}__in": parts.values(owner)})


def _quick(text: str, walking: bool) -> list[Q]:
    """By name, Patient ID, accession number, or Study Instance UID."""
    return [
        PATIENT.words(text, walking),
        _identifier("patient__patient_id", text),
        _identifier("accession_number", text),
        Q(study_instance_uid=text),
    ]


def _identifier(field: str, text: str) -> Q:
    """What it begins with, in capitals or not: nobody remembers which."""
    spellings = dict.fromkeys((text, text.upper(), text.lower()))
    return reduce(or_, (compare(field, Wildcard(f"{spelling}*")) for spelling in spellings))


@dataclass(frozen=True, slots=True)
class Words:
    """Words that studies are found by: rows of their own, each with a folded word.

    Args:
        owner: the field of those rows that says whose they are; `of`: the field of a study that says the same.
        word: what is one in a search, where it may have wildcards.
    """

    keys: type[Model]
    owner: str
    of: str
    word: re.Pattern[str]

    def words(self, text: str, walking: bool) -> Q:
        """Each word begins one of those, in any order. Text without any finds nothing."""
        words = self.word.findall(fold(text))[:MOST_WORDS]
        return reduce(and_, (self._word(word, walking) for word in words)) if words else Q(pk__in=[])

    def _word(self, word: str, walking: bool) -> Q:
        found = self.keys._default_manager.filter(compare("key", Wildcard(f"{word}*")))
        return _has(found, self.owner, self.of, walking)


_OF_NAME = re.compile(r"[^\s^=,]+")
_OF_DESCRIPTION = re.compile(r"(?:[^\W_]|[*?])+")

PATIENT = Words(PatientNameKey, "patient_id", "patient_id", _OF_NAME)
REFERRER = Words(ReferringPhysicianNameKey, "study_id", "pk", _OF_NAME)
DESCRIPTION = Words(StudyDescriptionKey, "study_id", "pk", _OF_DESCRIPTION)
