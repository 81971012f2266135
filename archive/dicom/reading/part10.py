"""Reading a DICOM file (PS3.10 Section 7): the one parse, which yields all that the archive ever needs of it."""

from base64 import b64decode
from dataclasses import dataclass
from typing import BinaryIO

import orjson

from archive.dicom.bulkdata import BulkdataIndex, BulkValue
from archive.dicom.dicom_json import DataSet
from archive.dicom.fragments import LONGEST_OFFSET_TABLE, frames_of
from archive.dicom.frame_index import FrameIndex
from archive.dicom.pixel_data import native_frames, number_of_frames
from archive.dicom.reading.data_set import DataSetReader, PixelData
from archive.dicom.reading.opened_file import GIBIBYTE, OpenedFile, opened
from archive.dicom.transfer_syntaxes import TransferSyntax
from archive.dicom.uids import is_tolerable_uid
from archive.dicom.value_representations import first_value

EXTENDED_OFFSET_TABLE = "7FE00001"


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


def parse(file: BinaryIO, *, max_inflated: int = 2 * GIBIBYTE) -> ParsedInstance:
    """Parse the DICOM file; values of pixel data are not read.

    Raises NotDicom, and MalformedDicom for anything else that is wrong. Pixel data may end early: files like that are
    in use, and the frames that are there can be shown.
    """
    with opened(file, max_inflated=max_inflated) as found:
        return _parse_data_set(found)


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
