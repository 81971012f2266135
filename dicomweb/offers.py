"""What each resource can be given as: PS3.18 Tables 10.4.4-1, 10.5.4-1 and 10.6.4-1, best first."""

from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, OCTET_STREAM, transfer_syntax
from dicomweb.http.accept import Offer
from dicomweb.http.wadl import WADL_JSON, WADL_XML
from dicomweb.responses import DICOM_JSON, DICOM_XML

DICOM = "application/dicom"

#: DICOM JSON, the default. `application/json` is what some clients call it (META-15).
_JSON = (Offer(DICOM_JSON), Offer("application/json"))
#: A document of XML is one data set: searches and metadata have as many as they find (META-02, QIDO-91).
SEARCH = METADATA = (*_JSON, Offer(DICOM_XML, multipart=True))
#: PS3.18 Section 8.9.4, which names no default.
CAPABILITIES = (Offer(WADL_XML), Offer(WADL_JSON))
#: The Store Instances Response Module is one data set, with or without the wrapping that is asked for (STOW-61).
STORE_RESPONSE = (*_JSON, Offer(DICOM_XML), Offer(DICOM_XML, multipart=True))


def instances(stored_syntax: str, *, one: bool) -> tuple[Offer, ...]:
    """An instance as stored; as a single part only where the resource is one instance (NEG-21)."""
    default = stored_syntax == EXPLICIT_VR_LITTLE_ENDIAN
    several = Offer(DICOM, multipart=True, transfer_syntax=stored_syntax, default=default)
    single = Offer(DICOM, multipart=False, transfer_syntax=stored_syntax, default=default)
    return (several, single) if one else (several,)


def pixel_data(stored_syntax: str, *, one: bool) -> tuple[Offer, ...]:
    """Frames and pixel data as stored, in the media type of their transfer syntax (PS3.18 Table 8.7.3-5).

    Octet-stream clients that take any transfer syntax get compressed pixels too, labelled as what they are.
    """
    media_type, uid = pixel_data_type(stored_syntax)
    types = dict.fromkeys((media_type, OCTET_STREAM))
    return tuple(
        Offer(
            name,
            multipart=several,
            transfer_syntax=uid,
            default=uid in DEFAULT_SYNTAXES.get(name, ()),
            for_anything=True,
        )
        for several in ((True, False) if one else (True,))
        for name in types
    )


def pixel_data_type(stored_syntax: str) -> tuple[str, str]:
    """Media type and transfer syntax of the pixels of an object stored so.

    Uncompressed pixels are given little endian, as Explicit VR Little Endian, whatever their data set's encoding is.
    """
    syntax = transfer_syntax(stored_syntax)
    return syntax.media_type, syntax.uid if syntax.encapsulated else EXPLICIT_VR_LITTLE_ENDIAN


#: PS3.18 Table 8.7.3-5: what a media type means without a transfer-syntax parameter.
DEFAULT_SYNTAXES = {
    OCTET_STREAM: (EXPLICIT_VR_LITTLE_ENDIAN,),
    "image/jpeg": ("1.2.840.10008.1.2.4.70",),
    "image/dicom-rle": ("1.2.840.10008.1.2.5",),
    "image/jls": ("1.2.840.10008.1.2.4.80",),
    "image/jp2": ("1.2.840.10008.1.2.4.90",),
    "image/jpx": ("1.2.840.10008.1.2.4.92",),
    "image/jphc": ("1.2.840.10008.1.2.4.201",),
    "image/jxl": ("1.2.840.10008.1.2.4.110",),
    "video/mpeg": ("1.2.840.10008.1.2.4.101",),
    "video/mp4": ("1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.102.1"),
    "video/H265": ("1.2.840.10008.1.2.4.107",),
}


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
