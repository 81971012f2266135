"""What each transaction takes and gives, by its view module: for capabilities and the conformance statement.

Media types, keys and character sets are read from the tables that the views themselves use.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from archive import queryable
from archive.dicom.rendering.pictures import ANNOTATIONS
from archive.dicom.transfer_syntaxes import OCTET_STREAM, TRANSFER_SYNTAXES
from archive.queryable import Level
from dicomweb import offers, store_request, workitem_request
from dicomweb.http import charsets, rendering_parameters, wado_parameters
from dicomweb.http.accept import Offer
from dicomweb.http.media_types import MULTIPART_RELATED
from dicomweb.rendered_response import PDF
from dicomweb.views import (
    bulkdata,
    change_workitem_state,
    create_workitem,
    delete,
    event_channel,
    event_feed,
    event_ticket,
    instances,
    label_study,
    labels,
    metadata,
    pixel_data,
    rendered,
    request_cancellation,
    retrieve_workitem,
    search,
    search_workitems,
    store,
    subscribe,
    suspend,
    thumbnail,
    unsubscribe,
    update_workitem,
    wado_uri,
)
from workflow import attribute_table
from workflow.selectors.keys import is_matched


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter or header field.

    Args:
        values: those that are possible, where they can be listed.
        key: whether it is an attribute that a search matches.
        several: whether it can have more than one value, with commas between them.
    """

    name: str
    type: str = "xs:string"
    values: Sequence[str] = ()
    required: bool = False
    key: bool = False
    several: bool = False


Parameters = tuple[Parameter, ...]


def _nothing(route: str) -> Parameters:
    return ()


def _no_forms(route: str) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction of PS3.18.

    Args:
        section: of PS3.18; empty for what the standard does not have.
        gives: the forms of its answers for a route, the default first.
        status: of its answers when all is well.
        takes: the media types of its requests.
        query: its query parameters for a route, besides `accept`.
        headers: the request header fields that it understands, besides Accept, Authorization and Accept-Encoding.
        searches: whether its query parameters are attributes, too.
    """

    name: str
    section: str
    gives: Callable[[str], Sequence[str]] = _no_forms
    status: int = 200
    takes: Sequence[str] = ()
    query: Callable[[str], Parameters] = _nothing
    headers: Sequence[str] = ()
    searches: bool = False


# -- media types -----------------------------------------------------------------


def _without_syntaxes(found: Sequence[Offer]) -> list[str]:
    forms = (Offer(offer.media_type, multipart=offer.multipart) for offer in found)
    return list(dict.fromkeys(map(str, forms)))


def _instance_types(route: str) -> list[str]:
    objects = [offer for offer in offers.OBJECT if offer.multipart or route.endswith("<uid:instance>")]
    return _without_syntaxes([*objects, *offers.BULK_DATA])


def _pixel_types(route: str) -> list[str]:
    """Of frames and of one bulk value, or of all that a resource has."""
    if route.endswith("data"):
        return _without_syntaxes(offers.BULK_DATA)
    return list(_forms_of_pixels())


@cache
def _forms_of_pixels() -> Sequence[str]:
    found = [offer for uid in TRANSFER_SYNTAXES for offer in offers.pixel_data(uid, one=True)]
    return sorted(_without_syntaxes(found), key=lambda form: (OCTET_STREAM not in form, "multipart" not in form))


def _rendered_types(route: str) -> list[str]:
    """Of one instance or frame, or of many, which come in parts."""
    found = [*offers.PICTURE, *offers.TEXT, *offers.PLOT, *offers.as_stored(PDF), *offers.as_stored("video/mp4")]
    many = "<uid:study>" in route and "<uid:instance>" not in route
    return _without_syntaxes([offer for offer in found if offer.multipart or not many])


def _alone(forms: Sequence[str]) -> list[str]:
    return [form for form in forms if not form.startswith(MULTIPART_RELATED)]


# -- query parameters ------------------------------------------------------------

#: PS3.18 Table 8.3.4-1.
SEARCH_PARAMETERS = (
    Parameter("includefield", several=True),
    Parameter("limit", "xs:nonNegativeInteger"),
    Parameter("offset", "xs:nonNegativeInteger"),
    *(
        Parameter(name, "xs:boolean", ("true", "false"))
        for name in ("fuzzymatching", "emptyvaluematching", "multiplevaluematching")
    ),
)


#: PS3.18 Section 8.3.4.1.
OTHER_KEYS = "Attributes are named by keyword or by tag; others than those listed are matched too, in stored data sets."


def match_keys(level: Level) -> list[tuple[str, str]]:
    """The attributes that a search at this level can match, each as its keyword and as its tag."""
    single = [
        (row.keyword, row.tag) for row in queryable.attributes(level).values() if queryable.matchable(level, (row.tag,))
    ]
    sequence = queryable.attributes(level).get(queryable.REQUEST_ATTRIBUTES_SEQUENCE)
    nested = [
        (f"{sequence.keyword}.{row.keyword}", f"{sequence.tag}.{row.tag}")
        for row in queryable.REQUEST_ATTRIBUTES
        if sequence and queryable.matchable(level, (sequence.tag, row.tag))
    ]
    return sorted(single + nested, key=lambda key: key[1])


def searched_level(route: str) -> Level:
    return {"studies": Level.STUDY, "series": Level.SERIES, "instances": Level.INSTANCE}[route.rpartition("/")[2]]


def _search_parameters(route: str) -> Parameters:
    return (*SEARCH_PARAMETERS, CHARSET, *_keys(match_keys(searched_level(route))))


def _keys(keys: Iterable[tuple[str, str]]) -> Iterator[Parameter]:
    return (Parameter(name, key=True) for key in keys for name in key)


def workitem_keys() -> list[tuple[str, str]]:
    """The unique and required keys of PS3.4 Table CC.2.5-3, each as its keywords and as its tags."""
    rows = (row for row in attribute_table.ROWS.values() if row.match in {"U", "R"} and is_matched(row.path))
    return sorted(((row.keywords, ".".join(row.path)) for row in rows), key=lambda key: key[1])


def _workitem_parameters(route: str) -> Parameters:
    return (*SEARCH_PARAMETERS, CHARSET, *_keys(workitem_keys()))


CHARSET = Parameter("charset", values=[character_set.name for character_set in charsets.SUPPORTED])

#: PS3.18 Table 8.3.5-1, and what the archive's own pages add to it.
VIEWPORT = Parameter("viewport")
VERSION = Parameter("v")
RENDERING_PARAMETERS = (
    Parameter("annotation", values=ANNOTATIONS, several=True),
    Parameter("quality", "xs:positiveInteger"),
    VIEWPORT,
    Parameter("window"),
    Parameter("iccprofile", values=rendering_parameters.ICC_PROFILES),
    VERSION,
)

#: PS3.18 Tables 9.1.2-1, 9.1.2-2, 9.4.1-1 and 9.5.1-1.
URI_PARAMETERS = (
    Parameter("requestType", values=["WADO"], required=True),
    *(Parameter(name, required=True) for name in wado_parameters.UIDS),
    Parameter("contentType"),
    Parameter("transferSyntax"),
    Parameter("anonymize", values=["yes"]),
    *(Parameter(name, "xs:positiveInteger") for name in ("frameNumber", "rows", "columns", "imageQuality")),
    *(Parameter(name) for name in ("region", "windowCenter", "windowWidth")),
    *(Parameter(name, values=ANNOTATIONS, several=True) for name in rendering_parameters.URI_ANNOTATION),
    *(Parameter(name) for name in ("presentationSeriesUID", "presentationUID")),
)


def _suspend_parameters(route: str) -> Parameters:
    """Where the path does not say whose subscription it is."""
    return () if "<ae:ae_title>" in route else (AE_TITLE,)


WORKITEM = Parameter("workitem")
TRANSACTION_UID = Parameter("transaction-uid")
REQUESTER = Parameter("requester")
AE_TITLE = Parameter("aetitle")
AFTER = Parameter("after", "xs:nonNegativeInteger")
FEED = (AFTER, Parameter("limit", "xs:positiveInteger"))
SUBSCRIPTION = (Parameter("deletionlock", "xs:boolean", ("true", "false")), Parameter("filter"))

# -- the table -------------------------------------------------------------------

#: Conditional requests, and ranges of what is given alone.
RANGES = ("If-None-Match", "Range", "If-Range")

#: By the name of the view module.
TRANSACTIONS = {
    search.__name__: Transaction(
        "Search",
        "10.6",
        gives=lambda route: _without_syntaxes(offers.SEARCH),
        query=_search_parameters,
        headers=["Accept-Charset"],
        searches=True,
    ),
    search_workitems.__name__: Transaction(
        "Search for Workitems",
        "11.9",
        gives=lambda route: _without_syntaxes(offers.SEARCH),
        query=_workitem_parameters,
        headers=["Accept-Charset"],
        searches=True,
    ),
    store.__name__: Transaction(
        "Store",
        "10.5",
        gives=lambda route: _without_syntaxes(offers.STORE_RESPONSE),
        takes=store_request.SUPPORTED,
    ),
    instances.__name__: Transaction("Retrieve Instances", "10.4", gives=_instance_types, headers=RANGES),
    metadata.__name__: Transaction(
        "Retrieve Metadata",
        "10.4",
        gives=lambda route: _without_syntaxes(offers.METADATA),
        query=lambda route: (CHARSET,),
        headers=["Accept-Charset", "If-None-Match"],
    ),
    pixel_data.__name__: Transaction(
        "Retrieve Pixel Data",
        "10.4",
        gives=_pixel_types,
        headers=RANGES,
    ),
    bulkdata.__name__: Transaction(
        "Retrieve Bulk Data",
        "10.4",
        gives=_pixel_types,
        headers=RANGES,
    ),
    rendered.__name__: Transaction(
        "Retrieve Rendered",
        "10.4",
        gives=_rendered_types,
        query=lambda route: (*RENDERING_PARAMETERS, CHARSET),
        headers=["Accept-Charset", "If-None-Match", "Range", "If-Range"],
    ),
    thumbnail.__name__: Transaction(
        "Retrieve Thumbnail",
        "10.4",
        gives=lambda route: _without_syntaxes(offers.PICTURE),
        query=lambda route: (VIEWPORT, VERSION),
        headers=["If-None-Match"],
    ),
    wado_uri.__name__: Transaction(
        "Retrieve Instance, DICOM or rendered (URI Service)",
        "9",
        gives=lambda route: [offers.DICOM, *_alone(_rendered_types(route))],
        query=lambda route: URI_PARAMETERS,
        headers=RANGES,
    ),
    delete.__name__: Transaction("Delete", "", status=204),
    create_workitem.__name__: Transaction(
        "Create Workitem", "11.4", status=201, takes=workitem_request.SUPPORTED, query=lambda route: (WORKITEM,)
    ),
    retrieve_workitem.__name__: Transaction(
        "Retrieve Workitem",
        "11.5",
        gives=lambda route: _without_syntaxes(offers.WORKITEM),
        query=lambda route: (CHARSET,),
        headers=["Accept-Charset", "If-None-Match"],
    ),
    update_workitem.__name__: Transaction(
        "Update Workitem", "11.6", takes=workitem_request.SUPPORTED, query=lambda route: (TRANSACTION_UID,)
    ),
    change_workitem_state.__name__: Transaction(
        "Change Workitem State", "11.7", takes=workitem_request.SUPPORTED, query=lambda route: (REQUESTER,)
    ),
    request_cancellation.__name__: Transaction(
        "Request Cancellation",
        "11.8",
        status=202,
        takes=workitem_request.SUPPORTED,
        query=lambda route: (REQUESTER,),
    ),
    subscribe.__name__: Transaction("Subscribe", "11.10", status=201, query=lambda route: SUBSCRIPTION),
    unsubscribe.__name__: Transaction("Unsubscribe", "11.11"),
    event_channel.__name__: Transaction(
        "Open Event Channel", "8.10.4", status=101, query=lambda route: (AFTER, Parameter("ticket"))
    ),
    event_feed.__name__: Transaction(
        "Retrieve Event Reports",
        "",
        gives=lambda route: _without_syntaxes(offers.PLAIN_JSON),
        query=lambda route: FEED,
    ),
    event_ticket.__name__: Transaction(
        "Create Event Channel Ticket", "", status=201, gives=lambda route: _without_syntaxes(offers.PLAIN_JSON)
    ),
    suspend.__name__: Transaction("Suspend Global Subscription", "11.12", query=_suspend_parameters),
}

#: The archive's own, which are below `/api/`.
LABELING = {
    labels.__name__: Transaction("Labels", "", gives=lambda route: _without_syntaxes(offers.PLAIN_JSON)),
    label_study.__name__: Transaction("Label Study", "", status=204),
}
