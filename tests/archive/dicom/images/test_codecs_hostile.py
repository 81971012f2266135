"""Whatever the bytes, a codestream is decoded or described, or gives one of two errors, in bounded time and memory."""

import time
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.images import codecs, codestreams
from archive.dicom.images.jpeg import MOST_SCANS
from archive.dicom.pixel_description import PixelDescription
from tests.archive.dicom.images.built import ENCODED, GRAY_8, GRAY_12, RGB, UID, ramp
from tests.archive.dicom.images.test_codestreams import DESCRIBED, PALETTE, progressive, saved

DEFLATED_FRAME = f"{UID}.8.1"


def deflated(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


#: A codestream of each kind, its transfer syntax, and its description.
DECODED: list[tuple[bytes, str, PixelDescription]] = [
    *(
        (codecs.encode(ramp(pixels).tobytes(), syntax, pixels), syntax, pixels)
        for syntax in ENCODED
        for pixels in (GRAY_12, RGB)
    ),
    (deflated(ramp(GRAY_12).tobytes()), DEFLATED_FRAME, GRAY_12),
    *((data, f"{UID}.{end or '4.110'}", pixels) for _, data, pixels, end in DESCRIBED.values()),
]
DECODED = [case for case in DECODED if codecs.can_decode(case[1])]

IMAGES = [
    *((data, media_type) for media_type, data, _, _ in DESCRIBED.values()),
    (saved(PALETTE, "PNG"), "image/png"),
    (saved(PALETTE, "GIF", save_all=True, append_images=[PALETTE]), "image/gif"),
]


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """`data` cut off, or with some bytes changed, mostly near its beginning, or with some left out."""
    match draw(st.sampled_from(("cut", "changed", "changed", "left out"))):
        case "cut":
            return data[: draw(st.integers(0, len(data)))]
        case "left out":
            start = draw(st.integers(0, len(data)))
            return data[:start] + data[start + draw(st.integers(1, 40)) :]
    changed = bytearray(data)
    last = draw(st.sampled_from((min(80, len(data)), len(data)))) - 1
    for _ in range(draw(st.integers(1, 4))):
        changed[draw(st.integers(0, last))] = draw(
            st.sampled_from((0x00, 0x01, 0x7F, 0x80, 0xFF)) | st.integers(0, 255)
        )
    return bytes(changed)


def attempt(question: Callable[[], Any]) -> Any:
    with suppress(MalformedPixelData, NoCodec):
        return question()
    return None


@given(data=st.data())
def test_damaged_codestreams_decode_to_a_whole_frame_or_to_an_error(data: st.DataObject) -> None:
    codestream, syntax, pixels = data.draw(st.sampled_from(DECODED))
    codestream = data.draw(damaged(codestream))
    frame = attempt(lambda: codecs.decode(codestream, syntax, pixels))
    assert frame is None or len(frame) == codecs.decoded(pixels, syntax).frame_length


@given(
    codestream=st.binary(max_size=300),
    syntax=st.sampled_from(sorted({syntax for _, syntax, _ in DECODED})),
    pixels=st.builds(
        PixelDescription,
        rows=st.integers(-1, 70_000),
        columns=st.integers(-1, 70_000),
        samples_per_pixel=st.integers(-1, 5),
        photometric_interpretation=st.sampled_from(("RGB", "YBR_FULL_422", "YBR_RCT", "MONOCHROME2", "")),
        bits_allocated=st.sampled_from((-8, 0, 1, 7, 8, 16, 24, 32, 64)),
        bits_stored=st.integers(-1, 65),
        high_bit=st.integers(-1, 64),
        pixel_representation=st.integers(0, 2),
        planar_configuration=st.integers(0, 2),
    ),
)
def test_any_bytes_under_any_description_decode_or_give_an_error(
    codestream: bytes, syntax: str, pixels: PixelDescription
) -> None:
    frame = attempt(lambda: codecs.decode(codestream, syntax, pixels))
    assert frame is None or len(frame) == pixels.frame_length


@given(data=st.data())
def test_STOW_27_damaged_images_are_described_or_give_an_error(data: st.DataObject) -> None:
    image, media_type = data.draw(st.sampled_from(IMAGES))
    image = data.draw(damaged(image))
    pixels = attempt(lambda: codestreams.describe(image, media_type))
    attempt(lambda: codestreams.transfer_syntax_of(image, media_type))
    native = attempt(lambda: codestreams.to_native(image, media_type))
    if native is not None:
        frames, described = native
        assert described == pixels
        assert all(len(frame) == described.frame_length for frame in frames)


@given(st.binary(max_size=200), st.sampled_from(sorted({media_type for _, media_type in IMAGES})), st.data())
def test_STOW_27_any_bytes_are_described_or_give_an_error(data: bytes, media_type: str, more: st.DataObject) -> None:
    start, _ = more.draw(st.sampled_from([case for case in IMAGES if case[1] == media_type]))
    for image in (data, start[: more.draw(st.integers(0, 40))] + data):
        attempt(lambda image=image: codestreams.describe(image, media_type))
        attempt(lambda image=image: codestreams.transfer_syntax_of(image, media_type))
        attempt(lambda image=image: codestreams.to_native(image, media_type))


@pytest.mark.parametrize("syntax", sorted({syntax for _, syntax, _ in DECODED}))
def test_a_few_bytes_do_not_make_gigabytes(syntax: str) -> None:
    """The data set says what the bytes do not hold: as many pixels as a frame may have."""
    huge = replace(GRAY_8, rows=1 << 14, columns=1 << 14)
    tracemalloc.start()
    try:
        for codestream, other, _ in DECODED:
            if other == syntax:
                with pytest.raises(MalformedPixelData):
                    codecs.decode(codestream, syntax, huge)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


# -- what is small and takes long ------------------------------------------------

#: More than any of these takes, and less than it takes to go through them in Python.
SOON = 1.0
MANY = 4 << 20


def test_a_jpeg_of_scans_without_end_is_not_decoded() -> None:
    """Each goes over the whole frame, and may be of a few bytes."""
    codestream = progressive(RGB)
    last = codestream[codestream.rindex(b"\xff\xda") : -2]
    syntax = f"{UID}.4.55"
    assert codecs.decode(codestream, syntax, RGB)
    with pytest.raises(NoCodec, match="scans"):
        codecs.decode(codestream[:-2] + last * MOST_SCANS + b"\xff\xd9", syntax, RGB)


def test_an_animation_is_no_frame() -> None:
    """Its images would be decoded all, however many there are."""
    images = np.stack([ramp(GRAY_8)] * 3)
    with pytest.raises(NoCodec, match="animation"):
        codecs.decode(bytes(imagecodecs.jpegxl_encode(images)), f"{UID}.4.110", GRAY_8)


ENDLESS = {
    "fill bytes": (b"\xff\xd8" + b"\xff" * MANY, "image/jpeg"),
    "restart markers": (b"\xff\xd8" + b"\xff\xd0" * MANY, "image/jpeg"),
    "comments": (b"\xff\xd8" + b"\xff\xfe\0\2" * MANY, "image/jls"),
    "comments of JPEG 2000": (b"\xff\x4f\xff\x51\0\2" + b"\xff\x64\0\2" * MANY, "image/jp2"),
    "boxes of JP2": (b"\0\0\0\x0cjP  " + b"\0\0\0\x08free" * MANY, "image/jp2"),
    "boxes of JPEG XL": (b"\0\0\0\x0cJXL " + b"\0\0\0\x08free" * MANY, "image/jxl"),
    "boxes of MP4": (b"\0\0\0\x08free" * MANY, "video/mp4"),
    "boxes of no length": (b"\0\0\0\0free" * MANY, "video/mp4"),
    "extensions": (b"GIF89a\1\0\1\0\0\0\0" + b"!\xfe\0" * MANY, "image/gif"),
    "data byte by byte": (b"GIF89a\1\0\1\0\0\0\0!\xfe" + b"\1a" * MANY, "image/gif"),
    "start codes": (b"\0\0\1" * MANY, "video/mpeg"),
}


@pytest.mark.parametrize(("image", "media_type"), ENDLESS.values(), ids=ENDLESS)
def test_STOW_27_headers_without_end_are_given_up_soon(image: bytes, media_type: str) -> None:
    start = time.process_time()
    with pytest.raises((MalformedPixelData, NoCodec)):
        codestreams.describe(image, media_type)
    assert time.process_time() - start < SOON
