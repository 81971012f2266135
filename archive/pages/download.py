"""Downloads of studies and series as zip archives. An interrupted one goes on with a Range (RFC 9110 Section 14)."""

from collections.abc import Callable, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from archive import page_access
from archive.dicom.byte_ranges import ByteRange
from archive.dicom.uids import is_tolerable_uid
from archive.errors import NotAUid
from archive.http import ranges
from archive.pages.problems import PROBLEMS, problem
from archive.selectors.zip_archive import ZipArchive
from archive.selectors.zip_download import Place, zip_archive

ZIP = "application/zip"

Page = Callable[..., HttpResponseBase]


def explained(page: Page) -> Page:
    """What is not there has a page that says so."""

    @wraps(page)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return page(request, *args, **kwargs)
        except tuple(PROBLEMS) as error:
            return problem(request, error)

    return answered


def download_page(page: Page) -> Page:
    """For who may see instances."""
    return require_safe(page_access.page("archive.view_instance")(explained(page)))


@download_page
def study(request: HttpRequest, study: str) -> HttpResponseBase:
    return archive(request, [(study, None)], study)


@download_page
def series(request: HttpRequest, study: str, series: str) -> HttpResponseBase:
    return archive(request, [(study, series)], series)


@download_page
def studies(request: HttpRequest) -> HttpResponseBase:
    """Every study that is named: `?study=1.2.3&study=1.2.4`."""
    return archive(request, [(study, None) for study in request.GET.getlist("study")], "studies")


def checked(places: Sequence[Place]) -> Sequence[Place]:
    """The same places.

    Raises:
        NotAUid: one of them cannot be.
    """
    if not all(uid is None or is_tolerable_uid(uid) for place in places for uid in place):
        raise NotAUid
    return places


def archive(request: HttpRequest, places: Sequence[Place], name: str) -> HttpResponseBase:
    """The archive of these places, or the range of it that is asked for; 304 to who has it."""
    made = zip_archive(checked(places))
    response = get_conditional_response(request, etag=made.tag) or _read(request, made, f"{name}.zip")
    response["ETag"] = made.tag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"
    return response


def _read(request: HttpRequest, archive: ZipArchive, name: str) -> StreamingHttpResponse:
    wanted = _wanted(request, archive)
    given = wanted or ByteRange(0, archive.length)
    # What it would have streamed is not even opened for HEAD.
    response = StreamingHttpResponse([] if request.method == "HEAD" else archive.read(given), content_type=ZIP)
    response["Content-Length"] = str(given.length)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    if wanted:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Content-Range"] = ranges.content_range(wanted, archive.length)
    return response


def _wanted(request: HttpRequest, archive: ZipArchive) -> ByteRange | None:
    """The range, when one is asked for and its condition holds. Several at once are answered with the whole.

    Raises:
        RangeNotSatisfiable: there is nothing in it.
    """
    if request.method == "HEAD" or request.headers.get("If-Range", archive.tag) != archive.tag:
        return None
    wanted = ranges.parse(request.headers.get("Range"), archive.length)
    return wanted[0] if wanted and len(wanted) == 1 else None
