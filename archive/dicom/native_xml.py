"""The Native DICOM Model (PS3.19 Annex A.1) of data sets that are in the DICOM JSON Model.

The two map one to one (PS3.18 Section F.3), and what has become bulk data in one has so in the other. Nothing is put
between the elements: with `xml:space="preserve"` it would count.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from pydicom.datadict import keyword_for_tag

from archive.dicom.dicom_json import DataSet, Element
from archive.dicom.value_representations import first_value

_DOCUMENT = (
    '<?xml version="1.0" encoding="%s"?>\n'
    '<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM" xml:space="preserve">%s'
    "</NativeDicomModel>\n"
)

#: PS3.19 Table A.1.5-2: the component groups of a name, and the components of each (PS3.5 Section 6.2.1).
NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
NAME_COMPONENTS = ("FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix")

#: What is not written as it is: markup, white space that readers of XML change, and what XML 1.0 Section 2.2 rules out.
_SPECIAL = re.compile('[&<>"\x00-\x1f\ud800-\udfff\ufffe\uffff]')
#: What stands for each of them; nothing can stand for the others, so that they are left out.
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def from_json(dicom_json: bytes, encoding: str = "UTF-8") -> bytes:
    """The document of a data set that is DICOM JSON. Numbers keep the digits that they have there."""
    return to_xml(json.loads(dicom_json, parse_float=str, parse_int=str), encoding)


def to_xml(data_set: DataSet, encoding: str = "UTF-8") -> bytes:
    """The document of a data set in the DICOM JSON Model; a number may be there as its text.

    What the encoding does not have is written as references (XML 1.0 Section 4.1): names and tags are ASCII.
    """
    document = _DOCUMENT % (encoding, "".join(_attributes(data_set)))
    return document.encode(encoding, "xmlcharrefreplace")


def _attributes(data_set: DataSet) -> Iterator[str]:
    for tag, element in data_set.items():
        vr = element["vr"]
        opening = _private_opening(tag, vr, data_set) if int(tag[3], 16) & 1 else _opening(tag, vr)
        content = _content(element)
        yield f"{opening}>{content}</DicomAttribute>" if content else f"{opening}/>"


@lru_cache(maxsize=8192)
def _opening(tag: str, vr: str) -> str:
    """The start tag of a standard element, not closed yet. Elements that PS3.6 does not have, have no keyword."""
    keyword = keyword_for_tag(int(tag, 16))
    return f'<DicomAttribute tag="{tag}" vr="{vr}"' + (f' keyword="{keyword}"' if keyword else "")


def _private_opening(tag: str, vr: str, data_set: DataSet) -> str:
    """The start tag of a private element: its creator stands for its block (PS3.19 Table A.1.5-2).

    Private creators are elements like others. What has none keeps its block: without it, it could be one of them.
    """
    group, block, element = tag[:4], tag[4:6], tag[6:]
    creator = None if block == "00" else first_value(data_set, f"{group}00{block}")
    if not isinstance(creator, str):
        return f'<DicomAttribute tag="{tag}" vr="{vr}"'
    return f'<DicomAttribute tag="{group}00{element}" vr="{vr}" privateCreator="{_escaped(creator)}"'


def _content(element: Element) -> str:
    """What an element holds, of one kind only; nothing when it is empty."""
    if values := element.get("Value"):
        write = _WRITERS.get(element["vr"], _value)
        return "".join([write(number, value) for number, value in enumerate(values, 1)])
    if uri := element.get("BulkDataURI"):
        return f'<BulkData uri="{_escaped(uri)}"/>'
    if binary := element.get("InlineBinary"):
        return f"<InlineBinary>{binary}</InlineBinary>"
    return ""


def _value(number: int, value: Any) -> str:
    if value is None:
        return f'<Value number="{number}"/>'
    return f'<Value number="{number}">{_escaped(str(value))}</Value>'


def _item(number: int, data_set: DataSet) -> str:
    return f'<Item number="{number}">{"".join(_attributes(data_set))}</Item>'


def _person_name(number: int, name: dict[str, str] | None) -> str:
    groups = "".join([_name_group(group, name[group]) for group in NAME_GROUPS if group in name]) if name else ""
    return f'<PersonName number="{number}">{groups}</PersonName>'


def _name_group(group: str, text: str) -> str:
    """The components that are not empty, if any. Of more than there can be, the last has the rest, as it stands."""
    texts = text.split("^", len(NAME_COMPONENTS) - 1)
    components = zip(NAME_COMPONENTS, texts, strict=False)
    written = "".join([f"<{component}>{_escaped(text)}</{component}>" for component, text in components if text])
    return f"<{group}>{written}</{group}>" if written else ""


#: Every other VR has plain values.
_WRITERS: dict[str, Callable[[int, Any], str]] = {"PN": _person_name, "SQ": _item}


def _escaped(text: str) -> str:
    """Text as it can stand in an element and in an attribute."""
    return _SPECIAL.sub(lambda found: _REFERENCES.get(found[0], ""), text)
