"""The walk over a data set and the data sets nested in it (PS3.5 Section 7): one pass, one element at a time.

Values go straight from the file to DICOM JSON, or stay where they are and go into the bulk data index. No more of the
file than `READ_LIMIT` is read at once, save for a text that is to be shown whole.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO, NamedTuple, cast

from pydicom.dataelem import RawDataElement
from pydicom.filereader import data_element_generator
from pydicom.tag import BaseTag

from archive.dicom.bulkdata import BulkValue
from archive.dicom.byte_ranges import ByteRange
from archive.dicom.charsets import DEFAULT_DECODER, TextDecoder, text_decoder
from archive.dicom.dicom_json import (
    BINARY_VRS,
    TEXT_THRESHOLD,
    VALUE_VRS,
    DataSet,
    bulk,
    encode,
    frozen,
    swapped_unit,
)
from archive.dicom.errors import MalformedDicom
from archive.dicom.fragments import (
    ITEM,
    ITEM_HEADER_LENGTH,
    ITEM_HEADERS,
    SEQUENCE_DELIMITATION,
    Fragments,
    scan_fragments,
)
from archive.dicom.pixel_data import PIXEL_DATA_TAGS, PIXEL_DATA_VRS, pixel_swap
from archive.dicom.value_representations import AMBIGUOUS, dictionary_vr, first_value, resolve_ambiguous

UNDEFINED_LENGTH = 0xFFFFFFFF
SPECIFIC_CHARACTER_SET = 0x00080005
ENCAPSULATED_DOCUMENT, MIME_TYPE_OF_ENCAPSULATED_DOCUMENT = 0x00420011, "00420012"

#: Longest value field, and longest item, that is read into memory as it is met.
READ_LIMIT = 1 << 16
#: Length of a sequence from which on its items are kept as JSON instead of as Python objects.
FREEZE_AFTER = 1 << 16
DEEPEST_NESTING = 64
#: No object comes near it, items apart. What repeats without end, as zeros do, takes no more of anybody's time.
MOST_ELEMENTS = 100_000
#: As many bulk values has one object, those of its items too: what is known of each is in memory together.
MOST_BULK_VALUES = 1 << 17
LONGEST_SPECIFIC_CHARACTER_SET = 4096

#: Elements that the element generator leaves to the reader, besides those of undefined length.
_READ_APART = PIXEL_DATA_TAGS | {SPECIFIC_CHARACTER_SET, ENCAPSULATED_DOCUMENT, ITEM, SEQUENCE_DELIMITATION}
#: VRs that need no second thought when a file states them, with and without a value field of their own.
_PLAIN_VRS = VALUE_VRS - {"UN"}
_STATED_VRS = _PLAIN_VRS | {"SQ"}
#: Of one body: browsers take the headers of parts within others for those of documents of their own.
_MEDIA_TYPE = re.compile(r"(?i:(?!multipart/|message/))[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}")


@dataclass(frozen=True, slots=True)
class Encoding:
    implicit_vr: bool
    little_endian: bool


#: PS3.5 Section 6.2.2: how a value of VR UN is encoded, whatever the transfer syntax.
UNKNOWN_VR_ENCODING = Encoding(implicit_vr=True, little_endian=True)


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes to read from, up to position `end` of `file`. Position 0 of `file` is offset `base` of the whole."""

    file: BinaryIO
    end: int
    base: int = 0


@dataclass(frozen=True, slots=True)
class PixelData:
    """The pixel data of the object itself: a native value, or fragments."""

    tag: int
    vr: str
    range: ByteRange
    fragments: Fragments | None = None


class _Header(NamedTuple):
    """An element whose value starts at position `start`."""

    tag: int
    vr: str | None
    length: int
    start: int

    @property
    def key(self) -> str:
        return f"{self.tag:08X}"


class _Window:
    """A file that ends early, for the element generator, which reads to the end."""

    def __init__(self, file: BinaryIO, end: int) -> None:
        self._file, self._end = file, end
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int) -> bytes:
        return self._file.read(max(0, min(size, self._end - self._file.tell())))


def resolve_vr(tag: int, stated: str | None, encoding: Encoding, data_set: DataSet) -> tuple[str, Encoding]:
    """The VR of an element, and how its value is encoded; `data_set` is what has been read before it."""
    if stated in _STATED_VRS:
        return stated, encoding
    if stated is None:
        implicit = encoding if encoding.implicit_vr else replace(encoding, implicit_vr=True)
        return dictionary_vr(tag, data_set), implicit
    if stated == "UN":
        is_private_value = tag >> 16 & 1 and tag & 0xFF00
        return "UN" if is_private_value else dictionary_vr(tag, data_set), UNKNOWN_VR_ENCODING
    return "UN", encoding


def has_items(tag: int, stated: str | None, vr: str) -> bool:
    """Whether an element of undefined length is a sequence; else it has fragments (PS3.5 Sections 6.2.2 and A.4)."""
    return tag not in PIXEL_DATA_TAGS and (vr == "SQ" or stated == "UN" or (vr == "UN" and stated is None))


def binary_vr(stated: str | None, default: str) -> str:
    """The VR of pixel data or of a document, which is binary whatever else the file states."""
    return stated if stated in BINARY_VRS and stated != "UN" else default


class DataSetReader:
    """Reads one data set. Its items have readers of their own, with the same bulk data index."""

    def __init__(
        self,
        source: Source,
        encoding: Encoding,
        bulkdata: dict[str, BulkValue],
        *,
        decoder: TextDecoder = DEFAULT_DECODER,
        path: str = "",
        around: tuple[DataSet, ...] = (),
    ) -> None:
        self.pixel_data: PixelData | None = None
        self._file, self._end, self._base = source.file, source.end, source.base
        self._encoding = encoding
        self._bulkdata = bulkdata
        self._decoder = decoder
        self._path = path
        self._model: DataSet = {}
        #: This data set and the ones around it, innermost first.
        self._data_sets = (self._model, *around)
        #: How many elements have been read, whatever became of them.
        self._count = 0
        #: Where the element after the last one read starts.
        self._next = self._file.tell()
        #: Elements whose VR depends on others, which may come later.
        self._ambiguous: list[tuple[_Header, bytes | None, bool]] = []

    def read(self, *, delimited: bool = False) -> DataSet:
        """The data set as DICOM JSON, up to its end or, when `delimited`, to its Item Delimitation Item."""
        while header := self._read_elements():
            self._read_apart(header)
            self._next = self._file.tell()
        self._check_end(delimited)
        for header, value, little_endian in self._ambiguous:
            vr = resolve_ambiguous(cast(str, header.vr), self._data_sets)
            self._store(header, vr, value, little_endian)
        self._note_media_type()
        keys = list(self._model)
        return self._model if keys == sorted(keys) else dict(sorted(self._model.items()))

    def _read_elements(self) -> _Header | None:
        """Read elements up to one that is to be read apart, and give its header; None at the end."""
        apart: _Header | None = None
        tell = self._file.tell

        def is_read_apart(tag: BaseTag, vr: str | None, length: int) -> bool:
            nonlocal apart
            if length == UNDEFINED_LENGTH or tag in _READ_APART:
                apart = _Header(tag, vr, length, tell())
                return True
            return False

        implicit_vr, little_endian = self._encoding.implicit_vr, self._encoding.little_endian
        generator = data_element_generator(self._file, implicit_vr, little_endian, is_read_apart, READ_LIMIT)
        model, end, decoder = self._model, self._end, self._decoder
        try:
            # All elements but those of undefined length, which are read apart, come raw.
            for element in cast(Iterator[RawDataElement], generator):
                tag, vr, length, value, start = element[:5]
                self._count += 1
                if self._count > MOST_ELEMENTS:
                    raise self._malformed(tag, start, f"follows {MOST_ELEMENTS} others in one data set")
                self._next = start + length
                if self._next > end:
                    raise self._malformed(tag, start, "is longer than what is left")
                # PS3.18 Section F.2.2: neither group lengths, nor command elements, nor file meta information.
                if not tag & 0xFFFF or tag >> 16 in (0, 2):
                    continue
                known_vr = vr or dictionary_vr(tag, model)
                if value and known_vr in _PLAIN_VRS and (encoded := encode(known_vr, value, little_endian, decoder)):
                    model[f"{tag:08X}"] = encoded
                else:
                    self._read_element(_Header(tag, vr, length, start), value)
        except struct.error as error:
            raise MalformedDicom(f"element header cut off at offset {self._base + self._next}") from error
        if apart:
            self._file.seek(apart.start)
        return apart

    def _read_element(self, header: _Header, value: bytes | None) -> None:
        """An element of defined length; `value` is None when it is long and has not been read."""
        vr, encoding = self._resolve(header)
        header = header._replace(vr=vr)
        if vr == "SQ":
            if value is None:
                source = Source(self._file, header.start + header.length, self._base)
                self._file.seek(header.start)
            else:
                source = Source(BytesIO(value), len(value), self._base + header.start)
            self._read_sequence(header, source, encoding)
            self._file.seek(self._next)
        elif vr in AMBIGUOUS:
            self._ambiguous.append((header, value, encoding.little_endian))
        else:
            self._store(header, vr, value, encoding.little_endian)

    def _store(self, header: _Header, vr: str, value: bytes | None, little_endian: bool) -> None:
        """Take a value field into the model, or else into the bulk data index."""
        if value is None and header.length <= TEXT_THRESHOLD and vr not in BINARY_VRS:
            value = self._read_value(header)
        element = {"vr": vr} if header.length == 0 else value and encode(vr, value, little_endian, self._decoder)
        if element:
            self._model[header.key] = element
        else:
            swap = 1 if little_endian else swapped_unit(vr, header.length)
            self._store_bulk(header, vr, header.start + header.length, swap)

    def _store_bulk(
        self, header: _Header, vr: str, stop: int, swap: int = 1, *, encapsulated: bool = False
    ) -> ByteRange:
        key = header.key
        if len(self._bulkdata) >= MOST_BULK_VALUES:
            raise self._malformed(header.tag, header.start, f"follows {MOST_BULK_VALUES} other bulk values")
        span = ByteRange(self._base + header.start, self._base + stop)
        self._bulkdata[self._path + key] = BulkValue(span, vr, swap, encapsulated=encapsulated)
        self._model[key] = bulk(vr, self._path + key)
        return span

    def _read_value(self, header: _Header) -> bytes:
        """A value field that the generator has passed over; the file is left where it was."""
        position = self._file.tell()
        self._file.seek(header.start)
        value = self._file.read(header.length)
        self._file.seek(position)
        return value

    def _resolve(self, header: _Header) -> tuple[str, Encoding]:
        return resolve_vr(header.tag, header.vr, self._encoding, self._model)

    def _read_apart(self, header: _Header) -> None:
        """Read the element whose value the file is positioned at, and leave the file behind it."""
        if header.tag in (ITEM, SEQUENCE_DELIMITATION):
            raise self._malformed(header.tag, header.start, "is out of place")
        if header.length == UNDEFINED_LENGTH:
            self._read_undefined_length(header)
        elif header.tag == SPECIFIC_CHARACTER_SET:
            self._read_specific_character_set(header)
        else:
            self._locate(header)

    def _read_undefined_length(self, header: _Header) -> None:
        """Items: of a sequence, or fragments (PS3.5 Sections 6.2.2, 7.5 and A.4)."""
        vr, encoding = self._resolve(header)
        is_pixel_data = header.tag in PIXEL_DATA_TAGS
        if has_items(header.tag, header.vr, vr):
            source = Source(self._file, self._end, self._base)
            self._read_sequence(header._replace(vr="SQ"), source, encoding)
            return
        found = scan_fragments(self._file, end=self._end, base=self._base, little_endian=self._encoding.little_endian)
        is_own_pixel_data = is_pixel_data and not self._path
        if not found.closed and not is_own_pixel_data:
            raise self._malformed(header.tag, header.start, "has no end")
        vr = binary_vr(header.vr, "OB")
        span = self._store_bulk(header, vr, found.stop - self._base, encapsulated=True)
        if is_own_pixel_data:
            self.pixel_data = PixelData(header.tag, vr, span, found)

    def _read_sequence(self, header: _Header, source: Source, encoding: Encoding) -> None:
        """The items of a sequence, from the file's position on (PS3.5 Section 7.5)."""
        if len(self._data_sets) > DEEPEST_NESTING:
            raise self._malformed(header.tag, header.start, f"is nested more than {DEEPEST_NESTING} deep")
        file, key = source.file, header.key
        items: list[object] = []
        kept = 0
        start = file.tell()
        unpack = ITEM_HEADERS[encoding.little_endian].unpack
        while header.length == UNDEFINED_LENGTH or file.tell() < source.end:
            if len(item_header := file.read(ITEM_HEADER_LENGTH)) < ITEM_HEADER_LENGTH:
                raise self._malformed(header.tag, header.start, "is cut off")
            group, element, length = unpack(item_header)
            tag = group << 16 | element
            if tag == SEQUENCE_DELIMITATION:
                break
            if tag != ITEM:
                raise self._malformed(header.tag, header.start, "has something else than items")
            items.append(self._read_item(source, encoding, length, f"{self._path}{key}/{len(items)}/"))
            if file.tell() - start > FREEZE_AFTER:
                items[kept:] = map(frozen, items[kept:])
                kept = len(items)
        self._model[key] = {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}

    def _read_item(self, source: Source, encoding: Encoding, length: int, path: str) -> DataSet:
        file, start = source.file, source.file.tell()
        stop = start + length
        if length != UNDEFINED_LENGTH:
            if stop > source.end:
                raise MalformedDicom(f"item at offset {source.base + start} is longer than what is left")
            if length <= READ_LIMIT:
                source = Source(BytesIO(file.read(length)), length, source.base + start)
            else:
                source = Source(cast(BinaryIO, _Window(file, stop)), stop, source.base)
        reader = DataSetReader(
            source, encoding, self._bulkdata, decoder=self._decoder, path=path, around=self._data_sets
        )
        return reader.read(delimited=length == UNDEFINED_LENGTH)

    def _read_specific_character_set(self, header: _Header) -> None:
        """Text after it is decoded accordingly; the model says UTF-8, which is what JSON text is in."""
        self._check_length(header)
        raw = self._file.read(min(header.length, LONGEST_SPECIFIC_CHARACTER_SET)).rstrip(b" \0")
        self._file.seek(header.start + header.length)
        self._decoder = text_decoder(raw)
        self._model[header.key] = {"vr": "CS", "Value": ["ISO_IR 192"]} if raw else {"vr": "CS"}

    def _locate(self, header: _Header) -> None:
        """Pixel data or a document: the value is not read. Pixel data of the object itself may be cut off."""
        is_own_pixel_data = header.tag in PIXEL_DATA_TAGS and not self._path
        if not is_own_pixel_data:
            self._check_length(header)
        stop = min(header.start + header.length, self._end)
        self._file.seek(stop)
        vr = binary_vr(header.vr, PIXEL_DATA_VRS.get(header.tag, "OB"))
        if header.length == 0:
            self._model[header.key] = {"vr": vr}
            return
        big_endian_pixels = header.tag in PIXEL_DATA_TAGS and not self._encoding.little_endian
        swap = pixel_swap(self._model, header.tag, vr) if big_endian_pixels else 1
        span = self._store_bulk(header, vr, stop, swap)
        if is_own_pixel_data:
            self.pixel_data = PixelData(header.tag, vr, span)

    def _note_media_type(self) -> None:
        """PS3.3 Section C.24.2: an encapsulated document says what it is, after the document."""
        path = f"{self._path}{ENCAPSULATED_DOCUMENT:08X}"
        media_type = first_value(self._model, MIME_TYPE_OF_ENCAPSULATED_DOCUMENT)
        if path in self._bulkdata and isinstance(media_type, str) and _MEDIA_TYPE.fullmatch(media_type):
            self._bulkdata[path] = replace(self._bulkdata[path], media_type=media_type)

    def _check_end(self, delimited: bool) -> None:
        """The generator stops at any Item Delimitation Item, and where there is no room for another element."""
        if delimited:
            is_whole = self._file.tell() == self._next + ITEM_HEADER_LENGTH
        else:
            # Some writers pad files with zeros. Eight of them are an element of group 0000 to the generator.
            self._file.seek(self._next)
            is_whole = not self._file.read(ITEM_HEADER_LENGTH).strip(b"\0")
        if not is_whole:
            raise MalformedDicom(f"data set cut off, or ended early, at offset {self._base + self._next}")

    def _check_length(self, header: _Header) -> None:
        if header.start + header.length > self._end:
            raise self._malformed(header.tag, header.start, "is longer than what is left")

    def _malformed(self, tag: int, start: int, problem: str) -> MalformedDicom:
        return MalformedDicom(f"({tag >> 16:04X},{tag & 0xFFFF:04X}) at offset {self._base + start} {problem}")
