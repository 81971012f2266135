"""Retrieve thumbnails of study, series, instance and frames (WADO-RS, PS3.18 Sections 10.4.1.1.4 and 8.3.5.2)."""

from collections.abc import Iterable, Sequence

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.viewport import WHOLE
from archive.errors import NothingReferenced
from archive.selectors import locate, representative, thumbnails
from archive.selectors.locate import StoredInstance
from dicomweb import negotiation, rendered_response
from dicomweb.http import frame_list, rendering_parameters
from dicomweb.http.rendering_parameters import RenderingParameters
from dicomweb.links import Links
from dicomweb.patience import Patience
from dicomweb.renditions.images import one_image
from dicomweb.renditions.rendition import UNSHOWABLE


def study(request: Request, study: str) -> HttpResponseBase:
    return _thumbnail(request, representative.candidates(study))


def series(request: Request, study: str, series: str) -> HttpResponseBase:
    return _thumbnail(request, representative.candidates(study, series))


def instance(request: Request, study: str, series: str, instance: str) -> HttpResponseBase:
    return _thumbnail(request, locate.instances(study, series, instance))


def frames(request: Request, study: str, series: str, instance: str, frames: str) -> HttpResponseBase:
    """Of several frames, the first."""
    numbers = frame_list.parse(frames)
    return _thumbnail(request, locate.instances(study, series, instance), numbers)


def _thumbnail(
    request: Request, candidates: Iterable[StoredInstance], numbers: Sequence[int] | None = None
) -> HttpResponseBase:
    """Of the first of the candidates that can be shown."""
    viewport = rendering_parameters.thumbnail(dict(request.GET.lists()))
    parameters = RenderingParameters(viewport=thumbnails.VIEWPORT if viewport == WHOLE else viewport)
    accepted, links = negotiation.accepted(request), Links.of(request)
    problem: Exception = NotRenderable("There is nothing here that has a thumbnail.")
    patience = Patience()
    for stored in candidates:
        try:
            with patience.trying():
                picture = thumbnails.picture(stored, numbers)
                location = f"{links.instance(stored.study, stored.series, stored.instance)}/thumbnail"
                return rendered_response.one(request, one_image(picture, location, parameters), parameters, accepted)
        except (*UNSHOWABLE, NothingReferenced) as error:
            problem = error
            if patience.is_over:
                break
    raise problem
