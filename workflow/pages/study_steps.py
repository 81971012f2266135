"""The steps of the worklist that are about a study, as a part of the page of that study."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from archive.dicom.uids import is_tolerable_uid
from archive.page_access import page
from workflow.selectors.workitems import of_study

#: More are not listed.
MOST = 50


@require_safe
@page("workflow.view_workitem")
def study_steps(request: HttpRequest, study: str) -> HttpResponse:
    steps = list(of_study(study)[:MOST]) if is_tolerable_uid(study) else []
    return render(request, "workflow/study_steps.html", {"steps": steps})
