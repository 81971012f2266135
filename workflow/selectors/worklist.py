"""The worklist as people look at it: one page of steps in their order, and how many there are.

Rows are as wide as their data sets, so that none is read to be left out: filters and orders take what is in indexes,
from their beginnings to their ends if need be. Of values that no column holds whole, the first counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any

import orjson
from django.db.models import Case, F, OrderBy, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf

from archive import rows
from archive.comparisons import compare
from archive.dicom.dicom_json import DataSet
from archive.dicom.matching.moments import Moment
from archive.dicom.matching.person_names import fold
from archive.dicom.matching.rules import MomentRange, Wildcard
from archive.patience import TookTooLong, patience
from workflow.models import Claim, IndexedValue, Workitem
from workflow.queryable import MOMENTS, name, study_paths
from workflow.selectors import moments
from workflow.states import FINAL, STATES
from workflow.tags import (
    ACCESSION_NUMBER,
    CODE_VALUE,
    EXPECTED_COMPLETION_DATE_TIME,
    LONG_CODE_VALUE,
    PATIENT_NAME,
    REFERENCED_REQUEST_SEQUENCE,
    SCHEDULED_PROCEDURE_STEP_START_DATE_TIME,
    SCHEDULED_STATION_NAME_CODE_SEQUENCE,
    URN_CODE_VALUE,
)
from workflow.worklist_query import CHOICES, PRIORITIES, WorklistQuery

OPEN = tuple(state for state in STATES if state not in FINAL)
EXPECTED, START = MOMENTS[EXPECTED_COMPLETION_DATE_TIME], MOMENTS[SCHEDULED_PROCEDURE_STEP_START_DATE_TIME]
ACCESSION_NUMBERS = name((REFERENCED_REQUEST_SEQUENCE, ACCESSION_NUMBER))
STATION_CODES = [
    name((SCHEDULED_STATION_NAME_CODE_SEQUENCE, tag)) for tag in (CODE_VALUE, LONG_CODE_VALUE, URN_CODE_VALUE)
]
#: Data sets are read so many at a time: each may have megabytes.
BATCH = 5
#: More labels or stations are not offered to choose from.
MOST_OFFERED = 200

#: When a step is due: when it is expected to be completed; where nobody says that, when it is to start.
DUE = Coalesce(NullIf(EXPECTED[0], Value("")), START[0])
#: By what a column is sorted. States in alphabetic order are those of a step's life from its end.
ORDERS: dict[str, tuple[Any, ...]] = {
    "due": (DUE,),
    "start": (F(START[0]),),
    "state": (Case(*(When(procedure_step_state=state, then=n) for n, state in enumerate(STATES))), DUE),
    "priority": (Case(*(When(scheduled_procedure_step_priority=one, then=n) for n, one in enumerate(PRIORITIES))), DUE),
    "worklist": (F("worklist_label"), DUE),
    "label": (F("procedure_step_label"),),
    "patient": (F("patient_name"),),
}
#: Sorted by these an index is walked that does not have what filters ask for.
WALKED = frozenset({"label", "patient"})
FEW = 10_000
#: Milliseconds for each of the queries that look through all steps; and how many are looked through when that is over.
PATIENCE = 150
LATEST = 10_000
#: The primary key, looked at without being looked for: databases would find each row by it, and read that.
SEEN = {"pk_seen": Coalesce("pk", Value(0))}


@dataclass(frozen=True, slots=True)
class ListedStep:
    """A row of the worklist."""

    workitem: Workitem
    data_set: DataSet


@dataclass(frozen=True, slots=True)
class WorklistPage:
    """Some steps in order.

    Args:
        pks: their primary keys.
        total: how many there are altogether.
        newest: the highest primary key there was: what comes later has a higher one.
        latest: None, or that only so many that came last were looked through: all would have taken too long.
    """

    pks: Sequence[int]
    total: int
    newest: int
    latest: int | None = None


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Who looks, and when and where that is: what is theirs, due, or of today, depends on it.

    Args:
        now: with the zone that they are in.
        since: the lowest primary key of the steps that they look through.
    """

    user: Any
    now: datetime
    since: int = 0


def worklist_page(query: WorklistQuery, view: Viewpoint) -> WorklistPage:
    """The page that the query asks for."""
    newest = Workitem.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    try:
        with patience(PATIENCE):
            return _page(query, _found(query, view), newest)
    except TookTooLong:
        latest = Workitem.objects.order_by("-pk").values_list("pk", flat=True)[LATEST - 1 : LATEST]
        found = _found(query, replace(view, since=next(iter(latest), 0)))
        return replace(_page(query, found, newest), latest=LATEST)


def _page(query: WorklistQuery, found: QuerySet[Workitem], newest: int) -> WorklistPage:
    ordered, total = _to_be_walked(found) if query.column in WALKED else (found, found.order_by().count())
    pks = ordered.order_by(*_order(query)).values_list("pk", flat=True)[query.offset : query.offset + query.rows]
    return WorklistPage(list(pks), total, newest)


def _to_be_walked(found: QuerySet[Workitem]) -> tuple[QuerySet[Workitem], int]:
    """What is found, without the conditions by which it was, and how many these are: a few are looked for by their
    keys, many while the order is walked, which is full before long.
    """
    keys = list(found.order_by().values_list("pk", flat=True)[: FEW + 1])
    if len(keys) <= FEW:
        return Workitem.objects.filter(pk__in=keys), len(keys)
    walked = Workitem.objects.alias(**SEEN).filter(Q(pk_seen__in=found.order_by().values("pk")))
    return walked, found.order_by().count()


def arrived_since(query: WorklistQuery, view: Viewpoint, newest: int) -> int:
    """How many steps the query would find that came later, up to 100."""
    return _found(query, replace(view, since=newest + 1)).order_by()[:100].count()


def listed(pks: Sequence[int]) -> Iterator[ListedStep]:
    """These steps in this order, without those that are gone."""
    for start in range(0, len(pks), BATCH):
        batch = Workitem.objects.select_related("claim__user").in_bulk(pks[start : start + BATCH])
        for pk in pks[start : start + BATCH]:
            if pk in batch:
                yield ListedStep(batch[pk], orjson.loads(bytes(batch[pk].dicom_json)))


# -- which -----------------------------------------------------------------------


def _found(query: WorklistQuery, view: Viewpoint) -> QuerySet[Workitem]:
    since = Q(pk__gte=view.since) if view.since else Q()
    return Workitem.objects.alias(**SEEN).filter(reduce(and_, _filters(query, view), since))


def _filters(query: WorklistQuery, view: Viewpoint) -> Iterator[Q]:
    if query.state != "all":
        yield Q(procedure_step_state__in=CHOICES[query.state])
    if query.priority:
        yield Q(scheduled_procedure_step_priority__in=query.priority)
    if query.worklist:
        yield Q(worklist_label=query.worklist)
    if query.due:
        yield _due(query.due, view.now)
    if query.mine:
        yield Q(pk_seen__in=Claim.objects.filter(user=view.user).values("workitem_id"))
    for word in query.label.split():
        yield _steps(view, procedure_step_label__icontains=word)
    if query.station:
        yield _identified(view, STATION_CODES, query.station)
    if query.q:
        yield _quick(view, query.q)


def _steps(view: Viewpoint, *conditions: Q, **columns: Any) -> Q:
    """By columns. What is too old for the view is left out here, too: a subquery that finds too much to be hashed is
    looked through by PostgreSQL for each step again.
    """
    return Q(pk_seen__in=Workitem.objects.filter(*conditions, pk__gte=view.since, **columns).values("pk"))


def _values(view: Viewpoint, *conditions: Q, **columns: Any) -> Q:
    """By indexed values."""
    found = IndexedValue.objects.filter(*conditions, workitem_id__gte=view.since, **columns)
    return Q(pk_seen__in=found.values("workitem_id"))


def _quick(view: Viewpoint, text: str) -> Q:
    """By name, Patient ID, accession number, UID of the step, or UID of a study that it is about."""
    identifiers = reduce(or_, (compare("patient_id", Wildcard(f"{spelling}*")) for spelling in _spellings(text)))
    named = [
        _values(view, compare("value", Wildcard(f"{word}*")), path=PATIENT_NAME)
        for word in fold(text).replace("^", " ").replace(",", " ").split()
    ]
    return (
        (reduce(and_, named) if named else Q(pk__in=[]))
        | _steps(view, identifiers)
        | _identified(view, [ACCESSION_NUMBERS], text)
        | _steps(view, sop_instance_uid=text)
        | _values(view, path__in=study_paths(), value=text)
    )


def _identified(view: Viewpoint, paths: Sequence[str], text: str) -> Q:
    """By what an indexed value begins with."""
    begins = reduce(or_, (compare("value", Wildcard(f"{spelling}*")) for spelling in _spellings(text)))
    return _values(view, begins, path__in=paths)


def _spellings(text: str) -> Sequence[str]:
    """In capitals or not: nobody remembers which."""
    return list(dict.fromkeys((text, text.upper(), text.lower())))


def _due(choice: str, now: datetime) -> Q:
    if choice == "overdue":
        return Q(procedure_step_state__in=OPEN) & _due_in(MomentRange(None, _moment(now)))
    morning = now.replace(hour=0, minute=0, second=0, microsecond=0)
    end = morning + timedelta(days=1 if choice == "today" else int(choice), microseconds=-1)
    return _due_in(MomentRange(_moment(morning), _moment(end)))


def _due_in(period: MomentRange) -> Q:
    expected, start = moments.condition(*EXPECTED, period), moments.condition(*START, period)
    return (expected or Q()) | Q(expected_completion_date_time="") & (start or Q())


def _moment(time: datetime) -> Moment:
    offset = time.utcoffset() or timedelta()
    return Moment(f"{time:%Y%m%d%H%M%S.%f}", round(offset.total_seconds() / 60))


def _order(query: WorklistQuery) -> list[OrderBy]:
    return [OrderBy(by, descending=query.descending) for by in (*ORDERS[query.column], F("pk"))]


# -- what to choose from ---------------------------------------------------------


def worklist_labels() -> list[str]:
    """Every Worklist Label."""
    return rows.distinct(Workitem, "worklist_label", MOST_OFFERED, where="worklist_label > ''")


def station_codes() -> list[str]:
    """The Code Value of every station that something is scheduled for."""
    where = "path = %s AND value > ''"
    return rows.distinct(IndexedValue, "value", MOST_OFFERED, where=where, parameters=STATION_CODES[:1])
