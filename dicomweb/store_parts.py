"""The parts of a store request, as they arrive: files, or metadata and their bulk data (PS3.18 Section 10.5.1.4)."""

from collections.abc import Iterator
from itertools import chain
from typing import Protocol, Self

from django.conf import settings

from archive.dicom.transfer_syntaxes import EXPLICIT_VR_BIG_ENDIAN, OCTET_STREAM
from archive.errors import MetadataTooLarge
from archive.services.assembly import Assembly, BulkType
from archive.services.outcomes import FailureReason
from archive.services.spool import InstanceTooLarge, Spool
from archive.services.store import StoreBatch
from dicomweb.errors import BadRequest
from dicomweb.http.media_types import MalformedMediaType, MediaType
from dicomweb.http.multipart import Decoder, MalformedMultipart, PartData, PartEnd, PartStart, is_encoded
from dicomweb.offers import DEFAULT_SYNTAXES
from dicomweb.responses import DICOM_JSON, DICOM_XML

#: What metadata are called, by what the request calls them.
_METADATA = {
    DICOM_JSON: frozenset({DICOM_JSON, "application/json"}),
    DICOM_XML: frozenset({DICOM_XML, "application/xml", "text/xml"}),
}
#: PS3.18 Table 8.7.3-5 without a transfer-syntax parameter, by media type in lower case.
_ASSUMED = {media_type.lower(): uids[0] for media_type, uids in DEFAULT_SYNTAXES.items()}


class Parts(Protocol):
    """What becomes of the parts of a request."""

    def start(self, headers: dict[str, str]) -> None: ...

    def write(self, data: bytes) -> None: ...

    def end(self) -> None: ...


def take(parts: Parts, data: Iterator[bytes], boundary: str) -> None:
    """Take a multipart body to its end.

    Raises:
        BadRequest: it breaks the syntax (STOW-44).
    """
    try:
        decoder = Decoder(boundary, max_parts=settings.ARCHIVE_MAX_PARTS)
        for chunk in chain(data, [None]):
            for event in decoder.feed(chunk):
                match event:
                    case PartStart():
                        parts.start(event.headers)
                    case PartData():
                        parts.write(event.data)
                    case PartEnd():
                        parts.end()
    except MalformedMultipart as error:
        raise BadRequest(str(error)) from error


class Files:
    """Every part is a DICOM file. One that is too large is refused, and the rest of its bytes dropped."""

    def __init__(self, batch: StoreBatch) -> None:
        self._batch = batch
        self._spool = Spool()
        self._refused = False

    @property
    def size(self) -> int:
        return self._spool.size

    def start(self, headers: dict[str, str]) -> None:
        """What the headers say, the file itself says better (STOW-13)."""

    def write(self, data: bytes) -> None:
        if self._refused:
            return
        try:
            self._spool.write(data)
        except InstanceTooLarge as error:
            self._refused = True
            self._batch.refuse(FailureReason.PROCESSING_FAILURE, str(error))

    def end(self) -> None:
        """The object is complete: hand it over, and be ready for the next."""
        if self._refused:
            self._spool.close()
        else:
            self._batch.add(self._spool)
        self._spool = Spool()
        self._refused = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()


class Metadata:
    """The first part is metadata, and in XML further ones may be; all others are bulk data."""

    def __init__(self, assembly: Assembly, root: str) -> None:
        self._assembly = assembly
        self._root = root
        self._count = 0
        self._room = settings.ARCHIVE_MAX_METADATA_SIZE
        #: The metadata that are arriving, and whether their binary values are big endian; None in bulk data.
        self._document: bytearray | None = None
        self._big_endian = False

    def start(self, headers: dict[str, str]) -> None:
        """Find out what comes.

        Raises:
            BadRequest: nobody can know.
        """
        self._count += 1
        if is_encoded(headers):
            raise BadRequest(f"Part {self._count} is encoded; parts are taken as they are.")
        content_type = self._content_type(headers)
        location = headers.get("content-location", "")
        if self._is_metadata(content_type, location):
            self._document = bytearray()
            self._big_endian = content_type.parameter("transfer-syntax") == EXPLICIT_VR_BIG_ENDIAN
            return
        if not location:
            raise BadRequest(f"Part {self._count} has no Content-Location.")
        self._assembly.begin_bulk(location, _bulk_type(content_type))

    def _content_type(self, headers: dict[str, str]) -> MediaType:
        default = self._root if self._count == 1 else OCTET_STREAM
        try:
            return MediaType.parse(headers.get("content-type") or default)
        except MalformedMediaType as error:
            raise BadRequest(f"Part {self._count} has a malformed Content-Type.") from error

    def _is_metadata(self, content_type: MediaType, location: str) -> bool:
        """A document may be XML itself; what tells it from metadata is its location."""
        essence = content_type.essence
        if self._count == 1:
            if essence not in _METADATA[self._root]:
                raise BadRequest("The first part is not metadata of the type that the request names.")
            return True
        if self._root == DICOM_JSON:
            return False
        return essence == DICOM_XML or (essence in _METADATA[DICOM_XML] and not location)

    def write(self, data: bytes) -> None:
        """Take more of the part.

        Raises:
            MetadataTooLarge: those of the request exceed `ARCHIVE_MAX_METADATA_SIZE`.
        """
        if self._document is None:
            self._assembly.write(data)
            return
        self._room -= len(data)
        if self._room < 0:
            raise MetadataTooLarge(settings.ARCHIVE_MAX_METADATA_SIZE)
        self._document += data

    def end(self) -> None:
        """The part is complete.

        Raises:
            MalformedMetadata: it is no metadata.
        """
        if self._document is None:
            self._assembly.end_bulk()
            return
        add = self._assembly.add_json if self._root == DICOM_JSON else self._assembly.add_xml
        add(bytes(self._document), big_endian=self._big_endian)
        self._document = None


def _bulk_type(content_type: MediaType) -> BulkType:
    named = content_type.parameter("transfer-syntax")
    essence = content_type.essence
    return BulkType(essence, named if named != "*" else None, _ASSUMED.get(essence))
