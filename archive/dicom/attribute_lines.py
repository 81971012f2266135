"""A stored data set as lines to read and search through: every attribute, private ones and those within sequences."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from pydicom.datadict import dictionary_description, dictionary_keyword, private_dictionary_description

from archive.dicom.dicom_json import DataSet, Element
from archive.dicom.matching.person_names import fold, text_of

#: Longer values are cut.
LONGEST = 300
#: Of a value with more parts the first are shown.
MOST_PARTS = 64
#: Private attributes of no known creator.
PRIVATE = "Private"


@dataclass(frozen=True, slots=True)
class AttributeLine:
    """One attribute, or one item of a sequence, which has neither tag nor VR.

    Args:
        depth: how deep within sequences it is.
        cut: whether its text is only the beginning of the value.
    """

    depth: int
    tag: str
    vr: str
    name: str
    keyword: str
    text: str
    cut: bool = False


def attribute_lines(data_set: DataSet, depth: int = 0) -> Iterator[AttributeLine]:
    """The attributes in their order, each sequence before its items."""
    creators = {tag: text for tag, element in data_set.items() if (text := _creator(tag, element))}
    for tag, element in data_set.items():
        name, keyword = _names(tag, creators)
        items = [item for item in element.get("Value", ()) if isinstance(item, dict)] if element["vr"] == "SQ" else []
        text = f"{len(items)} item{'' if len(items) == 1 else 's'}" if element["vr"] == "SQ" else _text(element)
        shown = text[:LONGEST]
        yield AttributeLine(depth, f"({tag[:4]},{tag[4:]})", element["vr"], name, keyword, shown, cut=shown != text)
        for number, item in enumerate(items, 1):
            yield AttributeLine(depth + 1, "", "", f"Item {number}", "", "")
            yield from attribute_lines(item, depth + 2)


def found(lines: Iterable[AttributeLine], text: str) -> Iterator[AttributeLine]:
    """The lines with this text in their tag, name or value, each after those that it is within."""
    wanted = fold(text)
    above: list[AttributeLine] = []
    for line in lines:
        del above[_within(above, line) :]
        above.append(line)
        if wanted in fold(f"{line.tag} {line.tag.translate(_BARE)} {line.keyword} {line.name} {line.text}"):
            yield from above
            above.clear()
            # What comes next may be within the same ones, which have been said.


_BARE = str.maketrans("", "", "(),")


def _within(above: list[AttributeLine], line: AttributeLine) -> int:
    """How many of the lines above this one are around it."""
    return next((place for place, one in enumerate(above) if one.depth >= line.depth), len(above))


def _creator(tag: str, element: Element) -> str:
    """The private creator that an element of group gggg reserves a block for (PS3.5 Section 7.8.1)."""
    is_private = int(tag[:4], 16) % 2 == 1
    if not (is_private and tag[4:6] == "00" and int(tag[6:], 16) >= 0x10):
        return ""
    return str(next(iter(element.get("Value", ())), "") or "")


def _names(tag: str, creators: Mapping[str, str]) -> tuple[str, str]:
    """What an attribute is called, and its keyword."""
    number = int(tag, 16)
    if int(tag[:4], 16) % 2 == 0:
        try:
            return dictionary_description(number), dictionary_keyword(number)
        except KeyError:
            return "Unknown", ""
    if tag in creators:
        return "Private Creator", ""
    creator = creators.get(f"{tag[:4]}00{tag[4:6]}", "")
    try:
        return f"{private_dictionary_description(number, creator)} [{creator}]", ""
    except KeyError:
        return f"{PRIVATE} [{creator}]" if creator else PRIVATE, ""


def _text(element: Element) -> str:
    if binary := element.get("InlineBinary"):
        return f"{len(binary) * 3 // 4} bytes"
    if "BulkDataURI" in element:
        return "Bulk data"
    values = element.get("Value", ())
    text = " \\ ".join("" if value is None else text_of(value) for value in islice(values, MOST_PARTS))
    return f"{text} \\ …" if len(values) > MOST_PARTS else text
