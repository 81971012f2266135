"""The query of the URI Service, WADO-URI (PS3.18 Section 9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.dicom.uids import is_tolerable_uid, is_uid
from dicomweb.http import accept
from dicomweb.http.media_types import MalformedMediaType, MediaType

#: PS3.18 Table 9.1.2-1: what names the instance.
UIDS = ("studyUID", "seriesUID", "objectUID")
DICOM = "application/dicom"


class MalformedWado(ValueError):
    """The query is none of the URI Service. The message repeats none of its values."""


@dataclass(frozen=True, slots=True)
class WadoRequest:
    """What a query asks for.

    Args:
        dicom: an object is asked for; else what it looks like.
        content_type: the rendered types that the query names; None when it names none.
        transfer_syntax: None for the default.
    """

    study: str
    series: str
    instance: str
    dicom: bool
    content_type: str | None = None
    transfer_syntax: str | None = None
    anonymize: bool = False


def parse(query: Mapping[str, Sequence[str]], accept_header: str | None) -> WadoRequest:
    """Read the values of each parameter (OTH-12, OTH-14, OTH-15); `rendering_parameters` has those of rendered images.

    Raises:
        MalformedWado: a parameter is missing, repeated, or has a value that it cannot have.
    """
    if _only(query, "requestType") != "WADO":
        raise MalformedWado("The requestType of a request to the URI Service is WADO.")
    study, series, instance = (_uid(query, name) for name in UIDS)
    transfer_syntax = _only(query, "transferSyntax")
    if transfer_syntax is not None and not is_uid(transfer_syntax):
        raise MalformedWado("The transferSyntax is not a UID, or more than one.")
    anonymize = _only(query, "anonymize")
    if anonymize not in {None, "yes"}:
        raise MalformedWado("The anonymize parameter has one value: yes.")
    content_type = _only(query, "contentType")
    dicom = _accepts_dicom(accept_header) if content_type is None else _is_dicom(content_type)
    if anonymize and not dicom:
        # Who asks for it has to know that what is burnt into pixels is still there.
        raise MalformedWado("The anonymize parameter is for objects: contentType, or Accept, is application/dicom.")
    return WadoRequest(study, series, instance, dicom, content_type, transfer_syntax, anonymize is not None)


def _only(query: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = query.get(name, ())
    if len(values) > 1:
        raise MalformedWado(f"The query gives {name} more than once.")
    return values[0] if values else None


def _uid(query: Mapping[str, Sequence[str]], name: str) -> str:
    uid = _only(query, name)
    if uid is None or not is_tolerable_uid(uid):
        raise MalformedWado(f"The query has no {name} that is a UID.")
    return uid


def _is_dicom(content_type: str) -> bool:
    """Whether contentType names objects; else it names rendered types, one or more (PS3.18 Section 9.1.2.2.1)."""
    try:
        named = [MediaType.parse(entry) for entry in content_type.split(",")]
    except MalformedMediaType as error:
        raise MalformedWado("The contentType is not a media type.") from error
    if any(media_type.parameter(name) is not None for media_type in named for name in ("transfer-syntax", "charset")):
        raise MalformedWado("The contentType has a parameter: the query has transferSyntax and charset for that.")
    essences = {media_type.essence for media_type in named}
    if DICOM in essences and len(essences) > 1:
        raise MalformedWado("The contentType names application/dicom and another media type.")
    return essences == {DICOM}


def _accepts_dicom(header: str | None) -> bool:
    """Whether the Accept header asks for objects: for any type, a rendered image is meant (PS3.18 Section 9.3)."""
    entries = [entry for entry in accept.parse(header) if entry.range.covers(DICOM)]
    best = max(entries, key=lambda entry: entry.specificity, default=None)
    return best is not None and best.quality > 0 and best.range.type != "*"
