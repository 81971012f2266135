"""The attributes of an instance, as they are stored: one instance of a study at a time, with a search."""

from itertools import islice

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from archive.dicom.attribute_lines import AttributeLine, attribute_lines, found
from archive.dicom.errors import NotRenderable
from archive.page_access import page
from archive.selectors import metadata, studies
from archive.url_values import position

#: More lines are not shown: a search finds among all of them.
MOST_LINES = 2000
LONGEST_SEARCH = 100


@require_safe
@page("archive.view_instance")
def browser(request: HttpRequest, study: str) -> HttpResponse:
    """`series` and `at` say which instance: the first of the first series unless they do."""
    place = studies.place(studies.study(study), request.GET.get("series", ""), position(request.GET.get("at", "")))
    search = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    shown: list[AttributeLine] = []
    problem = ""
    try:
        lines = attribute_lines(metadata.data_set(place.instance))
        shown = list(islice(found(lines, search) if search else lines, MOST_LINES + 1))
    except NotRenderable as error:
        problem = str(error)
    context = {
        "place": place,
        "search": search,
        "lines": shown[:MOST_LINES],
        "problem": problem,
        "more": len(shown) > MOST_LINES,
    }
    return render(request, "archive/tags.html", context)
