"""What a client accepts (RFC 9110 Section 12.5.1, PS3.18 Section 8.7.7), and what is chosen for it (Section 8.7.8)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from dicomweb.http.media_types import MULTIPART_RELATED, MalformedMediaType, MediaType

#: An entry ends at a comma, but not at one inside a quoted-string.
_ENTRY = re.compile(r'(?:[^",]++|"(?:[^"\\]|\\.?)*+"?)++', re.DOTALL)
#: Between two such characters a space can only be a `+` that was not percent-encoded.
_DECODED_PLUS = re.compile(r"(?<=[0-9A-Za-z]) (?=[0-9A-Za-z])")
_WEIGHT = re.compile(r"0(?:\.[0-9]*)?|1(?:\.0*)?")


@dataclass(frozen=True, slots=True)
class Offer:
    """One form in which a resource can be given.

    Args:
        media_type: of the resource, which is that of each part where it is given in parts.
        multipart: in the parts of a multipart/related, or as the body itself.
        transfer_syntax: None for media types that have none.
        default: whether the transfer syntax is what `media_type` means without a transfer-syntax parameter
            (PS3.18 Table 8.7.3-5).
        for_anything: whether it is given, too, to whoever takes any media type and names no transfer syntax: bulk data
            has no default media type (NEG-03).
        as_stored: whether no work is done: of what a client likes equally, and names a transfer syntax of, it is
            preferred (NEG-15).
        alias: whether its media type is another name for that of an offer beside it: it is for those who ask for it
            by that name, and for no range, so that who excludes a type is not given it after all (NEG-05).
    """

    media_type: str
    multipart: bool = False
    transfer_syntax: str | None = None
    default: bool = True
    for_anything: bool = False
    as_stored: bool = False
    alias: bool = False

    def __str__(self) -> str:
        form = f'{MULTIPART_RELATED}; type="{self.media_type}"' if self.multipart else self.media_type
        return f"{form}; transfer-syntax={self.transfer_syntax}" if self.transfer_syntax else form


@dataclass(frozen=True, slots=True)
class AcceptedType:
    """One entry of what a client accepts.

    Args:
        range: a media type, possibly with `*` for its subtype or for both; multipart/related is one too.
        root: the range of the parts, where `range` is multipart/related and says it.
        transfer_syntax: a UID, "*" for any, None for the default one of the media type (PS3.18 Section 8.7.3.5.2).
        quality: 0 to 1; 0 excludes.
        named: by the `accept` parameter, which goes before the header.
    """

    range: MediaType
    root: MediaType | None = None
    transfer_syntax: str | None = None
    quality: float = 1.0
    named: bool = False

    @property
    def specificity(self) -> tuple[int, int, int]:
        """The greater, the more specific. Without transfer-syntax just one is meant: that is more specific than "*"."""
        syntax = 1 if self.transfer_syntax is None else 0 if self.transfer_syntax == "*" else 2
        return _specificity(self.range), _specificity(self.root), syntax

    def covers(self, offer: Offer) -> bool:
        if not self.range.covers(MULTIPART_RELATED if offer.multipart else offer.media_type):
            return False
        if self.root and not self.root.covers(offer.media_type):
            return False
        if offer.alias and self._payload.essence != offer.media_type:
            return False
        if offer.transfer_syntax is None or self.transfer_syntax == "*":
            return True
        if self.transfer_syntax is None:
            # Where the payload is named, the default syntax of its type is meant.
            return offer.default or (offer.for_anything and self._payload.type in {"*", "multipart"})
        return self.transfer_syntax == offer.transfer_syntax

    @property
    def _payload(self) -> MediaType:
        """What says most of what the payload is to be."""
        return self.root if self.range.covers(MULTIPART_RELATED) and self.root else self.range


def _specificity(media_range: MediaType | None) -> int:
    return 0 if media_range is None else 1 + (media_range.type != "*") + (media_range.subtype != "*")


ANYTHING = (AcceptedType(MediaType("*", "*")),)


@lru_cache(maxsize=256)
def parse(header: str | None) -> tuple[AcceptedType, ...]:
    """The entries of an Accept header, without the malformed ones (NEG-06). No header accepts anything (NEG-02)."""
    entries = [entry for entry in _ENTRY.findall(header or "") if not entry.isspace()]
    return tuple(filter(None, map(_accepted_type, entries))) if entries else ANYTHING


def _accepted_type(entry: str) -> AcceptedType | None:
    try:
        media_range = MediaType.parse(entry)
    except MalformedMediaType:
        return None
    root = media_range.root
    if not (_is_range(media_range) and (root is None or _is_range(root))):
        return None
    return AcceptedType(
        range=media_range,
        root=root,
        transfer_syntax=media_range.parameter("transfer-syntax"),
        quality=_quality(media_range.parameter("q")),
    )


def _is_range(media_range: MediaType) -> bool:
    """`type/subtype`, `type/*` or `*/*`; there is no `*/subtype`."""
    return media_range.type != "*" or media_range.subtype == "*"


def _quality(weight: str | None) -> float:
    """A weight that is none counts as not given: malformed parameters are ignored (NEG-06)."""
    return float(weight) if weight and _WEIGHT.fullmatch(weight) else 1.0


@lru_cache(maxsize=256)
def effective(accept_parameter: str | None, header: str | None) -> tuple[AcceptedType, ...]:
    """What the `accept` query parameter names, then what the header accepts (PS3.18 Section 8.3.3.1, NEG-09 to NEG-12).

    The parameter has no wildcards (NEG-09): entries with one are dropped.
    """
    named = parse(_DECODED_PLUS.sub("+", accept_parameter)) if accept_parameter else ()
    return (*(replace(entry, named=True) for entry in named if not _has_wildcard(entry)), *parse(header))


def _has_wildcard(entry: AcceptedType) -> bool:
    return "*" in {entry.range.type, entry.range.subtype}


#: PS3.18 Table 8.7.4-1: what is always a rendering. JPEG and others are bulk data too, and texts can be documents.
_RENDERED = frozenset({"image/gif", "image/png"})


@lru_cache(maxsize=256)
def mixes_dicom_and_rendered(header: str | None) -> bool:
    """Whether media types of DICOM and rendered ones are in one list, which is an error (PS3.18 Section 8.7.5)."""
    named = [entry.root or entry.range for entry in parse(header) if entry.quality]
    return any(entry.essence in _RENDERED for entry in named) and any(
        entry.essence.startswith("application/dicom") for entry in named
    )


def choose(accepted: Sequence[AcceptedType], offers: Sequence[Offer]) -> Offer | None:
    """The offer of the highest quality (PS3.18 Section 8.7.8.1), of equal ones the first, but rather the one as stored
    where transfer syntaxes are named; None when none is accepted.

    What the `accept` parameter names is considered alone, and the rest only when that gives nothing (NEG-10).
    """
    for named in (True, False):
        considered = [entry for entry in accepted if entry.named is named]
        ranks = [_rank(considered, offer) for offer in offers]
        best = max(ranks, default=_NOT_ACCEPTED)
        if best > _NOT_ACCEPTED:
            return offers[ranks.index(best)]
    return None


#: Quality, and whether it is as stored in a transfer syntax that is named, if only as "*".
_Rank = tuple[float, bool]
_NOT_ACCEPTED: _Rank = (0.0, True)


def _rank(accepted: Sequence[AcceptedType], offer: Offer) -> _Rank:
    """By the most specific entry (NEG-05)."""
    covering = [entry for entry in accepted if entry.covers(offer)]
    if not covering:
        return _NOT_ACCEPTED
    entry = covering[0] if len(covering) == 1 else max(covering, key=lambda entry: (entry.specificity, entry.quality))
    return entry.quality, offer.as_stored and entry.transfer_syntax is not None
