"""What is said of one frame only: Multi-frame Functional Groups (PS3.3 Section C.7.6.16)."""

from archive.dicom.rendering.attributes import Attributes

SHARED_FUNCTIONAL_GROUPS, PER_FRAME_FUNCTIONAL_GROUPS = "52009229", "52009230"
#: PS3.3 Sections C.7.6.16.2.9 and C.7.6.16.2.10.
PIXEL_VALUE_TRANSFORMATION, FRAME_VOI_LUT = "00289145", "00289132"
#: PS3.3 Sections C.7.6.16.2.1 and C.7.6.16.2.2.
PIXEL_MEASURES, FRAME_CONTENT = "00289110", "00209111"
#: PS3.3 Sections C.7.6.16.2.3, C.7.6.16.2.4, C.7.6.16.2.21 and C.7.6.16.2.22.
PLANE_POSITION, PLANE_ORIENTATION = "00209113", "00209116"
PLANE_POSITION_VOLUME, PLANE_ORIENTATION_VOLUME = "0020930E", "0020930F"
#: Of whole slide images, and of ultrasound volumes.
OPTICAL_PATH_IDENTIFICATION, IMAGE_DATA_TYPE = "00480207", "00189807"
#: The frame types of MR, CT, PET, 3D X-ray and parametric maps, which say how a frame is presented.
FRAME_TYPES = ("00189226", "00189329", "00189751", "00189504", "00409092")


def macro(attributes: Attributes, key: str, frame: int) -> Attributes:
    """The item of a functional group that holds for a frame, counted from 1.

    Its own goes before the one that all frames share; an object without either says it in the data set itself.
    """
    for group in (attributes.item(PER_FRAME_FUNCTIONAL_GROUPS, frame - 1), attributes.item(SHARED_FUNCTIONAL_GROUPS)):
        if group and (item := group.item(key)):
            return item
    return attributes
