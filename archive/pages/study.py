"""The page of a study: its patient, its series, its documents, earlier studies; by how much it has grown since."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from archive.audit.events import Action
from archive.audit.trail import note
from archive.page_access import page
from archive.pages import labels
from archive.selectors import studies
from archive.services import people
from archive.url_values import number

VIEW = "archive.view_instance"


@require_safe
@page(VIEW)
def study(request: HttpRequest, study: str) -> HttpResponse:
    found = studies.study(study)
    series = studies.series(found)
    people.visit(request.user, found)
    context = {
        "study": found,
        "patient": found.patient,
        "series": series,
        "more_series": found.number_of_study_related_series - len(series),
        "documents": studies.documents(series),
        "priors": studies.priors(found),
        "share_links": settings.ARCHIVE_SHARE_LINKS,
    }
    context |= labels.for_study(found)
    return render(request, "archive/study.html", context)


@require_safe
@page(VIEW)
def growth(request: HttpRequest, study: str) -> JsonResponse:
    """How many objects have come since the page was made; fewer than none when some have been deleted."""
    has = studies.number_of_objects(study)
    grown = has - number(request.GET.get("objects", ""))
    if has and grown:  # nobody fills the trail with UIDs that there are not
        note(Action.ACCESSED, study)
    return JsonResponse({"objects": grown})
