"""Tiles put together: PS3.3 Section C.7.6.17."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from archive.dicom.errors import NotRenderable
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.rendering import slides
from archive.dicom.rendering.pictures import Form
from archive.dicom.rendering.slides import TotalPixelMatrix, shows_specimen
from archive.dicom.rendering.viewport import Viewport
from tests.archive.dicom.rendering.shown import attributes_in, item
from tests.builders import instance, part10

SIDE = 4
PIXELS = PixelDescription(SIDE, SIDE, 3, "RGB", 8, 8, 7, 0)
VOLUME = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]


def slide(columns: int, rows: int, **elements: Any) -> Any:
    defaults = {
        "ImageType": VOLUME,
        "TotalPixelMatrixColumns": columns,
        "TotalPixelMatrixRows": rows,
        "DimensionOrganizationType": "TILED_FULL",
    }
    return attributes_in(part10(instance(**defaults | elements)))


def tile(number: int) -> bytes:
    return np.full((SIDE, SIDE, 3), number, np.uint8).tobytes()


def whole(attributes: Any, count: int, form: Form | None = None) -> NDArray[np.uint8]:
    matrix = TotalPixelMatrix.of(attributes, PIXELS, count)
    assert matrix
    return matrix.seen(tile, PIXELS, attributes, form or Form()).raster


@given(st.integers(1, 17), st.integers(1, 17), st.integers(0, 5))
def test_full_tiles_go_row_by_row_and_their_ends_are_cut_off(columns: int, rows: int, more: int) -> None:
    across, down = -(-columns // SIDE), -(-rows // SIDE)

    image = whole(slide(columns, rows), across * down + more)

    numbers = np.arange(1, across * down + 1).reshape(down, across)
    expected = np.repeat(np.repeat(numbers, SIDE, axis=0), SIDE, axis=1)[:rows, :columns]
    assert np.array_equal(image[..., 0], expected)


def test_sparse_tiles_lie_where_they_say_and_the_rest_is_paper() -> None:
    places = [(1, 1), (7, 5), (1, 1)]
    groups = [
        item(
            PlanePositionSlideSequence=[
                item(ColumnPositionInTotalImagePixelMatrix=column, RowPositionInTotalImagePixelMatrix=row)
            ]
        )
        for column, row in places
    ]

    image = whole(
        slide(9, 8, DimensionOrganizationType="TILED_SPARSE", PerFrameFunctionalGroupsSequence=groups), len(places)
    )[..., 0]

    expected = np.full((8, 9), 255)
    expected[:4, :4] = 1
    expected[4:, 6:] = 2
    assert np.array_equal(image, expected)


def test_what_lies_outside_is_no_part_of_the_image() -> None:
    for column, row in ((-1, -1), (100, 100), (-50, 2)):
        place = item(ColumnPositionInTotalImagePixelMatrix=column, RowPositionInTotalImagePixelMatrix=row)
        groups = [item(PlanePositionSlideSequence=[place])]
        image = whole(slide(6, 6, DimensionOrganizationType=None, PerFrameFunctionalGroupsSequence=groups), 1)[..., 0]

        assert image.shape == (6, 6)
        assert (image == 1).sum() == (4 if row == -1 else 0)


def test_the_whole_is_fitted_into_the_viewport() -> None:
    assert whole(slide(16, 8), 8, Form(viewport=Viewport(4, 4))).shape == (2, 4, 3)


@pytest.mark.parametrize(
    ("columns", "rows", "count"),
    [(0, 8, 4), (8, 0, 4), (1 << 20, 1 << 20, 4), (13 * SIDE, 12 * SIDE, 156)],
)
def test_what_is_empty_or_too_much_for_one_picture_is_not_put_together(columns: int, rows: int, count: int) -> None:
    assert TotalPixelMatrix.of(slide(columns, rows), PIXELS, count) is None


def test_sparse_tiles_can_be_too_many_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slides, "MOST_TILES", 1)
    groups = [
        item(
            PlanePositionSlideSequence=[
                item(ColumnPositionInTotalImagePixelMatrix=column, RowPositionInTotalImagePixelMatrix=1)
            ]
        )
        for column in (1, 5)
    ]
    attributes = slide(8, 8, DimensionOrganizationType="TILED_SPARSE", PerFrameFunctionalGroupsSequence=groups)

    assert TotalPixelMatrix.of(attributes, PIXELS, 2) is None


def test_tiles_can_be_too_large() -> None:
    assert TotalPixelMatrix.of(slide(8, 8), replace(PIXELS, rows=1 << 14, columns=1 << 14), 1) is None


def test_tiles_of_gray_and_tiles_of_color_are_not_one_image(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = {1: np.zeros((SIDE, SIDE), np.uint8), 2: np.zeros((SIDE, SIDE, 3), np.uint8)}
    monkeypatch.setattr(slides, "render", lambda frame, pixels, attributes, number, window: rendered[number])

    with pytest.raises(NotRenderable, match="gray, and others in color"):
        whole(slide(2 * SIDE, SIDE), 2)


def test_without_a_size_of_pixels_there_is_no_matrix() -> None:
    assert TotalPixelMatrix.of(slide(8, 8), replace(PIXELS, rows=0), 4) is None


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"ImageType": VOLUME}, True),
        ({"ImageType": ["DERIVED", "PRIMARY", "THUMBNAIL", "RESAMPLED"]}, True),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "OVERVIEW", "NONE"], "SpecimenLabelInImage": "NO"}, True),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "OVERVIEW", "NONE"], "SpecimenLabelInImage": "YES"}, False),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LABEL", "NONE"]}, False),
        ({"ImageType": ["ORIGINAL", "PRIMARY"]}, False),
        ({}, False),
    ],
)
def test_the_specimen_stands_for_a_slide_and_its_label_does_not(elements: dict[str, Any], expected: bool) -> None:
    assert shows_specimen(attributes_in(part10(instance(**elements)))) is expected
