from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from struct import pack

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.images import codestreams, jpeg2000_markers
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.transfer_syntaxes import TRANSFER_SYNTAXES
from tests.archive.dicom.images.built import COLUMNS, GRAY_8, GRAY_12, RGB, ROWS, SIGNED_12, UID, pixels_of, ramp
from tests.archive.dicom.images.videos import mp4, mpeg2

GRAY_16 = replace(GRAY_12, bits_stored=16, high_bit=15)
YBR_422 = replace(RGB, photometric_interpretation="YBR_FULL_422")
YBR_RCT, YBR_ICT, XYB = (replace(RGB, photometric_interpretation=name) for name in ("YBR_RCT", "YBR_ICT", "XYB"))
YBR_420 = replace(RGB, photometric_interpretation="YBR_PARTIAL_420")


def jpeg(pixels: PixelDescription, **options) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(ramp(pixels), bitspersample=pixels.bits_stored, **options))


def progressive(pixels: PixelDescription) -> bytes:
    file = BytesIO()
    Image.fromarray(ramp(pixels)).save(file, "JPEG", progressive=True)
    return file.getvalue()


def jpeg_2000(pixels: PixelDescription, **options) -> bytes:
    options = {"codecformat": "J2K", "reversible": True, "bitspersample": pixels.bits_stored} | options
    return bytes(imagecodecs.jpeg2k_encode(ramp(pixels), 0 if options["reversible"] else 60, **options))


def htj2k(pixels: PixelDescription, **options) -> bytes:
    return bytes(imagecodecs.htj2k_encode(ramp(pixels), **({"reversible": True} | options)))


def jpeg_xl(pixels: PixelDescription, **options) -> bytes:
    return bytes(imagecodecs.jpegxl_encode(ramp(pixels), bitspersample=pixels.bits_stored, **options))


#: Media type, bytes, what they are described as, and the transfer syntax that they say.
DESCRIBED = {
    "JPEG baseline, gray": ("image/jpeg", jpeg(GRAY_8), GRAY_8, "4.50"),
    "JPEG baseline, color": ("image/jpeg", jpeg(RGB), YBR_422, "4.50"),
    "JPEG baseline, RGB": ("image/jpeg", jpeg(RGB, outcolorspace="RGB"), RGB, "4.50"),
    "JPEG extended, 12 bits": ("image/jpeg", jpeg(GRAY_12), GRAY_12, "4.51"),
    "JPEG progressive": ("image/jpeg", progressive(RGB), YBR_422, "4.55"),
    "JPEG lossless, gray": ("image/jpeg", jpeg(GRAY_12, lossless=True, predictor=4), GRAY_12, "4.57"),
    "JPEG lossless SV1, gray": ("image/jpeg", jpeg(GRAY_16, lossless=True, predictor=1), GRAY_16, "4.70"),
    "JPEG lossless SV1, color": ("image/jpeg", jpeg(RGB, lossless=True, predictor=1), RGB, "4.70"),
    "JPEG-LS lossless": ("image/jls", bytes(imagecodecs.jpegls_encode(ramp(GRAY_16))), GRAY_16, "4.80"),
    "JPEG-LS near-lossless": ("image/x-jls", bytes(imagecodecs.jpegls_encode(ramp(RGB), 2)), RGB, "4.81"),
    "JPEG 2000, gray": ("image/jp2", jpeg_2000(GRAY_12), GRAY_12, "4.90"),
    "JPEG 2000, signed": ("image/jp2", jpeg_2000(SIGNED_12), SIGNED_12, "4.90"),
    "JPEG 2000, reversible transform": ("image/jp2", jpeg_2000(RGB), YBR_RCT, "4.90"),
    "JPEG 2000, irreversible transform": ("image/jp2", jpeg_2000(RGB, reversible=False), YBR_ICT, "4.91"),
    "JPEG 2000, no transform": ("image/jp2", jpeg_2000(RGB, mct=False), RGB, "4.90"),
    "JPEG 2000 in its file": ("image/jp2", jpeg_2000(RGB, codecformat="JP2"), YBR_RCT, "4.90"),
    "JPEG 2000 by the name of Part 2": ("image/jpx", jpeg_2000(GRAY_8), GRAY_8, "4.90"),
    "HTJ2K": ("image/jphc", htj2k(RGB), YBR_RCT, "4.201"),
    "HTJ2K RPCL": ("image/jph", htj2k(GRAY_8, tlm=True), GRAY_8, "4.202"),
    "HTJ2K, lossy": ("image/jphc", htj2k(RGB, reversible=False), YBR_ICT, "4.203"),
    "JPEG XL lossless": ("image/jxl", jpeg_xl(GRAY_12, lossless=True), GRAY_12, None),
    "JPEG XL lossless, color, in its file": ("image/jxl", jpeg_xl(RGB, lossless=True, usecontainer=True), RGB, None),
    "JPEG XL": ("image/jxl", jpeg_xl(RGB, lossless=False, distance=1.0), XYB, "4.112"),
    "JPEG XL from JPEG": ("image/jxl", bytes(imagecodecs.jpegxl_encode_jpeg(jpeg(RGB))), YBR_422, "4.111"),
    "MPEG-2, main level": ("video/mpeg", mpeg2(ROWS, COLUMNS, profile=4, level=8), YBR_420, "4.100"),
    "MPEG-2, high level": ("video/mpeg2", mpeg2(ROWS, COLUMNS, profile=4, level=4), YBR_420, "4.101"),
    "H.264": ("video/mp4", mp4(ROWS, COLUMNS, "avc1", profile=100, level=41), YBR_420, "4.102"),
    "H.264, level 4.2": ("video/mp4", mp4(ROWS, COLUMNS, "avc1", profile=100, level=42), YBR_420, "4.104"),
    "H.264, beyond DICOM": ("video/mp4", mp4(ROWS, COLUMNS, "avc3", profile=110, level=51), YBR_420, None),
    "H.265": ("video/H265", mp4(ROWS, COLUMNS, "hvc1", profile=1, level=153), YBR_420, "4.107"),
    "H.265, 10 bits": (
        "video/h265",
        mp4(ROWS, COLUMNS, "hev1", profile=2, level=120, bits=10),
        replace(YBR_420, bits_allocated=16, bits_stored=10, high_bit=9),
        "4.108",
    ),
}


@pytest.mark.parametrize(("media_type", "data", "pixels", "end"), DESCRIBED.values(), ids=DESCRIBED)
def test_STOW_26_the_bit_stream_describes_its_pixels(
    media_type: str, data: bytes, pixels: PixelDescription, end: str | None
) -> None:
    assert codestreams.describe(data, media_type) == pixels
    assert codestreams.describe(data, f"{media_type.upper()}; transfer-syntax=1.2.3") == pixels


@pytest.mark.parametrize(("media_type", "data", "pixels", "end"), DESCRIBED.values(), ids=DESCRIBED)
def test_STOW_25_the_bit_stream_says_its_transfer_syntax(
    media_type: str, data: bytes, pixels: PixelDescription, end: str | None
) -> None:
    found = codestreams.transfer_syntax_of(data, media_type)
    assert found == (f"{UID}.{end}" if end else None)
    assert found is None or found in TRANSFER_SYNTAXES


ENCODERS = {
    "image/jpeg": imagecodecs.jpeg8_encode,
    "image/jls": imagecodecs.jpegls_encode,
    "image/jp2": imagecodecs.jpeg2k_encode,
    "image/jphc": imagecodecs.htj2k_encode,
    "image/jxl": imagecodecs.jpegxl_encode,
    "image/png": imagecodecs.png_encode,
}


@pytest.mark.parametrize("media_type", ENCODERS)
@given(rows=st.integers(1, 300), columns=st.integers(1, 300), color=st.booleans())
def test_STOW_26_every_size_is_described(media_type: str, rows: int, columns: int, color: bool) -> None:
    image = np.zeros((rows, columns, 3) if color else (rows, columns), np.uint8)
    pixels = codestreams.describe(bytes(ENCODERS[media_type](image)), media_type)
    assert (pixels.rows, pixels.columns, pixels.samples_per_pixel) == (rows, columns, 3 if color else 1)


@pytest.mark.parametrize(
    "image", [np.zeros((9, 9, 2), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9), np.float32)]
)
def test_jpeg_xl_with_transparency_or_floating_point_has_no_photometric_interpretation(image: np.ndarray) -> None:
    data = bytes(imagecodecs.jpegxl_encode(image))
    with pytest.raises(NoCodec, match="floating point samples or extra channels"):
        codestreams.describe(data, "image/jxl")


@pytest.mark.parametrize("media_type", ["image/dicom-rle", "application/octet-stream", "image/tiff", "text/plain", ""])
def test_STOW_27_what_does_not_describe_itself_is_told_apart(media_type: str) -> None:
    for question in (codestreams.describe, codestreams.transfer_syntax_of, codestreams.to_native):
        with pytest.raises(NoCodec):
            question(b"\0" * 100, media_type)


@pytest.mark.parametrize(("media_type", "data", "pixels", "end"), DESCRIBED.values(), ids=DESCRIBED)
def test_bytes_of_another_kind_are_refused(media_type: str, data: bytes, pixels: PixelDescription, end: str) -> None:
    for other in (b"", bytes(1000), b"GIF89a" + bytes(1000), data[:3]):
        with pytest.raises((MalformedPixelData, NoCodec)):
            codestreams.describe(other, media_type)


def test_jpeg_and_jpeg_ls_are_told_apart() -> None:
    lossless = bytes(imagecodecs.jpegls_encode(ramp(GRAY_8)))
    for data, media_type in ((lossless, "image/jpeg"), (jpeg(GRAY_8), "image/jls")):
        assert codestreams.transfer_syntax_of(data, media_type) is None
        with pytest.raises(MalformedPixelData):
            codestreams.describe(data, media_type)


def test_htj2k_without_a_small_base_resolution_is_not_for_progressive_display() -> None:
    image = np.zeros((200, 300), np.uint8)
    shallow, deep = (imagecodecs.htj2k_encode(image, reversible=True, tlm=True, resolutions=n) for n in (1, 2))
    assert codestreams.transfer_syntax_of(bytes(shallow), "image/jphc") == f"{UID}.4.201"
    assert codestreams.transfer_syntax_of(bytes(deep), "image/jphc") == f"{UID}.4.202"


def test_jpeg_2000_is_encapsulated_without_its_file() -> None:
    file = jpeg_2000(RGB, codecformat="JP2")
    bare = codestreams.encapsulated(file, "image/jp2")
    assert bare.startswith(jpeg2000_markers.CODESTREAM_START)
    assert bare in file
    assert codestreams.encapsulated(bare, "image/jp2") == bare
    assert codestreams.encapsulated(jpeg(RGB), "image/jpeg") == jpeg(RGB)


def test_a_jp2_file_with_a_palette_is_refused() -> None:
    box = pack(">I4s", 8 + 8 + 3, b"jp2h") + pack(">I4s3s", 8 + 3, b"pclr", b"\0\0\0")
    file = jpeg_2000(GRAY_8, codecformat="JP2")
    with pytest.raises(NoCodec, match="palette"):
        codestreams.describe(file[:12] + box + file[12:], "image/jp2")


@pytest.mark.parametrize("samples", [2, 4])
def test_images_with_transparency_or_in_cmyk_have_no_photometric_interpretation(samples: int) -> None:
    image = np.zeros((ROWS, COLUMNS, samples), np.uint8)
    with pytest.raises(NoCodec, match=f"{samples} components"):
        codestreams.describe(bytes(imagecodecs.jpeg2k_encode(image, codecformat="J2K")), "image/jp2")


def test_an_mp4_file_without_video_is_refused() -> None:
    with pytest.raises(NoCodec, match="track"):
        codestreams.describe(mp4(ROWS, COLUMNS, "mp4a", profile=0, level=0), "video/mp4")


# -- PNG and GIF -----------------------------------------------------------------


def saved(image: Image.Image, kind: str, **options) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


NOISE = np.random.default_rng(0).integers(0, 256, (ROWS, COLUMNS, 4), np.uint8)
PALETTE = Image.fromarray(NOISE[..., :3]).quantize(16)
DEEP = np.random.default_rng(1).integers(0, 1 << 16, (ROWS, COLUMNS, 3), np.uint16)

#: PNG, its pixels, and their description.
PNG: dict[str, tuple[Callable[[], bytes], np.ndarray, PixelDescription]] = {
    "gray": (lambda: saved(Image.fromarray(NOISE[..., 0].copy()), "PNG"), NOISE[..., 0], GRAY_8),
    "bits": (lambda: saved(Image.fromarray(NOISE[..., 0] > 99), "PNG"), (NOISE[..., 0] > 99) * np.uint8(255), GRAY_8),
    "gray and alpha": (lambda: saved(Image.fromarray(NOISE[..., :2].copy(), "LA"), "PNG"), NOISE[..., 0], GRAY_8),
    "gray, 16 bits": (lambda: saved(Image.fromarray(DEEP[..., 0].copy()), "PNG"), DEEP[..., 0], GRAY_16),
    "color": (lambda: saved(Image.fromarray(NOISE[..., :3].copy()), "PNG"), NOISE[..., :3], RGB),
    "color and alpha": (lambda: saved(Image.fromarray(NOISE), "PNG"), NOISE[..., :3], RGB),
    "color, 16 bits": (
        lambda: bytes(imagecodecs.png_encode(DEEP)),
        DEEP,
        replace(RGB, bits_allocated=16, bits_stored=16, high_bit=15),
    ),
    "palette": (lambda: saved(PALETTE, "PNG"), np.array(PALETTE.convert("RGB")), RGB),
    "palette and transparency": (
        lambda: saved(PALETTE, "PNG", transparency=3),
        np.array(PALETTE.convert("RGB")),
        RGB,
    ),
}


@pytest.mark.parametrize(("data", "expected", "pixels"), PNG.values(), ids=PNG)
def test_STOW_26_png_becomes_a_native_frame(
    data: Callable[[], bytes], expected: np.ndarray, pixels: PixelDescription
) -> None:
    frames, described = codestreams.to_native(data(), "image/png")
    assert described == codestreams.describe(data(), "image/png") == pixels
    assert [len(frame) for frame in frames] == [pixels.frame_length]
    assert np.array_equal(pixels_of(frames[0], pixels), expected)


@pytest.mark.parametrize("disposal", [0, 1, 2])
@pytest.mark.parametrize("count", [1, 3])
def test_STOW_26_gif_becomes_a_native_frame_for_each_image(count: int, disposal: int) -> None:
    images = [Image.fromarray(np.roll(NOISE[..., :3], shift, axis=1)).quantize(32) for shift in range(count)]
    data = saved(images[0], "GIF", save_all=True, append_images=images[1:], disposal=disposal)
    frames, pixels = codestreams.to_native(data, "image/gif")
    assert pixels == codestreams.describe(data, "image/gif") == RGB
    assert len(frames) == count
    theirs = Image.open(BytesIO(data))
    for number, frame in enumerate(frames):
        theirs.seek(number)
        assert np.array_equal(pixels_of(frame, pixels), np.array(theirs.convert("RGB")))


def test_png_and_gif_have_no_transfer_syntax_and_others_are_stored_as_they_are() -> None:
    assert codestreams.transfer_syntax_of(saved(PALETTE, "PNG"), "image/png") is None
    assert codestreams.transfer_syntax_of(saved(PALETTE, "GIF"), "image/gif") is None
    with pytest.raises(NoCodec, match="as it is"):
        codestreams.to_native(jpeg(RGB), "image/jpeg")


def test_png_and_gif_of_hostile_size_are_refused_before_they_are_decoded() -> None:
    png = bytearray(saved(PALETTE, "PNG"))
    png[16:24] = pack(">II", 1 << 30, 1 << 30)
    with pytest.raises((NoCodec, MalformedPixelData)):
        codestreams.to_native(bytes(png), "image/png")
    gif = bytearray(saved(PALETTE, "GIF"))
    assert gif[-1] == 0x3B
    image = gif.index(b"\x2c\0\0\0\0" + pack("<HH", COLUMNS, ROWS))
    gif[image + 5 : image + 9] = b"\xff" * 4
    with pytest.raises(MalformedPixelData, match="screen"):
        codestreams.to_native(bytes(gif), "image/gif")
    gif[image + 5 : image + 9], gif[6:10] = b"\1\0\1\0", b"\xff" * 4
    with pytest.raises(NoCodec):
        codestreams.to_native(bytes(gif), "image/gif")
