"""In which order frames are shown that a presentation state refers to (PS3.18 Section 10.4.1.1.3, WADO-97)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.functional_groups import (
    FRAME_CONTENT,
    PLANE_ORIENTATION,
    PLANE_ORIENTATION_VOLUME,
    PLANE_POSITION,
    PLANE_POSITION_VOLUME,
    macro,
)

DIMENSION_INDEX_VALUES = "00209157"
IMAGE_POSITION_PATIENT, IMAGE_ORIENTATION_PATIENT = "00200032", "00200037"
IMAGE_POSITION_VOLUME, IMAGE_ORIENTATION_VOLUME = "00209301", "00209302"

#: Orientations are written with few digits.
_TOLERANCE = 1e-3

_Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FramePlace:
    """What is said of where a frame is; each is empty where nothing is.

    Args:
        dimensions: Dimension Index Values.
        patient, volume: a position, then the directions of rows and columns: nine numbers.
    """

    dimensions: _Values = ()
    patient: _Values = ()
    volume: _Values = ()

    @classmethod
    def of(cls, image: Attributes, number: int) -> Self:
        """Of a frame, counted from 1, of an image."""

        def numbers(group: str, key: str, count: int | None = None) -> _Values:
            found = macro(image, group, number).numbers(key)
            return tuple(found) if np.isfinite(found).all() and count in {None, len(found)} else ()

        position = numbers(PLANE_POSITION, IMAGE_POSITION_PATIENT, 3)
        orientation = numbers(PLANE_ORIENTATION, IMAGE_ORIENTATION_PATIENT, 6)
        in_volume = numbers(PLANE_POSITION_VOLUME, IMAGE_POSITION_VOLUME, 3)
        orientation_in_volume = numbers(PLANE_ORIENTATION_VOLUME, IMAGE_ORIENTATION_VOLUME, 6)
        return cls(
            numbers(FRAME_CONTENT, DIMENSION_INDEX_VALUES),
            position + orientation if position and orientation else (),
            in_volume + orientation_in_volume if in_volume and orientation_in_volume else (),
        )


def in_order(places: Sequence[FramePlace]) -> list[int]:
    """The positions in `places`, in the order of the frames.

    The first of these that all frames have decides, and frames that it does not tell apart stay as they are: Dimension
    Index Values; the position in the patient along the normal of planes that are parallel; that in a volume.
    """
    return sorted(range(len(places)), key=_by_dimensions(places) or _by_planes(places) or (lambda position: ()))


def _by_dimensions(places: Sequence[FramePlace]) -> Callable[[int], _Values] | None:
    lengths = {len(place.dimensions) for place in places}
    return None if len(lengths) != 1 or 0 in lengths else lambda position: places[position].dimensions


def _by_planes(places: Sequence[FramePlace]) -> Callable[[int], _Values] | None:
    for planes in ([place.patient for place in places], [place.volume for place in places]):
        if planes and all(planes):
            numbers = np.array(planes)
            if (np.abs(numbers[:, 3:] - numbers[0, 3:]) <= _TOLERANCE).all():
                depths = (numbers[:, :3] @ np.cross(numbers[0, 3:6], numbers[0, 6:])).tolist()
                return lambda position: (depths[position],)
    return None
