"""Which frame stands for an object, such as in its thumbnail."""

from archive.dicom.rendering.attributes import Attributes

REPRESENTATIVE_FRAME_NUMBER = "00286010"


def representative_frame(attributes: Attributes, count: int) -> int:
    """One of `count` frames, from 1: Representative Frame Number (PS3.3 Section C.7.6.6), else the one in the middle.

    The ends of volumes and films show little.
    """
    named = attributes.integer(REPRESENTATIVE_FRAME_NUMBER)
    return named if named is not None and 1 <= named <= count else (count + 1) // 2
