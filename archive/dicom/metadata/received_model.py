"""What a client says a data set is, made into the DICOM JSON Model (PS3.18 Annex F), or refused.

Kind where it costs nothing: any order and case of tags, VRs left to the dictionary, numbers as strings, plain strings
for person names. Strict where a data element would say something else than its sender meant.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.dicom.byte_order import byte_swapped
from archive.dicom.dicom_json import BINARY_VRS, VALUE_VRS, DataSet, Element, swapped_unit
from archive.dicom.errors import MalformedAttribute
from archive.dicom.metadata.received_values import READERS, Unfit, tag_number
from archive.dicom.reading.data_set import DEEPEST_NESTING
from archive.dicom.uids import is_tolerable_uid
from archive.dicom.value_representations import AMBIGUOUS, dictionary_vr, resolve_ambiguous

#: PS3.18 Section F.2.2: what holds the content of an attribute; there is one of them at most.
CONTENTS = ("Value", "BulkDataURI", "InlineBinary")
#: What some writers leave for the reader to decide, as the dictionary does.
_UNDECIDED = frozenset({"US OR SS", "US OR OW", "US OR SS OR OW", "OB OR OW"})


@dataclass(frozen=True, slots=True)
class Received:
    """A data set in the DICOM JSON Model; `discarded` are attributes that no data set can have."""

    data_set: DataSet
    discarded: tuple[str, ...] = ()


def read(raw: object, *, big_endian: bool = False, by_dictionary: bool = False) -> Received:
    """The model of one data set, as `json_reader` or `native_xml_reader` gives it.

    Text is text, DS and IS are the text that was sent, other numbers are numbers; the tags ascend.

    Args:
        big_endian: how InlineBinary is encoded (STOW-29).
        by_dictionary: whether the VRs of PS3.6 go before those that the sender states.

    Raises:
        MalformedAttribute: there is one that cannot be stored.
    """
    reader = _Reader(big_endian, by_dictionary)
    return Received(reader.data_set(raw, "", ()), tuple(reader.discarded))


def uid(raw: object, tag: str) -> str:
    """A UID of a data set that may be unreadable otherwise; "" when it has none that could serve as one."""
    element = raw.get(tag) if isinstance(raw, dict) else None
    match element:
        case {"Value": [str(value), *_]} if is_tolerable_uid(value.strip()):
            return value.strip()
    return ""


class _Reader:
    """Reads a data set and those nested in it."""

    def __init__(self, big_endian: bool, by_dictionary: bool) -> None:
        self._big_endian = big_endian
        self._by_dictionary = by_dictionary
        self.discarded: list[str] = []

    def data_set(self, raw: object, path: str, around: tuple[DataSet, ...]) -> DataSet:
        if not isinstance(raw, dict):
            raise MalformedAttribute(path.rstrip("/") or "list", "is not an object of attributes")
        if len(around) > DEEPEST_NESTING:
            raise MalformedAttribute(path.rstrip("/"), f"is nested more than {DEEPEST_NESTING} deep")
        model: DataSet = {}
        later: list[tuple[str, str, Mapping[str, Any]]] = []
        data_sets = (model, *around)
        for tag, element in sorted(self._elements(raw, path).items()):
            vr = self._vr(tag, element, model, path)
            if vr in AMBIGUOUS:
                later.append((tag, vr, element))
            else:
                model[tag] = self._element(tag, vr, element, path, data_sets)
        for tag, ambiguous, element in later:
            resolved = resolve_ambiguous(ambiguous, data_sets)
            # Data of a look-up table that come as numbers are not words.
            vr = "US" if resolved == "OW" and element.get("Value") else resolved
            model[tag] = self._element(tag, vr, element, path, data_sets)
        return dict(sorted(model.items())) if later else model

    def _elements(self, raw: Mapping[str, Any], path: str) -> dict[str, Mapping[str, Any]]:
        """By tag, without what no data set has (JSON-08, STOW-28)."""
        elements: dict[str, Mapping[str, Any]] = {}
        for name, element in raw.items():
            number = tag_number(name)
            if number is None:
                # The name is the sender's own text: who knows what is in there.
                raise MalformedAttribute(path + "?", "has a name that is not a tag of 8 hexadecimal digits")
            tag = f"{number:08X}"
            if tag in elements:
                raise MalformedAttribute(path + tag, "is there twice")
            if not isinstance(element, dict):
                raise MalformedAttribute(path + tag, "is not an object")
            group = tag[:4]
            if group in {"0000", "FFFE"}:
                self.discarded.append(path + tag)
            elif group != "0002" and tag[4:] != "0000":
                elements[tag] = element
        return elements

    def _vr(self, tag: str, element: Mapping[str, Any], model: DataSet, path: str) -> str:
        """What the sender says, else what the dictionary does; or the other way round."""
        if self._by_dictionary and (known := dictionary_vr(int(tag, 16), model)) != "UN":
            return known
        stated = element.get("vr")
        if stated is None:
            return dictionary_vr(int(tag, 16), model)
        vr = stated.strip().upper() if isinstance(stated, str) else ""
        if vr in _UNDECIDED:
            return dictionary_vr(int(tag, 16), model)
        if vr not in VALUE_VRS and vr != "SQ":
            raise MalformedAttribute(path + tag, "has a vr that PS3.5 does not have")
        return vr

    def _element(
        self, tag: str, vr: str, element: Mapping[str, Any], path: str, data_sets: tuple[DataSet, ...]
    ) -> Element:
        present = [name for name in CONTENTS if element.get(name) is not None]
        if len(present) > 1:
            raise MalformedAttribute(path + tag, f"has both {present[0]} and {present[1]}")
        try:
            match present:
                case ["Value"]:
                    return self._values(tag, vr, element["Value"], path, data_sets)
                case ["BulkDataURI"]:
                    return _bulk(vr, element["BulkDataURI"])
                case ["InlineBinary"]:
                    return _binary(vr, element["InlineBinary"], self._big_endian)
        except Unfit as unfit:
            raise MalformedAttribute(path + tag, str(unfit)) from None
        return {"vr": vr}

    def _values(self, tag: str, vr: str, values: object, path: str, data_sets: tuple[DataSet, ...]) -> Element:
        if not isinstance(values, list):
            raise Unfit("has a Value that is not an array")
        if vr == "SQ":
            read: list[Any] = [
                self.data_set({} if item is None else item, f"{path}{tag}/{number}/", data_sets)
                for number, item in enumerate(values)
            ]
        elif vr in READERS:
            read = READERS[vr](values)
        else:
            raise Unfit(f"of VR {vr} has values; it can only be InlineBinary or bulk data")
        return {"vr": vr, "Value": read} if read and read != [None] else {"vr": vr}


def _bulk(vr: str, uri: object) -> Element:
    if vr == "SQ" or not isinstance(uri, str) or not uri.strip():
        raise Unfit("has a BulkDataURI that it cannot have")
    return {"vr": vr, "BulkDataURI": uri.strip()}


def _binary(vr: str, text: object, big_endian: bool) -> Element:
    if vr not in BINARY_VRS:
        raise Unfit(f"of VR {vr} cannot be InlineBinary")
    try:
        value = b64decode("".join(text.split()), validate=True) if isinstance(text, str) else None
    except (Base64Error, ValueError):
        value = None
    if value is None:
        raise Unfit("has an InlineBinary that is not base64")
    if not value:
        return {"vr": vr}
    if big_endian and (unit := swapped_unit(vr, len(value))) > 1:
        value = byte_swapped(value, unit)
    return {"vr": vr, "InlineBinary": b64encode(value).decode("ascii")}
