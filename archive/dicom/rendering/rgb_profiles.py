"""ICC profiles (ISO 15076-1) of the color spaces that PS3.18 Section 8.3.5.1.5 names.

They are the same bytes always. LittleCMS writes the time into those that it makes, and has none of ROMM RGB.
"""

from dataclasses import dataclass
from struct import pack

import numpy as np
from numpy.typing import NDArray

#: ISO 15076-1 Section 7.2.16: the white of the space in which profiles meet.
_D50 = np.array((0.9642, 1.0, 0.8249))
#: Section E.3: cones, in which one white is turned into another (Bradford).
_CONES = np.array(((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296)))

_VERSION = 0x04300000
#: Year, month, day: of no meaning, but the field has to hold a date.
_DATE = (2026, 1, 1, 0, 0, 0)
_HEADER_LENGTH, _ENTRY_LENGTH = 128, 12


@dataclass(frozen=True, slots=True)
class _Space:
    """A space of red, green and blue light.

    Args:
        primaries: x and y of red, green and blue.
        white: x and y.
        curve: g, a, b, c, d of ISO 15076-1 Table 65: light is (a v + b)^g from the value d on, and c v below.
    """

    name: str
    primaries: tuple[tuple[float, float], ...]
    white: tuple[float, float]
    curve: tuple[float, ...]


def _profile(space: _Space) -> bytes:
    """A display profile of three colors and one curve (Section 8.4.3)."""
    adaptation = _adaptation(_xyz(*space.white))
    red, green, blue = (adaptation @ _lights(space)).T
    curve = b"para" + pack(">4xHxx", 3) + _fixed(space.curve)
    tags = {
        "desc": _text(space.name),
        "cprt": _text("No copyright, use freely"),
        "wtpt": _color(_D50),
        "chad": b"sf32\0\0\0\0" + _fixed(adaptation.ravel()),
        "rXYZ": _color(red),
        "gXYZ": _color(green),
        "bXYZ": _color(blue),
        "rTRC": curve,
        "gTRC": curve,
        "bTRC": curve,
    }
    return _assembled(tags)


def _assembled(tags: dict[str, bytes]) -> bytes:
    """Header, table of tags, and what they have (Section 7)."""
    table, content = pack(">I", len(tags)), b""
    start = _HEADER_LENGTH + len(table) + _ENTRY_LENGTH * len(tags)
    for tag, element in tags.items():
        table += pack(">4sII", tag.encode(), start + len(content), len(element))
        content += element + bytes(-len(element) % 4)
    header = pack(">I4xI4s4s4s6H4s", start + len(content), _VERSION, b"mntr", b"RGB ", b"XYZ ", *_DATE, b"acsp")
    header += bytes(28) + _fixed(_D50)
    return header.ljust(_HEADER_LENGTH, b"\0") + table + content


def _xyz(x: float, y: float) -> NDArray[np.float64]:
    return np.array((x / y, 1.0, (1 - x - y) / y))


def _lights(space: _Space) -> NDArray[np.float64]:
    """Red, green and blue as columns, which together are white."""
    primaries = np.stack([_xyz(*primary) for primary in space.primaries], axis=-1)
    return primaries * np.linalg.solve(primaries, _xyz(*space.white))


def _adaptation(white: NDArray[np.float64]) -> NDArray[np.float64]:
    """From colors under a white to those that look the same under D50 (Section E.2)."""
    scale = (_CONES @ _D50) / (_CONES @ white)
    return np.asarray(np.linalg.inv(_CONES) @ np.diag(scale) @ _CONES)


def _fixed(numbers: NDArray[np.float64] | tuple[float, ...]) -> bytes:
    """In 16 bits before and 16 behind the point (Section 4.6)."""
    units: NDArray[np.int32] = np.rint(np.asarray(numbers) * 65536).astype(">i4")
    return units.tobytes()


def _color(xyz: NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(xyz)


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return b"mluc" + pack(">4xII4sII", 1, 12, b"enUS", len(encoded), 28) + encoded


_D65_XY, _D50_XY = (0.3127, 0.3290), (0.3457, 0.3585)

#: IEC 61966-2-1.
SRGB = _profile(
    _Space(
        "sRGB",
        ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
        _D65_XY,
        (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
    )
)
#: IEC 61966-2-5.
ADOBE_RGB = _profile(
    _Space(
        "Compatible with Adobe RGB (1998)",
        ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)),
        _D65_XY,
        (563 / 256, 1.0, 0.0, 0.0, 0.0),
    )
)
#: ISO 22028-2: a power, but a line where it would be too steep.
ROMM_RGB = _profile(
    _Space(
        "ROMM RGB",
        ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)),
        _D50_XY,
        (1.8, 1.0, 0.0, 1 / 16, 1 / 32),
    )
)
