"""The steps of the worklist that are about a study, as a part of the page of that study."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from archive.dicom.uids import is_tolerable_uid
from workflow.pages.access import VIEW, now, worklist_page
from workflow.pages.shown_steps import shown_steps
from workflow.selectors.workitems import of_study
from workflow.selectors.worklist import listed

#: More are not listed.
MOST = 50


@require_safe
@worklist_page(VIEW)
def study_steps(request: HttpRequest, study: str) -> HttpResponse:
    pks = list(of_study(study).values_list("pk", flat=True)[:MOST]) if is_tolerable_uid(study) else []
    steps = list(shown_steps(listed(pks), request.user, now()))
    return render(request, "workflow/study_steps.html", {"steps": steps})
