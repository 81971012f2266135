"""Text that is burnt into a rendered image (WADO-95)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.rendering.annotations import annotated
from archive.dicom.rendering.lettering import MOST_LINES
from archive.dicom.rendering.rasters import Raster
from tests.archive.dicom.rendering.built import rasters, smooth

NAME = "Doe John, 1.1.1970, M"


def changed(before: Raster, after: Raster) -> tuple[slice, slice]:
    """The rows and columns within which an image has become another."""
    different = before != after
    rows, columns = np.nonzero(different if different.ndim == 2 else different.any(axis=2))
    return slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)


def test_WADO_95_no_parameter_means_no_annotation():
    raster = smooth(64, 64)

    assert annotated(raster) is raster
    assert np.array_equal(annotated(raster, patient=["", " \n"]), raster)


@pytest.mark.parametrize("color", [False, True])
def test_WADO_95_the_patient_is_at_the_top_and_the_technique_at_the_bottom(color: bool):
    raster = smooth(256, 256, color=color)

    above, _ = changed(raster, annotated(raster, patient=[NAME]))
    below, _ = changed(raster, annotated(raster, technique=["120 kV"]))

    assert above.stop < 64
    assert below.start > 192


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_WADO_95_the_text_is_seen_on_any_background(shade: int):
    found = annotated(np.full((256, 256), shade, np.uint8), patient=[NAME])

    assert np.count_nonzero(found > shade + 100) > 50 or np.count_nonzero(found < shade - 100) > 50


@pytest.mark.parametrize(("rows", "columns"), [(128, 128), (256, 256), (1024, 256), (2048, 2048)])
def test_WADO_95_a_line_is_as_wide_as_the_image_at_most(rows: int, columns: int):
    raster = np.zeros((rows, columns), np.uint8)

    _, across = changed(raster, annotated(raster, patient=[NAME]))

    assert across.start > 0
    assert across.stop < columns


@pytest.mark.parametrize("rows", [200, 512, 3000])
def test_WADO_95_all_lines_have_room(rows: int):
    raster = np.zeros((rows, rows), np.uint8)

    above, _ = changed(raster, annotated(raster, patient=["X"] * MOST_LINES))
    below, _ = changed(raster, annotated(raster, technique=["X"] * MOST_LINES))

    assert above.stop < below.start


@pytest.mark.parametrize("text", ["Müller", "Łukasz", "Иванов", "Παππάς", "כהן", "محمد", "शर्मा", "สมชาย", "გიორგი"])
def test_WADO_95_names_are_written_in_their_scripts(text: str):
    raster = np.zeros((256, 256), np.uint8)
    lacking = annotated(raster, patient=["山"])

    for letter in filter(str.isalpha, text):
        assert not np.array_equal(annotated(raster, patient=[letter]), lacking)


def test_the_image_that_is_annotated_stays_as_it_was():
    raster = smooth(64, 64)

    annotated(raster, patient=[NAME])

    assert np.array_equal(raster, smooth(64, 64))


def test_a_line_break_in_a_value_begins_no_line():
    raster = np.zeros((256, 256), np.uint8)

    assert np.array_equal(annotated(raster, patient=["A\r\nB\0"]), annotated(raster, patient=["A B"]))


def test_text_without_end_is_cut():
    raster = np.zeros((256, 256), np.uint8)

    assert np.array_equal(
        annotated(raster, patient=["x" * 1_000_000] * 1000),
        annotated(raster, patient=["x" * 100] * MOST_LINES),
    )


@given(rasters, st.lists(st.text(max_size=80), max_size=20), st.lists(st.text(max_size=80), max_size=20))
def test_any_text_can_be_written_into_any_image(raster: Raster, patient: list[str], technique: list[str]):
    found = annotated(raster, patient=patient, technique=technique)

    assert (found.shape, found.dtype) == (raster.shape, raster.dtype)
