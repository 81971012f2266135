"""What a viewer has to know of frames besides their pixels: what it writes beside them, and how they can be shown."""

from dataclasses import dataclass, replace

from archive.dicom.pixel_data import DOUBLE_FLOAT_PIXEL_DATA, FLOAT_PIXEL_DATA, PHOTOMETRIC_INTERPRETATION
from archive.dicom.rendering.annotation_lines import acquisition_lines
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.directions import directions
from archive.dicom.rendering.functional_groups import FRAME_VOI_LUT, PER_FRAME_FUNCTIONAL_GROUPS, macro
from archive.dicom.rendering.voi_lut import VOI_LUT_SEQUENCE, Window, named_windows

#: More frames of one object are not described one by one.
MOST_DESCRIBED = 5000

_FLOATS = tuple(f"{tag:08X}" for tag in (FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA))


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """What holds for a frame.

    Args:
        windows: those of the data set, and what each is called.
        by_window: whether the first of them is how the frame is shown when nothing else is asked for.
        directions: where its rows and its columns lead to.
    """

    lines: tuple[str, ...]
    windows: tuple[tuple[str, Window], ...]
    by_window: bool
    directions: tuple[str, str] | None


def facts_of_frames(attributes: Attributes, count: int) -> list[FrameFacts]:
    """Of each of so many frames; or one for all, where nothing is said of them one by one."""
    if count > MOST_DESCRIBED:
        shared = {key: element for key, element in attributes.data_set.items() if key != PER_FRAME_FUNCTIONAL_GROUPS}
        return [_facts(replace(attributes, data_set=shared), 1)]
    several = count > 1 and PER_FRAME_FUNCTIONAL_GROUPS in attributes
    return [_facts(attributes, number) for number in range(1, count + 1 if several else 2)]


def is_gray(attributes: Attributes) -> bool:
    """Whether windows change what is seen."""
    return attributes.text(PHOTOMETRIC_INTERPRETATION).startswith("MONOCHROME")


def _facts(attributes: Attributes, number: int) -> FrameFacts:
    windows: list[tuple[str, Window]] = []
    if is_gray(attributes):
        windows = named_windows(attributes, number, floating=any(key in attributes for key in _FLOATS))
    by_window = bool(windows) and not macro(attributes, FRAME_VOI_LUT, number).count(VOI_LUT_SEQUENCE)
    return FrameFacts(
        tuple(acquisition_lines(attributes, number)), tuple(windows), by_window, directions(attributes, number)
    )
