"""The list of studies as people look at it: one page in their order, and how many there are, up to a bound.

Whatever is asked for takes an index: an order that is walked, but not far, or a filter that finds few.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Exists, F, Model, OrderBy, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Col
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from archive.comparisons import compare
from archive.dicom.matching.person_names import fold
from archive.dicom.matching.rules import AnyOf, Range, SingleValue, Wildcard
from archive.list_query import MOST_ROWS
from archive.models import (
    Patient,
    PatientNameKey,
    ReferringPhysicianNameKey,
    Series,
    Study,
    StudyDescriptionKey,
    StudyLabel,
)
from archive.patience import TookTooLong, patience
from archive.selectors.body_parts import beginning_with
from archive.selectors.modalities import combinations_with
from archive.selectors.walking import first_that_meet
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

#: So many studies are asked, in an order, whether they meet what more than `MOST_LISTED` meet.
MOST_WALKED = 10_000
#: When they find fewer than fill a page, others that meet it are shown as well.
FEWEST = MOST_ROWS

#: Milliseconds for each way to find what meets a search.
PATIENCE = 150
#: No more are counted of those that have come since.
MOST_ARRIVED = 100

#: Further words of a search are left out.
MOST_WORDS = 10


@dataclass(frozen=True, slots=True)
class StudyPage:
    """Some studies in order.

    Args:
        total: how many there are altogether, but no more than one beyond `MOST_LISTED`; None when to find them was
            given up: these are among the first `MOST_WALKED` studies of the order.
        listed: how many of them all pages have together; None when nobody has looked for the last.
        newest: the highest primary key there was: who comes later has a higher one.
        sampled: whether others, which nobody has looked at, may come before and between them.
    """

    studies: Sequence[Study]
    total: int | None
    listed: int | None
    newest: int
    sampled: bool = False


def study_page(query: StudyListQuery, today: date) -> StudyPage:
    """The page that the query asks for.

    What few studies meet is found first, and then sorted. What many meet is looked for in the order itself: walking its
    index, a page is full before long. Where it is not, because filters and order contradict each other, some of them
    are sorted. What takes too long to be found is looked for in the order, too.
    """
    newest, stop = Study.objects.order_by("-pk").values_list("pk", flat=True).first() or 0, query.offset + query.rows
    try:
        with patience(PATIENCE):
            found = _found(_ways(query, today))
    except TookTooLong:
        return _walked(query, today, None, newest)
    total = len(found)
    if total <= MOST_LISTED:
        return StudyPage(_studies(_sorted(found, query)), total, total, newest)
    if not query.narrows:
        pks = Study.objects.order_by(*_order(query)).values_list("pk", flat=True)[query.offset : stop]
        return StudyPage(_studies(pks), total, MOST_LISTED, newest)
    page = _walked(query, today, total, newest)
    if page.listed is not None and page.listed < FEWEST:
        some = found[:MOST_LISTED]
        return StudyPage(_studies(_sorted(some, query)), total, len(some), newest, sampled=True)
    return page


def _walked(query: StudyListQuery, today: date, total: int | None, newest: int) -> StudyPage:
    stop = query.offset + query.rows
    enough = max(stop, FEWEST)
    ordered, period = Study.objects.order_by(*_order(query)), query.period(today)
    if query.column == "date" and any(period):
        ordered = ordered.filter(compare("study_date", Range(*period)))  # where the walk begins
    first = first_that_meet(_met(query, today), ordered, walked=MOST_WALKED, most=enough + 1)
    listed = len(first) if len(first) <= enough else None
    return StudyPage(_studies(first[query.offset : stop]), total, listed, newest)


def arrived_since(query: StudyListQuery, today: date, newest: int) -> int:
    """How many studies the query would find that came later, up to 100."""
    came = Study.objects.filter(pk__gt=newest).order_by("-pk")
    met = Q(pk__gt=newest) & _met(query, today)
    return len(first_that_meet(met, came, walked=MOST_WALKED, most=MOST_ARRIVED))


def _studies(pks: Iterable[int]) -> list[Study]:
    """With their patients, but for those that are gone."""
    wanted = list(pks)
    studies = Study.objects.select_related("patient").in_bulk(wanted)
    return [studies[pk] for pk in wanted if pk in studies]


def _found(ways: Sequence[Q]) -> list[int]:
    """The primary keys of what meets one of the conditions; when there are more than `MOST_LISTED`, one more than that.

    Each by its own indexes: databases take none for an "or" across tables.
    """
    found: set[int] = set()
    for way in ways:
        found |= set(Study.objects.filter(way).order_by().values_list("pk", flat=True)[: MOST_LISTED + 1])
        if len(found) > MOST_LISTED:
            break
    return list(found)[: MOST_LISTED + 1]


def _sorted(found: Sequence[int], query: StudyListQuery) -> list[int]:
    """Of these studies the page that the query asks for. They are sorted by what no index has: SQLite would walk it."""
    by = [OrderBy(Coalesce(one.expression, one.expression), descending=one.descending) for one in _order(query)]
    ordered = Study.objects.filter(pk__in=found).order_by(*by).values_list("pk", flat=True)
    return list(ordered[query.offset : query.offset + query.rows])


def _order(query: StudyListQuery) -> list[OrderBy]:
    fields = (F(field) if isinstance(field, str) else field for field in (*ORDERS[query.column], "pk"))
    return [OrderBy(field, descending=query.descending) for field in fields]


def _ways(query: StudyListQuery, today: date) -> list[Q]:
    """The conditions of which a study meets one, to be found by indexes."""
    filters = reduce(and_, _filters(query, today, walking=False), Q())
    return [filters & way for way in _quick(query.q, walking=False)] if query.q else [filters]


def _met(query: StudyListQuery, today: date) -> Q:
    """The same as one condition, to be asked of each study."""
    quick = reduce(or_, _quick(query.q, walking=True)) if query.q else Q()
    return reduce(and_, _filters(query, today, walking=True), quick)


def _filters(query: StudyListQuery, today: date, walking: bool) -> Iterator[Q]:
    period = query.period(today)
    if any(period):
        yield compare("study_date", Range(*period))
    if query.born:
        yield Q(patient__patient_birth_date=query.born.replace("-", ""))
    if query.modality:
        combinations = AnyOf(tuple(map(SingleValue, combinations_with(query.modality))))
        yield compare("modalities_in_study", combinations)
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
    """A study has one of these parts.

    Walking, by a value of the first such row: of what an EXISTS asks for, PostgreSQL may collect all that there is.
    """
    if walking:
        own = parts.filter(**{owner: OuterRef(of)})
        return Q(IsNull(Subquery(own.values(owner)[:1]), False))
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
        if not words:
            return Q(pk__in=[])
        if walking:
            return reduce(and_, (_has(self._keys(word), self.owner, self.of, walking) for word in words))
        first, *others = words
        of_first = {self.owner: OuterRef(self.owner)}
        # All from the table of words: to look for studies by each would make PostgreSQL walk them all.
        found = self._keys(first).filter(*(Exists(self._keys(word).filter(**of_first)) for word in others))
        return _has(found, self.owner, self.of, walking)

    def _keys(self, word: str) -> QuerySet[Model]:
        return self.keys._default_manager.filter(compare("key", Wildcard(f"{word}*")))


_OF_NAME = re.compile(r"[^\s^=,]+")
_OF_DESCRIPTION = re.compile(r"(?:[^\W_]|[*?])+")

PATIENT = Words(PatientNameKey, "patient_id", "patient_id", _OF_NAME)
REFERRER = Words(ReferringPhysicianNameKey, "study_id", "pk", _OF_NAME)
DESCRIPTION = Words(StudyDescriptionKey, "study_id", "pk", _OF_DESCRIPTION)
