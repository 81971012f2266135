"""Words and numbers of a data set, as they are shown in a plot."""

from archive.dicom.rendering import codes
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.words import one_line
from archive.dicom.value_representations import first_value

#: Numbers that measure something are between these, or 0; what is reckoned of them is finite, then.
_SMALLEST, _LARGEST = 1e-100, 1e100

#: What a code of UCUM is written as, where that is something else.
_UNITS = {
    "uV": "µV", "mm[Hg]": "mmHg", "cm[H2O]": "cmH₂O", "Cel": "°C", "deg": "°", "Ohm": "Ω", "mOhm": "mΩ",
    "{H.B.}/min": "/min", "1": "", "{unit}": "",
}  # fmt: skip


def words(attributes: Attributes, key: str) -> str:
    """The first value on one line; empty when there is none."""
    value = first_value(attributes.data_set, key)
    return one_line(value) if isinstance(value, str) else ""


def meaning(attributes: Attributes, key: str) -> str:
    """What a code sequence means, or its code where it does not say."""
    return one_line(codes.meaning(attributes, key))


def unit(code: str) -> str:
    """A unit as it is written, by its code; empty for that of plain numbers."""
    return _UNITS.get(code, one_line(code))


def measure(attributes: Attributes, key: str, *, most: float = _LARGEST) -> float | None:
    """The first value where it is a number that makes sense; None where it is not, or absent."""
    value = attributes.number(key)
    return value if value == 0 or (value is not None and _SMALLEST <= abs(value) <= most) else None


def number(value: float) -> str:
    """A number with as many digits as one reads in a plot."""
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"
