"""Colors beside grays: what PS3.3 Sections C.7.6.19 and C.7.6.23 say of them, and pydicom's palettes."""

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels import apply_color_lut

from archive.dicom.errors import NotRenderable
from tests.archive.dicom.rendering.shown import difference, item, shown, shown_instance
from tests.archive.dicom.rendering.test_palette_color_lut import COLORS, RAMPS, palette
from tests.builders import COLUMNS, ROWS, instance, part10

FIRST, COUNT = 100, 256
TABLES = [ramp * 257 for ramp in RAMPS]

#: Grays below 100, and colors from there on.
VALUES = np.arange(64, 128, dtype=np.uint16).reshape(ROWS, COLUMNS)
WINDOW = {"WindowCenter": 82, "WindowWidth": 36}


def supplemental(presentation: str = "COLOR", first: int = FIRST, **elements: Any) -> dict[str, Any]:
    given = palette(TABLES, 16, first) | {
        "PhotometricInterpretation": "MONOCHROME2",
        "PixelPresentation": presentation,
        "PixelData": VALUES.tobytes(),
    }
    return given | elements


def colors_of(values: np.ndarray) -> np.ndarray:
    return np.stack([ramp[np.clip(values, 0, COUNT - 1)] for ramp in RAMPS], axis=-1)


def grays(**elements: Any) -> np.ndarray:
    return shown_instance(PixelData=VALUES.tobytes(), **elements)


@pytest.mark.parametrize("presentation", ["COLOR", "MIXED"])
def test_WADO_86_values_from_the_first_that_is_mapped_on_are_in_color_and_the_others_gray(presentation: str) -> None:
    image = shown_instance(**supplemental(presentation), **WINDOW)
    colored = VALUES >= FIRST
    theirs = apply_color_lut(VALUES, instance(**palette(TABLES, 16, FIRST))) / 257
    assert difference(image[colored], theirs[colored]) < 0.5
    assert np.array_equal(image[~colored], np.repeat(grays(**WINDOW)[~colored][:, None], 3, axis=-1))


def test_negative_values_may_be_in_color() -> None:
    values = np.arange(-32, 32, dtype=np.int16).reshape(ROWS, COLUMNS)
    image = shown_instance(**supplemental(first=-8, PixelRepresentation=1, PixelData=values.tobytes(), **WINDOW))
    assert np.array_equal(image[values >= -8], colors_of(values[values >= -8] + 8))
    assert (image[values < -8] == 0).all()


def test_colors_have_no_part_in_the_range_of_grays() -> None:
    image = shown_instance(**supplemental())
    assert image[0, 0].tolist() == [0, 0, 0]
    assert image[VALUES == FIRST - 1].tolist() == [[255, 255, 255]]


def test_padding_has_no_color() -> None:
    image = shown_instance(**supplemental(PixelPaddingValue=127))
    assert image[-1, -1].tolist() == [0, 0, 0]
    assert image[-1, -2].tolist() == colors_of(VALUES - FIRST)[-1, -2].tolist()


def test_where_all_is_in_color_there_are_no_grays() -> None:
    image = shown_instance(**supplemental(first=0))
    assert np.array_equal(image, colors_of(VALUES))


@pytest.mark.parametrize("presentation", ["MONOCHROME", "", "TRUE_COLOR", "COLOR_REF"])
def test_a_palette_is_not_used_where_the_image_does_not_say_so(presentation: str) -> None:
    assert np.array_equal(shown_instance(**supplemental(presentation, **WINDOW)), grays(**WINDOW))


def test_an_image_in_color_without_a_palette_is_gray() -> None:
    assert np.array_equal(grays(PixelPresentation="COLOR", **WINDOW), grays(**WINDOW))


def test_a_palette_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(NotRenderable, match="00281202"):
        shown_instance(**supplemental(GreenPaletteColorLookupTableData=b"\0\0"))


# -- several frames --------------------------------------------------------------


def of_frames(**elements: Any) -> bytes:
    return part10(instance(**supplemental("MIXED", NumberOfFrames=2, PixelData=VALUES.tobytes() * 2, **elements)))


def frame_type(keyword: str, presentation: str) -> Dataset:
    return item(**{keyword: [item(PixelPresentation=presentation)]})


@pytest.mark.parametrize(
    "keyword",
    [
        "MRImageFrameTypeSequence", "CTImageFrameTypeSequence", "PETFrameTypeSequence", "XRay3DFrameTypeSequence",
        "ParametricMapFrameTypeSequence",
    ],
)  # fmt: skip
def test_WADO_86_of_a_mixed_image_each_frame_says_whether_it_is_in_color(keyword: str) -> None:
    groups = [frame_type(keyword, presentation) for presentation in ("MONOCHROME", "COLOR")]
    file = of_frames(PerFrameFunctionalGroupsSequence=groups)
    assert shown(file, 1).shape == (ROWS, COLUMNS)
    assert shown(file, 2).shape == (ROWS, COLUMNS, 3)


# -- ranges of values --------------------------------------------------------------


def over_range(least: float, greatest: float, **elements: Any) -> np.ndarray:
    mapped = item(MinimumStoredValueMapped=least, MaximumStoredValueMapped=greatest)
    shared = [item(StoredValueColorRangeSequence=[mapped])]
    return shown_instance(**supplemental("COLOR_RANGE", first=0, SharedFunctionalGroupsSequence=shared, **elements))


def test_WADO_86_a_range_of_values_has_all_colors_of_the_palette() -> None:
    image = over_range(70, 120)
    places = np.rint((np.clip(VALUES, 70, 120) - 70.0) / 50 * (COUNT - 1)).astype(int)
    assert difference(image, colors_of(places)) < 0.5


def test_WADO_86_a_range_of_floats_has_all_colors_of_the_palette() -> None:
    floats = np.linspace(-1, 1, ROWS * COLUMNS, dtype=np.float32).reshape(ROWS, COLUMNS)
    image = over_range(
        -0.5, 0.5, PixelData=None, FloatPixelData=floats.tobytes(), BitsAllocated=32, BitsStored=None, HighBit=None
    )
    places = np.rint((np.clip(floats, -0.5, 0.5) + 0.5) * (COUNT - 1)).astype(int)
    assert difference(image, colors_of(places)) < 0.5


@pytest.mark.parametrize(("least", "greatest"), [(9, 9), (9, 5), (float("nan"), 5), (0, float("inf"))])
def test_a_range_of_nothing_leaves_the_image_gray(least: float, greatest: float) -> None:
    assert np.array_equal(over_range(least, greatest, **WINDOW), grays(**WINDOW))


# -- ultrasound volumes ------------------------------------------------------------


def volume(path: str, *, transfer: str = "TABLE", bits: int | None = None) -> np.ndarray:
    """Frames of flow, which are assigned to a path, with a palette of its own on each."""
    assigned = item(DataType="FLOW_VELOCITY", DataPathAssignment=path)
    if bits:
        assigned.BitsMappedToColorLookupTable = bits
    other = item(DataType="TISSUE_INTENSITY", DataPathAssignment="PRIMARY_PVALUES")
    palettes = [enhanced("PRIMARY", RAMPS, transfer), enhanced("SECONDARY", RAMPS[::-1], transfer)]
    return shown_instance(
        PixelData=np.arange(64, 128, dtype=np.uint8).tobytes(),
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        DataFrameAssignmentSequence=[other, assigned],
        EnhancedPaletteColorLookupTableSequence=palettes,
        PerFrameFunctionalGroupsSequence=[item(ImageDataTypeSequence=[item(DataType="FLOW_VELOCITY")])],
    )


def enhanced(path: str, tables: list[np.ndarray], transfer: str) -> Dataset:
    found = item(DataPathID=path, RGBLUTTransferFunction=transfer)
    for color, table in zip(COLORS, tables, strict=True):
        setattr(found, f"{color}PaletteColorLookupTableDescriptor", [len(table), 0, 16])
        setattr(found, f"{color}PaletteColorLookupTableData", (table * 257).astype("<u2").tobytes())
    return found


@pytest.mark.parametrize(("path", "tables"), [("PRIMARY_SINGLE", RAMPS), ("SECONDARY_SINGLE", RAMPS[::-1])])
def test_WADO_86_a_frame_of_a_volume_is_in_the_colors_of_its_data(path: str, tables: list[np.ndarray]) -> None:
    assert np.array_equal(volume(path), np.stack([table[VALUES] for table in tables], axis=-1))


def test_the_most_significant_bits_find_the_color() -> None:
    assert np.array_equal(volume("PRIMARY_SINGLE", bits=6), np.stack([table[VALUES >> 2] for table in RAMPS], axis=-1))


@pytest.mark.parametrize("path", ["PRIMARY_PVALUES", "SECONDARY_HIGH", "SECONDARY_LOW"])
def test_data_that_no_palette_shows_alone_are_gray(path: str) -> None:
    assert np.array_equal(volume(path), VALUES)
    assert np.array_equal(volume("PRIMARY_SINGLE", transfer="EQUAL_RGB"), VALUES)


def test_more_bits_than_there_are_find_none() -> None:
    with pytest.raises(NotRenderable, match="8 bits have not the 65535 that are mapped"):
        volume("PRIMARY_SINGLE", bits=65535)
