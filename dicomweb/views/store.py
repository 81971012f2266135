"""Store transaction (STOW-RS, PS3.18 Section 10.5)."""

from collections.abc import Iterator
from itertools import chain
from typing import Self

import orjson
from django.conf import settings
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom import native_xml
from archive.dicom.dicom_json import DataSet
from archive.services.outcomes import FailureReason, Outcome, Stored
from archive.services.spool import InstanceTooLarge, Spool
from archive.services.store import StoreBatch
from dicomweb import body, negotiation, offers, responses, store_response
from dicomweb.errors import BadRequest, UnsupportedMediaType
from dicomweb.http.accept import Offer
from dicomweb.http.media_types import MalformedMediaType, MediaType
from dicomweb.http.multipart import Decoder, MalformedMultipart, PartData, PartEnd
from dicomweb.http.warnings import warning
from dicomweb.links import Links

#: So many different reasons are told in Warning headers.
EXPLAINED = 5

SUPPORTED = ('multipart/related; type="application/dicom"', "application/dicom")


def studies(request: Request) -> HttpResponseBase:
    return _store(request, study=None)


def study(request: Request, study: str) -> HttpResponseBase:
    return _store(request, study=study)


def _store(request: Request, *, study: str | None) -> HttpResponseBase:
    offer = negotiation.choose(request, offers.STORE_RESPONSE)
    boundary = _boundary(request)
    data = body.chunks(request)
    batch = StoreBatch(study=study)
    try:
        if boundary is None:
            _take_one(batch, data)
        else:
            _take_parts(batch, data, boundary)
    except BaseException:
        batch.abandon()
        raise
    return _answer(request, batch.finish(), offer)


def _boundary(request: Request) -> str | None:
    """The boundary of a multipart request; None for a single part."""
    try:
        content_type = MediaType.parse(request.META.get("CONTENT_TYPE", ""))
    except MalformedMediaType as error:
        raise UnsupportedMediaType(SUPPORTED) from error
    if content_type.essence == "application/dicom":
        return None
    root = content_type.root if content_type.essence == "multipart/related" else None
    if root is None or root.essence != "application/dicom":
        raise UnsupportedMediaType(SUPPORTED)
    boundary = content_type.parameter("boundary")
    if boundary is None:
        raise BadRequest("The Content-Type has no boundary parameter.")
    return boundary


def _take_one(batch: StoreBatch, data: Iterator[bytes]) -> None:
    with _Part(batch) as part:
        for chunk in data:
            part.write(chunk)
        if not part.size:
            raise BadRequest("The request has no body.")
        part.end()


def _take_parts(batch: StoreBatch, data: Iterator[bytes], boundary: str) -> None:
    try:
        decoder = Decoder(boundary, max_parts=settings.ARCHIVE_MAX_PARTS)
        with _Part(batch) as part:
            for chunk in chain(data, [None]):
                for event in decoder.feed(chunk):
                    match event:
                        case PartData():
                            part.write(event.data)
                        case PartEnd():
                            part.end()
    except MalformedMultipart as error:
        raise BadRequest(str(error)) from error


class _Part:
    """The object that is arriving. One that is too large is refused, and the rest of its bytes dropped."""

    def __init__(self, batch: StoreBatch) -> None:
        self._batch = batch
        self._spool = Spool()
        self._refused = False

    @property
    def size(self) -> int:
        return self._spool.size

    def write(self, data: bytes) -> None:
        if self._refused:
            return
        try:
            self._spool.write(data)
        except InstanceTooLarge as error:
            self._refused = True
            self._batch.refuse(FailureReason.PROCESSING_FAILURE, str(error))

    def end(self) -> None:
        """The object is complete: hand it over, and be ready for the next."""
        if self._refused:
            self._spool.close()
        else:
            self._batch.add(self._spool)
        self._spool = Spool()
        self._refused = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()


def _answer(request: Request, outcomes: list[Outcome], offer: Offer) -> HttpResponseBase:
    links = Links.of(request)
    response = _document(store_response.module(outcomes, links), offer)
    response.status_code = store_response.status(outcomes)
    if location := _location(outcomes, links):
        response["Location"] = response["Content-Location"] = location
    if explanations := store_response.explanations(outcomes):
        response["Warning"] = ", ".join(map(warning, explanations[:EXPLAINED]))
    return response


def _document(module: DataSet, offer: Offer) -> HttpResponseBase:
    if offer.media_type != responses.DICOM_XML:
        return responses.dicom_json(orjson.dumps(module))
    xml = native_xml.to_xml(module)
    return responses.dicom_xml_parts([(None, xml)], 1) if offer.multipart else responses.dicom_xml(xml)


def _location(outcomes: list[Outcome], links: Links) -> str | None:
    """What was created (STOW-66): the instance, or its study when there are several; none when nothing is new."""
    created = [outcome.identity for outcome in outcomes if isinstance(outcome, Stored) and outcome.created]
    studies = {identity.study for identity in created}
    if len(created) == 1:
        return links.instance(created[0].study, created[0].series, created[0].instance)
    return links.study(*studies) if len(studies) == 1 else None
