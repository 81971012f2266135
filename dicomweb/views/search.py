"""Search transaction (QIDO-RS, PS3.18 Section 10.6)."""

from collections.abc import Iterator

import orjson
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom import native_xml
from archive.dicom.matching.attribute_paths import AttributePath, name_of
from archive.dicom.matching.query_keys import Reading
from archive.queryable import Level
from archive.selectors import search
from archive.selectors.keys import read_keys
from archive.selectors.metadata import RetrieveURL
from archive.selectors.search import Query, SearchResult
from dicomweb import negotiation, offers, responses
from dicomweb.http import search_parameters
from dicomweb.http.accept import Offer
from dicomweb.http.search_parameters import SearchParameters
from dicomweb.http.warnings import warning
from dicomweb.links import Links

#: So many ignored keys are named in Warning headers.
NAMED = 5


def studies(request: Request) -> HttpResponseBase:
    return _search(request, Level.STUDY)


def series(request: Request) -> HttpResponseBase:
    return _search(request, Level.SERIES)


def instances(request: Request) -> HttpResponseBase:
    return _search(request, Level.INSTANCE)


def study_series(request: Request, study: str) -> HttpResponseBase:
    return _search(request, Level.SERIES, study=study)


def study_instances(request: Request, study: str) -> HttpResponseBase:
    return _search(request, Level.INSTANCE, study=study)


def series_instances(request: Request, study: str, series: str) -> HttpResponseBase:
    return _search(request, Level.INSTANCE, study=study, series=series)


def _search(request: Request, level: Level, *, study: str | None = None, series: str | None = None) -> HttpResponseBase:
    offer = negotiation.choose(request, offers.SEARCH)
    parameters = search_parameters.parse(request.META.get("QUERY_STRING", ""))
    keys, ignored = read_keys(level, parameters.matches, _reading(parameters))
    query = Query(
        level,
        keys,
        study=study,
        series=series,
        include=parameters.include,
        include_all=parameters.include_all,
        limit=parameters.limit,
        offset=parameters.offset,
    )
    result = search.search(query, _retrieve_url(Links.of(request)))
    response = _answer(request, result, offer)
    if texts := list(_warnings(ignored, result)):
        response["Warning"] = ", ".join(map(warning, texts))
    return response


def _answer(request: Request, result: SearchResult, offer: Offer) -> HttpResponseBase:
    if offer.media_type != responses.DICOM_XML:
        return responses.dicom_json_array(map(orjson.dumps, result.data_sets), result.count)
    if not result.count:
        return responses.no_content()
    charset = negotiation.character_set(request, offer)
    documents = ((None, native_xml.to_xml(data_set, charset.name)) for data_set in result.data_sets)
    return responses.dicom_xml_parts(documents, result.count, charset)


def _retrieve_url(links: Links) -> RetrieveURL:
    by_depth = (links.study, links.series, links.instance)
    return lambda *uids: by_depth[len(uids) - 1](*uids)


def _reading(parameters: SearchParameters) -> Reading:
    return Reading(
        fuzzy=parameters.fuzzymatching,
        empty_values=parameters.emptyvaluematching,
        multiple_values=parameters.multiplevaluematching,
    )


def _warnings(ignored: list[AttributePath], result: SearchResult) -> Iterator[str]:
    """What the client should know about an answer of 200; the first is in the standard's words."""
    if result.remaining:
        yield f"There are {result.remaining} additional results that can be requested"
    if ignored:
        names = ", ".join(map(name_of, ignored[:NAMED]))
        yield f"Attributes that this resource cannot match were ignored: {names}"
