"""Pixel Data as clients send them apart from the data set, in some media type: PS3.18 Sections 10.5.1.4 and 10.5.2.

What comes in a media type of DICOM is kept as it is, in the transfer syntax that the bit stream has. PNG and GIF become
native pixel data. Attributes that the data set lacks are those of the bit stream.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from os import SEEK_END
from typing import BinaryIO

from archive.dicom.byte_ranges import ByteRange
from archive.dicom.dicom_json import DataSet, Element
from archive.dicom.errors import MalformedAttribute, MalformedPixelData, NoCodec, UnusableBulkdata
from archive.dicom.images import codestreams
from archive.dicom.images.aspect_ratios import pixel_aspect_ratio
from archive.dicom.pixel_data import (
    COLUMNS,
    NUMBER_OF_FRAMES,
    ROWS,
    SAMPLES_PER_PIXEL,
)
from archive.dicom.pixel_description import PLANAR_CONFIGURATION, PixelDescription
from archive.dicom.runner import Runner, directly
from archive.dicom.transfer_syntaxes import (
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    OCTET_STREAM,
    TransferSyntax,
    transfer_syntax,
)
from archive.dicom.value_representations import first_value
from archive.dicom.writing.part10_writer import PIXEL_DATA, FilePart
from archive.dicom.writing.transcoding import IMAGE_PIXEL_ATTRIBUTES

#: Names that are in use beside those of PS3.18 Table 8.7.3-5 (MT-03), in lower case.
OTHER_NAMES = {
    "image/jpg": "image/jpeg",
    "image/jph": "image/jphc",
    "image/x-jls": "image/jls",
    "image/x-dicom-rle": "image/dicom-rle",
    "video/mpeg2": "video/mpeg",
    "video/h264": "video/mp4",
}
#: PS3.18 Table 10.5.2-1: what is transformed to native pixel data.
TRANSFORMED = frozenset({"image/png", "image/gif"})
#: Bit streams that say nothing of themselves.
_WITHOUT_DESCRIPTION = frozenset({OCTET_STREAM, "image/dicom-rle"})
#: No image that is decoded, or taken out of a file format, is longer than this: it is in memory then.
LONGEST_IMAGE = 512 << 20
#: So much of a bit stream is looked at to describe it.
_HEAD = 16 << 20
_JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  "

#: Transfer syntaxes that may hold what the bit stream says it is, besides the one of the same name.
_MAY_HOLD = {
    "1.2.840.10008.1.2.4.53": ("1.2.840.10008.1.2.4.55",),
    "1.2.840.10008.1.2.4.51": ("1.2.840.10008.1.2.4.50",),
    "1.2.840.10008.1.2.4.57": ("1.2.840.10008.1.2.4.70",),
    "1.2.840.10008.1.2.4.81": ("1.2.840.10008.1.2.4.80",),
    "1.2.840.10008.1.2.4.91": ("1.2.840.10008.1.2.4.90",),
    "1.2.840.10008.1.2.4.92": ("1.2.840.10008.1.2.4.90",),
    "1.2.840.10008.1.2.4.93": tuple(f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 92)),
    "1.2.840.10008.1.2.4.112": ("1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.111"),
    "1.2.840.10008.1.2.4.201": ("1.2.840.10008.1.2.4.202",),
    "1.2.840.10008.1.2.4.203": ("1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202"),
}

LOSSY_IMAGE_COMPRESSION = "00282110"
#: PS3.3 Section C.7.6.16.2.14: attributes of a palette, which pixels that are transformed have no more.
PALETTE = ("00281101", "00281102", "00281103", "00281199", "00281201", "00281202", "00281203", "00281221", "00281222",
           "00281223")  # fmt: skip
PIXEL_ASPECT_RATIO = "00280034"
#: PS3.3 Section C.7.6.3.1.7: Pixel Spacing, Imager and Nominal Scanned Pixel Spacing leave no room for a ratio.
PIXEL_SPACINGS = frozenset({"00280030", "00181164", "00182010"})
#: They describe how the pixel data were encoded elsewhere: Extended Offset Table and its lengths.
OFFSET_TABLES = ("7FE00001", "7FE00002")


@dataclass(frozen=True)
class SentPixels:
    """The parts of one Pixel Data (7FE0,0010).

    Args:
        transfer_syntax_uid: as the parts name it.
        assumed: what the media type means where nothing says it (PS3.18 Table 8.7.3-5).
        parts: one a frame, or one for all where it is native, a video or an animation.
    """

    media_type: str
    transfer_syntax_uid: str | None
    assumed: str | None
    parts: Sequence[FilePart]

    @property
    def essence(self) -> str:
        """The media type that says how the parts are encoded: that of the transfer syntax for plain octets."""
        media_type = OTHER_NAMES.get(self.media_type, self.media_type)
        if media_type == OCTET_STREAM and self.transfer_syntax_uid:
            return transfer_syntax(self.transfer_syntax_uid).media_type.lower()
        return media_type

    @cached_property
    def head(self) -> bytes:
        return self.parts[0].read(_HEAD)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What to write: `frames` are encapsulated; without them `native` is the value of Pixel Data."""

    data_set: DataSet
    transfer_syntax_uid: str
    frames: Sequence[FilePart] = ()
    native: FilePart | None = None
    discarded: tuple[str, ...] = ()


def prepare(data_set: DataSet, sent: SentPixels, scratch: BinaryIO, run: Runner = directly) -> Prepared:
    """Complete the data set with what the pixels say, and choose the transfer syntax.

    Args:
        scratch: an empty file for pixels that are transformed.
        run: how they are.

    Raises:
        UnusableBulkdata: nobody can say what the pixels are (STOW-27), or they are not what they are said to be.
        MalformedAttribute: the data set says of them what is not true.
    """
    data_set = {tag: element for tag, element in data_set.items() if tag not in OFFSET_TABLES}
    data_set = _with_aspect_ratio(data_set, sent)
    if sent.essence in TRANSFORMED:
        return _transformed(data_set, sent, scratch, run)
    said, described = _said(sent)
    syntax = _syntax(sent, said, described=described is not None)
    pixels = described or _description(data_set)
    if not syntax.encapsulated:
        return _native(data_set, pixels, sent)
    if len(sent.parts) > 1 and syntax.video:
        raise UnusableBulkdata("A video is one part with all its frames.")
    _check(data_set, pixels)
    completed = _completed(data_set, pixels, frames=len(sent.parts))
    if transfer_syntax(said or syntax.uid).lossy and LOSSY_IMAGE_COMPRESSION not in completed:
        completed[LOSSY_IMAGE_COMPRESSION] = {"vr": "CS", "Value": ["01"]}
    return Prepared(completed, syntax.uid, frames=_codestreams(sent, scratch))


def _codestreams(sent: SentPixels, scratch: BinaryIO) -> Sequence[FilePart]:
    """The parts as they are; JPEG 2000 leaves its file format behind (PS3.5 Section A.4.4)."""
    if not sent.head.startswith(_JP2_SIGNATURE):
        return sent.parts
    with _understood():
        return [_added(scratch, codestreams.encapsulated(_whole(part), sent.essence)) for part in sent.parts]


def _native(data_set: DataSet, pixels: PixelDescription, sent: SentPixels) -> Prepared:
    if len(sent.parts) > 1:
        raise UnusableBulkdata("Native pixel data are one part with all their frames.")
    completed = _completed(data_set, pixels, frames=1)
    # PS3.5 Section A.2: pixels of more than a byte are words.
    if pixels.bits_allocated > 8:
        completed[PIXEL_DATA] = {**data_set[PIXEL_DATA], "vr": "OW"}
    return Prepared(completed, EXPLICIT_VR_LITTLE_ENDIAN, native=sent.parts[0])


def _transformed(data_set: DataSet, sent: SentPixels, scratch: BinaryIO, run: Runner) -> Prepared:
    """Native pixel data of images that have no transfer syntax."""
    found: PixelDescription | None = None
    count = 0
    for part in sent.parts:
        with _understood():
            frames, pixels = run(codestreams.to_native, _whole(part), sent.essence)
        if pixels != (found or pixels):
            raise UnusableBulkdata("The images of one Pixel Data differ in their size or their kind of pixels.")
        found = pixels
        for frame in frames:
            scratch.write(frame)
            count += 1
    if found is None:
        raise UnusableBulkdata("The pixel data have no image.")
    discarded = tuple(tag for tag in PALETTE if tag in data_set)
    untrue = {*discarded, *(f"{tag:08X}" for tag, _ in IMAGE_PIXEL_ATTRIBUTES.values())}
    kept = {tag: element for tag, element in data_set.items() if tag not in untrue}
    completed = _completed(kept, found, frames=count)
    completed[PIXEL_DATA] = {**data_set[PIXEL_DATA], "vr": "OW" if found.bits_allocated > 8 else "OB"}
    native = FilePart(scratch, ByteRange(0, scratch.tell()))
    return Prepared(completed, EXPLICIT_VR_LITTLE_ENDIAN, native=native, discarded=discarded)


def _whole(part: FilePart) -> bytes:
    if part.length > LONGEST_IMAGE:
        raise UnusableBulkdata(f"An image of its media type can have {LONGEST_IMAGE} bytes.")
    return part.read()


def _added(scratch: BinaryIO, value: bytes) -> FilePart:
    start = scratch.seek(0, SEEK_END)
    scratch.write(value)
    return FilePart(scratch, ByteRange(start, start + len(value)))


def _said(sent: SentPixels) -> tuple[str | None, PixelDescription | None]:
    """Transfer syntax and description of the pixels, as far as the bit stream itself shows them (STOW-25, STOW-26)."""
    if sent.essence in _WITHOUT_DESCRIPTION:
        return None, None
    head = sent.head
    try:
        return codestreams.transfer_syntax_of(head, sent.essence), codestreams.describe(head, sent.essence)
    except (MalformedPixelData, NoCodec) as error:
        # A video may say it anywhere, also at its end.
        if sent.essence.startswith("video/"):
            return None, None
        raise UnusableBulkdata(f"Pixel Data: {error}") from error


def _may_be(sent: SentPixels, named: TransferSyntax | None) -> bool:
    """Whether a bit stream that shows no transfer syntax can be in the one that its part names, or that is assumed.

    JPEG XL does not show that it is lossless, and encoders of video count levels as they please.
    """
    return sent.essence == "image/jxl" or (named is not None and named.video)


def _syntax(sent: SentPixels, said: str | None, *, described: bool) -> TransferSyntax:
    """What the parts name, where the bit stream may be that; else what it says itself; else what is assumed."""
    named = transfer_syntax(sent.transfer_syntax_uid) if sent.transfer_syntax_uid else None
    if named and (not named.known or named.media_type.lower() != sent.essence):
        raise UnusableBulkdata("The transfer syntax of a part is none of its media type.")
    if sent.essence == OCTET_STREAM and not (named and named.encapsulated):
        if sent.transfer_syntax_uid not in {None, EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN}:
            raise UnusableBulkdata("Native pixel data are little endian, and not deflated.")
        return transfer_syntax(EXPLICIT_VR_LITTLE_ENDIAN)
    if named and said not in {None, named.uid, *_MAY_HOLD.get(named.uid, ())}:
        raise UnusableBulkdata("The bit stream is not in the transfer syntax that its part names.")
    if said is None and described and not _may_be(sent, named):
        raise UnusableBulkdata("The bit stream is in no transfer syntax.")
    uid = named.uid if named else said or sent.assumed
    if uid is None:
        raise UnusableBulkdata("Pixel Data has a media type that no transfer syntax has.")
    return transfer_syntax(uid)


def _description(data_set: DataSet) -> PixelDescription:
    """What the data set says of the pixels, which do not say it themselves."""
    pixels = PixelDescription.of(data_set)
    if not (pixels.rows and pixels.columns and pixels.bits_allocated):
        raise UnusableBulkdata("Neither the metadata nor the pixel data tell Rows, Columns and Bits Allocated.")
    return pixels


def _check(data_set: DataSet, pixels: PixelDescription) -> None:
    """Frames of another size than the data set says are not its frames."""
    for tag, value in {ROWS: pixels.rows, COLUMNS: pixels.columns, SAMPLES_PER_PIXEL: pixels.samples_per_pixel}.items():
        if first_value(data_set, tag) not in {None, value}:
            raise MalformedAttribute(tag, "is not what the pixel data say")


def _image_pixel(pixels: PixelDescription) -> dict[str, Element]:
    attributes = {
        f"{tag:08X}": {"vr": vr, "Value": [getattr(pixels, name)]} for name, (tag, vr) in IMAGE_PIXEL_ATTRIBUTES.items()
    }
    if pixels.samples_per_pixel == 1:
        del attributes[PLANAR_CONFIGURATION]
    return attributes


def _completed(data_set: DataSet, pixels: PixelDescription, *, frames: int) -> DataSet:
    """The data set with the attributes it lacks."""
    derived = _image_pixel(pixels)
    if frames > 1:
        derived[NUMBER_OF_FRAMES] = {"vr": "IS", "Value": [str(frames)]}
    return data_set | {tag: element for tag, element in derived.items() if first_value(data_set, tag) is None}


def _with_aspect_ratio(data_set: DataSet, sent: SentPixels) -> DataSet:
    """The data set with the Pixel Aspect Ratio that the pixels state, where it says nothing of their size itself."""
    if sent.essence in _WITHOUT_DESCRIPTION or data_set.keys() & {PIXEL_ASPECT_RATIO, *PIXEL_SPACINGS}:
        return data_set
    ratio = pixel_aspect_ratio(sent.head, sent.essence)
    if not ratio:
        return data_set
    return data_set | {PIXEL_ASPECT_RATIO: {"vr": "IS", "Value": [str(number) for number in ratio]}}


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except (MalformedPixelData, NoCodec) as error:
        raise UnusableBulkdata(f"Pixel Data: {error}") from error
