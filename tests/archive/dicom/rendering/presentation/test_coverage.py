"""How much of each pixel is covered, against samples of it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.rendering.presentation import coverage

ROWS, COLUMNS = 12, 16


def line(*points: float, width: float = 1) -> np.ndarray:
    return coverage.of_lines([np.array(points, float).reshape(-1, 2)], width, columns=COLUMNS, rows=ROWS)


def test_a_line_through_the_middles_of_pixels_covers_them() -> None:
    covered = line(2.5, 4.5, 9.5, 4.5)
    assert covered[4, 2:10].tolist() == [255] * 8
    assert covered.sum() == 255 * 8
    assert np.array_equal(line(4.5, 2.5, 4.5, 9.5)[2:10, 4], covered[4, 2:10])


def test_a_line_between_pixels_covers_half_of_each() -> None:
    assert line(-5, 4, 30, 4)[2:6, 7].tolist() == [0, 128, 128, 0]


def test_a_point_is_a_disc() -> None:
    row, column = np.mgrid[0:ROWS, 0:COLUMNS] + 0.5
    distance = np.hypot(row - 6.5, column - 8.5)
    assert np.array_equal(line(8.5, 6.5, 8.5, 6.5, width=5), np.rint(np.clip(3 - distance, 0, 1) * 255))


POINT = st.tuples(st.floats(-30, 40), st.floats(-30, 40))


@given(st.lists(POINT, min_size=2, max_size=5), st.floats(1, 6))
def test_a_line_covers_what_is_near_to_it(points: list[tuple[float, float]], width: float) -> None:
    """By the distance of each pixel's middle from each segment."""
    row, column = np.mgrid[0:ROWS, 0:COLUMNS] + 0.5
    nearest = np.full((ROWS, COLUMNS), np.inf)
    for (x, y), (to_x, to_y) in pairwise(points):
        along = np.array((to_x - x, to_y - y))
        share = ((column - x) * along[0] + (row - y) * along[1]) / max(float(along @ along), 1e-12)
        share = np.clip(share, 0, 1)
        nearest = np.minimum(nearest, np.hypot(column - x - share * along[0], row - y - share * along[1]))
    covered = line(*np.ravel(points).tolist(), width=width)
    assert np.abs(covered - np.clip(width / 2 + 0.5 - nearest, 0, 1) * 255).max() <= 1


@given(st.lists(POINT, min_size=2, max_size=5))
def test_a_line_covers_the_same_from_both_ends_and_turned(points: list[tuple[float, float]]) -> None:
    covered = line(*np.ravel(points).tolist()).astype(int)
    assert np.abs(covered - line(*np.ravel(points[::-1]).tolist())).max() <= 1
    turned = coverage.of_lines([np.array(points)[:, ::-1]], 1, columns=ROWS, rows=COLUMNS)
    assert np.abs(covered - turned.T).max() <= 1


@given(st.lists(POINT, min_size=2, max_size=5), st.floats(1, 6))
def test_the_work_of_a_line_is_not_less_than_what_it_covers(points: list[tuple[float, float]], width: float) -> None:
    work = coverage.work_of_lines([np.array(points)], width, longest=100)
    assert (line(*np.ravel(points).tolist(), width=width) > 0).sum() <= work


def test_lines_cover_what_each_of_them_does() -> None:
    one, other = np.array([(2.0, 2.0), (9.0, 5.0)]), np.array([(3.0, 8.0), (12.0, 1.0)])
    both = coverage.of_lines([one, other], 1, columns=COLUMNS, rows=ROWS)
    assert np.array_equal(both, np.maximum(line(*one.ravel()), line(*other.ravel())))


@pytest.mark.parametrize("reverse", [False, True])
def test_a_polygon_covers_its_inside(reverse: bool) -> None:
    corners = np.array([(3, 2), (9, 2), (9, 8), (3, 8)], float)
    covered = coverage.of_polygon(corners[::-1] if reverse else corners, columns=COLUMNS, rows=ROWS)
    assert (covered[2:8, 3:9] == 255).all()
    assert covered[4, 1] == covered[4, 10] == covered[0, 5] == covered[9, 5] == 0


def test_large_polygons_are_drawn_without_smoothness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "_MOST_PIXELS", 100)
    covered = coverage.of_polygon(np.array([(3, 2), (9, 2), (9, 8)], float), columns=COLUMNS, rows=ROWS)
    assert set(np.unique(covered)) == {0, 255}
