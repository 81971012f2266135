"""The colors that presentation states name: P-Values, and CIELab (PS3.3 Section C.10.7.1.1), as sRGB."""

import numpy as np

from archive.dicom.rendering.attributes import Attributes

#: Red, green and blue, up to 255.
Ink = tuple[int, int, int]

BLACK, WHITE = (0, 0, 0), (255, 255, 255)

_LARGEST = 0xFFFF
#: Of the encoding: L* goes up to 100, a* and b* from -128 to 127.
_LIGHTEST, _LEAST_CHROMA, _CHROMAS = 100, -128, 255

#: The white of the profile connection space, D50, and from it to linear sRGB, whose white is D65 (Bradford).
_D50 = np.array((0.9642, 1.0, 0.8249))
_TO_LINEAR_RGB = np.array(
    ((3.1338561, -1.6168667, -0.4906146), (-0.9787684, 1.9161415, 0.0334540), (0.0719453, -0.2289914, 1.4052427))
)
#: Where the curve of CIELab turns into a line.
_KNEE = 6 / 29


def ink(attributes: Attributes, *, gray: str, cielab: str) -> Ink | None:
    """The color under one of two keys, CIELab first; None where there is neither."""
    encoded, p_value = attributes.numbers(cielab), attributes.number(gray)
    if len(encoded) == 3 and all(0 <= value <= _LARGEST for value in encoded):
        return of_cielab(*encoded)
    if p_value is None:
        return None
    level = round(min(max(p_value, 0), _LARGEST) / _LARGEST * 255)
    return level, level, level


def of_cielab(lightness: float, a: float, b: float) -> Ink:
    """The nearest color of sRGB to one of CIELab, each as 16 bits say it."""
    red_green, yellow_blue = (value / _LARGEST * _CHROMAS + _LEAST_CHROMA for value in (a, b))
    middle = (lightness / _LARGEST * _LIGHTEST + 16) / 116
    roots = np.array((middle + red_green / 500, middle, middle - yellow_blue / 200))
    xyz = _D50 * np.where(roots > _KNEE, roots**3, 3 * _KNEE**2 * (roots - 4 / 29))
    linear = np.clip(_TO_LINEAR_RGB @ xyz, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (int(value) for value in np.rint(encoded * 255))
    return red, green, blue


def is_neutral(color: Ink) -> bool:
    """Whether it can be had in gray."""
    return color[0] == color[1] == color[2]
