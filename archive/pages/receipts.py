"""Receipts of uploads, each for whom it was made: begun and filled by the script of the upload page, read by people."""

import csv
from collections.abc import Iterator
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archive import upload_reports
from archive.errors import MalformedReport, TooManyFiles
from archive.models import UploadedFile, UploadReceipt
from archive.page_access import is_fragment, page
from archive.selectors import uploads
from archive.services import uploads as service

ADD, VIEW = "archive.add_instance", "archive.view_instance"

Result = UploadedFile.Result

HEAD = ("File", "Bytes", "Result", "Reason", "Study Instance UID", "SOP Instance UID")
#: What makes a program that opens a CSV take a text for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: By which such programs know UTF-8.
BYTE_ORDER_MARK = "\ufeff"


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
    """Every file of it, as CSV (RFC 4180)."""
    found = _receipt(request, receipt)
    lines = _lines(found, with_studies=request.user.has_perm(VIEW))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"upload-{found.started_at:%Y%m%d-%H%M%S}.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


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


class _Lines:
    """A file for the csv module, which keeps the last line only."""

    def write(self, line: str) -> str:
        return line


def _lines(receipt: UploadReceipt, *, with_studies: bool) -> Iterator[str]:
    writer = csv.writer(_Lines())
    yield BYTE_ORDER_MARK + writer.writerow(HEAD)
    for file in uploads.files(receipt).iterator(chunk_size=2000):
        study = file.study_instance_uid if with_studies else ""
        texts = file.path, file.size, file.get_result_display(), file.reason, study, file.sop_instance_uid
        yield writer.writerow([_harmless(text) for text in texts])


def _harmless(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
