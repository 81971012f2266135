"""What each resource can be given as: PS3.18 Tables 10.4.4-1, 10.5.4-1 and 10.6.4-1, best first.

What is stored can be given as it is stored, and what can be decoded also in every transfer syntax that can be encoded.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from archive.dicom.images import codecs
from archive.dicom.transfer_syntaxes import (
    EXPLICIT_VR_LITTLE_ENDIAN,
    OCTET_STREAM,
    TRANSFER_SYNTAXES,
    transfer_syntax,
)
from dicomweb.http.accept import Offer
from dicomweb.http.wadl import WADL_JSON, WADL_XML
from dicomweb.responses import DICOM_JSON, DICOM_XML

DICOM = "application/dicom"

#: DICOM JSON, the default. `application/json` is what some clients call it (META-15).
_JSON = (Offer(DICOM_JSON), Offer("application/json", alias=True))
#: What is JSON, but no data set; for clients that accept the type of data sets whatever they ask for.
PLAIN_JSON = (Offer("application/json"), Offer(DICOM_JSON, alias=True))
#: A document of XML is one data set: searches and metadata have as many as they find (META-02, QIDO-91).
SEARCH = METADATA = (*_JSON, Offer(DICOM_XML, multipart=True))
#: PS3.18 Section 8.9.4, which names no default.
CAPABILITIES = (Offer(WADL_XML), Offer(WADL_JSON))
#: The Store Instances Response Module and a workitem are one data set, with or without the wrapping that is asked for
#: (STOW-61).
STORE_RESPONSE = WORKITEM = (*_JSON, Offer(DICOM_XML), Offer(DICOM_XML, multipart=True))


#: PS3.18 Table 8.7.3-5: what a media type means without a transfer-syntax parameter.
DEFAULT_SYNTAXES = {
    OCTET_STREAM: (EXPLICIT_VR_LITTLE_ENDIAN,),
    "image/jpeg": ("1.2.840.10008.1.2.4.70",),
    "image/dicom-rle": ("1.2.840.10008.1.2.5",),
    "image/x-dicom-rle": ("1.2.840.10008.1.2.5",),
    "image/jls": ("1.2.840.10008.1.2.4.80",),
    "image/x-jls": ("1.2.840.10008.1.2.4.80",),
    "image/jp2": ("1.2.840.10008.1.2.4.90",),
    "image/jpx": ("1.2.840.10008.1.2.4.92",),
    "image/jphc": ("1.2.840.10008.1.2.4.201",),
    "image/jxl": ("1.2.840.10008.1.2.4.110",),
    "video/mpeg": ("1.2.840.10008.1.2.4.101",),
    "video/mpeg2": ("1.2.840.10008.1.2.4.101",),
    "video/mp4": ("1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.102.1"),
    "video/H265": ("1.2.840.10008.1.2.4.107",),
}

#: What media types were called before (PS3.18 Section 8.7.3.3.2); who asks for the old name gets it (MT-03).
OLD_NAMES = {"image/dicom-rle": "image/x-dicom-rle", "image/jls": "image/x-jls", "video/mpeg": "video/mpeg2"}
_ALIASES = frozenset(OLD_NAMES.values())

#: What a study, a series and an instance can be asked for as: the objects themselves, or their bulk data.
OBJECT = (Offer(DICOM, multipart=True), Offer(DICOM))
BULK_DATA = tuple(Offer(name, multipart=True, alias=name in _ALIASES) for name in DEFAULT_SYNTAXES)

#: PS3.18 Table 8.7.4-1: an image, the default first; several images; and a text.
_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
ANIMATION = Offer("image/gif")
PICTURES = (ANIMATION, *(Offer(name, multipart=True) for name in _IMAGES))
PICTURE = (*map(Offer, _IMAGES), *(offer for offer in PICTURES if offer.multipart))
_TEXTS = ("text/html", "text/plain", "text/xml")
TEXT = (*map(Offer, _TEXTS), *(Offer(name, multipart=True) for name in _TEXTS))
SVG = "image/svg+xml"
PLOT = (Offer(SVG), *PICTURE, Offer(SVG, multipart=True))

#: What pixels can be compressed to, without loss.
ENCODED = tuple(uid for uid in TRANSFER_SYNTAXES if codecs.can_encode(uid))


@lru_cache
def instances(stored_syntax: str, *, one: bool, pixels: bool = True) -> tuple[Offer, ...]:
    """An instance; as a single part only where the resource is one instance (NEG-21).

    Args:
        pixels: whether it has any: without, there is nothing to compress.
    """
    stored = transfer_syntax(stored_syntax)
    # WADO-07: these two are never sent.
    sent = stored.little_endian and not stored.implicit_vr
    decodes = codecs.can_decode(stored_syntax) or not sent
    syntaxes = [stored_syntax] if sent else []
    if decodes:
        syntaxes = [EXPLICIT_VR_LITTLE_ENDIAN, *syntaxes, *(ENCODED if pixels else ())]
    as_stored = stored_syntax if sent else EXPLICIT_VR_LITTLE_ENDIAN
    default = EXPLICIT_VR_LITTLE_ENDIAN if decodes else stored_syntax
    return tuple(
        Offer(DICOM, multipart=several, transfer_syntax=uid, default=uid == default, as_stored=uid == as_stored)
        for several in ((True, False) if one else (True,))
        for uid in dict.fromkeys(syntaxes)
    )


def instance_as_stored(stored_syntax: str, *, one: bool) -> tuple[Offer, ...]:
    """An instance in the only form that there is of it, when it turns out that it cannot be decoded (WADO-06)."""
    return tuple(
        Offer(DICOM, multipart=several, transfer_syntax=stored_syntax)
        for several in ((True, False) if one else (True,))
    )


@lru_cache
def pixel_data(stored_syntax: str, *, one: bool, one_value: bool = False) -> tuple[Offer, ...]:
    """Frames and pixel data in the media types of PS3.18 Table 8.7.3-5: decoded, as stored, compressed.

    Args:
        one: whether it is one frame, which can be a single part.
        one_value: whether all the frames are asked for as one value: decoded they are one.
    """
    forms = tuple(_pixel_forms(stored_syntax))
    native_alone = [form for form in forms if form.transfer_syntax == EXPLICIT_VR_LITTLE_ENDIAN] if one_value else []
    alone = forms if one else native_alone
    return (*(replace(form, multipart=True) for form in forms), *alone)


def pixel_data_as_stored(stored_syntax: str, *, one: bool = True) -> tuple[Offer, ...]:
    """Pixel data of which nothing is known but their bytes."""
    forms = [replace(form, for_anything=True) for form in _pixel_forms(stored_syntax) if form.as_stored]
    return (*(replace(form, multipart=True) for form in forms), *(forms if one else ()))


def _pixel_forms(stored_syntax: str) -> Iterator[Offer]:
    media_type, uid = pixel_data_type(stored_syntax)
    decodes = codecs.can_decode(uid)
    if decodes:
        yield Offer(
            OCTET_STREAM,
            transfer_syntax=EXPLICIT_VR_LITTLE_ENDIAN,
            as_stored=uid == EXPLICIT_VR_LITTLE_ENDIAN,
        )
    if uid != EXPLICIT_VR_LITTLE_ENDIAN:
        # Octet-stream clients that take any transfer syntax get compressed pixels too, labelled as what they are.
        for name in dict.fromkeys((*_names(media_type), OCTET_STREAM)):
            yield replace(_form(name, uid), for_anything=not decodes, as_stored=True)
    for target in ENCODED if decodes else ():
        if target != uid:
            for name in _names(TRANSFER_SYNTAXES[target].media_type):
                yield _form(name, target)


def _form(name: str, uid: str) -> Offer:
    return Offer(name, transfer_syntax=uid, default=uid in DEFAULT_SYNTAXES.get(name, ()), alias=name in _ALIASES)


def _names(media_type: str) -> tuple[str, ...]:
    return (media_type, OLD_NAMES[media_type]) if media_type in OLD_NAMES else (media_type,)


def pixel_data_type(stored_syntax: str) -> tuple[str, str]:
    """Media type and transfer syntax of the pixels of an object stored so.

    Uncompressed pixels are given little endian, as Explicit VR Little Endian, whatever their data set's encoding is.
    """
    syntax = transfer_syntax(stored_syntax)
    return syntax.media_type, syntax.uid if syntax.encapsulated else EXPLICIT_VR_LITTLE_ENDIAN


def pixel_content_type(offer: Offer) -> str:
    """The Content-Type of pixels: what they are, by the name that was asked for (MP-06, MT-01)."""
    uid = offer.transfer_syntax or EXPLICIT_VR_LITTLE_ENDIAN
    media_type = transfer_syntax(uid).media_type if offer.media_type == OCTET_STREAM else offer.media_type
    return f"{media_type}; transfer-syntax={uid}"


def bulk_value(media_type: str) -> tuple[Offer, ...]:
    """A bulk value that is no pixel data; octet-stream is always possible (WADO-60, WADO-61)."""
    types = dict.fromkeys((media_type, OCTET_STREAM))
    return tuple(
        Offer(name, multipart=several, transfer_syntax=EXPLICIT_VR_LITTLE_ENDIAN, default=True)
        for several in (True, False)
        for name in types
    )


def bulk_value_type(media_type: str) -> str:
    """The Content-Type of a bulk value that is no pixel data: octets are little endian (MP-06)."""
    return f"{OCTET_STREAM}; transfer-syntax={EXPLICIT_VR_LITTLE_ENDIAN}" if media_type == OCTET_STREAM else media_type


def as_stored(media_type: str) -> tuple[Offer, ...]:
    """A document or a video, which is rendered by showing it as it is."""
    return Offer(media_type), Offer(media_type, multipart=True)
