"""The URI Service (WADO-URI, PS3.18 Section 9): an instance as it is (Section 9.4), or rendered (Section 9.5)."""

from collections.abc import Sequence

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom.rendering.categories import Category
from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN
from archive.selectors import deidentified, locate, presented
from archive.selectors.locate import StoredInstance
from archive.selectors.rendered import Shown
from dicomweb import instance_response, negotiation, offers, rendered_response
from dicomweb.errors import BadRequest, NotAcceptable
from dicomweb.http import accept, rendering_parameters, wado_parameters
from dicomweb.http.accept import AcceptedType
from dicomweb.http.media_types import MediaType
from dicomweb.http.rendering_parameters import UriRendering
from dicomweb.http.wado_parameters import WadoRequest
from dicomweb.links import Links
from dicomweb.renditions.categories import rendition
from dicomweb.renditions.images import presentation
from dicomweb.renditions.rendition import Rendition


def instance(request: Request) -> HttpResponseBase:
    wanted = wado_parameters.parse(dict(request.GET.lists()), request.headers.get("Accept"))
    found = locate.instances(wanted.study, wanted.series, wanted.instance)
    if not wanted.dicom:
        return _rendered(request, wanted, found[0])
    accepted = [AcceptedType(MediaType("application", "dicom"), transfer_syntax=wanted.transfer_syntax)]
    if wanted.anonymize:
        return _deidentified(found[0], accepted)
    return instance_response.instances(request, found, accepted, one=True)


def _deidentified(stored: StoredInstance, accepted: list[AcceptedType]) -> HttpResponseBase:
    """The object without what identifies the patient; it is made for each request."""
    available = offers.instances(stored.transfer_syntax_uid, one=True)
    offer = accept.choose(accepted, available)
    if offer is None:
        raise NotAcceptable([str(offer) for offer in available if not offer.multipart])
    target = offer.transfer_syntax or EXPLICIT_VR_LITTLE_ENDIAN
    with negotiation.or_available(offers.instance_as_stored(stored.transfer_syntax_uid, one=True)):
        pieces = deidentified.instance(stored, target)
    return StreamingHttpResponse(pieces, content_type=f"{offers.DICOM}; transfer-syntax={target}")


def _rendered(request: Request, wanted: WadoRequest, stored: StoredInstance) -> HttpResponseBase:
    """As one body. Frames that nobody asked to see one after the other are represented by the first (OTH-13)."""
    rendering = rendering_parameters.uri(dict(request.GET.lists()))
    accepted = accept.parse(wanted.content_type or request.headers.get("Accept"))
    shown = Shown.one(stored)
    numbers = _frames(shown, rendering.frame, accepted)
    seen = _rendition(request, shown, numbers, rendering)
    return rendered_response.one(request, seen, rendering.parameters, accepted, parts=False)


def _rendition(request: Request, shown: Shown, numbers: Sequence[int] | None, rendering: UriRendering) -> Rendition:
    """The instance by itself, or as a presentation state of its study has it."""
    state, links = rendering.presentation_state, Links.of(request)
    if state is None:
        return rendition(shown, links, rendering.parameters, numbers)
    (found,) = locate.instances(shown.stored.study, state.series, state.instance)
    pictures = presented.pictures_of(shown, shown.pictures(numbers).numbers, found)
    return presentation(pictures, links.root, rendering.parameters)


def _frames(shown: Shown, frame: int | None, accepted: Sequence[AcceptedType]) -> Sequence[int] | None:
    """The frame that is meant; None for the whole instance."""
    if frame is not None:
        if shown.frame_count <= 1:
            raise BadRequest("The frameNumber is of an instance that has several frames, and this one has not.")
        if frame > shown.frame_count:
            raise BadRequest(f"The frameNumber is more than the {shown.frame_count} frames of the instance.")
        return [frame]
    animated = accept.choose(accepted, offers.PICTURE) == offers.ANIMATION
    return [1] if shown.category is Category.IMAGE and shown.frame_count > 1 and not animated else None
