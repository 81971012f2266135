"""Search for workitems (PS3.18 Section 11.9, PS3.4 Section CC.2.8): those that meet the keys, a page at a time.

The next to be done comes first; the last field of the order is unique, so that pages neither overlap nor skip.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet

from archive.dicom.dicom_json import DataSet
from archive.dicom.matching.attribute_paths import AttributePath, select, vr_of
from archive.dicom.matching.moments import TIMEZONE_OFFSET_FROM_UTC
from workflow.attribute_table import RETURNED, RETURNED_IF_HELD
from workflow.models import Workitem
from workflow.selectors.conditions import conditions
from workflow.selectors.keys import SearchKeys
from workflow.selectors.scan import data_sets, scan

ORDER = ("scheduled_procedure_step_start_date_time", "sop_instance_uid")


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for.

    Args:
        keys: what to match, as `read_keys` gives it.
        include: attributes to return besides the usual ones; `include_all`: all that the workitems have.
        limit: None for as many as the archive answers with at once.
    """

    keys: SearchKeys
    include: Collection[AttributePath] = ()
    include_all: bool = False
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page: how many matches it has, their data sets, and how many more matches follow."""

    count: int
    data_sets: Iterator[DataSet]
    remaining: int


def search(query: Query) -> SearchResult:
    """The page of matches that the query asks for.

    Raises:
        SearchTooBroad: keys would have to be matched in too many data sets.
    """
    most = settings.ARCHIVE_MAX_RESULTS
    page = slice(query.offset, query.offset + (most if query.limit is None else min(query.limit, most)))
    pks, remaining = _page(query.keys, page)
    return SearchResult(len(pks), _results(query, pks), remaining)


# -- which -----------------------------------------------------------------------


def _page(search: SearchKeys, page: slice) -> tuple[list[int], int]:
    """The primary keys of the page, and how many matches follow it."""
    said = conditions(search)
    found = Workitem.objects.filter(_with_others(said.met, search)).order_by(*ORDER)
    if not said.exact:
        met = scan(found, search)
        return met[page], max(len(met) - page.stop, 0)
    pks = list(found.values_list("pk", flat=True)[page.start : page.stop + 1])
    limit = page.stop - page.start
    # Counting reads every match: only when the row too many says that there are more.
    return pks[:limit], max(found.count() - page.stop, 0) if len(pks) > limit else 0


def _with_others(met: Q, search: SearchKeys) -> Q:
    """The condition, for workitems whose index says all; of the few others, those whose data sets meet the keys."""
    others: QuerySet[Workitem] = Workitem.objects.filter(indexed_whole=False)
    if not others.exists():
        return met
    return met & Q(indexed_whole=True) | Q(pk__in=scan(others.order_by(), search))


# -- what of them ----------------------------------------------------------------


def _results(query: Query, pks: list[int]) -> Iterator[DataSet]:
    keys = query.keys.keys
    asked = {path[0] for path in (*keys, *query.include)}
    empty: DataSet = {
        tag: {"vr": vr_of(tag)[:2]} for tag in (*RETURNED, *(path[0] for path in keys)) if isinstance(tag, str)
    }
    # Without their zone nobody knows what the date times mean.
    returned = [(tag,) for tag in {*RETURNED, *RETURNED_IF_HELD, TIMEZONE_OFFSET_FROM_UTC, *asked}]
    for _, stored in data_sets(pks):
        yield dict(sorted((empty | (stored if query.include_all else select(stored, returned))).items()))
