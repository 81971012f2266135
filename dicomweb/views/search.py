"""Search transaction (QIDO-RS, PS3.18 Section 10.6)."""

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.queryable import Level
from archive.selectors import search
from archive.selectors.keys import read_keys
from archive.selectors.metadata import RetrieveURL
from archive.selectors.search import Query
from dicomweb import negotiation, offers, search_answer
from dicomweb.http import search_parameters
from dicomweb.http.warnings import warning
from dicomweb.links import Links


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
    keys, ignored = read_keys(level, parameters.matches, search_answer.reading(parameters))
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
    response = search_answer.answer(request, result, offer)
    if texts := [*search_answer.more(result), *search_answer.ignored_keys(ignored)]:
        response["Warning"] = ", ".join(map(warning, texts))
    return response


def _retrieve_url(links: Links) -> RetrieveURL:
    by_depth = (links.study, links.series, links.instance)
    return lambda *uids: by_depth[len(uids) - 1](*uids)
