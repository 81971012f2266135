"""Receipts of uploads, each for whom it was made: begun and filled by the script of the upload page, read by people."""

from collections.abc import Iterator
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archive import csv_lines, upload_reports
from archive.audit.events import Action
from archive.audit.trail import note
from archive.errors import MalformedReport, TooManyFiles
from archive.models import UploadedFile, UploadReceipt
from archive.page_access import is_fragment, page
from archive.selectors import uploads
from archive.services import uploads as service

ADD, VIEW = "archive.add_instance", "archive.view_instance"

Result = UploadedFile.Result

HEAD = ("File", "Bytes", "Result", "Reason", "Study Instance UID", "SOP Instance UID")


@require_POST
@page(ADD)
def begin(request: HttpRequest) -> JsonResponse:
    receipt = service.begin(request.user)
    return JsonResponse({"receipt": reverse("archive:receipt", args=[receipt.pk])}, status=201)


@require_http_methods(["GET", "HEAD", "POST"])
@page(ADD)
def receipt(request: HttpRequest, receipt: UUID) -> HttpResponse:
    """GET shows it, or its studies alone to who asks for a part of a page; POST adds to it."""
    found = _receipt(request, receipt)
    if request.method == "POST":
        return _add(request, found)
    studies = uploads.studies(found) if request.user.has_perm(VIEW) else []
    if shown := [study.uid for study in studies if study.row]:
        note(Action.ACCESSED, *shown)
    if is_fragment(request):
        return render(request, "archive/receipt_studies.html", {"studies": studies})
    result = request.GET.get("result", "")
    counts = uploads.counts(found)
    context = {
        "receipt": found,
        "studies": studies,
        "results": [(kind, kind.label, counts.get(kind, 0)) for kind in Result],
        "total": sum(counts.values()),
        "result": result,
        "files": uploads.files(found, result)[: uploads.MOST_LISTED],
        "most": uploads.MOST_LISTED,
    }
    return render(request, "archive/receipt.html", context)


@require_safe
@page(ADD)
def table(request: HttpRequest, receipt: UUID) -> StreamingHttpResponse:
    """Every file of it."""
    found = _receipt(request, receipt)
    rows = _rows(found, with_studies=request.user.has_perm(VIEW))
    return csv_lines.answer(f"upload-{found.started_at:%Y%m%d-%H%M%S}.csv", HEAD, rows)


def _receipt(request: HttpRequest, pk: UUID) -> UploadReceipt:
    found = uploads.receipt(request.user, pk)
    if found is None:
        raise Http404
    return found


def _add(request: HttpRequest, receipt: UploadReceipt) -> HttpResponse:
    try:
        service.add(receipt, upload_reports.report(request.body))
    except MalformedReport as error:
        return JsonResponse({"problem": str(error)}, status=400)
    except TooManyFiles as error:
        return JsonResponse({"problem": str(error)}, status=413)
    return HttpResponse(status=204)


def _rows(receipt: UploadReceipt, *, with_studies: bool) -> Iterator[tuple[object, ...]]:
    for file in uploads.files(receipt).iterator(chunk_size=2000):
        study = file.study_instance_uid if with_studies else ""
        yield file.path, file.size, file.get_result_display(), file.reason, study, file.sop_instance_uid
