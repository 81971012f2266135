"""Animations of multi-frame images (WADO-83)."""

from collections.abc import Iterator

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageSequence

from archive.dicom.errors import NoCodec
from archive.dicom.rendering.gif import animated
from archive.dicom.rendering.rasters import Raster
from tests.archive.dicom.rendering.built import noise, opened, psnr, rasters, smooth


def delays(*milliseconds: float) -> list[int]:
    """How long each frame is seen, in milliseconds."""
    raster = smooth(4, 4)
    image = opened(b"".join(animated(((raster, duration) for duration in milliseconds), rows=4, columns=4)))
    return [frame.info["duration"] for frame in ImageSequence.Iterator(image)]


@given(rasters.filter(lambda raster: raster.ndim == 2), st.integers(1, 4))
def test_WADO_83_an_animation_shows_each_frame_again_and_again(raster: Raster, count: int):
    frames = [np.roll(raster, number) for number in range(count)]
    rows, columns = raster.shape

    image = opened(b"".join(animated(((frame, 100) for frame in frames), rows=rows, columns=columns)))

    assert image.size == (columns, rows)
    assert image.info["loop"] == 0
    found = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(image)]
    assert len(found) == count
    assert all(np.array_equal(one, other) for one, other in zip(found, frames, strict=True))


def test_WADO_83_each_frame_has_colors_of_its_own():
    frames = [smooth(32, 48), smooth(32, 48, color=True), 255 - smooth(32, 48, color=True)]

    animation = b"".join(animated(((frame, 100) for frame in frames), rows=32, columns=48))

    # giflib, as Pillow shows colors behind a gray frame in gray.
    for frame, shown in zip(frames, imagecodecs.gif_decode(animation), strict=True):
        assert psnr(shown, frame if frame.ndim > 2 else frame[..., None].repeat(3, axis=2)) > 25


def test_WADO_83_frames_are_shown_as_long_as_they_should_be():
    assert delays(40, 100, 1000) == [40, 100, 1000]


@given(st.lists(st.floats(20, 2000), min_size=1, max_size=9))
def test_WADO_83_what_rounding_takes_from_a_frame_the_next_ones_get(milliseconds: list[float]):
    assert abs(sum(delays(*milliseconds)) - sum(milliseconds)) <= 10


def test_WADO_83_frames_are_no_quicker_than_browsers_are():
    assert delays(0, 1, -5, 10) == [20, 20, 20, 20]
    assert delays(1e12, 1e12) == [655350, 655350]


def test_WADO_83_a_frame_is_made_when_it_is_wanted():
    made: list[int] = []

    def frames() -> Iterator[tuple[Raster, float]]:
        for number in range(1000):
            made.append(number)
            yield noise(8, 8, seed=number), 40

    pieces = animated(frames(), rows=8, columns=8)
    for _ in range(3):
        next(pieces)

    assert made == [0, 1]


def test_WADO_83_frames_that_are_too_large_are_refused_before_the_first_piece():
    with pytest.raises(NoCodec):
        animated(iter(()), rows=65536, columns=1)
