"""Data sets for people to read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydicom.datadict import dictionary_description

from archive.dicom.dicom_json import DataSet, Element
from archive.dicom.matching.person_names import text_of
from archive.dicom.value_representations import first_value

#: Longer values are cut.
LONGEST = 1000

CODE_VALUES = ("00080100", "00080119", "00080120")
CODING_SCHEME_DESIGNATOR, CODE_MEANING = "00080102", "00080104"


@dataclass(frozen=True, slots=True)
class Line:
    """One attribute.

    Args:
        depth: how deep within sequences it is.
        text: its values; of a sequence nothing, but of one of codes what they mean.
    """

    depth: int
    tag: str
    name: str
    text: str


def lines(data_set: DataSet, depth: int = 0) -> Iterator[Line]:
    """The attributes with values in their order, a sequence before what is in it; several items are numbered."""
    for tag, element in data_set.items():
        if len(element) == 1:
            continue
        items = [item for item in element.get("Value", ()) if isinstance(item, dict)] if element["vr"] == "SQ" else []
        codes = [_code(item) for item in items]
        if items and not all(codes):
            yield Line(depth, tag, name(tag), "")
            several = len(items) > 1
            for number, item in enumerate(items, 1):
                if several:
                    yield Line(depth + 1, "", f"Item {number}", "")
                yield from lines(item, depth + 1 + several)
        else:
            yield Line(depth, tag, name(tag), "; ".join(codes) or _text(element))


def name(tag: str) -> str:
    try:
        return dictionary_description(int(tag, 16))
    except KeyError:
        return f"({tag[:4]},{tag[4:]})"


def _text(element: Element) -> str:
    if binary := element.get("InlineBinary"):
        return f"{len(binary) * 3 // 4} bytes"
    text = "; ".join(_value(value) for value in element.get("Value", ()))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _value(value: Any) -> str:
    return "" if value is None else text_of(value)


def _code(item: DataSet) -> str:
    """An item that is a code: its meaning, and the code with its scheme. Nothing when it is none."""
    code = next((value for tag in CODE_VALUES if (value := first_value(item, tag))), None)
    if code is None:
        return ""
    scheme = first_value(item, CODING_SCHEME_DESIGNATOR)
    written = f"{code}, {scheme}" if scheme else str(code)
    return f"{first_value(item, CODE_MEANING) or ''} ({written})".strip()
