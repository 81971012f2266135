"""Bulk data as an answer: one value, or all values of many instances (PS3.18 Section 10.4.3.3.5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom.bulkdata import BulkValue
from archive.dicom.pixel_data import PIXEL_DATA, PIXEL_DATA_TAGS
from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN
from archive.errors import BulkdataNotFound, NoBulkdata
from archive.selectors import content, locate
from archive.selectors.locate import StoredFrames, StoredIndexes, StoredInstance, StoredValue
from dicomweb import multipart_response, negotiation, offers, pixel_data_response
from dicomweb.errors import AnswerTooLarge, NotAcceptable
from dicomweb.http import accept
from dicomweb.http.accept import AcceptedType, Offer
from dicomweb.http.warnings import warning
from dicomweb.links import Links
from dicomweb.parts import AnyPart, Groups, Made, Part
from dicomweb.single_part import single_part

PIXEL_DATA_PATH = f"{PIXEL_DATA:08X}"
#: Frames apart, which are parts of one value.
MOST_VALUES = 1 << 18
PIXEL_DATA_PATHS = frozenset(f"{tag:08X}" for tag in PIXEL_DATA_TAGS)


@dataclass(frozen=True, slots=True)
class BulkResource:
    """One bulk value of an instance: what it can be given as, and the parts that it is then."""

    stored: StoredInstance
    indexes: StoredIndexes
    path: str
    value: BulkValue
    uri: str

    @property
    def frames(self) -> StoredFrames | None:
        """The frames of the value, if it is Pixel Data whose frames can be told apart."""
        if self.path != PIXEL_DATA_PATH or self.indexes.frames is None:
            return None
        return StoredFrames(self.stored, self.indexes.frames, self.indexes.inflation)

    @property
    def offers(self) -> tuple[Offer, ...]:
        """Empty where nobody can tell what the bytes are."""
        syntax = self.stored.transfer_syntax_uid
        if frames := self.frames:
            return offers.pixel_data(syntax, one=frames.index.count == 1, one_value=True)
        if not self.value.encapsulated:
            return offers.bulk_value(self.value.media_type)
        return () if self.path == PIXEL_DATA_PATH else offers.pixel_data_as_stored(syntax)

    @property
    def offers_as_stored(self) -> tuple[Offer, ...]:
        """What is left when the frames turn out to have no other form."""
        if not (frames := self.frames):
            return ()
        return offers.pixel_data_as_stored(self.stored.transfer_syntax_uid, one=frames.index.count == 1)

    def parts(self, offer: Offer) -> Sequence[AnyPart]:
        """The value, or its frames where each is compressed (WADO-13, WADO-65)."""
        frames, native = self.frames, offer.transfer_syntax == EXPLICIT_VR_LITTLE_ENDIAN
        if frames and not native:
            numbers = range(1, frames.index.count + 1)
            return pixel_data_response.frame_parts(frames, numbers, self._frame_uri, offer)
        if frames and self.value.encapsulated:
            return [Made(partial(self._decoded, frames, offer))]
        if self.value.encapsulated:
            return [Made(partial(self._joined, offer))]
        read = partial(content.value, self._stored_value)
        in_order = bool(self.indexes.inflation)
        return [Part(self.content_type(offer), self.uri, self.value.range.length, read, in_order=in_order)]

    def content_type(self, offer: Offer) -> str:
        pixels = self.frames is not None or self.value.encapsulated
        return offers.pixel_content_type(offer) if pixels else offers.bulk_value_type(offer.media_type)

    @property
    def _stored_value(self) -> StoredValue:
        return StoredValue(self.stored, self.value, self.indexes.inflation)

    def _frame_uri(self, number: int) -> str:
        frames = self.frames
        return f"{self.uri}/frames/{number}" if frames and frames.index.count > 1 else self.uri

    def _decoded(self, frames: StoredFrames, offer: Offer) -> Part:
        """All frames, decoded as they are read, as the one value that they are in native form."""
        native = pixel_data_response.native_value(frames)
        return Part(self.content_type(offer), self.uri, native.length, native.read)

    def _joined(self, offer: Offer) -> Part:
        """Fragments of something else than the object's own pixels, such as an icon: one stream."""
        found = content.fragments(self._stored_value)
        (span,) = found.locate([1])
        return Part(self.content_type(offer), self.uri, content.frame_length(span), partial(content.frame, found, span))


def one_value(request: Request, stored: StoredInstance, path: str, uri: str) -> HttpResponseBase:
    """The bulk value at a path of the bulk data index, whose BulkDataURI is `uri`.

    Raises:
        BulkdataNotFound: there is none that anybody could make sense of.
        NotAcceptable: it is in no form that the client accepts.
    """
    indexes = locate.indexes_of(stored)
    value = indexes.bulkdata.get(path)
    resource = BulkResource(stored, indexes, path, value, uri) if value else None
    if resource is None or not resource.offers:
        raise BulkdataNotFound(stored.instance)
    return negotiation.give(
        request, resource.offers, partial(_one_answer, request, resource), otherwise=resource.offers_as_stored
    )


def _one_answer(request: Request, resource: BulkResource, offer: Offer) -> HttpResponseBase:
    digest, content_type, parts = resource.stored.sha256, resource.content_type(offer), resource.parts(offer)
    if offer.multipart:
        digests = [digest, resource.uri, content_type]
        return multipart_response.answer(request, _essence(content_type), parts, digests)
    response = single_part(request, f"{digest}{resource.uri}", content_type, parts[0])
    # Who stored a document said of what type it is: no browser may run it as if it were a page of the archive.
    response["Content-Security-Policy"] = "sandbox"
    return response


def all_values(
    request: Request,
    found: Sequence[StoredInstance],
    accepted: Sequence[AcceptedType],
    *,
    pixel_data_only: bool = False,
) -> HttpResponseBase:
    """Every bulk value of the instances in a form that is accepted, each with its BulkDataURI (WADO-12, WADO-69).

    Raises:
        NoBulkdata: there is none.
        NotAcceptable: there is none in a form that is accepted.
        AnswerTooLarge: there are more than `MOST_VALUES`.
    """
    parts: list[Sequence[AnyPart]] = []
    digests: list[str] = []
    available: dict[str, None] = {}
    left_out = 0
    for resource in _resources(found, Links.of(request), pixel_data_only=pixel_data_only):
        several = [offer for offer in resource.offers if offer.multipart]
        offer = accept.choose(accepted, several)
        if offer is None:
            available |= dict.fromkeys(map(str, several))
            left_out += resource.path in PIXEL_DATA_PATHS
            continue
        if resource.frames is None and not resource.value.encapsulated:
            # A document is typed as what it is, also among octets (WADO-15).
            offer = replace(offer, media_type=resource.value.media_type)
        parts.append(resource.parts(offer))
        if len(parts) > MOST_VALUES:
            raise AnswerTooLarge(MOST_VALUES)
        digests += [resource.stored.sha256, resource.uri, resource.content_type(offer)]
    if not parts:
        raise NotAcceptable(list(available)) if available else NoBulkdata()
    response = multipart_response.answer(request, _essence(digests[2]), Groups(parts), digests)
    if left_out and response.status_code == HTTPStatus.OK:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Warning"] = warning(f"The pixel data of {left_out} instances are in no accepted form.")
    return response


def _resources(found: Sequence[StoredInstance], links: Links, *, pixel_data_only: bool) -> Iterator[BulkResource]:
    for stored, indexes in locate.with_indexes(found):
        instance_url = links.instance(stored.study, stored.series, stored.instance)
        for path, value in indexes.bulkdata.items():
            if path in PIXEL_DATA_PATHS or not pixel_data_only:
                yield BulkResource(stored, indexes, path, value, f"{instance_url}/bulkdata/{path}")


def _essence(content_type: str) -> str:
    return content_type.partition(";")[0]
