"""What kinds of objects there are to look at (PS3.18 Section 8.7.4), by SOP Class and by the frames that were found."""

from enum import Enum, auto

from archive.dicom.frame_index import FrameIndex

#: PS3.4 Table B.5-1: what the UIDs of storage SOP classes begin with.
_STORAGE = "1.2.840.10008.5.1.4.1.1."
_ENCAPSULATED_DOCUMENTS = tuple(f"{_STORAGE}104.{number}" for number in range(1, 6))
_WAVEFORMS = f"{_STORAGE}9."
_PRESENTATION_STATES = f"{_STORAGE}11."
#: Structured reports, Key Object Selection and the trial classes that came before them.
_REPORTS = (f"{_STORAGE}88.", f"{_STORAGE}79.1")


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
    by_class = {
        _REPORTS: Category.REPORT,
        _ENCAPSULATED_DOCUMENTS: Category.DOCUMENT,
        (_WAVEFORMS,): Category.WAVEFORM,
        (_PRESENTATION_STATES,): Category.PRESENTATION_STATE,
    }
    return next((found for prefixes, found in by_class.items() if sop_class_uid.startswith(prefixes)), None)
