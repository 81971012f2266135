"""Overlays against pydicom's, and where they come to lie."""

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from archive.dicom.errors import NotRenderable
from tests.archive.dicom.rendering.shown import shown, shown_with_overlays
from tests.builders import COLUMNS, ROWS, instance, part10

DARK = np.zeros(ROWS * COLUMNS, np.uint16).tobytes()


def with_overlay(
    mask: np.ndarray,
    *,
    group: int = 0x6000,
    origin: tuple[int, int] = (1, 1),
    kind: str = "G",
    frames: int | None = None,
    first_frame: int | None = None,
    **elements: Any,
) -> Dataset:
    dataset = instance(**{"PixelData": DARK} | elements)
    dataset.add_new(group << 16 | 0x0010, "US", mask.shape[-2])
    dataset.add_new(group << 16 | 0x0011, "US", mask.shape[-1])
    if frames is not None:
        dataset.add_new(group << 16 | 0x0015, "IS", frames)
    if first_frame is not None:
        dataset.add_new(group << 16 | 0x0051, "US", first_frame)
    dataset.add_new(group << 16 | 0x0040, "CS", kind)
    dataset.add_new(group << 16 | 0x0050, "SS", list(origin))
    dataset.add_new(group << 16 | 0x0100, "US", 1)
    dataset.add_new(group << 16 | 0x0102, "US", 0)
    bits = np.packbits(mask, bitorder="little").tobytes()
    dataset.add_new(group << 16 | 0x3000, "OW", bits + b"\0" * (len(bits) % 2))
    return dataset


def burnt(dataset: Dataset, number: int = 1) -> np.ndarray:
    """Where the overlays of a black image are white."""
    return shown_with_overlays(part10(dataset), number) == 255


MASK = np.random.default_rng(3).integers(0, 2, (ROWS, COLUMNS), np.uint8)


@pytest.mark.parametrize("group", [0x6000, 0x6002, 0x601E])
def test_an_overlay_is_as_pydicom_has_it_and_no_part_of_the_image(group: int) -> None:
    dataset = with_overlay(MASK, group=group)
    assert np.array_equal(burnt(dataset), dataset.overlay_array(group))
    assert not shown(part10(dataset)).any()


@pytest.mark.parametrize("origin", [(3, 2), (-2, -1), (0, 0), (7, 8), (9, 9), (-20, 3)])
def test_an_overlay_lies_where_its_origin_says_and_is_cut_to_the_image(origin: tuple[int, int]) -> None:
    expected = np.zeros((ROWS, COLUMNS), bool)
    for row, column in np.ndindex(MASK.shape):
        y, x = row + origin[0] - 1, column + origin[1] - 1
        if 0 <= y < ROWS and 0 <= x < COLUMNS:
            expected[y, x] = MASK[row, column]
    assert np.array_equal(burnt(with_overlay(MASK, origin=origin)), expected)


def test_an_overlay_may_be_larger_or_smaller_than_the_image() -> None:
    assert burnt(with_overlay(np.ones((ROWS + 5, COLUMNS + 3), np.uint8))).all()
    assert np.argwhere(burnt(with_overlay(np.ones((1, 2), np.uint8), origin=(2, 3)))).tolist() == [[1, 2], [1, 3]]


def test_an_overlay_with_more_pixels_than_any_image_has_is_not_taken_apart() -> None:
    dataset = with_overlay(MASK)
    dataset[0x60000010].value = dataset[0x60000011].value = 65535
    with pytest.raises(NotRenderable, match="The overlay 6000 has more than"):
        burnt(dataset)


def test_a_region_of_interest_is_outlined() -> None:
    mask = np.zeros((ROWS, COLUMNS), np.uint8)
    mask[1:6, 2:7] = 1
    outline = mask.astype(bool)
    outline[2:5, 3:6] = False
    assert np.array_equal(burnt(with_overlay(mask, kind="R")), outline)


def test_overlays_of_several_frames_are_in_theirs() -> None:
    """Planes of 25 bits: the second does not begin with a byte."""
    masks = np.random.default_rng(4).integers(0, 2, (2, 5, 5), np.uint8)
    pixels = {"Rows": 5, "Columns": 5, "NumberOfFrames": 4, "PixelData": b"\0\0" * 100}
    dataset = with_overlay(masks, frames=2, first_frame=2, **pixels)
    assert not burnt(dataset, 1).any()
    assert np.array_equal(burnt(dataset, 2), masks[0])
    assert np.array_equal(burnt(dataset, 3), masks[1])
    assert not burnt(dataset, 4).any()


def test_an_overlay_without_frames_is_in_all_of_them() -> None:
    dataset = with_overlay(MASK, NumberOfFrames=2, PixelData=DARK * 2)
    assert np.array_equal(burnt(dataset, 1), burnt(dataset, 2))


def test_overlays_lie_on_each_other_and_on_colors() -> None:
    dataset = with_overlay(
        MASK,
        PhotometricInterpretation="RGB",
        SamplesPerPixel=3,
        PlanarConfiguration=0,
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        PixelData=bytes(ROWS * COLUMNS * 3),
    )
    other = with_overlay(1 - MASK, group=0x6004)
    for element in other.group_dataset(0x6004):
        dataset[element.tag] = element
    assert burnt(dataset).all()
    assert burnt(dataset).shape == (ROWS, COLUMNS, 3)


def test_an_overlay_in_unused_bits_is_no_part_of_the_pixels() -> None:
    """As objects of before 2004 have it: 12 bits stored, the overlay in the highest."""
    values = np.arange(ROWS * COLUMNS, dtype=np.uint16).reshape(ROWS, COLUMNS)
    cells = values | MASK.astype(np.uint16) << 15
    dataset = with_overlay(MASK, BitsStored=12, HighBit=11, PixelData=cells.tobytes())
    del dataset[0x60003000]
    dataset[0x60000102].value = 15
    plain = shown(part10(dataset))
    assert np.array_equal(plain, np.rint(values / 63 * 255))
    assert np.array_equal(shown_with_overlays(part10(dataset)), np.where(MASK, 255, plain))


def test_overlay_data_may_lack_their_last_word_but_no_more() -> None:
    dataset = with_overlay(np.ones((ROWS, COLUMNS), np.uint8))
    dataset[0x60003000].value = b"\xff" * (ROWS - 2)
    assert burnt(dataset).sum() == 8 * (ROWS - 2)
    dataset[0x60003000].value = b"\xff" * (ROWS - 4)
    with pytest.raises(NotRenderable, match="60003000 end before frame 1"):
        burnt(dataset)


def test_an_overlay_without_data_is_refused() -> None:
    dataset = with_overlay(MASK)
    del dataset[0x60003000]
    with pytest.raises(NotRenderable, match="overlay 6000"):
        burnt(dataset)
    assert not shown(part10(dataset)).any()
