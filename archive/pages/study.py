"""The page of a study: its patient, its series, its documents, earlier studies."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from archive.page_access import page
from archive.pages import labels
from archive.selectors import studies
from archive.services import people


@require_safe
@page("archive.view_instance")
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
