"""The forms of a store request, by its Content-Type: PS3.18 Table 10.5.4-1."""

from dataclasses import dataclass
from typing import Self

from rest_framework.request import Request

from dicomweb import body
from dicomweb.errors import BadRequest, UnsupportedMediaType
from dicomweb.http.media_types import MULTIPART_RELATED
from dicomweb.offers import DICOM
from dicomweb.responses import DICOM_JSON, DICOM_XML

#: What the parts of a request are, or its first part; by the names that are in use for it.
ROOTS = {DICOM: DICOM, DICOM_JSON: DICOM_JSON, "application/json": DICOM_JSON, DICOM_XML: DICOM_XML}
SUPPORTED = (*(f'{MULTIPART_RELATED}; type="{root}"' for root in (DICOM, DICOM_JSON, DICOM_XML)), DICOM)


@dataclass(frozen=True, slots=True)
class StoreForm:
    """`root`: application/dicom for files, dicom+json or dicom+xml for metadata. Without `boundary` it is one file."""

    root: str
    boundary: str | None

    @classmethod
    def of(cls, request: Request) -> Self:
        """The form of a request, told without its body.

        Raises:
            UnsupportedMediaType: it is none of them (STOW-47, STOW-48).
            EncodedBody: it would have to be decoded first.
            BadRequest: it has no boundary (STOW-44).
        """
        content_type = body.content_type(request, SUPPORTED)
        if content_type.essence == DICOM:
            return cls(DICOM, None)
        root = content_type.root
        if root is None or root.essence not in ROOTS:
            raise UnsupportedMediaType(SUPPORTED)
        boundary = content_type.parameter("boundary")
        if boundary is None:
            raise BadRequest("The Content-Type has no boundary parameter.")
        return cls(ROOTS[root.essence], boundary)
