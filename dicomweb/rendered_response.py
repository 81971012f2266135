"""Renditions as an answer: one as its body, or each as one part or several (PS3.18 Section 10.4.3.3.3)."""

from collections.abc import Sequence

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering import encoders
from archive.dicom.rendering.reports.pages import CONTENT_SECURITY_POLICY
from dicomweb import caching, multipart_response
from dicomweb.errors import NotAcceptable
from dicomweb.http import accept
from dicomweb.http.accept import AcceptedType, Offer
from dicomweb.http.rendering_parameters import RenderingParameters
from dicomweb.http.warnings import service_warning
from dicomweb.links import Links
from dicomweb.parts import Groups
from dicomweb.renditions.rendition import Rendition
from dicomweb.single_part import single_part

Accepted = Sequence[AcceptedType]

PDF = "application/pdf"

#: What is rendered may be in a frame of the archive's own pages, and runs nothing there: who stored it said what it is.
#: Browsers show no PDF in a sandbox.
OWN_PAGES = "frame-ancestors 'self'"
NOTHING_RUNS = f"sandbox; {OWN_PAGES}"
NOTHING_IS_LOADED = f"{CONTENT_SECURITY_POLICY}; {NOTHING_RUNS}"


def one(
    request: Request,
    rendition: Rendition,
    parameters: RenderingParameters,
    accepted: Accepted,
    *,
    parts: bool = True,
) -> HttpResponseBase:
    """What is seen of one instance, or of frames of it, in what is accepted.

    Args:
        parts: whether it can be given in parts.

    Raises:
        NotAcceptable: it cannot be given so.
        MalformedRendering: the media type has no room for the ICC profile that is asked for (WADO-96).
    """
    possible = [offer for offer in rendition.offers if parts or not offer.multipart]
    offer = accept.choose(accepted, possible)
    if offer is None:
        raise NotAcceptable(list(map(str, possible)))
    _check(parameters, offer)
    if offer.multipart:
        return _finished(request, _multipart(request, [(rendition, offer)], parameters), parameters, rendition.source)
    response = single_part(request, f"{rendition.digest} {parameters}", offer.media_type, rendition.alone(offer))
    return _finished(request, response, parameters, rendition.source)


def several(
    request: Request, renditions: Sequence[Rendition], parameters: RenderingParameters, accepted: Accepted
) -> HttpResponseBase:
    """What is seen of many instances, each in what of its own is accepted; the others are left out (WADO-84).

    Raises:
        NotAcceptable, NotRenderable: that leaves none.
    """
    if not renditions:
        raise NotRenderable("There is nothing here that can be shown.")
    possible = [(rendition, [offer for offer in rendition.offers if offer.multipart]) for rendition in renditions]
    choices = [(rendition, accept.choose(accepted, available)) for rendition, available in possible]
    given = [(rendition, offer) for rendition, offer in choices if offer]
    if not given:
        raise NotAcceptable(list(dict.fromkeys(str(offer) for _, available in possible for offer in available)))
    for offer in {offer for _, offer in given}:
        _check(parameters, offer)
    return _finished(request, _multipart(request, given, parameters), parameters, None)


def _check(parameters: RenderingParameters, offer: Offer) -> None:
    parameters.check_profile(can_embed=encoders.can_embed_profile(offer.media_type))


def _multipart(
    request: Request, given: Sequence[tuple[Rendition, Offer]], parameters: RenderingParameters
) -> HttpResponseBase:
    return multipart_response.answer(
        request,
        given[0][1].media_type,
        Groups([rendition.parts(offer) for rendition, offer in given]),
        [str(parameters), *(f"{rendition.digest} {offer}" for rendition, offer in given)],
    )


def _finished(
    request: Request, response: HttpResponseBase, parameters: RenderingParameters, source: str | None
) -> HttpResponseBase:
    caching.keep(request, response, source)
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Content-Security-Policy"] = _policy(response.get("Content-Type", "").partition(";")[0])
    if parameters.unsupported_annotation:
        names = ", ".join(parameters.unsupported_annotation)
        response["Warning"] = service_warning(
            Links.of(request).root, f"The following annotation values are not supported: {names}"
        )
    return response


def _policy(media_type: str) -> str:
    if media_type == PDF:
        return OWN_PAGES
    return NOTHING_IS_LOADED if media_type.startswith("text/") else NOTHING_RUNS
