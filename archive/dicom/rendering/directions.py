"""Which way the patient lies in an image: PS3.3 Sections C.7.6.1.1.1 and C.7.6.2.1.1."""

from collections.abc import Sequence

import numpy as np

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.functional_groups import PLANE_ORIENTATION, macro
from archive.dicom.rendering.presentation.frame_order import IMAGE_ORIENTATION_PATIENT

PATIENT_ORIENTATION, ANATOMICAL_ORIENTATION_TYPE = "00200020", "00102210"

#: The ends of the axes of the patient, towards less and towards more.
_AXES = (("R", "L"), ("A", "P"), ("F", "H"))
_OPPOSITES = {letter: axis[1 - end] for axis in _AXES for end, letter in enumerate(axis)}
#: The cosine to an axis, above which a direction is said to lean that way: some ten degrees.
_LEANS = 0.2


def directions(attributes: Attributes, number: int = 1) -> tuple[str, str] | None:
    """Where the rows of a frame, counted from 1, lead to, and its columns: ("L", "P"); None when nobody can tell.

    Of animals, whose axes have other names, it is not worked out.
    """
    if attributes.text(ANATOMICAL_ORIENTATION_TYPE) == "QUADRUPED":
        return None
    cosines = macro(attributes, PLANE_ORIENTATION, number).numbers(IMAGE_ORIENTATION_PATIENT)
    if len(cosines) == 6 and np.isfinite(cosines).all():
        found = _letters(cosines[:3]), _letters(cosines[3:])
    else:
        named = [str(value or "").strip().upper() for value in attributes.values(PATIENT_ORIENTATION)]
        found = (named[0], named[1]) if len(named) == 2 else ("", "")
    return found if all(found) and set("".join(found)) <= _OPPOSITES.keys() else None


def _letters(cosines: Sequence[float]) -> str:
    """The axes that a direction leans to, the nearest first: `LA`."""
    nearest = sorted(zip(cosines, _AXES, strict=True), key=lambda pair: -abs(pair[0]))
    return "".join(axis[cosine > 0] for cosine, axis in nearest if abs(cosine) > _LEANS)
