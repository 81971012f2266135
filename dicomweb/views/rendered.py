"""Retrieve rendered study, series, instance and frames (WADO-RS, PS3.18 Sections 10.4.1.1.3 and 8.3.5)."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.categories import Category
from archive.selectors import locate
from archive.selectors.locate import StoredInstance
from archive.selectors.rendered import Shown
from dicomweb import negotiation, rendered_response
from dicomweb.http import frame_list, rendering_parameters
from dicomweb.http.rendering_parameters import RenderingParameters
from dicomweb.links import Links
from dicomweb.renditions.categories import rendition
from dicomweb.renditions.rendition import Rendition


def study(request: Request, study: str) -> HttpResponseBase:
    return _several(request, locate.instances(study))


def series(request: Request, study: str, series: str) -> HttpResponseBase:
    return _several(request, locate.instances(study, series))


def instance(request: Request, study: str, series: str, instance: str) -> HttpResponseBase:
    return _one(request, locate.instances(study, series, instance)[0])


def frames(request: Request, study: str, series: str, instance: str, frames: str) -> HttpResponseBase:
    numbers = frame_list.parse(frames)
    return _one(request, locate.instances(study, series, instance)[0], numbers)


def _one(request: Request, stored: StoredInstance, numbers: Sequence[int] | None = None) -> HttpResponseBase:
    parameters = _parameters(request)
    accepted = negotiation.accepted(request)
    shown = Shown.one(stored)
    if shown.category is Category.PRESENTATION_STATE:
        parameters.check_presentation_state()
    seen = rendition(shown, Links.of(request), parameters, numbers)
    return rendered_response.one(request, seen, parameters, accepted)


def _several(request: Request, found: Sequence[StoredInstance]) -> HttpResponseBase:
    parameters = _parameters(request)
    accepted = negotiation.accepted(request)
    seen = list(_seen(found, Links.of(request), parameters))
    return rendered_response.several(request, seen, parameters, accepted)


def _seen(found: Sequence[StoredInstance], links: Links, parameters: RenderingParameters) -> Iterator[Rendition]:
    """What presentation states refer to is there by itself (WADO-98); instances of nothing to see are left out."""
    for shown in Shown.all(found):
        if shown.category is not Category.PRESENTATION_STATE:
            with suppress(NotRenderable):
                yield rendition(shown, links, parameters)


def _parameters(request: Request) -> RenderingParameters:
    return rendering_parameters.rendered(dict(request.GET.lists()))
