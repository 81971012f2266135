"""Reading a DICOM file (PS3.10 Section 7): the one parse, which yields all that the archive ever needs of it."""

import struct
import zlib
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import SEEK_END
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import orjson
from pydicom.dataelem import RawDataElement
from pydicom.filereader import data_element_generator

from archive.dicom.bulkdata import BulkdataIndex, BulkValue
from archive.dicom.data_set import UNDEFINED_LENGTH, DataSetReader, Encoding, PixelData, Source
from archive.dicom.dicom_json import VALUE_VRS, DataSet
from archive.dicom.errors import MalformedDicom, NotDicom
from archive.dicom.fragments import LONGEST_OFFSET_TABLE, frames_of
from archive.dicom.frame_index import FrameIndex
from archive.dicom.pixel_data import native_frames, number_of_frames
from archive.dicom.transfer_syntaxes import TransferSyntax, transfer_syntax
from archive.dicom.uids import is_tolerable_uid
from archive.dicom.value_representations import first_value

PREAMBLE_LENGTH = 128
PREFIX = b"DICM"
TRANSFER_SYNTAX_UID = 0x00020010
EXTENDED_OFFSET_TABLE = "7FE00001"

_EXPLICIT_VRS = frozenset(vr.encode("ascii") for vr in VALUE_VRS | {"SQ"})

GIBIBYTE = 1 << 30
_CHUNK = 1 << 18
_INFLATED_IN_MEMORY = 16 << 20


@dataclass(frozen=True, slots=True)
class ParsedInstance:
    """A stored object. Its UIDs are those of the data set, "" when absent or unusable.

    `dataset` is the model that `dicom_json` is the JSON of; `dicom_json.INSTANCE_URL` stands for the start of each
    BulkDataURI. What is exact only as JSON is an `orjson.Fragment` in `dataset`: decimal strings, BulkDataURIs, long
    lists of numbers, and the items of long sequences.

    Offsets in `frames` and `bulkdata` are offsets in the file, or, when `deflated_from` is not None, in what the
    deflate stream (RFC 1951) from that offset of the file on inflates to.
    """

    transfer_syntax_uid: str
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    dataset: DataSet
    dicom_json: bytes
    frames: FrameIndex | None
    bulkdata: BulkdataIndex
    deflated_from: int | None = None


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A DICOM file up to its data set, which begins at position `start` of `source`, inflated where it is deflated."""

    syntax: TransferSyntax
    source: Source
    start: int
    encoding: Encoding
    deflated_from: int | None = None


def parse(file: BinaryIO, *, max_inflated: int = 2 * GIBIBYTE) -> ParsedInstance:
    """Parse the DICOM file; values of pixel data are not read.

    Raises NotDicom, and MalformedDicom for anything else that is wrong. Pixel data may end early: files like that are
    in use, and the frames that are there can be shown.
    """
    with opened(file, max_inflated=max_inflated) as found:
        return _parse_data_set(found)


@contextmanager
def opened(file: BinaryIO, *, max_inflated: int = 2 * GIBIBYTE) -> Iterator[OpenedFile]:
    """The file with its file meta information read, positioned at its data set; errors as those of `parse`."""
    size = file.seek(0, SEEK_END)
    file.seek(0)
    if file.read(PREAMBLE_LENGTH + len(PREFIX))[PREAMBLE_LENGTH:] != PREFIX:
        raise NotDicom("no DICM prefix after a preamble of 128 bytes")
    syntax = transfer_syntax(_read_transfer_syntax_uid(file, size))
    if not syntax.deflated:
        yield OpenedFile(syntax, Source(file, size), file.tell(), _encoding(file, syntax))
        return
    with _inflated(file, max_inflated) as (source, start):
        yield OpenedFile(syntax, source, 0, _encoding(source.file, syntax), deflated_from=start)


def _read_transfer_syntax_uid(file: BinaryIO, size: int) -> str:
    """Read the file meta information (PS3.10 Section 7.1) and leave the file behind it."""
    elements = data_element_generator(
        file,
        is_implicit_VR=False,
        is_little_endian=True,
        stop_when=lambda tag, vr, length: tag >> 16 != 2 or length == UNDEFINED_LENGTH,
        defer_size=_CHUNK,
    )
    uid = ""
    end = file.tell()
    try:
        for element in elements:
            raw = cast(RawDataElement, element)
            end = raw.value_tell + raw.length
            if end > size:
                raise MalformedDicom(f"file meta information is cut off at offset {raw.value_tell}")
            if raw.tag == TRANSFER_SYNTAX_UID:
                uid = (raw.value or b"").decode("latin-1").rstrip(" \0")
    except struct.error as error:
        raise MalformedDicom("file meta information is cut off") from error
    if not is_tolerable_uid(uid):
        raise MalformedDicom("the file meta information names no Transfer Syntax UID (0002,0010)")
    file.seek(end)
    return uid


@contextmanager
def _inflated(file: BinaryIO, limit: int) -> Iterator[tuple[Source, int]]:
    """What the file inflates to from its position on (PS3.5 Section A.5), and that position."""
    start = file.tell()
    with SpooledTemporaryFile(max_size=_INFLATED_IN_MEMORY) as inflated:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            while not stream.eof and (chunk := stream.unconsumed_tail or file.read(_CHUNK)):
                inflated.write(stream.decompress(chunk, _CHUNK))
                if inflated.tell() > limit:
                    raise MalformedDicom(f"inflates to more than {limit} bytes")
            inflated.write(stream.flush())
        except zlib.error as error:
            raise MalformedDicom(f"no deflate stream from offset {start} on") from error
        if not stream.eof:
            raise MalformedDicom(f"the deflate stream from offset {start} on is cut off")
        length = inflated.tell()
        inflated.seek(0)
        yield Source(cast(BinaryIO, inflated), length), start


def _parse_data_set(found: OpenedFile) -> ParsedInstance:
    source, syntax = found.source, found.syntax
    bulkdata: dict[str, BulkValue] = {}
    reader = DataSetReader(source, found.encoding, bulkdata)
    dataset = reader.read()
    return ParsedInstance(
        transfer_syntax_uid=syntax.uid,
        study_instance_uid=_uid(dataset, "0020000D"),
        series_instance_uid=_uid(dataset, "0020000E"),
        sop_instance_uid=_uid(dataset, "00080018"),
        sop_class_uid=_uid(dataset, "00080016"),
        dataset=dataset,
        dicom_json=orjson.dumps(dataset),
        frames=_frames(dataset, reader.pixel_data, syntax, bulkdata, source.file),
        bulkdata=BulkdataIndex(bulkdata),
        deflated_from=found.deflated_from,
    )


def _encoding(file: BinaryIO, syntax: TransferSyntax) -> Encoding:
    """How the data set at the file's position is encoded: some senders say implicit VR of what is explicit."""
    start = file.tell()
    stated_vr = file.read(6)[4:]
    file.seek(start)
    implicit_vr = syntax.implicit_vr and stated_vr not in _EXPLICIT_VRS
    return Encoding(implicit_vr, syntax.little_endian)


def _uid(dataset: DataSet, key: str) -> str:
    value = first_value(dataset, key)
    return value if isinstance(value, str) and is_tolerable_uid(value) else ""


def _frames(
    dataset: DataSet,
    pixel_data: PixelData | None,
    syntax: TransferSyntax,
    bulkdata: dict[str, BulkValue],
    file: BinaryIO,
) -> FrameIndex | None:
    """The index of the frames, None when there are no pixel data or they are not what the transfer syntax says."""
    if pixel_data is None:
        return None
    if pixel_data.fragments is None:
        if syntax.encapsulated and syntax.known:
            return None
        big_endian = not syntax.little_endian
        return native_frames(dataset, pixel_data.tag, pixel_data.vr, pixel_data.range, big_endian=big_endian)
    if not syntax.encapsulated:
        return None
    return frames_of(
        pixel_data.fragments,
        number_of_frames=number_of_frames(dataset),
        extended_offset_table=_extended_offset_table(dataset, bulkdata, file),
        video=syntax.video,
    )


def _extended_offset_table(dataset: DataSet, bulkdata: dict[str, BulkValue], file: BinaryIO) -> bytes:
    """PS3.3 Section C.7.6.3.1.8."""
    if (value := bulkdata.get(EXTENDED_OFFSET_TABLE)) and value.range.length <= LONGEST_OFFSET_TABLE:
        file.seek(value.range.start)
        return file.read(value.range.length)
    return b64decode(dataset.get(EXTENDED_OFFSET_TABLE, {}).get("InlineBinary", ""))
