"""The audit trail of a study, on its page: for who may see the trail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from archive.page_access import page
from archive.pages.local_time import zone
from archive.selectors import audit


@require_safe
@page("archive.view_auditevent")
def study(request: HttpRequest, study: str) -> HttpResponse:
    """Who has done what with it, in the time of where the browser is."""
    events = audit.of_study(study)
    context = {"study_uid": study, "events": events, "more": len(events) == audit.MOST_EVENTS}
    with timezone.override(zone(request)):
        return render(request, "archive/study_audit.html", context)
