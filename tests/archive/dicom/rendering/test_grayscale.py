"""The grayscale pipeline: polarity, padding, windows where there are none, frames, and every kind of number."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.frames import windows
from archive.dicom.rendering.voi_lut import VoiLutFunction, Window
from tests.archive.dicom.rendering.shown import attributes_in, item, lut, native_frame, shown, shown_instance
from tests.builders import COLUMNS, ROWS, instance, part10

RAMP = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)
BYTES = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}


def gray(values: np.ndarray, number: int = 1, **elements: Any) -> np.ndarray:
    """16-bit pixels as they are shown."""
    representation = int(values.dtype.kind == "i")
    return shown_instance(number, PixelRepresentation=representation, PixelData=values.tobytes(), **elements)


def floats(values: np.ndarray, **elements: Any) -> np.ndarray:
    keyword = "FloatPixelData" if values.itemsize == 4 else "DoubleFloatPixelData"
    unused = dict.fromkeys(("PixelData", "BitsStored", "HighBit", "PixelRepresentation"))
    bits = 8 * values.itemsize
    return shown_instance(**unused | {keyword: values.tobytes(), "BitsAllocated": bits} | elements)


def spread(values: np.ndarray) -> np.ndarray:
    """From the least to the greatest value, by hand."""
    values = values.astype(np.float64)
    return np.rint((values - values.min()) / (values.max() - values.min()) * 255).astype(np.uint8)


# -- polarity --------------------------------------------------------------------


def test_monochrome1_is_inverted() -> None:
    values = RAMP.astype(np.uint16)
    window = {"WindowCenter": "30", "WindowWidth": "40"}
    white_is_least = gray(values, PhotometricInterpretation="MONOCHROME1", **window)
    assert np.array_equal(white_is_least, 255 - gray(values, **window))
    assert white_is_least[0, 0] == 255


@pytest.mark.parametrize(
    ("color", "shape", "first"),
    [
        ("MONOCHROME2", None, 0), ("MONOCHROME2", "IDENTITY", 0), ("MONOCHROME2", "INVERSE", 255),
        ("MONOCHROME1", None, 255), ("MONOCHROME1", "IDENTITY", 255), ("MONOCHROME1", "INVERSE", 255),
    ],
)  # fmt: skip
def test_presentation_lut_shape_inverts_once(color: str, shape: str | None, first: int) -> None:
    image = gray(RAMP.astype(np.uint16), PhotometricInterpretation=color, PresentationLUTShape=shape)
    assert image[0, 0] == first
    assert image[-1, -1] == 255 - first


# -- windows where there are none ------------------------------------------------


def test_WADO_101_without_a_window_the_least_value_is_black_and_the_greatest_white() -> None:
    values = (RAMP * 7 + 1000).astype(np.uint16)
    assert np.array_equal(gray(values), spread(values))
    assert np.array_equal(gray(values, RescaleSlope="0.25", RescaleIntercept="-1024"), spread(values))


def test_WADO_101_pixels_of_eight_bits_are_as_they_are() -> None:
    values = (RAMP + 20).astype(np.uint8)
    assert np.array_equal(shown_instance(PixelData=values.tobytes(), **BYTES), values)


def test_pixels_of_eight_bits_with_a_sign_are_around_gray() -> None:
    values = (RAMP - 30).astype(np.int8)
    image = shown_instance(PixelData=values.tobytes(), PixelRepresentation=1, **BYTES)
    assert np.array_equal(image, values.astype(np.int16) + 128)


@pytest.mark.parametrize("value", [0, 7, 65535])
def test_a_frame_of_one_value_is_black(value: int) -> None:
    assert not gray(np.full((ROWS, COLUMNS), value, np.uint16)).any()


def test_fractions_of_a_segmentation_have_their_own_maximum() -> None:
    values = (RAMP % 51).astype(np.uint8)
    image = shown_instance(
        PixelData=values.tobytes(), SegmentationType="FRACTIONAL", MaximumFractionalValue=51, **BYTES
    )
    assert np.array_equal(image, values * 5)


def test_labels_are_told_apart() -> None:
    values = (RAMP % 3).astype(np.uint8)
    image = shown_instance(PixelData=values.tobytes(), SegmentationType="LABELMAP", **BYTES)
    assert set(image.ravel().tolist()) == {0, 128, 255}


def test_P21_masks_of_one_bit_are_black_and_white() -> None:
    """Three frames of 5x5, none of which begins with a byte but the first."""
    masks = np.random.default_rng(2).integers(0, 2, (3, 5, 5), np.uint8)
    elements = {
        "Rows": 5, "Columns": 5, "NumberOfFrames": 3, "BitsAllocated": 1, "BitsStored": 1, "HighBit": 0,
        "PixelData": np.packbits(masks, bitorder="little").tobytes(),
    }  # fmt: skip
    for number, mask in enumerate(masks, 1):
        assert np.array_equal(shown_instance(number, **elements), mask * 255)


# -- what is asked for -----------------------------------------------------------


def test_a_window_that_is_asked_for_goes_before_all_others() -> None:
    values = RAMP.astype(np.uint16)
    curve = lut(np.arange(64, dtype=np.uint16)[::-1], 0, 6)
    file = part10(instance(PixelData=values.tobytes(), WindowCenter="3", WindowWidth="5", VOILUTSequence=[curve]))
    image = shown(file, window=Window(31.5, 63, VoiLutFunction.LINEAR_EXACT))
    assert np.array_equal(image, spread(values))


# -- padding ---------------------------------------------------------------------


@pytest.mark.parametrize("color", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_black_and_does_not_count(color: str) -> None:
    values = (RAMP + 100).astype(np.uint16)
    values[0] = 60000
    image = gray(values, PhotometricInterpretation=color, PixelPaddingValue=60000)
    inner = spread(values[1:])
    assert not image[0].any()
    assert np.array_equal(image[1:], 255 - inner if color == "MONOCHROME1" else inner)


@pytest.mark.parametrize(("value", "limit"), [(10, 20), (20, 10)])
def test_padding_may_be_a_range_in_any_order(value: int, limit: int) -> None:
    values = RAMP.astype(np.uint16)
    image = gray(values, PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=value, PixelPaddingRangeLimit=limit)
    assert np.flatnonzero(image == 0).tolist() == [*range(10, 21), 63]


@pytest.mark.parametrize(("kind", "vr", "written"), [("<i2", "US", 65536 - 2000), ("<u2", "SS", -2000)])
def test_padding_may_be_written_with_another_sign_than_the_pixels(kind: str, vr: str, written: int) -> None:
    values = RAMP.astype(kind)
    values[0] = np.array(written).astype(kind)
    dataset = instance(PixelData=values.tobytes(), PixelRepresentation=int(kind == "<i2"))
    dataset.add_new(0x00280120, vr, written)
    image = shown(part10(dataset))
    assert not image[0].any()
    assert np.array_equal(image[1:], spread(values[1:]))


def test_a_frame_of_nothing_but_padding_is_black() -> None:
    values = np.full((ROWS, COLUMNS), 9, np.uint16)
    assert not gray(values, PixelPaddingValue=9, PhotometricInterpretation="MONOCHROME1").any()


# -- numbers of every kind -------------------------------------------------------


@pytest.mark.parametrize("kind", ["<u2", "<i2", "<u4", "<i4", "<u8", "<i8"])
def test_WADO_86_integers_of_every_size_and_sign(kind: str) -> None:
    limits = np.iinfo(kind)
    values = np.linspace(limits.min / 2, limits.max / 2, RAMP.size).astype(kind).reshape(RAMP.shape)
    bits = 8 * values.itemsize
    image = shown_instance(
        PixelData=values.tobytes(),
        BitsAllocated=bits,
        BitsStored=bits,
        HighBit=bits - 1,
        PixelRepresentation=int(values.dtype.kind == "i"),
    )
    assert np.array_equal(image, spread(values))


@pytest.mark.parametrize("kind", ["<f4", "<f8"])
def test_P20_floats_are_pixels(kind: str) -> None:
    values = (RAMP / 7 - 3).astype(kind)
    assert np.array_equal(floats(values), spread(values))
    windowed = floats(values, WindowCenter="0", WindowWidth="0.5", VOILUTFunction="LINEAR_EXACT")
    assert np.array_equal(windowed, np.rint(np.clip(values.astype(np.float64) / 0.5 + 0.5, 0, 1) * 255))


@pytest.mark.parametrize("function", [None, "LINEAR", "LINEAR_EXACT"])
def test_windows_of_floats_are_exact(function: str | None) -> None:
    values = (RAMP / 63).astype("<f4")
    image = floats(values, WindowCenter="0.5", WindowWidth="1", VOILUTFunction=function)
    assert np.array_equal(image, np.rint(values * 255))


@pytest.mark.parametrize("kind", ["<f4", "<f8"])
def test_floats_that_are_no_numbers_are_padding(kind: str) -> None:
    values = RAMP.astype(kind)
    values[0, :4] = np.nan, np.inf, -np.inf, -1e30
    keyword = "FloatPixelPaddingValue" if kind == "<f4" else "DoubleFloatPixelPaddingValue"
    image = floats(values, **{keyword: float(values[0, 3])}, PhotometricInterpretation="MONOCHROME1")
    assert not image[0, :4].any()
    assert np.array_equal(image[1:], 255 - np.rint((values[1:] - 4) / 59 * 255))


def test_padding_that_is_no_number_is_a_bulk_value() -> None:
    """JSON has no form for it."""
    values = RAMP.astype("<f4")
    values[0] = np.nan
    image = floats(values, FloatPixelPaddingValue=float("nan"), FloatPixelPaddingRangeLimit=9.0)
    assert not image[0].any()
    assert np.array_equal(image[1:], spread(values[1:]))


def test_the_largest_floats_there_are_make_an_image() -> None:
    values = np.where(RAMP % 2, 1.7e308, -1.7e308)
    image = floats(values, RescaleSlope="2", RescaleIntercept="1")
    assert np.array_equal(image, RAMP % 2 * 255)


def test_floats_of_other_bits_than_they_have_are_refused() -> None:
    with pytest.raises(NotRenderable, match="16 bits allocated are in 7FE00008"):
        floats(np.zeros((ROWS, COLUMNS), "<f4"), BitsAllocated=16)


@given(st.data())
def test_a_table_of_all_values_shows_what_each_value_shows(data: st.DataObject) -> None:
    """Whether there are more pixels than values, or more values than pixels, makes no difference."""
    spacing = data.draw(st.sampled_from([1, 3, 900]))
    offset = data.draw(st.integers(-2000, 2000))
    values = (RAMP % 30 * spacing + offset).astype(np.int16)
    window = Window(data.draw(st.integers(-2000, 20000)), data.draw(st.integers(1, 30000)))
    file = part10(instance(PixelData=values.tobytes(), PixelRepresentation=1, RescaleSlope="2", RescaleIntercept="-5"))
    assert np.array_equal(shown(file, window=window), np.rint(window.apply(values * 2.0 - 5) * 255))


# -- frames ----------------------------------------------------------------------


def test_each_frame_is_shown_by_its_own_functional_groups() -> None:
    def groups(slope: str, center: str) -> Any:
        return item(
            PixelValueTransformationSequence=[item(RescaleSlope=slope, RescaleIntercept="0")],
            FrameVOILUTSequence=[item(WindowCenter=center, WindowWidth="64")],
        )

    frames = np.stack([RAMP, RAMP * 2]).astype(np.uint16)
    elements = {
        "NumberOfFrames": 2, "PerFrameFunctionalGroupsSequence": [groups("1", "32"), groups("0.5", "32")],
    }  # fmt: skip
    first, second = (gray(frames, number, **elements) for number in (1, 2))
    assert np.array_equal(first, spread(RAMP))
    assert np.array_equal(second, first)


# -- windows that the pixels suggest ----------------------------------------------


@given(
    st.lists(st.integers(0, 65535), min_size=ROWS * COLUMNS, max_size=ROWS * COLUMNS),
    st.sampled_from([{}, {"WindowCenter": 3000, "WindowWidth": 900}, {"RescaleSlope": -2, "RescaleIntercept": 7}]),
)
def test_what_is_shown_without_a_window_is_what_is_shown_by_the_window_that_is_told(
    values: list[int], elements: dict[str, Any]
) -> None:
    file = part10(instance(PixelData=np.array(values, "<u2").tobytes(), **elements))
    frame, pixels = native_frame(file)
    told = windows(frame, pixels, attributes_in(file))

    assert np.array_equal(shown(file), shown(file, window=told.shown))


def test_contrast_leaves_out_the_few_darkest_and_brightest() -> None:
    values = np.full((100, 100), 500, "<u2")
    values[:50] = 400
    values[0, :20], values[99, :20] = 0, 65535
    file = part10(instance(Rows=100, Columns=100, PixelData=values.tobytes()))
    frame, pixels = native_frame(file)

    assert windows(frame, pixels, attributes_in(file)).contrast == Window(450, 100, VoiLutFunction.LINEAR_EXACT)


@pytest.mark.parametrize("values", [[np.nan] * 64, [1e38, -1e38] * 32])
def test_odd_floats_have_a_window_or_say_that_they_have_none(values: list[float]) -> None:
    data_set = instance(PixelData=None, BitsAllocated=32, FloatPixelData=np.array(values, "<f4").tobytes())
    file = part10(data_set)
    frame, pixels = native_frame(file)
    if np.isnan(values[0]):
        with pytest.raises(NotRenderable, match="nothing but padding"):
            windows(frame, pixels, attributes_in(file))
    else:
        assert windows(frame, pixels, attributes_in(file)).contrast.width == pytest.approx(2e38)
