"""Palettes against pydicom's, and segmented ones against what PS3.3 Section C.7.9.2 says of them."""

from struct import pack
from time import process_time
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_palette_files
from pydicom.pixels import apply_color_lut

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.palette_color_lut import PaletteColorLut
from archive.dicom.rendering.segmented_lut import expanded
from tests.archive.dicom.rendering.shown import attributes_in, difference, shown_instance
from tests.builders import COLUMNS, ROWS, instance, part10

COLORS = ("Red", "Green", "Blue")
VALUES = np.arange(256, dtype=np.uint8)
RAMPS = [np.arange(256, dtype=np.uint16), np.arange(256, dtype=np.uint16)[::-1], np.arange(256, dtype=np.uint16) // 2]


def palette(tables: list[np.ndarray], bits: int, first: int = 0, dtype: str = "<u2") -> dict[str, Any]:
    elements: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for color, table in zip(COLORS, tables, strict=True):
        elements[f"{color}PaletteColorLookupTableDescriptor"] = [len(table) % (1 << 16), first, bits]
        elements[f"{color}PaletteColorLookupTableData"] = table.astype(dtype).tobytes()
    return elements


def segmented(segments: bytes, count: int, bits: int) -> dict[str, Any]:
    elements: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for color in COLORS:
        elements[f"{color}PaletteColorLookupTableDescriptor"] = [count, 0, bits]
        elements[f"Segmented{color}PaletteColorLookupTableData"] = segments
    return elements


def colors(values: np.ndarray, *, signed: bool = False, **elements: Any) -> np.ndarray:
    representation = int(signed)
    file = part10(instance(PixelRepresentation=representation, **elements))
    return PaletteColorLut.of(attributes_in(file), signed=signed).apply(values)


@pytest.mark.parametrize("first", [0, 10, 200])
def test_a_palette_of_16_bits_agrees_with_pydicom(first: int) -> None:
    elements = palette([ramp * 257 for ramp in RAMPS], 16, first)
    theirs = apply_color_lut(VALUES.astype(np.uint16), instance(**elements))
    assert difference(colors(VALUES, **elements), theirs / 257) < 0.5


def test_a_palette_of_8_bits_agrees_with_pydicom() -> None:
    elements = palette(RAMPS, 8, dtype="u1")
    assert np.array_equal(colors(VALUES, **elements), apply_color_lut(VALUES, instance(**elements)))


@pytest.mark.parametrize("bits", [8, 16])
def test_entries_of_8_bits_may_have_16(bits: int) -> None:
    assert np.array_equal(colors(VALUES, **palette(RAMPS, bits)), np.stack(RAMPS, axis=-1))


def test_a_palette_for_negative_values_agrees_with_pydicom() -> None:
    values = np.arange(-128, 128, dtype=np.int16)
    elements = palette([ramp * 257 for ramp in RAMPS], 16, -100)
    theirs = apply_color_lut(values, instance(PixelRepresentation=1, **elements))
    assert difference(colors(values, signed=True, **elements), theirs / 257) < 0.5


@pytest.mark.parametrize("file", get_palette_files("*.dcm"), ids=lambda file: file.rpartition("/")[2])
def test_the_palettes_of_the_standard_agree_with_pydicom(file: str) -> None:
    """PS3.6 Annex B: some of them are segmented."""
    dataset = dcmread(file)
    theirs = apply_color_lut(VALUES, dataset)
    elements = {element.keyword: element.value for element in dataset if "PaletteColorLookupTable" in element.keyword}
    assert np.array_equal(colors(VALUES, **elements), theirs)


# -- segments --------------------------------------------------------------------

DISCRETE, LINEAR, INDIRECT = 0, 1, 2
#: Ten times 0, up to 100 in five steps, and a single 7.
WORDS = [DISCRETE, 10, *[0] * 10, LINEAR, 5, 100, DISCRETE, 1, 7]
ENTRIES = [0] * 10 + [20, 40, 60, 80, 100] + [7]


@pytest.mark.parametrize(("bits", "code"), [(8, "B"), (16, "H")])
def test_segments_are_entries_and_lines_between_them(bits: int, code: str) -> None:
    assert expanded(pack(f"<{len(WORDS)}{code}", *WORDS), bits, len(ENTRIES)).tolist() == ENTRIES


@pytest.mark.parametrize(("bits", "code", "offset"), [(8, "B", 12), (16, "H", 24)])
def test_an_indirect_segment_repeats_others_from_where_the_table_has_come_to(bits: int, code: str, offset: int) -> None:
    """The line begins at the last entry there is now, 7, and not where it did at first."""
    field = pack(f"<{len(WORDS)}{code}", *WORDS) + pack(f"<2{code}", INDIRECT, 2) + pack("<L", offset)
    line = [round(7 + step * 93 / 5) for step in range(1, 6)]
    assert expanded(field, bits, len(ENTRIES) + 6).tolist() == [*ENTRIES, *line, 7]


@pytest.mark.parametrize("bits", [8, 16])
def test_a_segmented_palette_colors_an_image(bits: int) -> None:
    most = 255 if bits == 8 else 65535
    code = "B" if bits == 8 else "H"
    segments = pack(f"<6{code}", DISCRETE, 1, 0, LINEAR, 255, most)
    image = shown_instance(
        **segmented(segments, 256, bits),
        BitsAllocated=8, BitsStored=8, HighBit=7, PixelData=bytes(range(0, 256, 4)),
    )  # fmt: skip
    assert image.reshape(-1, 3).tolist() == [[value] * 3 for value in range(0, 256, 4)]
    assert image.shape == (ROWS, COLUMNS, 3)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([LINEAR, 5, 100], "begins with a linear segment"),
        ([DISCRETE, 20, 1, 2, 3], "more than the 16 entries"),
        ([DISCRETE, 10, 1, 2, 3], "cut off"),
        ([DISCRETE, 0, 1, 2, 3], "kind 0 and length 0"),
        ([9, 1, 1, 2, 3], "kind 9"),
        ([DISCRETE, 1, 7], "has 1 entries where 16 belong"),
        ([DISCRETE, 1, 7, LINEAR, 65535, 9], "more than the 16 entries"),
        ([DISCRETE, 1, 7, INDIRECT, 65535, 0, 0], "more than the 16 entries|cut off|kind 2"),
        ([DISCRETE, 1, 7, INDIRECT, 1, 6, 0], "kind 2"),
        ([DISCRETE, 1, 7, INDIRECT, 1, 3, 0], "no whole segments"),
        ([DISCRETE, 1, 7, INDIRECT, 1, 65534, 65535], "cut off"),
    ],
)
def test_segments_that_make_no_table_are_refused(words: list[int], problem: str) -> None:
    with pytest.raises(NotRenderable, match=problem):
        expanded(pack(f"<{len(words)}H", *words), 16, 16)


def test_a_palette_that_is_missing_is_refused() -> None:
    with pytest.raises(NotRenderable, match="00281101"):
        shown_instance(PhotometricInterpretation="PALETTE COLOR")
    elements = palette(RAMPS, 16) | {"GreenPaletteColorLookupTableData": None}
    with pytest.raises(NotRenderable, match="no palette 00281202"):
        shown_instance(**elements)


def test_many_segments_of_one_entry_take_no_time() -> None:
    """As long as a palette can be; one call of NumPy for each took seconds."""
    segments = pack("<HHH", 0, 1, 0) + pack("<HHH", 1, 1, 7) * 65535
    began = process_time()
    assert expanded(segments, 16, 65536)[[0, 1, -1]].tolist() == [0, 7, 7]
    assert process_time() - began < 0.4
