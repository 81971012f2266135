"""Retrieve bulk data (WADO-RS, PS3.18 Section 10.4.1.1.5): what a BulkDataURI of the metadata points to."""

from functools import partial

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.selectors import content, locate
from archive.selectors.locate import StoredValue
from dicomweb import conditional, negotiation, offers, pixel_data_response
from dicomweb.links import Links
from dicomweb.multipart_response import Part, multipart_related
from dicomweb.single_part import single_part


def value(request: Request, study: str, series: str, instance: str, reference: str) -> HttpResponseBase:
    stored = locate.instances(study, series, instance)[0]
    found = locate.bulk_value(stored, reference)
    location = f"{Links.of(request).instance(study, series, instance)}/bulkdata/{reference}"
    if found.value.encapsulated:
        frames = locate.frames(stored)
        numbers = range(1, frames.index.count + 1)
        locations = [f"{location}/frames/{number}" for number in numbers] if len(numbers) > 1 else [location]
        return pixel_data_response.frames(request, frames, numbers, locations)
    return _octets(request, found, location)


def _octets(request: Request, found: StoredValue, location: str) -> HttpResponseBase:
    offer = negotiation.choose(request, offers.bulk_value(found.value.media_type))
    length = found.value.range.length
    content_type = offers.bulk_value_type(offer.media_type)
    if not offer.multipart:
        digest = f"{found.stored.sha256}{location}"
        response = single_part(request, digest, length, content_type, partial(content.value, found))
        # Who stored a document said of what type it is: no browser may run it as if it were a page of the archive.
        response["Content-Security-Policy"] = "sandbox"
        return response
    tag = conditional.weak_tag([found.stored.sha256, location, offer.media_type])
    part = Part(content_type, location, length, partial(content.value, found))
    return conditional.unless_known(request, tag, lambda: multipart_related(offer.media_type, [part]))
