"""Bodies lie where they lie, however a box is cut into cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.demo.phantoms.volume import Volume, blurred, noise, soft


def axis(cells: int, width: float = 100) -> np.ndarray:
    return (((np.arange(cells) + 0.5) / cells - 0.5) * width).astype(np.float32)


def box(cells: int = 50) -> Volume:
    return Volume.filled(axis(cells), axis(cells), axis(cells), 0)


def volume_of(drawn: Volume) -> float:
    """Cubic millimetres, of what has the value 1."""
    return float(drawn.values.sum()) * drawn.edge**3


@pytest.mark.parametrize("cells", [25, 50, 80])
def test_an_ellipsoid_has_its_volume_however_coarse_it_is_drawn(cells):
    drawn = box(cells)
    drawn.ellipsoid((5, -3, 0), (30, 25, 20), 1)

    assert volume_of(drawn) == pytest.approx(4 / 3 * np.pi * 30 * 25 * 20, rel=0.02)


def test_a_tube_is_round_and_ends_round():
    drawn = box()
    drawn.tube([(-20, 0, 0), (0, 0, 0), (20, 0, 0)], 10, 1)

    # The soft edges of two pieces that follow each other add to each other, a little.
    assert volume_of(drawn) == pytest.approx(np.pi * 100 * 40 + 4 / 3 * np.pi * 1000, rel=0.03)


def test_what_lies_outside_changes_nothing():
    drawn = box(20)
    drawn.ellipsoid((200, 0, 0), (20, 20, 20), 1)
    drawn.tube([(0, 0, 90), (0, 0, 200)], 10, 1)

    assert not drawn.values.any()


@given(first=st.integers(0, 7))
def test_slices_one_by_one_are_those_of_the_whole(first):
    def draw(z: np.ndarray) -> np.ndarray:
        drawn = Volume.filled(axis(20), axis(20), z, 0)
        drawn.blend(soft(drawn.places[0] + 0 * drawn.values, 3), noise(drawn.x, drawn.y, z, 7, 1))
        drawn.ellipsoid((0, 0, 0), (30, 30, 30), 2)
        drawn.tube([(0, -40, -40), (0, 40, 40)], 6, 3)
        return drawn.values

    heights = axis(8)

    assert np.allclose(draw(heights)[first], draw(heights[first : first + 1])[0], atol=1e-5)


def test_noise_is_smooth_and_within_its_limits():
    values = noise(axis(200), axis(200), axis(1), 25, 3)[0]

    assert np.abs(values).max() <= 1
    assert np.abs(np.diff(values, axis=0)).max() < 0.1
    assert values.std() > 0.1


def test_a_blurred_image_has_as_much_in_it():
    image = np.zeros((41, 61))
    image[20, 30] = 1

    spread = blurred(image, 2)

    assert spread.shape == image.shape
    assert spread.sum() == pytest.approx(1, rel=1e-5)
    assert np.allclose(spread, spread[::-1])
    assert spread[20, 30] == pytest.approx(1 / (2 * np.pi * 4), rel=0.02)
