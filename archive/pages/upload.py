"""The upload page, and what its script asks before it stores files over DICOMweb, as every other client does."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from archive import upload_reports
from archive.errors import MalformedReport
from archive.page_access import page
from archive.selectors import uploads


@require_safe
@page("archive.add_instance")
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "archive/upload.html", {"receipts": uploads.recent(request.user)})


@require_POST
@page("archive.add_instance")
@page("archive.view_instance")
def known(request: HttpRequest) -> JsonResponse:
    """Which files need not be sent, because a study has them: for those who may see that."""
    try:
        files = upload_reports.digests(request.body)
    except MalformedReport as error:
        return JsonResponse({"problem": str(error)}, status=400)
    return JsonResponse({"studies": uploads.known(files)})
