"""A picture is the same in every transfer syntax: compressed by us, by DCMTK, and by the libraries of imagecodecs."""

import shutil
import subprocess
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from archive.dicom.byte_order import byte_swapped
from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.images import codecs
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering.frames import render
from archive.dicom.transfer_syntaxes import TRANSFER_SYNTAXES
from tests.archive.dicom.images import built
from tests.archive.dicom.images.built import ENCODED, UID, described
from tests.archive.dicom.images.test_codecs_hostile import damaged
from tests.archive.dicom.rendering.built import noise, psnr, smooth
from tests.archive.dicom.rendering.shown import Image, attributes, shown, stored_frame
from tests.builders import part10

ROWS, COLUMNS = 48, 64

EXPLICIT, BIG_ENDIAN = f"{UID}.1", f"{UID}.2"


def _sized(pixels: PixelDescription) -> PixelDescription:
    return replace(pixels, rows=ROWS, columns=COLUMNS)


GRAY_8, GRAY_12, SIGNED_12, RGB = map(_sized, (built.GRAY_8, built.GRAY_12, built.SIGNED_12, built.RGB))
GRAY_16 = replace(GRAY_12, bits_stored=16, high_bit=15)
MONOCHROME1 = replace(GRAY_12, photometric_interpretation="MONOCHROME1")
YBR_FULL = replace(RGB, photometric_interpretation="YBR_FULL")
GRAY_32 = replace(GRAY_12, bits_allocated=32, bits_stored=32, high_bit=31)
BINARY = replace(GRAY_8, bits_allocated=1, bits_stored=1, high_bit=0)


# -- the picture -----------------------------------------------------------------


def samples(pixels: PixelDescription) -> Image:
    """A smooth picture with some noise in it, over most of the range of the pixels."""
    color = pixels.samples_per_pixel == 3
    picture = smooth(ROWS, COLUMNS, color=color) * 0.9 + noise(ROWS, COLUMNS, color=color) * 0.02
    values = np.rint(picture / 255 * ((1 << pixels.bits_stored) - 1)).astype(np.int64)
    if pixels.pixel_representation:
        values -= 1 << pixels.bits_stored - 1
    kind = "i" if pixels.pixel_representation else "u"
    return values.astype(f"<{kind}{max(1, pixels.bits_allocated // 8)}")


def native_frame(pixels: PixelDescription) -> bytes:
    values = samples(pixels)
    return np.packbits(values, bitorder="little").tobytes() if pixels.bits_allocated == 1 else values.tobytes()


def file_of(pixels: PixelDescription, syntax: str, pixel_data: bytes) -> bytes:
    """Grays are in Hounsfield units, in a window of half of them."""
    half = 1 << pixels.bits_stored - 1
    center = -1024 if pixels.pixel_representation else half - 1024
    seen = {"RescaleSlope": 1, "RescaleIntercept": -1024, "WindowCenter": center, "WindowWidth": half}
    given = seen if pixels.samples_per_pixel == 1 and pixels.bits_stored > 1 else {}
    return written(described(pixels, PixelData=pixel_data, NumberOfFrames=1, **given), syntax)


#: pydicom writes no files in the newest of transfer syntaxes. It writes them in others, whose UIDs are as long.
STAND_INS = {f"{UID}.8.1": f"{UID}.1.98"} | {f"{UID}.4.{end}": f"{UID}.4.201" for end in (110, 111, 112)}


def written(dataset: Dataset, syntax: str) -> bytes:
    stand_in = STAND_INS.get(syntax, syntax)
    uid = (text + "\0" * (len(text) % 2) for text in (stand_in, syntax))
    return part10(dataset, stand_in).replace(*(text.encode() for text in uid), 1)


# -- what compresses it ----------------------------------------------------------

#: From pixels and a transfer syntax to a file.
Compressor = Callable[[PixelDescription, str], bytes]


def native(pixels: PixelDescription, syntax: str) -> bytes:
    frame = native_frame(pixels)
    if syntax == BIG_ENDIAN and pixels.bits_allocated > 8:
        frame = byte_swapped(frame, pixels.bits_allocated // 8)
    return file_of(pixels, syntax, frame)


def ours(pixels: PixelDescription, syntax: str) -> bytes:
    codestream = codecs.encode(native_frame(pixels), syntax, pixels)
    return file_of(codecs.encoded(pixels, syntax), syntax, encapsulate([codestream]))


def framed(encode: Callable[[PixelDescription], bytes], color: str | None = None) -> Compressor:
    """By an encoder of frames that makes `color` of three samples."""

    def file(pixels: PixelDescription, syntax: str) -> bytes:
        named = replace(pixels, photometric_interpretation=color) if color and pixels.samples_per_pixel == 3 else pixels
        return file_of(named, syntax, encapsulate([encode(pixels)]))

    return file


def library(encode: Callable[..., Any], color: str | None = None, **options: Any) -> Compressor:
    """By an encoder of imagecodecs."""
    return framed(lambda pixels: bytes(encode(samples(pixels), **options)), color)


def deflated(pixels: PixelDescription) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(native_frame(pixels)) + stream.flush()


def jpeg_xl(pixels: PixelDescription) -> bytes:
    return bytes(imagecodecs.jpegxl_encode(samples(pixels), lossless=True, bitspersample=pixels.bits_stored))


def jpeg_within_jpeg_xl(pixels: PixelDescription) -> bytes:
    return bytes(imagecodecs.jpegxl_encode_jpeg(imagecodecs.jpeg8_encode(samples(pixels), 95)))


def dcmtk(tool: str, *options: str) -> Compressor:
    def file(pixels: PixelDescription, syntax: str) -> bytes:
        program = shutil.which(tool)
        assert program, f"{tool} is not installed: this test needs the package dcmtk"
        with TemporaryDirectory() as folder:
            given, made = Path(folder, "native.dcm"), Path(folder, "compressed.dcm")
            given.write_bytes(native(pixels, EXPLICIT))
            run = subprocess.run([program, *options, str(given), str(made)], capture_output=True, check=False)
            assert run.returncode == 0, run.stderr.decode(errors="replace")
            assert dcmread(made).file_meta.TransferSyntaxUID == syntax
            return made.read_bytes()

    return file


# -- the table -------------------------------------------------------------------

GRAYS = (GRAY_8, GRAY_12, SIGNED_12, GRAY_16, MONOCHROME1)
EVERY = (*GRAYS, RGB, YBR_FULL)
UNSIGNED = tuple(pixels for pixels in EVERY if pixels != SIGNED_12)
EIGHT = (GRAY_8, RGB)

#: The end of a transfer syntax, what compresses, how, which pictures, and how near these stay to what they were: in
#: decibels, without end where nothing is lost.
WAYS: list[tuple[str, str, Compressor, tuple[PixelDescription, ...], float]] = [
    ("", "pydicom", native, (*EVERY, GRAY_32, BINARY), inf),
    (".1", "pydicom", native, (*EVERY, GRAY_32, BINARY), inf),
    (".1.99", "pydicom", native, (*EVERY, GRAY_32, BINARY), inf),
    (".2", "pydicom", native, (*EVERY, GRAY_32), inf),
    (".1.98", "pydicom", framed(native_frame), (*EVERY, GRAY_32, BINARY), inf),
    (".8.1", "zlib", framed(deflated), (*EVERY, GRAY_32, BINARY), inf),
    (".5", "archive", ours, (*EVERY, GRAY_32, BINARY), inf),
    (".5", "dcmcrle", dcmtk("dcmcrle"), EVERY, inf),
    (".4.50", "dcmcjpeg", dcmtk("dcmcjpeg", "+eb", "+q", "95"), EIGHT, 40),
    (".4.50", "dcmcjpeg, 4:4:4", dcmtk("dcmcjpeg", "+eb", "+q", "95", "+s4"), (RGB,), 40),
    (".4.50", "dcmcjpeg, 4:1:1", dcmtk("dcmcjpeg", "+eb", "+q", "95", "+n1"), (RGB,), 40),
    (".4.50", "dcmcjpeg, as RGB", dcmtk("dcmcjpeg", "+eb", "+q", "95", "+cr"), (RGB,), 40),
    (".4.50", "libjpeg-turbo", library(imagecodecs.jpeg8_encode, "YBR_FULL_422", level=95), EIGHT, 40),
    (".4.50", "libjpeg-turbo, named RGB", library(imagecodecs.jpeg8_encode, "RGB", level=95), EIGHT, 40),
    (".4.51", "dcmcjpeg", dcmtk("dcmcjpeg", "+ee", "+q", "95"), (*EIGHT, GRAY_12, MONOCHROME1), 40),
    (".4.51", "libjpeg-turbo", library(imagecodecs.jpeg8_encode, level=98, bitspersample=12), (GRAY_12,), 40),
    (".4.53", "dcmcjpeg", dcmtk("dcmcjpeg", "+es", "+q", "95"), EIGHT, 40),
    (".4.55", "dcmcjpeg", dcmtk("dcmcjpeg", "+ep", "+q", "95"), (*EIGHT, GRAY_12), 40),
    (".4.57", "dcmcjpeg", dcmtk("dcmcjpeg", "+el"), EVERY, inf),
    (".4.70", "dcmcjpeg", dcmtk("dcmcjpeg", "+e1"), EVERY, inf),
    (".4.80", "archive", ours, EVERY, inf),
    (".4.80", "dcmcjpls", dcmtk("dcmcjpls"), EVERY, inf),
    (".4.81", "dcmcjpls", dcmtk("dcmcjpls", "+en"), UNSIGNED, 40),
    (".4.90", "archive", ours, EVERY, inf),
    (".4.91", "OpenJPEG", library(imagecodecs.jpeg2k_encode, "YBR_ICT", level=50, codecformat="J2K"), EIGHT, 40),
    (".4.201", "archive", ours, EVERY, inf),
    (".4.202", "archive", ours, EVERY, inf),
    (".4.203", "OpenJPH", library(imagecodecs.htj2k_encode, "YBR_ICT", level=0.001, reversible=False), EIGHT, 40),
    (".4.110", "libjxl", framed(jpeg_xl), (GRAY_8, GRAY_12, GRAY_16, MONOCHROME1, RGB), inf),
    (".4.111", "libjxl", framed(jpeg_within_jpeg_xl, "YBR_FULL_422"), EIGHT, 40),
    (".4.112", "libjxl", library(imagecodecs.jpegxl_encode, "XYB", distance=0.3), EIGHT, 40),
]

NAMES = {
    GRAY_8: "8 bits", GRAY_12: "12 bits", SIGNED_12: "12 bits with a sign", GRAY_16: "16 bits", GRAY_32: "32 bits",
    MONOCHROME1: "MONOCHROME1", BINARY: "1 bit", RGB: "RGB", YBR_FULL: "YBR_FULL",
}  # fmt: skip
CASES = {
    f"{suffix or '.0'} by {by}: {NAMES[pixels]}": (UID + suffix, compress, pixels, nearness)
    for suffix, by, compress, pictures, nearness in WAYS
    for pixels in pictures
}


@cache
def file(case: str) -> bytes:
    syntax, compress, pixels, _ = CASES[case]
    return compress(pixels, syntax)


def test_there_is_a_way_into_every_transfer_syntax_that_is_decoded() -> None:
    assert {case[0] for case in CASES.values()} == set(filter(codecs.can_decode, TRANSFER_SYNTAXES))


@pytest.mark.parametrize("pixels", NAMES, ids=NAMES.values())
def test_the_picture_is_one(pixels: PixelDescription) -> None:
    """Dark and bright, with all there is in between: else it would be easy to be near to it."""
    image = shown(native(pixels, EXPLICIT))
    assert len(np.unique(image)) > (1 if pixels == BINARY else 100)


@pytest.mark.parametrize("case", CASES)
def test_WADO_86_a_picture_is_the_same_in_every_transfer_syntax(case: str) -> None:
    _, _, pixels, nearness = CASES[case]
    assert psnr(shown(file(case)), shown(native(pixels, EXPLICIT))) >= nearness


# -- damage ----------------------------------------------------------------------


def rendered(codestream: bytes, syntax: str, pixels: PixelDescription) -> Image:
    frame = codecs.decode(codestream, syntax, pixels)
    return render(frame, codecs.decoded(pixels, syntax), attributes())


@cache
def stored(case: str) -> tuple[bytes, str, PixelDescription]:
    """The frame as it is stored, its transfer syntax, and its description."""
    frame, pixels = stored_frame(file(case))
    return frame, CASES[case][0], pixels


@pytest.mark.parametrize("case", [case for case in CASES if not case.startswith((".0", ".1 ", ".1.99", ".2 "))])
def test_a_frame_that_ends_early_is_refused(case: str) -> None:
    """It is not filled up with what is not there."""
    frame, syntax, pixels = stored(case)
    with pytest.raises(MalformedPixelData):
        rendered(frame[: len(frame) // 2], syntax, pixels)


@given(data=st.data())
def test_a_damaged_frame_is_shown_or_refused(data: st.DataObject) -> None:
    frame, syntax, pixels = stored(data.draw(st.sampled_from(sorted(CASES))))
    with suppress(MalformedPixelData, NoCodec):
        image = rendered(data.draw(damaged(frame)), syntax, pixels)
        assert image.shape[:2] == (ROWS, COLUMNS)


@pytest.mark.parametrize("syntax", ENCODED)
def test_a_damaged_frame_leaves_the_others_as_they_are(syntax: str) -> None:
    codestream = codecs.encode(native_frame(GRAY_8), syntax, GRAY_8)
    frames = [codestream, codestream[: len(codestream) // 2], codestream]
    multiframe = part10(described(GRAY_8, NumberOfFrames=3, PixelData=encapsulate(frames)), syntax)
    whole = shown(part10(described(GRAY_8, PixelData=native_frame(GRAY_8))))
    assert np.array_equal(shown(multiframe, 1), whole)
    assert np.array_equal(shown(multiframe, 3), whole)
    with pytest.raises(MalformedPixelData):
        shown(multiframe, 2)
