"""The list of studies: search, filters, sorting, pages; the series of a study in it; how many have come since."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from archive.audit.events import Action
from archive.audit.trail import note
from archive.list_query import ROWS
from archive.models import Study
from archive.page_access import is_fragment, page
from archive.pages.labels import chips
from archive.pages.local_time import today, zone
from archive.selectors import body_parts, labels, modalities, people, studies, study_list
from archive.study_list_columns import COLUMNS, Column, chosen
from archive.study_list_query import MOST_LISTED, PRESETS, StudyListQuery
from archive.study_steps import StudySteps, provided
from archive.url_values import primary_key

VIEW = "archive.view_instance"

#: What is below the search, and open when it narrows.
COLUMN_FILTERS = ("since", "until", "name", "id", "born", "description", "accession", "referrer", "body")

LABELS = {"today": "Today", "yesterday": "Yesterday", "7": "7 days", "30": "30 days"}


@require_safe
@page(VIEW)
def index(request: HttpRequest) -> HttpResponse:
    query = _query(request)
    columns = _seen(request, chosen(people.columns(request.user)))
    results = _results(request, query, columns)
    with timezone.override(zone(request)):
        if not is_fragment(request):
            return render(request, "archive/study_list.html", results | _filters(request, query, columns))
        response = render(request, "archive/study_results.html", results)
    response["HX-Push-Url"] = query.url(request.path)
    return response


@require_safe
@page(VIEW)
def arrivals(request: HttpRequest) -> JsonResponse:
    """How many studies that the query finds have come since the page was made."""
    newest = primary_key(request.GET.get("newest", ""))
    arrived = study_list.arrived_since(_query(request), today(request), newest)
    if arrived:
        note(Action.QUERY)
    return JsonResponse({"studies": arrived})


@require_safe
@page(VIEW)
def series(request: HttpRequest, study: str) -> HttpResponse:
    """The series of a study, below its row."""
    found = studies.study(study)
    return render(request, "archive/study_list_series.html", {"study": found, "series": studies.series(found)})


def _query(request: HttpRequest) -> StudyListQuery:
    """What is asked for, without what somebody may not know."""
    query = StudyListQuery.read(dict(request.GET.lists()))
    return query if _steps(request) else replace(query, steps="")


def _steps(request: HttpRequest) -> StudySteps | None:
    """What the worklist says of studies, where there is one, to who may know it."""
    steps = provided()
    return steps if steps and request.user.has_perm(steps.permission) else None


def _seen(request: HttpRequest, columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if column.name != "steps" or _steps(request)]


def _results(request: HttpRequest, query: StudyListQuery, columns: Sequence[Column]) -> dict[str, Any]:
    found = study_list.study_page(query, today(request))
    last = None if found.listed is None else min(-(-found.listed // query.rows), MOST_LISTED // query.rows) or 1
    return {
        "query": query,
        "columns": [
            (column, query.sorting(column.name, descending_first=column.descending_first)) for column in columns
        ],
        "studies": found.studies,
        **_said(request, columns, found.studies),
        "unread": people.unread(request.user, found.studies),
        "total": None if found.total is None else min(found.total, MOST_LISTED),
        "more": found.total is None or found.total > MOST_LISTED,
        "sampled": found.sampled,
        "walked": study_list.MOST_WALKED,
        "newest": found.newest,
        "last_page": last,
        "first": query.offset + 1,
        "last": query.offset + len(found.studies),
        "previous": query.to_query(page=query.page - 1) if query.page > 1 else None,
        "next": query.to_query(page=query.page + 1) if last is None or query.page < last else None,
        "nothing_stored": not found.studies and not Study.objects.exists(),
        "first_page": query.to_query(page=1),
        "rows_choices": ROWS,
    }


def _said(request: HttpRequest, columns: Sequence[Column], listed: Sequence[Study]) -> dict[str, Any]:
    """What the columns show that is not the studies' own, by primary key; each is one query."""
    shown = {column.name for column in columns}
    pks = [study.pk for study in listed]
    steps = _steps(request)
    return {
        "labels": labels.of_studies(pks) if "labels" in shown else {},
        "body_parts": body_parts.of_studies(pks) if "body" in shown else {},
        "steps": _of_steps(steps, listed) if steps and "steps" in shown else {},
        "steps_template": steps.template if steps else "",
    }


def _of_steps(steps: StudySteps, listed: Sequence[Study]) -> Mapping[int, Any]:
    said = steps.of([study.study_instance_uid for study in listed])
    return {study.pk: said[study.study_instance_uid] for study in listed if study.study_instance_uid in said}


def _filters(request: HttpRequest, query: StudyListQuery, columns: Sequence[Column]) -> dict[str, Any]:
    stored = modalities.modalities()
    shown = {column.name for column in columns}
    return {
        "modalities": sorted({*stored, *query.modality}),
        "chips": chips(query),
        "all_body_parts": body_parts.body_parts(),
        "may_see_steps": _steps(request) is not None,
        "presets": [(name, LABELS[name]) for name in PRESETS],
        "worklists": people.worklists(request.user),
        "groups": list(request.user.groups.all()),
        "all_columns": [(column, column.name in shown) for column in _seen(request, COLUMNS)],
        "column_filters": any(getattr(query, name) for name in COLUMN_FILTERS),
    }
