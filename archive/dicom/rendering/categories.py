"""What kinds of objects there are to look at (PS3.18 Section 8.7.4), by SOP Class and by the frames that were found."""

from enum import Enum, auto

from archive.dicom.frame_index import FrameIndex
from archive.dicom.rendering.presentation.presentation_state import is_presentation_state
from archive.dicom.rendering.reports.documents import is_report

#: PS3.4 Table B.5-1: what the UIDs of storage SOP classes begin with.
_STORAGE = "1.2.840.10008.5.1.4.1.1."
_WAVEFORMS = f"{_STORAGE}9."

#: PS3.3 Section A.45: what a document is that does not say it.
DOCUMENT_TYPES = {
    f"{_STORAGE}104.1": "application/pdf",
    f"{_STORAGE}104.2": "text/xml",
    f"{_STORAGE}104.3": "model/stl",
    f"{_STORAGE}104.4": "model/obj",
    f"{_STORAGE}104.5": "model/mtl",
}


class Category(Enum):
    """How an instance is shown."""

    IMAGE = auto()
    """Frames: one is an image, several are one each or an animation."""
    VIDEO = auto()
    """As it is stored."""
    REPORT = auto()
    """A page."""
    DOCUMENT = auto()
    """As what is encapsulated: PDF, CDA, STL, OBJ, MTL."""
    WAVEFORM = auto()
    """A plot."""
    PRESENTATION_STATE = auto()
    """The images that it refers to."""


def category(sop_class_uid: str, frames: FrameIndex | None) -> Category | None:
    """The category of an instance; None for what there is no way to show."""
    if frames is not None:
        return Category.VIDEO if frames.video else Category.IMAGE
    if sop_class_uid in DOCUMENT_TYPES:
        return Category.DOCUMENT
    if is_report(sop_class_uid):
        return Category.REPORT
    if is_presentation_state(sop_class_uid):
        return Category.PRESENTATION_STATE
    return Category.WAVEFORM if sop_class_uid.startswith(_WAVEFORMS) else None
