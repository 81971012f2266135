"""Instances whose metadata and bulk data come apart (PS3.18 Section 10.5.1.4): put together, then stored like others.

Metadata are in memory, bulk data in one spool, each part a range of it. Nothing is stored before the request is known
to be complete, and what a BulkDataURI names is looked for in the request and nowhere else.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Any, BinaryIO, Self, cast
from urllib.parse import urljoin

from django.conf import settings

from archive.dicom.byte_ranges import ByteRange
from archive.dicom.dicom_json import DataSet
from archive.dicom.errors import MalformedAttribute, MalformedMetadata, UnusableBulkdata
from archive.dicom.metadata import json_reader, native_xml_reader, received_model, received_pixels
from archive.dicom.metadata.received_pixels import Prepared, SentPixels
from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, OCTET_STREAM
from archive.dicom.value_representations import first_value
from archive.dicom.writing import part10_writer
from archive.dicom.writing.part10_writer import PIXEL_DATA, FilePart
from archive.dicom.writing.value_fields import TEXT_VRS
from archive.errors import BulkdataMismatch, InstancesTooLarge
from archive.isolation.calls import isolated
from archive.services.outcomes import FailureReason, Identity
from archive.services.spool import InstanceTooLarge, Spool, incoming, room
from archive.services.store import StoreBatch

ENCAPSULATED_DOCUMENT, MIME_TYPE_OF_ENCAPSULATED_DOCUMENT = "00420011", "00420012"

_FRAME = re.compile(r"(.+)/frames/([0-9]{1,9})")
_LITTLE_ENDIAN = {None, EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN}


@dataclass(frozen=True, slots=True)
class BulkType:
    """What a bulk part says it is: see `archive.dicom.metadata.received_pixels.SentPixels`."""

    media_type: str = OCTET_STREAM
    transfer_syntax_uid: str | None = None
    assumed: str | None = None


@dataclass(slots=True)
class _Part:
    """One bulk part: where its bytes are in the spool, and the URI that they are of."""

    uri: str
    type: BulkType
    start: int
    stop: int = 0


@dataclass(frozen=True, slots=True)
class _Bulk:
    """The parts of one BulkDataURI in their order: several are frames."""

    type: BulkType
    parts: Sequence[FilePart] = field(repr=False)


class Assembly:
    """Takes the metadata and the bulk data of one request in any order; `finish` gives the batch its instances.

    Args:
        base: what relative URIs are relative to.
    """

    def __init__(self, batch: StoreBatch, *, base: str) -> None:
        self._batch = batch
        self._base = base
        self._spool = Spool(limit=settings.ARCHIVE_MAX_REQUEST_SIZE)
        self._parts: list[_Part] = []
        #: Of the instances that were put together.
        self._size = 0
        #: What is to become of each instance: its data set, or the reason why it has none that can be stored.
        self._instances: list[received_model.Received | tuple[Identity, MalformedAttribute]] = []

    def add_json(self, document: bytes, *, big_endian: bool = False) -> None:
        """Take an array of instances.

        Raises:
            MalformedMetadata: it is none, or of too many.
        """
        self._add(json_reader.instances(document), big_endian)

    def add_xml(self, document: bytes, *, big_endian: bool = False) -> None:
        """Take an instance as a Native DICOM Model.

        Raises:
            MalformedMetadata: it is none.
        """
        self._add([native_xml_reader.instance(document)], big_endian)

    def _add(self, raw_instances: Sequence[Any], big_endian: bool) -> None:
        if len(self._instances) + len(raw_instances) > settings.ARCHIVE_MAX_PARTS:
            raise MalformedMetadata(f"The request has more than {settings.ARCHIVE_MAX_PARTS} instances.")
        for raw in raw_instances:
            try:
                self._instances.append(received_model.read(raw, big_endian=big_endian))
            except MalformedAttribute as error:
                tags = ("0020000D", "0020000E", "00080018", "00080016")
                self._instances.append((Identity(*(received_model.uid(raw, tag) for tag in tags)), error))

    def begin_bulk(self, location: str, bulk_type: BulkType) -> None:
        """What is written from here on is the part at this Content-Location.

        Raises:
            BulkdataMismatch: that is no URI.
        """
        self._parts.append(_Part(self._resolved(location), bulk_type, self._spool.size))

    def write(self, data: bytes) -> None:
        self._spool.write(data)

    def end_bulk(self) -> None:
        self._parts[-1].stop = self._spool.size

    def finish(self) -> None:
        """Give the batch every instance.

        Raises:
            BulkdataMismatch: metadata and bulk data do not belong together (STOW-18).
            UnusableBulkdata: bulk data of a kind that cannot be stored (STOW-27).
            InstancesTooLarge: they exceed `ARCHIVE_MAX_REQUEST_SIZE` together.
        """
        bulk = self._bulk()
        for instance in self._instances:
            if isinstance(instance, tuple):
                identity, error = instance
                self._batch.refuse(FailureReason.CANNOT_UNDERSTAND, str(error), identity)
            else:
                self._store(instance, bulk)

    def _store(self, received: received_model.Received, bulk: Mapping[str, _Bulk]) -> None:
        try:
            with room(), SpooledTemporaryFile(settings.ARCHIVE_SPOOL_SIZE, dir=str(incoming())) as scratch:
                prepared = self._prepared(received.data_set, bulk, cast(BinaryIO, scratch))
                spool = _spooled(self._written(prepared, bulk))
        except MalformedAttribute as error:
            self._batch.refuse(FailureReason.CANNOT_UNDERSTAND, str(error), _identity(received.data_set))
        except InstanceTooLarge as error:
            self._batch.refuse(FailureReason.PROCESSING_FAILURE, str(error), _identity(received.data_set))
        else:
            self._size += spool.size
            if self._size > settings.ARCHIVE_MAX_REQUEST_SIZE:
                spool.close()
                raise InstancesTooLarge(settings.ARCHIVE_MAX_REQUEST_SIZE)
            self._batch.add(spool, discarded=(*received.discarded, *prepared.discarded))

    def _prepared(self, data_set: DataSet, bulk: Mapping[str, _Bulk], scratch: BinaryIO) -> Prepared:
        """The data set as it is to be written, and its pixel data."""
        document = self._of(data_set, ENCAPSULATED_DOCUMENT, bulk)
        if document:
            data_set = _with_mime_type(data_set, document.type.media_type)
        pixels = self._of(data_set, PIXEL_DATA, bulk)
        if pixels is None:
            return Prepared(data_set, EXPLICIT_VR_LITTLE_ENDIAN)
        kind = pixels.type
        sent = SentPixels(kind.media_type, kind.transfer_syntax_uid, kind.assumed, pixels.parts)
        return received_pixels.prepare(data_set, sent, scratch, isolated)

    def _written(self, prepared: Prepared, bulk: Mapping[str, _Bulk]) -> Iterator[bytes]:
        values = {}
        for path, element in _bulk_elements(prepared.data_set):
            uri = element["BulkDataURI"]
            if path == PIXEL_DATA:
                if prepared.native:
                    values[uri] = prepared.native
                continue
            found = bulk[self._resolved(uri)]
            _check_type(path, element["vr"], found.type)
            values[uri] = found.parts[0]
        return part10_writer.write(
            prepared.data_set, values, transfer_syntax_uid=prepared.transfer_syntax_uid, frames=prepared.frames
        )

    def _of(self, data_set: DataSet, tag: str, bulk: Mapping[str, _Bulk]) -> _Bulk | None:
        uri = data_set.get(tag, {}).get("BulkDataURI")
        return bulk[self._resolved(uri)] if uri else None

    def _bulk(self) -> dict[str, _Bulk]:
        """The bulk data by URI: what the metadata refer to, all of it and nothing else (STOW-18).

        What an instance refers to that is refused, nobody knows.
        """
        wanted = self._wanted()
        all_known = all(isinstance(instance, received_model.Received) for instance in self._instances)
        whole: dict[str, list[_Part]] = defaultdict(list)
        frames: dict[str, dict[int, _Part]] = defaultdict(dict)
        for number, part in enumerate(self._parts, 1):
            frame = _FRAME.fullmatch(part.uri)
            if part.uri in wanted:
                whole[part.uri].append(part)
            elif frame and frame[1] in wanted and int(frame[2]) not in frames[frame[1]]:
                frames[frame[1]][int(frame[2])] = part
            elif all_known:
                raise BulkdataMismatch(f"Nothing in the metadata refers to bulk data part {number}.")
        found = {}
        for uri, path in wanted.items():
            numbered = frames.get(uri, {})
            if bool(numbered) == bool(whole.get(uri)) or sorted(numbered) != list(range(1, len(numbered) + 1)):
                raise BulkdataMismatch(f"The request has not the bulk data, or not all frames, of attribute {path}.")
            found[uri] = self._one(path, [numbered[n] for n in sorted(numbered)] or whole[uri])
        return found

    def _wanted(self) -> dict[str, str]:
        """The URIs that the metadata refer to, with an attribute that does; one that takes a single part if any."""
        wanted: dict[str, str] = {}
        for received in self._instances:
            if isinstance(received, received_model.Received):
                for path, element in _bulk_elements(received.data_set):
                    uri = self._resolved(element["BulkDataURI"])
                    wanted[uri] = path if path != PIXEL_DATA else wanted.get(uri, path)
        return wanted

    def _one(self, path: str, parts: Sequence[_Part]) -> _Bulk:
        if len(parts) > 1 and path != PIXEL_DATA:
            raise BulkdataMismatch(f"The request has several parts for attribute {path}, which is one value.")
        if len({part.type for part in parts}) > 1:
            raise BulkdataMismatch("The frames of one Pixel Data are of different media types.")
        file = self._spool.file()
        return _Bulk(parts[0].type, [FilePart(file, ByteRange(part.start, part.stop)) for part in parts])

    def _resolved(self, uri: str) -> str:
        try:
            return urljoin(self._base, uri.strip())
        except ValueError:
            raise BulkdataMismatch("A BulkDataURI or a Content-Location is not a URI.") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._spool.close()


def _spooled(chunks: Iterable[bytes]) -> Spool:
    spool = Spool()
    try:
        for chunk in chunks:
            spool.write(chunk)
    except BaseException:
        spool.close()
        raise
    return spool


def _identity(data_set: DataSet) -> Identity:
    tags = ("0020000D", "0020000E", "00080018", "00080016")
    return Identity(*(str(first_value(data_set, tag) or "") for tag in tags)).legible()


def _bulk_elements(data_set: DataSet, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every element that is bulk data, with its path, also in items."""
    for tag, element in data_set.items():
        if "BulkDataURI" in element:
            yield path + tag, element
        elif element["vr"] == "SQ":
            for number, item in enumerate(element.get("Value", ())):
                yield from _bulk_elements(item, f"{path}{tag}/{number}/")


def _with_mime_type(data_set: DataSet, media_type: str) -> DataSet:
    """A document is of the type that its part is of, and says so (STOW-24)."""
    stated = first_value(data_set, MIME_TYPE_OF_ENCAPSULATED_DOCUMENT)
    if media_type == OCTET_STREAM or str(stated).lower() == media_type:
        return data_set
    if stated is not None:
        raise MalformedAttribute(MIME_TYPE_OF_ENCAPSULATED_DOCUMENT, "is not the media type of the document's part")
    return {**data_set, MIME_TYPE_OF_ENCAPSULATED_DOCUMENT: {"vr": "LO", "Value": [media_type]}}


def _check_type(path: str, vr: str, kind: BulkType) -> None:
    """What is no Pixel Data of the data set itself is octets, text or a document (STOW-20, STOW-24)."""
    if path.endswith(ENCAPSULATED_DOCUMENT) or (vr in TEXT_VRS and kind.media_type == "text/plain"):
        return
    if kind.media_type != OCTET_STREAM or kind.transfer_syntax_uid not in _LITTLE_ENDIAN:
        raise UnusableBulkdata(f"Attribute {path} can only be application/octet-stream, little endian.")
