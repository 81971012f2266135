"""Search transaction of the Worklist Service (UPS-RS SearchForUPS, PS3.18 Section 11.9)."""

from collections.abc import Iterator, Sequence

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom.matching.attribute_paths import AttributePath, resembles_attribute
from dicomweb import negotiation, offers, responses, search_answer
from dicomweb.errors import BadRequest
from dicomweb.http import search_parameters
from dicomweb.http.warnings import service_warning, warning
from dicomweb.links import Links
from workflow.selectors.keys import read_keys
from workflow.selectors.search import Query, search

#: Longer names are cut where they are told.
LONGEST_NAME = 64


def workitems(request: Request) -> HttpResponseBase:
    offer = negotiation.choose(request, offers.SEARCH)
    parameters = search_parameters.parse(request.META.get("QUERY_STRING", ""))
    _refuse_mistyped(parameters.unknown)
    keys, ignored = read_keys(parameters.matches, search_answer.reading(parameters))
    query = Query(
        keys,
        include=parameters.include,
        include_all=parameters.include_all,
        limit=parameters.limit,
        offset=parameters.offset,
    )
    result = search(query)
    response = search_answer.answer(request, result, offer) if result.count else responses.no_content()
    service = Links.of(request).root
    told = [service_warning(service, text) for text in search_answer.more(result)]
    told += map(warning, _ignored(ignored, parameters.unknown))
    if told:
        response["Warning"] = ", ".join(told)
    return response


def _refuse_mistyped(names: Sequence[str]) -> None:
    """A key that is not read finds too much, and who claims from a worklist takes the wrong work.

    Raises:
        BadRequest: one of the names seems to be meant as an attribute.
    """
    for name in names:
        if resembles_attribute(name):
            raise BadRequest(f"{name} is no attribute of PS3.6; attributes are named by keyword or tag.")


def _ignored(keys: Sequence[AttributePath], names: Sequence[str]) -> Iterator[str]:
    yield from search_answer.ignored_keys(keys)
    if names:
        told = ", ".join(name[:LONGEST_NAME] for name in names[: search_answer.NAMED])
        yield f"Names that this resource does not know were ignored: {told}"
