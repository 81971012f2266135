import re
import zlib
from dataclasses import replace

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.errors import MalformedPixelData, NoCodec
from archive.dicom.images import codecs, jpeg2000_markers, jpeg_markers
from archive.dicom.images.pixel_cells import LARGEST_FRAME
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.transfer_syntaxes import TRANSFER_SYNTAXES
from tests.archive.dicom.images.built import (
    ENCODED,
    GRAY_8,
    GRAY_12,
    HTJ2K,
    HTJ2K_RPCL,
    JPEG_2000,
    JPEG_LS,
    RGB,
    RLE,
    SIGNED_12,
    UID,
    YBR_FULL,
    pixels_of,
    ramp,
)

JPEG_BASELINE, JPEG_EXTENDED, JPEG_LOSSLESS, JPEG_LOSSLESS_SV1 = (f"{UID}.4.{end}" for end in ("50", "51", "57", "70"))
JPEG_XL_LOSSLESS, JPEG_XL_JPEG, JPEG_XL = (f"{UID}.4.{end}" for end in ("110", "111", "112"))
ENCAPSULATED_UNCOMPRESSED, DEFLATED_FRAME = f"{UID}.1.98", f"{UID}.8.1"

#: The widest pixels that each transfer syntax is encoded from.
WIDEST = {RLE: 32, JPEG_LS: 16, JPEG_2000: 22, HTJ2K: 16, HTJ2K_RPCL: 16}


def jpeg(**options) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(ramp(RGB), 95, **options))


def mean_difference(frame: bytes, expected: np.ndarray, pixels: PixelDescription) -> float:
    return float(np.abs(pixels_of(frame, pixels).astype(int) - expected).mean())


# -- laws ------------------------------------------------------------------------


COLORS = {1: ("MONOCHROME2",), 3: ("RGB", "YBR_FULL"), 4: ("ARGB",)}


@st.composite
def frames(draw: st.DrawFn, widest: int = 64) -> tuple[bytes, PixelDescription]:
    """A native frame of any bytes that its description allows: noise, whose unused bits are filled or not."""
    allocated = draw(st.sampled_from([bits for bits in (1, 8, 16, 32, 64) if bits <= widest] + [8, 16]))
    stored = draw(st.integers(1, min(allocated, widest)))
    samples = 1 if allocated == 1 else draw(st.sampled_from((1, 1, 3, 4)))
    pixels = PixelDescription(
        rows=draw(st.integers(1, 70)),
        columns=draw(st.integers(1, 70)),
        samples_per_pixel=samples,
        photometric_interpretation={1: "MONOCHROME2", 3: draw(st.sampled_from(("RGB", "YBR_FULL"))), 4: "ARGB"}[
            samples
        ],
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=stored - 1,
        pixel_representation=draw(st.integers(0, 1)),
        planar_configuration=draw(st.integers(0, 1)),
    )
    noise = np.random.default_rng(draw(st.integers(0, 1 << 32))).bytes(pixels.frame_length)
    if allocated == 1:
        unused = -(pixels.rows * pixels.columns) % 8
        return noise[:-1] + bytes((noise[-1] & 0xFF >> unused,)), pixels
    cells = np.frombuffer(noise, f"<u{allocated // 8}")
    if draw(st.booleans()) or allocated > widest:
        cells = cells << (allocated - stored)
        cells = (cells.view(f"<i{allocated // 8}") if pixels.pixel_representation else cells) >> (allocated - stored)
    return cells.tobytes(), pixels


def by_pixel(frame: bytes, pixels: PixelDescription) -> bytes:
    if pixels.planar_configuration == 0 or pixels.samples_per_pixel == 1:
        return frame
    planes = np.frombuffer(frame, f"<u{pixels.bits_allocated // 8}")
    return np.moveaxis(planes.reshape(pixels.samples_per_pixel, pixels.rows, pixels.columns), 0, -1).tobytes()


@pytest.mark.parametrize("transfer_syntax", ENCODED)
@given(data=st.data())
def test_WADO_09_what_was_encoded_decodes_to_the_same_pixels(transfer_syntax: str, data: st.DataObject) -> None:
    frame, pixels = data.draw(frames(widest=WIDEST[transfer_syntax]))
    if transfer_syntax == JPEG_LS and pixels.bits_allocated == 1:
        with pytest.raises(NoCodec):
            codecs.encode(frame, transfer_syntax, pixels)
        return
    if transfer_syntax == RLE and pixels.samples_per_pixel * pixels.bits_allocated > 15 * 8:
        with pytest.raises(NoCodec):
            codecs.encode(frame, transfer_syntax, pixels)
        return
    codestream = codecs.encode(frame, transfer_syntax, pixels)
    described = codecs.encoded(pixels, transfer_syntax)
    assert codecs.decode(codestream, transfer_syntax, described) == by_pixel(frame, pixels)
    back = codecs.decoded(described, transfer_syntax)
    assert back == replace(pixels, planar_configuration=0)


@given(frames())
def test_native_frames_decode_to_color_by_pixel(case: tuple[bytes, PixelDescription]) -> None:
    frame, pixels = case
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = deflate.compress(frame) + deflate.flush()
    assert codecs.decode(frame, f"{UID}.1", pixels) == by_pixel(frame, pixels)
    assert codecs.decode(frame + b"\0", ENCAPSULATED_UNCOMPRESSED, pixels) == by_pixel(frame, pixels)
    assert codecs.decode(deflated, DEFLATED_FRAME, pixels) == by_pixel(frame, pixels)


# -- the table -------------------------------------------------------------------


def test_what_can_be_decoded_is_every_transfer_syntax_but_video_and_what_no_library_knows() -> None:
    missing = {uid for uid in TRANSFER_SYNTAXES if not codecs.can_decode(uid)}
    video = {uid for uid, syntax in TRANSFER_SYNTAXES.items() if syntax.video}
    arithmetic_and_hierarchical = {f"{UID}.4.{number}" for number in (52, 54, 56, 58, *range(59, 67))}
    part_2_and_by_reference = {f"{UID}.4.{number}" for number in (92, 93, 94, 95, 204, 205)}
    assert missing == video | arithmetic_and_hierarchical | part_2_and_by_reference | {"1.2.840.10008.1.20"}


def test_what_can_be_encoded_is_lossless() -> None:
    assert {uid for uid in TRANSFER_SYNTAXES if codecs.can_encode(uid)} == set(ENCODED)
    assert not any(TRANSFER_SYNTAXES[uid].lossy for uid in ENCODED)


@pytest.mark.parametrize("transfer_syntax", [f"{UID}.4.102", "1.2.3"])
def test_a_transfer_syntax_without_a_codec_is_named(transfer_syntax: str) -> None:
    assert not codecs.can_decode(transfer_syntax)
    assert not codecs.can_encode(transfer_syntax)
    name = TRANSFER_SYNTAXES[transfer_syntax].name if transfer_syntax in TRANSFER_SYNTAXES else transfer_syntax
    for attempt in (
        lambda: codecs.decode(b"", transfer_syntax, GRAY_8),
        lambda: codecs.decoded(RGB, transfer_syntax),
        lambda: codecs.encode(b"", transfer_syntax, GRAY_8),
        lambda: codecs.encoded(RGB, transfer_syntax),
    ):
        with pytest.raises(NoCodec, match=re.escape(name)):
            attempt()


def test_a_transfer_syntax_that_is_only_decoded_is_not_encoded() -> None:
    with pytest.raises(NoCodec, match="Nothing encodes JPEG Baseline"):
        codecs.encode(bytes(GRAY_8.frame_length), JPEG_BASELINE, GRAY_8)


# -- colors ----------------------------------------------------------------------

ADOBE_YCC = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x01"
JFIF = jpeg()
BARE = JFIF[:2] + JFIF[20:]
NAMED_RGB = jpeg(outcolorspace="RGB")


def without_adobe(codestream: bytes) -> bytes:
    start = codestream.index(b"\xff\xee")
    return codestream[:start] + codestream[start + 16 :]


def with_ids(codestream: bytes, ids: bytes) -> bytes:
    """The codestream of three components under other names, in its frame and scan headers."""
    changed = bytearray(codestream)
    frame, scan = codestream.index(b"\xff\xc0") + 10, codestream.index(b"\xff\xda") + 5
    for number, name in enumerate(ids):
        changed[frame + 3 * number] = changed[scan + 2 * number] = name
    return bytes(changed)


@pytest.mark.parametrize(
    ("codestream", "photometric_interpretation"),
    [
        pytest.param(BARE, "YBR_FULL_422", id="nothing said, YBR_FULL_422"),
        pytest.param(BARE, "YBR_FULL", id="nothing said, YBR_FULL"),
        pytest.param(BARE, "RGB", id="nothing said but by subsampled chrominance"),
        pytest.param(JFIF, "YBR_FULL_422", id="JFIF"),
        pytest.param(JFIF, "RGB", id="JFIF, the data set is wrong"),
        pytest.param(BARE[:2] + ADOBE_YCC + BARE[2:], "RGB", id="Adobe says YCC, the data set is wrong"),
        pytest.param(NAMED_RGB, "RGB", id="RGB by names and Adobe"),
        pytest.param(NAMED_RGB, "YBR_FULL_422", id="RGB by names and Adobe, the data set is wrong"),
        pytest.param(without_adobe(NAMED_RGB), "YBR_FULL_422", id="RGB by names, the data set is wrong"),
        pytest.param(with_ids(NAMED_RGB, b"\1\2\3"), "YBR_FULL_422", id="RGB by Adobe, the data set is wrong"),
        pytest.param(with_ids(without_adobe(NAMED_RGB), b"\0\1\2"), "RGB", id="nothing said, RGB"),
    ],
)
def test_P23_lossy_jpeg_in_color_decodes_to_rgb(codestream: bytes, photometric_interpretation: str) -> None:
    pixels = replace(RGB, photometric_interpretation=photometric_interpretation)
    after = codecs.decoded(pixels, JPEG_BASELINE)
    assert after.photometric_interpretation == "RGB"
    # Quality 95 rounds by less than one step in the mean.
    assert mean_difference(codecs.decode(codestream, JPEG_BASELINE, pixels), ramp(RGB), after) < 1


@pytest.mark.parametrize("transfer_syntax", [JPEG_LOSSLESS, JPEG_LOSSLESS_SV1, JPEG_LS, RLE, f"{UID}.1"])
@pytest.mark.parametrize("pixels", [RGB, YBR_FULL])
def test_P23_lossless_colors_stay_what_they_are(transfer_syntax: str, pixels: PixelDescription) -> None:
    values = ramp(RGB)
    codestream = {
        JPEG_LOSSLESS: lambda: imagecodecs.jpeg8_encode(values, lossless=True, predictor=5),
        JPEG_LOSSLESS_SV1: lambda: imagecodecs.jpeg8_encode(values, lossless=True, predictor=1),
        f"{UID}.1": values.tobytes,
    }.get(transfer_syntax, lambda: codecs.encode(values.tobytes(), transfer_syntax, pixels))()
    assert codecs.decoded(pixels, transfer_syntax) == pixels
    assert codecs.decode(bytes(codestream), transfer_syntax, pixels) == values.tobytes()


@pytest.mark.parametrize("transfer_syntax", [JPEG_2000, HTJ2K, HTJ2K_RPCL])
def test_P23_rgb_goes_through_the_reversible_transform_of_jpeg_2000_and_is_named_so(transfer_syntax: str) -> None:
    codestream = codecs.encode(ramp(RGB).tobytes(), transfer_syntax, RGB)
    assert codecs.encoded(RGB, transfer_syntax).photometric_interpretation == "YBR_RCT"
    header = jpeg2000_markers.read_header(codestream)
    assert header.transform
    assert header.reversible


@pytest.mark.parametrize("transfer_syntax", [JPEG_2000, HTJ2K, HTJ2K_RPCL])
def test_P23_other_colors_are_not_transformed_by_jpeg_2000(transfer_syntax: str) -> None:
    codestream = codecs.encode(ramp(YBR_FULL).tobytes(), transfer_syntax, YBR_FULL)
    assert codecs.encoded(YBR_FULL, transfer_syntax) == YBR_FULL
    assert codecs.decoded(YBR_FULL, transfer_syntax) == YBR_FULL
    assert not jpeg2000_markers.read_header(codestream).transform


@pytest.mark.parametrize("transform", ["YBR_RCT", "YBR_ICT"])
def test_P23_transformed_colors_of_jpeg_2000_decode_to_rgb(transform: str) -> None:
    reversible = transform == "YBR_RCT"
    codestream = imagecodecs.jpeg2k_encode(ramp(RGB), 0 if reversible else 60, codecformat="J2K", reversible=reversible)
    pixels = replace(RGB, photometric_interpretation=transform)
    after = codecs.decoded(pixels, f"{UID}.4.91")
    assert after == RGB
    # The irreversible transform and wavelet at 60 dB round by less than one step.
    assert mean_difference(codecs.decode(bytes(codestream), f"{UID}.4.91", pixels), ramp(RGB), after) < 1


def test_native_ybr_full_422_gets_the_chrominance_it_leaves_out() -> None:
    pixels = replace(YBR_FULL, rows=1, columns=4, photometric_interpretation="YBR_FULL_422")
    frame = bytes((10, 11, 1, 2, 12, 13, 3, 4))
    full = bytes((10, 1, 2, 11, 1, 2, 12, 3, 4, 13, 3, 4))
    assert codecs.decoded(pixels, f"{UID}.1").photometric_interpretation == "YBR_FULL"
    assert codecs.decode(frame, f"{UID}.1", pixels) == full
    # Some senders say 422 of pixels that have long been whole.
    assert codecs.decode(full, f"{UID}.1", pixels) == full
    assert codecs.encoded(pixels, JPEG_2000).photometric_interpretation == "YBR_FULL"
    assert codecs.decode(codecs.encode(frame, RLE, pixels), RLE, codecs.encoded(pixels, RLE)) == full


# -- cells -----------------------------------------------------------------------


@pytest.mark.parametrize("transfer_syntax", [JPEG_2000, HTJ2K, HTJ2K_RPCL])
@pytest.mark.parametrize("pixels", [GRAY_8, GRAY_12, SIGNED_12, RGB])
def test_the_codestream_says_the_bits_and_the_sign_of_the_data_set(
    transfer_syntax: str, pixels: PixelDescription
) -> None:
    header = jpeg2000_markers.read_header(codecs.encode(ramp(pixels).tobytes(), transfer_syntax, pixels))
    assert (header.precision, header.signed) == (pixels.bits_stored, pixels.pixel_representation == 1)


@pytest.mark.parametrize("transfer_syntax", [JPEG_2000, HTJ2K])
def test_bits_that_are_not_stored_are_kept(transfer_syntax: str) -> None:
    overlaid = ramp(GRAY_12) | 0x8000
    codestream = codecs.encode(overlaid.tobytes(), transfer_syntax, GRAY_12)
    assert codecs.decode(codestream, transfer_syntax, GRAY_12) == overlaid.tobytes()


@pytest.mark.parametrize("precision", [12, 14])
def test_unsigned_codestreams_of_signed_pixels_get_their_sign_extended(precision: int) -> None:
    values = ramp(SIGNED_12)
    unsigned = values.view(np.uint16) & (1 << precision) - 1
    codestream = imagecodecs.jpeg8_encode(unsigned, lossless=True, predictor=1, bitspersample=precision)
    assert codecs.decode(bytes(codestream), JPEG_LOSSLESS_SV1, SIGNED_12) == values.tobytes()


def test_a_codestream_as_wide_as_the_cell_holds_the_cell_as_it_was() -> None:
    unextended = ramp(SIGNED_12).view(np.uint16) & 0xFFF
    codestream = imagecodecs.jpeg8_encode(unextended, lossless=True, predictor=1, bitspersample=16)
    assert codecs.decode(bytes(codestream), JPEG_LOSSLESS_SV1, SIGNED_12) == unextended.tobytes()


def test_signed_codestreams_of_unsigned_pixels_are_cut_to_their_bits() -> None:
    values = ramp(GRAY_12)
    signed = (values << 4).view(np.int16) >> 4
    codestream = imagecodecs.jpeg2k_encode(signed, 0, codecformat="J2K", reversible=True, bitspersample=12)
    assert codecs.decode(bytes(codestream), JPEG_2000, GRAY_12) == values.tobytes()


def test_samples_of_8_bits_fill_cells_of_16() -> None:
    pixels = replace(GRAY_12, bits_stored=8, high_bit=7)
    codestream = imagecodecs.jpeg8_encode(ramp(GRAY_8), lossless=True, predictor=1)
    assert codecs.decode(bytes(codestream), JPEG_LOSSLESS_SV1, pixels) == ramp(GRAY_8).astype("<u2").tobytes()


def test_extended_jpeg_of_12_bits_decodes_to_within_its_rounding() -> None:
    codestream = bytes(imagecodecs.jpeg8_encode(ramp(GRAY_12), 100, bitspersample=12))
    # Quantisation by 1 of 12-bit coefficients rounds by about one step.
    assert mean_difference(codecs.decode(codestream, JPEG_EXTENDED, GRAY_12), ramp(GRAY_12), GRAY_12) < 2


@pytest.mark.parametrize("pixels", [GRAY_8, GRAY_12, RGB])
def test_jpeg_xl_decodes(pixels: PixelDescription) -> None:
    values = ramp(pixels)
    for container in (False, True):
        codestream = imagecodecs.jpegxl_encode(
            values, lossless=True, bitspersample=pixels.bits_stored, usecontainer=container
        )
        assert codecs.decode(bytes(codestream), JPEG_XL_LOSSLESS, pixels) == values.tobytes()


def test_jpeg_xl_of_xyb_and_of_jpeg_decodes_to_rgb() -> None:
    xyb = replace(RGB, photometric_interpretation="XYB")
    codestream = bytes(imagecodecs.jpegxl_encode(ramp(RGB), 95))
    assert codecs.decoded(xyb, JPEG_XL) == RGB
    # Visually lossless is a step or so.
    assert mean_difference(codecs.decode(codestream, JPEG_XL, xyb), ramp(RGB), RGB) < 2
    ybr = replace(RGB, photometric_interpretation="YBR_FULL_422")
    codestream = bytes(imagecodecs.jpegxl_encode_jpeg(JFIF))
    assert codecs.decoded(ybr, JPEG_XL_JPEG) == RGB
    assert mean_difference(codecs.decode(codestream, JPEG_XL_JPEG, ybr), ramp(RGB), RGB) < 1


def test_jpeg_2000_left_in_its_file_decodes() -> None:
    file = bytes(imagecodecs.jpeg2k_encode(ramp(RGB), 0, codecformat="JP2", reversible=True))
    assert file.startswith(jpeg2000_markers.JP2_SIGNATURE)
    assert codecs.decode(file, JPEG_2000, codecs.encoded(RGB, JPEG_2000)) == ramp(RGB).tobytes()


@pytest.mark.parametrize("transfer_syntax", ENCODED)
def test_a_byte_of_padding_behind_a_codestream_does_not_count(transfer_syntax: str) -> None:
    codestream = codecs.encode(ramp(GRAY_8).tobytes(), transfer_syntax, GRAY_8)
    assert codecs.decode(codestream + b"\0", transfer_syntax, GRAY_8) == ramp(GRAY_8).tobytes()


# -- forms that the standard wants -----------------------------------------------


@pytest.mark.parametrize("pixels", [GRAY_8, GRAY_12, RGB, replace(GRAY_8, rows=700, columns=9)])
def test_htj2k_is_in_the_form_for_progressive_display(pixels: PixelDescription) -> None:
    codestream = codecs.encode(ramp(pixels).tobytes(), HTJ2K_RPCL, pixels)
    header = jpeg2000_markers.read_header(codestream)
    assert header.high_throughput
    assert header.progressive
    assert -(-max(pixels.rows, pixels.columns) // 2**header.decompositions) <= 64
    # Another decoder than the one we use reads the precision that we have written into it.
    assert np.array_equal(imagecodecs.htj2k_decode(codestream), ramp(pixels))


@pytest.mark.parametrize("transfer_syntax", ENCODED)
def test_three_by_three_pixels_of_three_samples_are_not_taken_for_planes(transfer_syntax: str) -> None:
    for pixels in (replace(RGB, rows=3, columns=3), replace(YBR_FULL, rows=3, columns=3)):
        codestream = codecs.encode(ramp(pixels).tobytes(), transfer_syntax, pixels)
        assert codecs.decode(codestream, transfer_syntax, pixels) == ramp(pixels).tobytes()


def test_rle_rows_are_packed_one_by_one_into_segments_of_even_length() -> None:
    pixels = replace(GRAY_12, rows=2, columns=3)
    frame = np.array([[0x0102, 0x0102, 0x0102], [0x0102, 0x0304, 0x0305]], "<u2").tobytes()
    assert codecs.encode(frame, RLE, pixels) == b"".join(
        (
            *(number.to_bytes(4, "little") for number in (2, 64, 70, *[0] * 13)),
            bytes((0xFE, 0x01, 0x02, 0x01, 0x03, 0x03))[:2] + bytes((0x00, 0x01, 0xFF, 0x03)),
            bytes((0xFE, 0x02, 0x02, 0x02, 0x04, 0x05)),
        )
    )


def test_jpeg_ls_begins_with_its_frame_and_fits_noise() -> None:
    pixels = replace(RGB, rows=70, columns=70)
    noise = np.random.default_rng(0).bytes(pixels.frame_length)
    codestream = codecs.encode(noise, JPEG_LS, pixels)
    assert codestream[:4] == bytes((0xFF, jpeg_markers.SOI, 0xFF, jpeg_markers.SOF55))
    assert codecs.decode(codestream, JPEG_LS, pixels) == noise


# -- what does not fit -----------------------------------------------------------


@pytest.mark.parametrize("transfer_syntax", ENCODED)
@pytest.mark.parametrize(
    "change", [{"rows": 23}, {"columns": 41}, {"samples_per_pixel": 3, "photometric_interpretation": "RGB"}]
)
def test_a_codestream_of_another_shape_than_the_data_set_says_is_refused(
    transfer_syntax: str, change: dict[str, int]
) -> None:
    codestream = codecs.encode(ramp(GRAY_8).tobytes(), transfer_syntax, GRAY_8)
    if transfer_syntax == RLE and change == {"rows": 23}:
        change = {"rows": 25}  # it has no header that says its rows: only what is missing is noticed
    with pytest.raises(MalformedPixelData):
        codecs.decode(codestream, transfer_syntax, replace(GRAY_8, **change))


@pytest.mark.parametrize("transfer_syntax", [JPEG_LS, JPEG_2000, HTJ2K])
def test_samples_wider_than_the_cell_are_refused(transfer_syntax: str) -> None:
    codestream = codecs.encode(ramp(GRAY_12).tobytes(), transfer_syntax, GRAY_12)
    with pytest.raises(MalformedPixelData, match="bits"):
        codecs.decode(codestream, transfer_syntax, GRAY_8)


@pytest.mark.parametrize("transfer_syntax", [JPEG_LS, JPEG_2000, HTJ2K, RLE])
def test_a_truncated_codestream_is_refused(transfer_syntax: str) -> None:
    codestream = codecs.encode(ramp(GRAY_12).tobytes(), transfer_syntax, GRAY_12)
    for length in (0, 1, 20, len(codestream) // 2, len(codestream) - 2):
        with pytest.raises(MalformedPixelData):
            codecs.decode(codestream[:length], transfer_syntax, GRAY_12)


def test_a_truncated_jpeg_is_refused_and_not_filled_with_gray() -> None:
    for length in range(0, len(JFIF) - 1, 7):
        with pytest.raises(MalformedPixelData):
            codecs.decode(JFIF[:length], JPEG_BASELINE, RGB)


@pytest.mark.parametrize("transfer_syntax", [f"{UID}.1", ENCAPSULATED_UNCOMPRESSED])
def test_a_native_frame_that_is_too_short_is_refused(transfer_syntax: str) -> None:
    with pytest.raises(MalformedPixelData, match="bytes"):
        codecs.decode(bytes(GRAY_12.frame_length - 1), transfer_syntax, GRAY_12)
    with pytest.raises(MalformedPixelData, match="bytes"):
        codecs.encode(bytes(GRAY_12.frame_length - 1), JPEG_2000, GRAY_12)


def test_a_deflated_frame_inflates_to_no_more_than_a_frame() -> None:
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = deflate.compress(bytes(100 * GRAY_8.frame_length)) + deflate.flush()
    assert codecs.decode(bomb, DEFLATED_FRAME, GRAY_8) == bytes(GRAY_8.frame_length)
    with pytest.raises(MalformedPixelData, match="inflate"):
        codecs.decode(b"\xff" * 20, DEFLATED_FRAME, GRAY_8)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"rows": 0}, MalformedPixelData),
        ({"columns": 0}, MalformedPixelData),
        ({"samples_per_pixel": 0}, MalformedPixelData),
        ({"bits_stored": 0}, MalformedPixelData),
        ({"bits_stored": 17}, MalformedPixelData),
        ({"bits_allocated": 24}, NoCodec),
        ({"rows": 0x10000, "columns": 1}, MalformedPixelData),
        ({"rows": 1 << 15, "columns": LARGEST_FRAME >> 15}, NoCodec),
    ],
)
def test_a_data_set_that_describes_no_frame_is_refused(change: dict[str, int], error: type[Exception]) -> None:
    with pytest.raises(error):
        codecs.decode(bytes(64), RLE, replace(GRAY_12, **change))


@pytest.mark.parametrize(
    ("transfer_syntax", "bits"), [(JPEG_LS, 32), (JPEG_2000, 23), (JPEG_2000, 32), (HTJ2K, 17), (RLE, 64)]
)
def test_pixels_that_a_codec_does_not_take_are_refused(transfer_syntax: str, bits: int) -> None:
    allocated = 64 if bits == 64 else 32
    samples = 3 if transfer_syntax == RLE else 1
    pixels = replace(GRAY_12, samples_per_pixel=samples, bits_allocated=allocated, bits_stored=bits, high_bit=bits - 1)
    with pytest.raises(NoCodec):
        codecs.encode(b"\xff" * (bits // 8) + bytes(pixels.frame_length), transfer_syntax, pixels)


def test_decoders_do_not_print(capfd: pytest.CaptureFixture[str]) -> None:
    for transfer_syntax in (JPEG_LS, JPEG_2000, HTJ2K, RLE, JPEG_BASELINE, JPEG_XL):
        for damaged in (JFIF[:400] + bytes(50) + JFIF[450:], codecs.encode(ramp(RGB).tobytes(), HTJ2K, RGB)[:300]):
            try:
                codecs.decode(damaged, transfer_syntax, RGB)
            except MalformedPixelData:
                continue
    assert capfd.readouterr() == ("", "")
