"""Store transaction (STOW-RS, PS3.18 Section 10.5)."""

from collections.abc import Iterator

import orjson
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom import native_xml
from archive.dicom.dicom_json import DataSet
from archive.services.assembly import Assembly
from archive.services.outcomes import Outcome, Stored
from archive.services.store import StoreBatch
from dicomweb import body, negotiation, offers, responses, store_response
from dicomweb.errors import BadRequest
from dicomweb.http.accept import Offer
from dicomweb.http.warnings import warning
from dicomweb.links import Links
from dicomweb.store_parts import Files, Metadata, take
from dicomweb.store_request import StoreForm

#: So many different reasons are told in Warning headers.
EXPLAINED = 5


def studies(request: Request) -> HttpResponseBase:
    return _store(request, study=None)


def study(request: Request, study: str) -> HttpResponseBase:
    return _store(request, study=study)


def _store(request: Request, *, study: str | None) -> HttpResponseBase:
    offer = negotiation.choose(request, offers.STORE_RESPONSE)
    form = StoreForm.of(request)
    data = body.chunks(request)
    batch = StoreBatch(study=study)
    try:
        _take(batch, form, data, Links.of(request))
    except BaseException:
        batch.abandon()
        raise
    return _answer(request, batch.finish(), offer)


def _take(batch: StoreBatch, form: StoreForm, data: Iterator[bytes], links: Links) -> None:
    """Give the batch every instance of the request, whatever form they come in."""
    if form.boundary is None:
        _take_file(batch, data)
    elif form.root == offers.DICOM:
        with Files(batch) as files:
            take(files, data, form.boundary)
    else:
        with Assembly(batch, base=f"{links.root}/studies") as assembly:
            take(Metadata(assembly, form.root), data, form.boundary)
            assembly.finish()


def _take_file(batch: StoreBatch, data: Iterator[bytes]) -> None:
    with Files(batch) as files:
        for chunk in data:
            files.write(chunk)
        if not files.size:
            raise BadRequest("The request has no body.")
        files.end()


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
