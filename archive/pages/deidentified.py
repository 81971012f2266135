"""Downloads without what identifies the patient. Their length is not known: an interrupted one begins anew."""

from collections.abc import Sequence

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from archive.deidentified_zip import deidentified_zip
from archive.pages.download import ZIP, checked, download_page
from archive.selectors.zip_download import Place

#: The UID of a study leads to its patient.
NAME = "deidentified.zip"


@download_page
def study(request: HttpRequest, study: str) -> HttpResponseBase:
    return _answer(request, [(study, None)])


@download_page
def series(request: HttpRequest, study: str, series: str) -> HttpResponseBase:
    return _answer(request, [(study, series)])


@download_page
def studies(request: HttpRequest) -> HttpResponseBase:
    """Every study that is named: `?study=1.2.3&study=1.2.4`."""
    return _answer(request, [(study, None) for study in request.GET.getlist("study")])


def _answer(request: HttpRequest, places: Sequence[Place]) -> HttpResponseBase:
    wanted = checked(places)
    # To know whether there is something, something has to be made: not for HEAD.
    archive = [] if request.method == "HEAD" else deidentified_zip(wanted)
    response = StreamingHttpResponse(archive, content_type=ZIP)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=NAME)
    response["Accept-Ranges"] = "none"
    response["Cache-Control"] = "private, no-store"
    return response
