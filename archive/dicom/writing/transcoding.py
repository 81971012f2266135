"""Objects and frames in another transfer syntax, one frame at a time (PS3.5 Section 8, PS3.18 Section 8.7.3.4)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from struct import pack
from typing import BinaryIO, Protocol

from archive.dicom.bulkdata import BulkValue
from archive.dicom.byte_order import byte_swapped
from archive.dicom.charsets import DEFAULT_DECODER
from archive.dicom.dicom_json import DataSet, Element, encode
from archive.dicom.errors import NotTranscodable
from archive.dicom.fragments import ITEM, SEQUENCE_DELIMITATION
from archive.dicom.frame_index import FrameIndex, FrameLocation, extract_bits
from archive.dicom.images import codecs
from archive.dicom.pieces import Piece, Streamed, joined
from archive.dicom.pixel_data import PIXEL_DATA
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.reading.data_set import UNDEFINED_LENGTH
from archive.dicom.reading.opened_file import OpenedFile
from archive.dicom.reading.raw_elements import RawReader
from archive.dicom.runner import Runner, directly
from archive.dicom.transfer_syntaxes import TransferSyntax
from archive.dicom.writing.explicit_elements import explicit_element, explicit_header, item_header
from archive.dicom.writing.reencoding import reencode

PIXEL_DATA_KEY = f"{PIXEL_DATA:08X}"

#: PS3.3 Table C.7-11c: what a `PixelDescription` describes.
IMAGE_PIXEL_ATTRIBUTES = {
    "samples_per_pixel": (0x00280002, "US"),
    "photometric_interpretation": (0x00280004, "CS"),
    "planar_configuration": (0x00280006, "US"),
    "rows": (0x00280010, "US"),
    "columns": (0x00280011, "US"),
    "bits_allocated": (0x00280100, "US"),
    "bits_stored": (0x00280101, "US"),
    "high_bit": (0x00280102, "US"),
    "pixel_representation": (0x00280103, "US"),
}
_LAST_ATTRIBUTE = 0x00280103
_LONGEST_ATTRIBUTE = 64

#: Extended Offset Table, its lengths, and Encapsulated Pixel Data Value Total Length: true of one encoding only.
_OFFSETS = (0x7FE00001, 0x7FE00002, 0x7FE00003)

#: PS3.5 Section 7.1.1: the greatest even length that a value can have.
_LONGEST_VALUE = 0xFFFFFFFE


class Keeper(Protocol):
    """Where decoded frames may be kept, so that none is decoded twice."""

    def __call__(self, pixels: PixelDescription, number: int, decode: Callable[[], bytes]) -> bytes:
        """The native frame of this number, decoded now if it is not kept."""
        ...


def kept_nowhere(pixels: PixelDescription, number: int, decode: Callable[[], bytes]) -> bytes:
    return decode()


@dataclass(frozen=True, slots=True)
class FrameConversion:
    """From frames as the frame index gives them to frames of another transfer syntax.

    Args:
        stored: what the data set says of its pixels.
        largest_frame: so many bytes of one frame are worked on at most, compressed or not.
        run: how codecs are called.
    """

    source: TransferSyntax
    target: TransferSyntax
    stored: PixelDescription
    largest_frame: int
    run: Runner = directly

    def __post_init__(self) -> None:
        self.admit(self.stored.frame_length)

    @property
    def native(self) -> PixelDescription:
        """The pixels when they are decoded."""
        return codecs.decoded(self.stored, self.source.uid) if self.source.encapsulated else self.stored

    @property
    def given(self) -> PixelDescription:
        """The pixels as they come out."""
        return codecs.encoded(self.native, self.target.uid) if self.target.encapsulated else self.native

    @property
    def length(self) -> int | None:
        """The length of each frame that comes out, where that is known before."""
        return None if self.target.encapsulated else self.native.frame_length

    def admit(self, length: int) -> None:
        """See that a frame is not too large.

        Raises:
            NotTranscodable: it is.
        """
        if length > self.largest_frame:
            raise NotTranscodable(f"A frame of {length} bytes is larger than what is transcoded.")

    def decode(self, frame: bytes) -> bytes:
        """One frame in native form.

        Raises:
            MalformedPixelData: it cannot be decoded.
            NoCodec: there is no codec for such pixels.
        """
        return self.run(codecs.decode, frame, self.source.uid, self.stored) if self.source.encapsulated else frame

    def encode(self, native: bytes) -> bytes:
        """A native frame as it comes out. Errors as those of `decode`."""
        return self.run(codecs.encode, native, self.target.uid, self.native) if self.target.encapsulated else native


def pixel_description(found: OpenedFile) -> PixelDescription:
    """What the data set says of its pixels; no more of it is read than that takes."""
    names = dict(IMAGE_PIXEL_ATTRIBUTES.values())
    raw, end, encoding = RawReader(found.source.file), found.source.end, found.encoding
    data_set: DataSet = {}
    position = found.start
    while (element := raw.element(position, end, encoding)) and element.tag <= _LAST_ATTRIBUTE:
        vr = names.get(element.tag)
        if vr and 0 < element.length <= _LONGEST_ATTRIBUTE:
            value = raw.read(element.start, element.length)
            little_endian = encoding.little_endian or element.vr == "UN"
            data_set[element.key] = encode(vr, value, little_endian, DEFAULT_DECODER) or {"vr": vr}
        position = raw.end_of(element, end, encoding)
    return PixelDescription.of(data_set)


def plain_description(data_set: DataSet) -> PixelDescription | None:
    """What `pixel_description` gives, out of the data set's DICOM JSON.

    None where an attribute is of another VR than it should be, or has not one short value: that is for the file to say.
    """
    stated = ((data_set.get(f"{tag:08X}"), vr) for tag, vr in IMAGE_PIXEL_ATTRIBUTES.values())
    plain = all(_is_plain(element, vr) for element, vr in stated if element)
    return PixelDescription.of(data_set) if plain else None


def _is_plain(element: Element, vr: str) -> bool:
    value, *others = map(str, element.get("Value", [""]))
    has_value = element["vr"] == vr and element.keys() <= {"vr", "Value"} and not others
    return has_value and len(value) <= _LONGEST_ATTRIBUTE and value.isascii()


def transcode(
    found: OpenedFile,
    target: TransferSyntax,
    frames: FrameIndex | None,
    bulkdata: Mapping[str, BulkValue],
    *,
    largest_frame: int,
    run: Runner = directly,
    keep: Keeper = kept_nowhere,
) -> Iterator[Piece]:
    """The data set of an opened file, which has to stay open, in another transfer syntax.

    The first frame is converted now.

    Args:
        target: Explicit VR Little Endian, or one whose pixel data are encapsulated and that has an encoder.
        frames: the index of the object's frames, if it has frames.
        bulkdata: the index of the object's bulk values.
        largest_frame, run: see `FrameConversion`.

    Raises:
        NotTranscodable: there is no such form of this object.
        MalformedPixelData, NoCodec: as `FrameConversion.decode`; later frames raise while they are read.
        MalformedDicom: the bytes are not what they were when they were parsed.
    """
    source = found.syntax
    pixel_data = bulkdata.get(PIXEL_DATA_KEY)
    fragments = pixel_data.range if pixel_data and pixel_data.encapsulated else None
    if not target.encapsulated and (pixel_data is None or not source.encapsulated):
        return reencode(found, {}, fragments=fragments)
    if pixel_data is None or frames is None:
        raise NotTranscodable("The object has no frames that can be told apart.")
    conversion = FrameConversion(source, target, pixel_description(found), largest_frame, run)
    converted = _converted(found.source.file, frames, conversion, keep)
    first = next(converted)
    make = _encapsulated if target.encapsulated else _native
    pixels = make(chain([first], converted), conversion, frames.count)
    replaced = {PIXEL_DATA: pixels} | dict.fromkeys(_OFFSETS, ()) | _changed(conversion.stored, conversion.given)
    return reencode(found, replaced, fragments=fragments)


def _converted(file: BinaryIO, frames: FrameIndex, conversion: FrameConversion, keep: Keeper) -> Iterator[bytes]:
    for number in range(1, frames.count + 1):
        location = frames.locate(number)
        conversion.admit(location.bits // 8)
        if conversion.source.encapsulated:
            native = keep(conversion.stored, number, partial(_decoded, file, location, conversion))
        else:
            native = _frame(file, location)
        yield conversion.encode(native)


def _decoded(file: BinaryIO, location: FrameLocation, conversion: FrameConversion) -> bytes:
    return conversion.decode(_frame(file, location))


def _frame(file: BinaryIO, location: FrameLocation) -> bytes:
    data = b"".join(joined(RawReader(file).read(span.start, span.length) for span in location.ranges))
    if location.swap != 1:
        data = byte_swapped(data, location.swap)
    return extract_bits(data, location.bit_offset, location.bits)


def _changed(before: PixelDescription, after: PixelDescription) -> dict[int, list[Piece]]:
    """The elements that say something else now."""
    changed: dict[int, list[Piece]] = {}
    for name, (tag, vr) in IMAGE_PIXEL_ATTRIBUTES.items():
        value = getattr(after, name)
        if value != getattr(before, name):
            raw = value.encode("ascii") if vr == "CS" else pack("<H", value)
            changed[tag] = [explicit_element(tag, vr, raw)]
    return changed


def _native(frames: Iterator[bytes], conversion: FrameConversion, count: int) -> tuple[Piece, ...]:
    """Pixel Data as one value (PS3.5 Section A.2): OB where no cell is longer than a byte.

    Raises:
        NotTranscodable: it is longer than a value can be (WADO-06).
    """
    value = native_value(frames, conversion.native, count)
    length = value.length or 0
    if length > _LONGEST_VALUE:
        raise NotTranscodable("The pixel data are too long for one value.")
    vr = "OW" if conversion.native.bits_allocated > 8 else "OB"
    return explicit_header(PIXEL_DATA, vr, length + length % 2), value, b"\0" * (length % 2)


def native_value(frames: Iterator[bytes], pixels: PixelDescription, count: int) -> Streamed:
    """Native frames, each of which begins with a byte, as the one value that they are (PS3.5 Section 8.1.1)."""
    bits = pixels.rows * pixels.columns * pixels.samples_per_pixel * pixels.bits_allocated
    packed = frames if bits % 8 == 0 else packed_bits(frames, bits)
    return Streamed(-(-bits * count // 8), lambda: packed)


def packed_bits(frames: Iterator[bytes], bits: int) -> Iterator[bytes]:
    """Frames of `bits` bits, each beginning with a byte, without gaps (PS3.5 Section 8.1.1)."""
    kept, waiting = 0, 0
    for frame in frames:
        kept |= (int.from_bytes(frame, "little") & ((1 << bits) - 1)) << waiting
        whole, waiting = divmod(waiting + bits, 8)
        yield (kept & ((1 << 8 * whole) - 1)).to_bytes(whole, "little")
        kept >>= 8 * whole
    if waiting:
        yield kept.to_bytes(1, "little")


def _encapsulated(frames: Iterator[bytes], conversion: FrameConversion, count: int) -> tuple[Piece, ...]:
    """Pixel Data with a fragment for each frame and an empty Basic Offset Table (PS3.5 Section A.4)."""
    return (
        explicit_header(PIXEL_DATA, "OB", UNDEFINED_LENGTH) + item_header(ITEM, 0),
        Streamed(None, partial(_fragments, frames)),
        item_header(SEQUENCE_DELIMITATION, 0),
    )


def _fragments(frames: Iterator[bytes]) -> Iterator[bytes]:
    for frame in frames:
        yield item_header(ITEM, len(frame) + len(frame) % 2)
        yield frame
        if len(frame) % 2:
            yield b"\0"
