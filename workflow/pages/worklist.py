"""The worklist: filters, sorting, pages; what has come and changed since."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from archive.audit.events import Action
from archive.audit.trail import note
from archive.list_query import MOST_ROWS, ROWS
from archive.page_access import is_fragment
from archive.url_values import primary_key
from workflow.models import Workitem
from workflow.pages.access import VIEW, now, worklist_page
from workflow.pages.shown_steps import PRIORITIES, STATES, shown_steps, version
from workflow.selectors import worklist
from workflow.selectors.worklist import Viewpoint
from workflow.states import CANCELED, COMPLETED, IN_PROGRESS, SCHEDULED
from workflow.worklist_query import WorklistQuery

STATE_CHOICES = [
    ("", "Open", ""),
    *(
        (choice, STATES[state].word, STATES[state].icon)
        for choice, state in (
            ("scheduled", SCHEDULED),
            ("in-progress", IN_PROGRESS),
            ("completed", COMPLETED),
            ("canceled", CANCELED),
        )
    ),
    ("all", "All", ""),
]
DUE_CHOICES = [("", "Any time"), ("overdue", "Overdue"), ("today", "Today"), ("7", "7 days")]
#: Each under its name, as the list is sorted by it; what it is not sorted by has none.
COLUMNS = (
    ("state", "State"),
    ("priority", "Priority"),
    ("label", "Step"),
    ("patient", "Patient"),
    ("due", "Due"),
    ("start", "Start"),
    ("", "Station"),
    ("worklist", "Worklist"),
)


@require_safe
@worklist_page(VIEW)
def index(request: HttpRequest) -> HttpResponse:
    query = _query(request)
    results = _results(request, query)
    if is_fragment(request):
        response = render(request, "workflow/worklist_results.html", results)
        response["HX-Push-Url"] = query.url(reverse("workflow:worklist"))
        return response
    return render(request, "workflow/worklist.html", results | _filters(query))


@require_safe
@worklist_page(VIEW)
def changes(request: HttpRequest) -> HttpResponse:
    """The rows that are not any more as somebody sees them (`shown=12:VERSION,13:VERSION`), and how many have come."""
    shown = (one.partition(":") for one in request.GET.get("shown", "").split(",")[:MOST_ROWS])
    seen = {primary_key(pk): held for pk, _, held in shown if primary_key(pk)}
    rows = Workitem.objects.filter(pk__in=seen).values_list(
        "pk", "updated_at", "claim__claimed_at", "claim__cancel_requested_at"
    )
    versions = {pk: version(*moments) for pk, *moments in rows}
    changed = [pk for pk in seen if pk in versions and versions[pk] != seen[pk]]
    view = Viewpoint(request.user, now())
    if changed:
        note(Action.QUERY)
    context = {
        "steps": shown_steps(worklist.listed(changed), request.user, view.now),
        "gone": [pk for pk in seen if pk not in versions],
        "arrived": worklist.arrived_since(_query(request), view, primary_key(request.GET.get("newest", ""))),
        "url": _query(request).url(reverse("workflow:worklist")),
    }
    return render(request, "workflow/worklist_changes.html", context)


def _query(request: HttpRequest) -> WorklistQuery:
    return WorklistQuery.read(dict(request.GET.lists()))


def _results(request: HttpRequest, query: WorklistQuery) -> dict[str, Any]:
    view = Viewpoint(request.user, now())
    found = worklist.worklist_page(query, view)
    last = max(-(-found.total // query.rows), 1)
    steps = list(shown_steps(worklist.listed(found.pks), request.user, view.now))
    return {
        "query": query,
        "columns": [(name, label, query.sorting(name)) for name, label in COLUMNS],
        "steps": steps,
        "total": found.total,
        "newest": found.newest,
        "latest": found.latest,
        "last_page": last,
        "first": query.offset + 1,
        "last": query.offset + len(steps),
        "previous": query.to_query(page=query.page - 1) if query.page > 1 else None,
        "next": query.to_query(page=query.page + 1) if query.page < last else None,
        "first_page": query.to_query(page=1),
        "rows_choices": ROWS,
    }


def _filters(query: WorklistQuery) -> dict[str, Any]:
    labels = worklist.worklist_labels()
    return {
        "states": STATE_CHOICES,
        "due_choices": DUE_CHOICES,
        "priorities": list(PRIORITIES.items()),
        "worklists": sorted({*labels, query.worklist} - {""}),
        "stations": worklist.station_codes(),
        "more_filters": any((query.label, query.station, query.worklist)),
    }
