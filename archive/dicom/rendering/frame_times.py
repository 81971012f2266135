"""For how long each frame is seen: the Cine and Multi-frame Modules (PS3.3 Sections C.7.6.5 and C.7.6.6)."""

from collections.abc import Iterable, Iterator

from archive.dicom.rendering.attributes import Attributes

RECOMMENDED_DISPLAY_FRAME_RATE, CINE_RATE = "00082144", "00180040"
FRAME_TIME, FRAME_TIME_VECTOR = "00181063", "00181065"

#: Where nothing is said: ten frames a second.
DEFAULT_MILLISECONDS = 100.0


def frame_times(attributes: Attributes, numbers: Iterable[int]) -> Iterator[float]:
    """Milliseconds for each of these frames, which are counted from 1; there may be millions of them.

    The rate at which the frames are meant to be seen goes before the one at which they were taken. The vector has the
    time from the frame before: a frame is seen until the next one is due.
    """
    rate = attributes.number(RECOMMENDED_DISPLAY_FRAME_RATE)
    increments = attributes.numbers(FRAME_TIME_VECTOR)
    if not (rate and rate > 0) and len(increments) > 1:
        return (_usable(increments[min(number, len(increments) - 1)]) for number in numbers)
    constant = _constant(attributes, rate)
    return (constant for _ in numbers)


def _constant(attributes: Attributes, display_rate: float | None) -> float:
    frame_time, cine_rate = attributes.number(FRAME_TIME), attributes.number(CINE_RATE)
    if display_rate and display_rate > 0:
        return 1000 / display_rate
    if frame_time and frame_time > 0:
        return frame_time
    return 1000 / cine_rate if cine_rate and cine_rate > 0 else DEFAULT_MILLISECONDS


def _usable(milliseconds: float) -> float:
    return milliseconds if 0 < milliseconds < float("inf") else DEFAULT_MILLISECONDS
