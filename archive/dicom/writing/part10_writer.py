"""A DICOM file (PS3.10 Section 7) of a data set in the DICOM JSON Model and its bulk data.

It is Explicit VR Little Endian or encapsulated, with text in UTF-8. The same data set and values give the same bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from struct import pack
from typing import Any, BinaryIO

from archive.dicom.byte_ranges import ByteRange
from archive.dicom.charsets import TEXT_DELIMITERS, text_decoder
from archive.dicom.dicom_json import DataSet, Element
from archive.dicom.errors import MalformedAttribute
from archive.dicom.fragments import ITEM, ITEM_DELIMITATION, ITEM_HEADER_LENGTH, SEQUENCE_DELIMITATION
from archive.dicom.transfer_syntaxes import transfer_syntax
from archive.dicom.value_representations import first_value
from archive.dicom.writing.explicit_elements import explicit_element, explicit_header, item_header, padding
from archive.dicom.writing.file_meta import file_meta
from archive.dicom.writing.value_fields import TEXT_VRS, UNITS, value_field

UNDEFINED_LENGTH = 0xFFFFFFFF
#: Values and fragments have even lengths of four bytes, of which the last means that there is none.
LONGEST_VALUE = 0xFFFFFFFE
#: Longest text that is converted to UTF-8, in memory.
LONGEST_CONVERTED = 64 << 20
SPECIFIC_CHARACTER_SET, UTF_8 = "00080005", "ISO_IR 192"
PIXEL_DATA = "7FE00010"

_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class FilePart:
    """Some bytes of an open file."""

    file: BinaryIO
    range: ByteRange

    @property
    def length(self) -> int:
        return self.range.length

    def read(self, size: int = -1) -> bytes:
        """All of them, or the first so many."""
        self.file.seek(self.range.start)
        return self.file.read(self.length if size < 0 else min(size, self.length))

    def chunks(self) -> Iterator[bytes]:
        for start in range(self.range.start, self.range.stop, _CHUNK):
            self.file.seek(start)
            yield self.file.read(min(_CHUNK, self.range.stop - start))


def write(
    data_set: DataSet,
    bulk: Mapping[str, FilePart],
    *,
    transfer_syntax_uid: str,
    frames: Sequence[FilePart] = (),
) -> Iterator[bytes]:
    """The bytes of the file, piece by piece.

    Args:
        bulk: value fields by their BulkDataURI.
        frames: the codestreams of encapsulated Pixel Data (7FE0,0010), which is then no other bulk data.

    Raises:
        MalformedAttribute: a value does not fit its VR. It comes while pieces are taken.
    """
    yield file_meta(
        sop_class_uid=_uid(data_set, "00080016"),
        sop_instance_uid=_uid(data_set, "00080018"),
        transfer_syntax_uid=transfer_syntax_uid,
    )
    declared = str(first_value(data_set, SPECIFIC_CHARACTER_SET) or UTF_8)
    writer = _Writer(bulk, declared, frames, video=transfer_syntax(transfer_syntax_uid).video)
    if not is_ascii(data_set):
        data_set = {**data_set, SPECIFIC_CHARACTER_SET: {"vr": "CS", "Value": [UTF_8]}}
    yield from writer.data_set(data_set, "")


def _uid(data_set: DataSet, tag: str) -> str:
    uid = first_value(data_set, tag)
    return uid if isinstance(uid, str) and uid.isascii() else ""


def is_ascii(model: Any) -> bool:
    """Whether no text of a part of the model needs a character set (STOW-30); that of bulk data may."""
    if isinstance(model, str):
        return model.isascii()
    if isinstance(model, dict):
        return not ("BulkDataURI" in model and model["vr"] in TEXT_VRS) and all(map(is_ascii, model.values()))
    return not isinstance(model, list) or all(map(is_ascii, model))


class _Writer:
    def __init__(
        self, bulk: Mapping[str, FilePart], declared_character_set: str, frames: Sequence[FilePart], *, video: bool
    ) -> None:
        self._bulk = bulk
        self._declared = declared_character_set
        self._frames = frames
        self._video = video

    def data_set(self, data_set: DataSet, path: str) -> Iterator[bytes]:
        for tag, element in sorted(data_set.items()):
            if self._frames and path + tag == PIXEL_DATA:
                yield from self._encapsulated(tag)
            elif element["vr"] == "SQ" and element.get("Value"):
                yield from self._sequence(tag, element, path)
            elif "BulkDataURI" in element:
                yield from self._bulk_element(tag, element, path)
            else:
                yield self._element(tag, element)

    def _element(self, tag: str, element: Element) -> bytes:
        if tag == SPECIFIC_CHARACTER_SET and element.get("Value"):
            element = {"vr": "CS", "Value": [UTF_8]}
        return explicit_element(int(tag, 16), element["vr"], value_field(element))

    def _sequence(self, tag: str, element: Element, path: str) -> Iterator[bytes]:
        yield _header(tag, "SQ", UNDEFINED_LENGTH, path)
        for number, item in enumerate(element["Value"]):
            yield item_header(ITEM, UNDEFINED_LENGTH)
            yield from self.data_set(item, f"{path}{tag}/{number}/")
            yield item_header(ITEM_DELIMITATION, 0)
        yield item_header(SEQUENCE_DELIMITATION, 0)

    def _bulk_element(self, tag: str, element: Element, path: str) -> Iterator[bytes]:
        vr, part = element["vr"], self._bulk[element["BulkDataURI"]]
        if part.length % UNITS.get(vr, 1):
            raise MalformedAttribute(path + tag, f"has bulk data of a length that VR {vr} cannot have")
        if vr in TEXT_VRS and self._declared != UTF_8:
            # The text of the metadata is in UTF-8 now: its bytes have to be, too.
            yield explicit_element(int(tag, 16), vr, self._in_utf_8(part, path + tag))
            return
        pad = padding(vr) * (part.length % 2)
        yield _header(tag, vr, part.length + len(pad), path)
        yield from part.chunks()
        yield pad

    def _in_utf_8(self, part: FilePart, path: str) -> bytes:
        if part.length > LONGEST_CONVERTED:
            raise MalformedAttribute(path, f"has more than {LONGEST_CONVERTED} bytes of text that is not UTF-8")
        return text_decoder(self._declared.encode()).decode(part.read(), delimiters=TEXT_DELIMITERS).encode()

    def _encapsulated(self, tag: str) -> Iterator[bytes]:
        """PS3.5 Section A.4: a fragment for each frame, or one for a whole video (STOW-22, STOW-23)."""
        yield _header(tag, "OB", UNDEFINED_LENGTH, "")
        yield self._offset_table()
        for frame in self._frames:
            pad = bytes(frame.length % 2)
            if frame.length + len(pad) > LONGEST_VALUE:
                raise MalformedAttribute(tag, "has a frame that is too long for a fragment")
            yield item_header(ITEM, frame.length + len(pad))
            yield from frame.chunks()
            yield pad
        yield item_header(SEQUENCE_DELIMITATION, 0)

    def _offset_table(self) -> bytes:
        """The Basic Offset Table; empty where it says nothing, and where its four bytes cannot say it."""
        lengths = [ITEM_HEADER_LENGTH + frame.length + frame.length % 2 for frame in self._frames[:-1]]
        offsets = list(accumulate(lengths, initial=0))
        if len(offsets) == 1 or self._video or offsets[-1] > LONGEST_VALUE:
            return item_header(ITEM, 0)
        return item_header(ITEM, 4 * len(offsets)) + pack(f"<{len(offsets)}L", *offsets)


def _header(tag: str, vr: str, length: int, path: str) -> bytes:
    if LONGEST_VALUE < length != UNDEFINED_LENGTH:
        raise MalformedAttribute(path + tag, "has a value that is too long")
    return explicit_header(int(tag, 16), vr, length)
