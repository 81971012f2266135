"""Objects that a report refers to: PS3.3 Tables 10-11 and C.17-3, Sections C.18.3 to C.18.5."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from pydicom.config import IGNORE
from pydicom.uid import UID

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.reports.budget import MOST_ITEMS
from archive.dicom.rendering.reports.report import Reference
from archive.dicom.rendering.words import clipped, words, written

REFERENCED_SOP_SEQUENCE = "00081199"
CURRENT_REQUESTED_PROCEDURE_EVIDENCE, PERTINENT_OTHER_EVIDENCE = "0040A375", "0040A385"
_REFERENCED_SERIES_SEQUENCE = "00081115"
_REFERENCED_REAL_WORLD_VALUE_MAPPING = "0008114B"
_STUDY_INSTANCE_UID, _SERIES_INSTANCE_UID = "0020000D", "0020000E"
_REFERENCED_SOP_CLASS_UID, _REFERENCED_SOP_INSTANCE_UID = "00081150", "00081155"
_FRAMES, _SEGMENTS, _CHANNELS = "00081160", "0062000B", "0040A0B0"

#: PS3.5 Section 9.1.
_LONGEST_UID = 64
_LONGEST_PART = 1000


class Evidence:
    """Where the objects are that the content refers to."""

    def __init__(self, attributes: Attributes) -> None:
        self._objects = {
            reference.instance: reference
            for key in (PERTINENT_OTHER_EVIDENCE, CURRENT_REQUESTED_PROCEDURE_EVIDENCE)
            for reference in islice(hierarchical(attributes, key), MOST_ITEMS)
        }

    def references(self, attributes: Attributes) -> Iterator[Reference]:
        """The objects of a content item, each followed by what it is to be shown with."""
        for item in attributes.items(REFERENCED_SOP_SEQUENCE):
            reference = _reference(item)
            if place := self._objects.get(reference.instance):
                reference = replace(reference, study=place.study, series=place.series)
            yield replace(reference, part=_part(item))
            yield from (_reference(shown_with) for shown_with in item.items(REFERENCED_SOP_SEQUENCE))
            yield from (_reference(mapping) for mapping in item.items(_REFERENCED_REAL_WORLD_VALUE_MAPPING))


def hierarchical(attributes: Attributes, key: str) -> Iterator[Reference]:
    """The objects of a sequence that says in which study and series each is."""
    for study in attributes.items(key):
        study_uid = _uid(study, _STUDY_INSTANCE_UID)
        for series in study.items(_REFERENCED_SERIES_SEQUENCE):
            series_uid = _uid(series, _SERIES_INSTANCE_UID)
            for item in series.items(REFERENCED_SOP_SEQUENCE):
                yield replace(_reference(item), study=study_uid, series=series_uid)


def kind_of(sop_class_uid: str) -> str:
    """`CT Image` of CT Image Storage; the UID of a class that PS3.6 does not have."""
    # Without the check: it would log what it finds.
    return UID(sop_class_uid, IGNORE).name.replace(" Storage", "")


def _reference(item: Attributes) -> Reference:
    kind = kind_of(_uid(item, _REFERENCED_SOP_CLASS_UID))
    return Reference(kind or "Object", _uid(item, _REFERENCED_SOP_INSTANCE_UID))


def _uid(item: Attributes, key: str) -> str:
    return clipped(words(item, key), _LONGEST_UID)


def _part(item: Attributes) -> str:
    """Frames and segments by number, channels as multiplex group and channel."""
    channels = list(map(written, item.values(_CHANNELS)))
    pairs = map("/".join, zip(channels[::2], channels[1::2], strict=False))
    parts = ("frame", words(item, _FRAMES)), ("segment", words(item, _SEGMENTS)), ("channel", ", ".join(pairs))
    stated = (f"{name}{'s' if ',' in numbers else ''} {numbers}" for name, numbers in parts if numbers)
    return clipped(", ".join(stated), _LONGEST_PART)
