"""Places and moments that a report marks: PS3.3 Sections C.18.6 (SCOORD), C.18.7 (TCOORD) and C.18.9 (SCOORD3D)."""

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.words import joined, number, words, written

#: Of longer lines, only the beginning is written.
MOST_POINTS = 32

_GRAPHIC_DATA, _GRAPHIC_TYPE = "00700022", "00700023"
_REFERENCED_FRAME_OF_REFERENCE_UID = "30060024"
_TEMPORAL_RANGE_TYPE = "0040A130"
_REFERENCED_SAMPLE_POSITIONS, _REFERENCED_TIME_OFFSETS, _REFERENCED_DATE_TIME = "0040A132", "0040A138", "0040A13A"


def spatial(attributes: Attributes) -> str:
    """`Polyline (10.5, 20), (30, 40)`: columns and rows of an image."""
    return _graphic(attributes, dimensions=2)


def spatial_3d(attributes: Attributes) -> str:
    """The same in millimetres of a frame of reference."""
    frame = words(attributes, _REFERENCED_FRAME_OF_REFERENCE_UID)
    return joined(" ", _graphic(attributes, dimensions=3), frame and f"in frame of reference {frame}")


def temporal(attributes: Attributes) -> str:
    """`Segment: samples 1, 200`; offsets are in seconds."""
    moments = (
        ("samples", _first(attributes, _REFERENCED_SAMPLE_POSITIONS)),
        ("seconds", _first(attributes, _REFERENCED_TIME_OFFSETS)),
        ("", words(attributes, _REFERENCED_DATE_TIME)),
    )
    marked = "; ".join(f"{unit} {values}".strip() for unit, values in moments if values)
    return joined(": ", words(attributes, _TEMPORAL_RANGE_TYPE).capitalize(), marked)


def _graphic(attributes: Attributes, *, dimensions: int) -> str:
    numbers = attributes.numbers(_GRAPHIC_DATA)
    count = len(numbers) // dimensions
    axes = (numbers[axis : MOST_POINTS * dimensions : dimensions] for axis in range(dimensions))
    points = [f"({', '.join(map(number, point))})" for point in zip(*axes, strict=False)]
    if count > MOST_POINTS:
        points.append(f"… ({count} points)")
    return joined(" ", words(attributes, _GRAPHIC_TYPE).capitalize(), ", ".join(points))


def _first(attributes: Attributes, key: str) -> str:
    values = attributes.values(key)
    return ", ".join([*map(written, values[:MOST_POINTS]), *(["…"] if len(values) > MOST_POINTS else [])])
