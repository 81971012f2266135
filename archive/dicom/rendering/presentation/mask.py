"""Frames that are subtracted from others: Mask and Presentation State Mask Modules (PS3.3 C.7.6.10 and C.11.13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.attributes import Attributes

MASK_SUBTRACTION_SEQUENCE, RECOMMENDED_VIEWING_MODE = "00286100", "00281090"
MASK_OPERATION, APPLICABLE_FRAME_RANGE, MASK_FRAME_NUMBERS = "00286101", "00286102", "00286110"
CONTRAST_FRAME_AVERAGING, MASK_SUB_PIXEL_SHIFT, TID_OFFSET = "00286112", "00286114", "00286120"
PIXEL_INTENSITY_RELATIONSHIP = "00281040"

#: Frames that are averaged are all decoded for one that is shown.
_MOST_FRAMES = 64


@dataclass(frozen=True, slots=True)
class Subtraction:
    """The mean of some frames, counted from 1, minus the mean of others; these are shifted by rows and columns first.

    A positive shift of rows is one downwards, of columns one to the left (PS3.3 Section C.7.6.10.1.2).
    """

    contrast: tuple[int, ...]
    mask: tuple[int, ...]
    shift: tuple[float, float] = (0, 0)

    @classmethod
    def of(cls, attributes: Attributes, number: int, count: int) -> Self | None:
        """What is done to a frame of an image that has `count`; None when nothing is."""
        if attributes.text(RECOMMENDED_VIEWING_MODE) == "NAT":
            return None
        for item in attributes.items(MASK_SUBTRACTION_SEQUENCE):
            if _applies(item, number) and item.text(MASK_OPERATION) != "NONE":
                return cls(_contrast(item, number, count), _mask(item, number, count), _shift(item))
        return None

    @property
    def frames(self) -> frozenset[int]:
        """Those that have to be there."""
        return frozenset((*self.contrast, *self.mask))

    def apply(self, values: Mapping[int, NDArray[Any]]) -> NDArray[np.float64]:
        """The difference, out of the values (rows, columns) of each frame by its number."""
        return _mean(values, self.contrast) - _shifted(_mean(values, self.mask), *self.shift)


def check_logarithmic(attributes: Attributes, image: Attributes) -> None:
    """See that values can be subtracted (PS3.4 Section N.2.1.1): as logarithms of X-ray intensity.

    Raises:
        NotRenderable: they are intensities, and the presentation state does not say how they become logarithms.
    """
    modality = {"00283000", "00281053"}
    if image.text(PIXEL_INTENSITY_RELATIONSHIP) == "LIN" and not modality & attributes.data_set.keys():
        raise NotRenderable("Frames that are linear to X-ray intensity are subtracted by a Modality LUT only.")


def _applies(item: Attributes, number: int) -> bool:
    """Applicable Frame Range: pairs of the first and the last one; without any, all."""
    ends = item.numbers(APPLICABLE_FRAME_RANGE)
    pairs = zip(ends[::2], ends[1::2], strict=False)
    return not ends or any(first <= number <= last for first, last in pairs)


def _contrast(item: Attributes, number: int, count: int) -> tuple[int, ...]:
    averaged = item.integer(CONTRAST_FRAME_AVERAGING) or 1
    return tuple(range(number, min(number + min(max(averaged, 1), _MOST_FRAMES), count + 1)))


def _mask(item: Attributes, number: int, count: int) -> tuple[int, ...]:
    operation = item.text(MASK_OPERATION)
    if operation == "AVG_SUB":
        numbers = item.numbers(MASK_FRAME_NUMBERS)
    elif operation == "TID":
        # Before the first frame there is none: the first one is subtracted from those that are so early.
        offset = item.integer(TID_OFFSET)
        numbers = [min(max(number - (1 if offset is None else offset), 1), count)]
    else:
        raise NotRenderable("Mask Operation (0028,6101) is rendered where it is AVG_SUB or TID.")
    frames = tuple(int(frame) for frame in numbers if 1 <= frame <= count)
    if not frames or len(frames) != len(numbers) or len(frames) > _MOST_FRAMES:
        raise NotRenderable(f"There are no such frames, or more than {_MOST_FRAMES}, for a mask (0028,6110).")
    return frames


def _shift(item: Attributes) -> tuple[float, float]:
    shift = item.numbers(MASK_SUB_PIXEL_SHIFT)[:2]
    return (shift[0], shift[1]) if len(shift) == 2 and np.isfinite(shift).all() else (0, 0)


def _mean(values: Mapping[int, NDArray[Any]], numbers: tuple[int, ...]) -> NDArray[np.float64]:
    total = values[numbers[0]].astype(np.float64)
    for number in numbers[1:]:
        total += values[number]
    return total / len(numbers)


def _shifted(values: NDArray[np.float64], down: float, leftwards: float) -> NDArray[np.float64]:
    """Between pixels, in proportion; what comes in at an edge is the edge."""
    for axis, shift in ((0, down), (1, -leftwards)):
        if shift:
            length = values.shape[axis]
            places = np.clip(np.arange(length) - shift, 0, length - 1)
            before = np.floor(places).astype(int)
            after = np.minimum(before + 1, length - 1)
            part = (places - before)[:, None] if axis == 0 else places - before
            values = values.take(before, axis) * (1 - part) + values.take(after, axis) * part
    return values
