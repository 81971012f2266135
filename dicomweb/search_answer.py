"""What the searches for stored objects and for workitems share: how values are read, and the form of an answer."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import orjson
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from archive.dicom import native_xml
from archive.dicom.dicom_json import DataSet
from archive.dicom.matching.attribute_paths import AttributePath, name_of
from archive.dicom.matching.query_keys import Reading
from dicomweb import negotiation, responses
from dicomweb.http.accept import Offer
from dicomweb.http.search_parameters import SearchParameters

#: So many ignored keys are named in Warning headers.
NAMED = 5


class Found(Protocol):
    """One page: how many matches it has, their data sets, and how many more matches follow."""

    @property
    def count(self) -> int: ...
    @property
    def data_sets(self) -> Iterator[DataSet]: ...
    @property
    def remaining(self) -> int: ...


def reading(parameters: SearchParameters) -> Reading:
    return Reading(
        fuzzy=parameters.fuzzymatching,
        empty_values=parameters.emptyvaluematching,
        multiple_values=parameters.multiplevaluematching,
    )


def answer(request: Request, found: Found, offer: Offer) -> HttpResponseBase:
    """An array of JSON, or a document of XML for each match, of which there can be none."""
    if offer.media_type != responses.DICOM_XML:
        return responses.dicom_json_array(map(orjson.dumps, found.data_sets), found.count)
    if not found.count:
        return responses.no_content()
    charset = negotiation.character_set(request, offer)
    documents = ((None, native_xml.to_xml(data_set, charset.name)) for data_set in found.data_sets)
    return responses.dicom_xml_parts(documents, found.count, charset)


def more(found: Found) -> Iterator[str]:
    """That there is more, in the standard's words."""
    if found.remaining:
        yield f"There are {found.remaining} additional results that can be requested"


def ignored_keys(ignored: Sequence[AttributePath]) -> Iterator[str]:
    if ignored:
        names = ", ".join(map(name_of, ignored[:NAMED]))
        yield f"Attributes that this resource cannot match were ignored: {names}"
