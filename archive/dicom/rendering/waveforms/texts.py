"""Words and numbers of a data set, as they are shown in a plot."""

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.value_representations import first_value

#: Numbers that measure something are between these, or 0; what is reckoned of them is finite, then.
_SMALLEST, _LARGEST = 1e-100, 1e100

#: What is longer is cut.
LONGEST = 64

_CODE_VALUE, _CODING_SCHEME, _CODE_MEANING = "00080100", "00080102", "00080104"


def words(attributes: Attributes, key: str) -> str:
    """The first value without what cannot be seen; empty when there is none."""
    return legible(first_value(attributes.data_set, key))


def legible(value: object) -> str:
    """A text on one line, of `LONGEST` letters at most; empty when it is none."""
    if not isinstance(value, str):
        return ""
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in value[: 4 * LONGEST]).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def meaning(attributes: Attributes, key: str) -> str:
    """What a code sequence means, or its code where it does not say."""
    item = attributes.item(key)
    return (words(item, _CODE_MEANING) or words(item, _CODE_VALUE)) if item else ""


def code(attributes: Attributes, key: str) -> tuple[str, str]:
    """Coding scheme and code of a code sequence; empty where there is none."""
    item = attributes.item(key)
    return (words(item, _CODING_SCHEME), words(item, _CODE_VALUE)) if item else ("", "")


def measure(attributes: Attributes, key: str, *, most: float = _LARGEST) -> float | None:
    """The first value where it is a number that makes sense; None where it is not, or absent."""
    value = attributes.number(key)
    return value if value == 0 or (value is not None and _SMALLEST <= abs(value) <= most) else None


def number(value: float) -> str:
    """A number with as many digits as one reads in a plot."""
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"
