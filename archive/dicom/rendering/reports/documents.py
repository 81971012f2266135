"""SR documents and Key Object Selections: PS3.3 Sections C.17.2 (SR Document General), C.17.3 and C.17.6."""

import re

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.codes import CONCEPT_CODE_SEQUENCE, CONCEPT_NAME_CODE_SEQUENCE, code
from archive.dicom.rendering.reports.budget import Budget
from archive.dicom.rendering.reports.content import CONTENT_SEQUENCE, Content
from archive.dicom.rendering.reports.head import SOP_CLASS_UID, head
from archive.dicom.rendering.reports.references import Evidence, kind_of
from archive.dicom.rendering.reports.report import Item, Report
from archive.dicom.rendering.words import clipped, words

#: The arc of PS3.6 Table A-1 in which all SR documents are, and nothing else.
_SR_STORAGE = "1.2.840.10008.5.1.4.1.1.88."

#: Of the name of an item that others refer to: it is said at each of them.
_LONGEST_TARGET = 100

_LANGUAGE = ("121049", "DCM")
#: RFC 5646: a language with a region or the like.
_LANGUAGE_TAG = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def is_report(sop_class_uid: str) -> bool:
    """Whether objects of a SOP Class are SR documents or Key Object Selections."""
    return sop_class_uid.startswith(_SR_STORAGE)


def report(attributes: Attributes) -> Report:
    """What the document of a data set says, whatever is wrong with it; not more than a `Budget` has room for."""
    budget = Budget()
    lines = head(attributes, budget)
    content = Content(Evidence(attributes), budget).root(attributes)
    return Report(
        title=content.name or kind_of(words(attributes, SOP_CLASS_UID)) or "Document",
        head=lines,
        content=content,
        targets=_targets(content),
        is_cut=budget.is_exceeded,
        language=_language(attributes),
    )


def _targets(content: Item) -> dict[str, str]:
    """The items that others refer to by their position (PS3.3 Section C.17.3.2.5)."""
    wanted = {item.target for item in content.walk() if item.target}
    found = (item for item in content.walk() if item.position in wanted)
    return {item.position: clipped(item.name or item.value_type.lower() or "item", _LONGEST_TARGET) for item in found}


def _language(attributes: Attributes) -> str:
    """PS3.16 TID 1204; empty when the document does not say."""
    for item in attributes.items(CONTENT_SEQUENCE):
        if code(item, CONCEPT_NAME_CODE_SEQUENCE) == _LANGUAGE:
            tag, _ = code(item, CONCEPT_CODE_SEQUENCE)
            return tag if _LANGUAGE_TAG.fullmatch(tag) else ""
    return ""
