"""The attributes of a workitem as they are kept: those of its IOD, with the VRs of PS3.6 and values that these allow.

Numbers that DICOM has as texts become JSON numbers; spaces at the end of a text say nothing and go. What searches and
event reports rely on - dates with times, UIDs, enumerations, how many values there are - has to be right. The rest is
its sender's.
"""

import re
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from archive.dicom.dicom_json import BINARY_VRS, DataSet, Element
from archive.dicom.matching.attribute_paths import is_multi_valued
from archive.dicom.matching.moments import moment
from archive.dicom.metadata.received_values import READERS, Unfit
from archive.dicom.uids import is_tolerable_uid, is_uid
from archive.dicom.value_representations import AMBIGUOUS, dictionary_vr, first_value
from workflow.attribute_table import OTHERS, ROWS, Row
from workflow.errors import InvalidWorkitem, Problem
from workflow.tags import (
    PROGRESS_INFORMATION_SEQUENCE,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    SPECIFIC_CHARACTER_SET,
    TRANSACTION_UID,
)

#: UIDs of the worklist itself. Others name objects, whose makers took some liberty with UIDs.
OWN_UIDS = frozenset({SOP_CLASS_UID, SOP_INSTANCE_UID, TRANSACTION_UID})
#: PS3.3 Section C.30.1.
ONE_ITEM = frozenset({(PROGRESS_INFORMATION_SEQUENCE,)})

#: PS3.7 Annex C.
OTHER_VALUE = 0x0106
#: When so many are found, nobody looks for more.
MOST_PROBLEMS = 100

#: The first group of data sets; those before it belong to commands, files and directories.
FIRST_GROUP = 0x0008

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(slots=True)
class Read:
    """A data set that has been read.

    Args:
        problems: attributes whose values do not fit; the data set has them empty.
        dropped: it had attributes that a workitem cannot have, or empty items, and has them no more.
        unsupported: there were such attributes.
    """

    data_set: DataSet = field(default_factory=dict, repr=False)
    problems: list[Problem] = field(default_factory=list)
    dropped: bool = False
    unsupported: bool = False


def read(data_set: DataSet) -> Read:
    """The data set as it is kept.

    Raises:
        InvalidWorkitem: there are more problems than anybody wants to know.
    """
    found = Read()
    found.data_set = _Reader(found).data_set(data_set, (), "")
    return found


def is_private(tag: str) -> bool:
    return int(tag[3], 16) & 1 == 1


def is_private_creator(tag: str) -> bool:
    """PS3.5 Section 7.8.1: (gggg,0010-00FF)."""
    return is_private(tag) and tag[4:6] == "00" and tag[6] != "0"


def creator_of(tag: str) -> str:
    """The tag under which a data set names the creator of a private attribute."""
    return f"{tag[:4]}00{tag[4:6]}"


class _Reader:
    """Reads a data set and its items."""

    def __init__(self, found: Read) -> None:
        self._found = found

    def data_set(self, raw: DataSet, path: tuple[str, ...], label: str) -> DataSet:
        """Those of the attributes that belong here, in ascending order.

        Args:
            path: of the sequence that it is an item of.
            label: of the item, as problems name it.
        """
        kept: DataSet = {}
        for tag, element in sorted(raw.items()):
            if _is_of_data_sets(tag) and not (path and tag == SPECIFIC_CHARACTER_SET):
                if _is_known(tag, raw, path):
                    kept[tag] = self._element(element, (*path, tag), label)
                else:
                    self._found.dropped = self._found.unsupported = True
        return kept

    def _element(self, element: Element, path: tuple[str, ...], label: str) -> Element:
        row = ROWS.get(path)
        name = label + (row.keywords.rpartition(".")[2] if row else path[-1])
        vr = _vr(path[-1], element)
        try:
            return self._items(element, path, name) if vr == "SQ" else _valued(vr, element, path, row)
        except Unfit as unfit:
            self._found.problems.append(Problem(name, str(unfit), OTHER_VALUE))
            if len(self._found.problems) == MOST_PROBLEMS:
                raise InvalidWorkitem(self._found.problems) from None
            return {"vr": vr}

    def _items(self, element: Element, path: tuple[str, ...], name: str) -> Element:
        items = _values(element)
        if not all(isinstance(item, dict) for item in items):
            raise Unfit("is a sequence, and has values that are not items")
        if len(items) > 1 and path in ONE_ITEM:
            raise Unfit("has several items, where there can be one")
        read = [self.data_set(item, path, f"{name}[{number}].") for number, item in enumerate(items, 1)]
        said = [item for item in read if item]  # some senders have an empty item where a sequence is empty
        self._found.dropped |= len(said) < len(read)
        return {"vr": "SQ", "Value": said} if said else {"vr": "SQ"}


# -- which attributes ------------------------------------------------------------


def _is_of_data_sets(tag: str) -> bool:
    """Whether it is neither of a command or file nor a group length nor a delimiter: data sets do not have those."""
    return int(tag[:4], 16) >= FIRST_GROUP and tag[:4] != "FFFE" and tag[4:] != "0000"


def _is_known(tag: str, data_set: DataSet, path: tuple[str, ...]) -> bool:
    """Whether it is of the UPS IOD; in an item, whether it is of PS3.6; private, whether the data set says whose.

    What is private extends the SOP Class, which PS3.2 calls Standard Extended then.
    """
    if is_private(tag):
        return is_private_creator(tag) or first_value(data_set, creator_of(tag)) is not None
    return dictionary_vr(int(tag, 16), {}) != "UN" if path else (tag,) in ROWS or tag in OTHERS


def _vr(tag: str, element: Element) -> str:
    """That of PS3.6, whatever the sender says; the sender's where PS3.6 has none or several."""
    vr = "UN" if is_private(tag) and not is_private_creator(tag) else dictionary_vr(int(tag, 16), {})
    return str(element.get("vr") or "UN") if vr == "UN" or vr in AMBIGUOUS else vr


# -- which values ----------------------------------------------------------------


def _values(element: Element) -> list[Any]:
    """Those of the element; none when all are empty."""
    if "BulkDataURI" in element:
        raise Unfit("has its value elsewhere, in a BulkDataURI; a workitem holds all it has")
    if "InlineBinary" in element:
        raise Unfit("has binary values, which its VR has not")
    values = [None if value == "" else value for value in element.get("Value") or ()]
    return values if any(value is not None for value in values) else []


def _valued(vr: str, element: Element, path: tuple[str, ...], row: Row | None) -> Element:
    if vr in BINARY_VRS and "InlineBinary" in element:
        return {"vr": vr, "InlineBinary": element["InlineBinary"]}
    values = _values(element)
    if values and vr not in READERS:
        raise Unfit("has values, where there can be binary ones only")
    read = [_kept(vr, value) for value in READERS[vr](list(map(_as_text, values)))] if values else []
    if all(value is None for value in read):
        return {"vr": vr}
    _check(vr, read, path, row)
    return {"vr": vr, "Value": read}


def _as_text(value: Any) -> Any:
    """Numbers as a client may send them: the readers decide by the VR what they make of them."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _kept(vr: str, value: Any) -> Any:
    if isinstance(value, str):
        text = value.rstrip(" ")
        return _number(text) if text and vr in {"DS", "IS"} else text or None
    if isinstance(value, dict):
        return {group: text.rstrip(" ") for group, text in value.items() if text.strip(" ")} or None
    if isinstance(value, float) and not isfinite(value):
        raise Unfit("has a number that JSON has not")
    return value


def _number(text: str) -> int | float | str:
    """The text itself if it is no number, or none that JSON has."""
    if _INTEGER.fullmatch(text):
        return int(text)
    return number if _NUMBER.fullmatch(text) and isfinite(number := float(text)) else text


def _check(vr: str, values: list[Any], path: tuple[str, ...], row: Row | None) -> None:
    """What could not be found, compared or told of if it were wrong."""
    several = row.vm != "1" if row else is_multi_valued(path[-1])
    if len(values) > 1 and not several:
        raise Unfit("has several values, where there can be one")
    texts = [value for value in values if isinstance(value, str)]
    if vr == "UI" and not all(map(is_uid if path[-1] in OWN_UIDS else is_tolerable_uid, texts)):
        raise Unfit("has a value that is not a UID")
    if vr == "DT" and not all(moment(text) and " " not in text for text in texts):
        raise Unfit("has a value that is not a date with time such as 20260131093000+0100")
    if row and vr in {"DS", "IS"} and texts:
        raise Unfit("has a value that is not a number")
    if row and row.enumeration and not row.enumeration.issuperset(texts):
        raise Unfit(f"has another value than {', '.join(sorted(row.enumeration))}")
