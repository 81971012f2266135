"""What the store looks at in an instance before it takes it: reasons to refuse it, and reasons to warn."""

from collections.abc import Sequence
from dataclasses import astuple

from django.conf import settings

from archive.dicom.pixel_data import PIXEL_DATA_TAGS, number_of_frames
from archive.dicom.reading.part10 import ParsedInstance
from archive.dicom.uids import is_tolerable_uid
from archive.services.outcomes import FailureReason, Identity, Refused, Stored, WarningReason

#: So many of the attributes that were discarded are named.
NAMED = 8


def identity_of(parsed: ParsedInstance) -> Identity:
    return Identity(
        parsed.study_instance_uid, parsed.series_instance_uid, parsed.sop_instance_uid, parsed.sop_class_uid
    )


def incomplete(identity: Identity) -> Refused | None:
    """Refuse an instance without the four UIDs that place it (PS3.3 Section C.12.1, C.7.2.1, C.7.3.1)."""
    names = ("Study Instance UID", "Series Instance UID", "SOP Instance UID", "SOP Class UID")
    for name, uid in zip(names, astuple(identity), strict=True):
        if not is_tolerable_uid(uid):
            explanation = f"{name} is {'not a UID' if uid else 'missing'}."
            return Refused(identity.legible(), FailureReason.DATA_SET_DOES_NOT_MATCH_SOP_CLASS, explanation)
    return None


def of_another_class(identity: Identity) -> Refused | None:
    """Refuse what this archive was set up not to store (STOW-55)."""
    if not settings.ARCHIVE_SOP_CLASSES or identity.sop_class in settings.ARCHIVE_SOP_CLASSES:
        return None
    explanation = f"This archive does not store instances of SOP Class {identity.sop_class}."
    return Refused(identity, FailureReason.SOP_CLASS_NOT_SUPPORTED, explanation)


def outcome_of(identity: Identity, parsed: ParsedInstance, discarded: Sequence[str]) -> Stored:
    """The outcome to be, with the warning that the instance deserves."""
    if problem := _pixel_problem(parsed):
        return Stored(identity, warning=WarningReason.DATA_SET_DOES_NOT_MATCH_SOP_CLASS, explanation=problem)
    if discarded:
        explanation = f"Attributes were discarded: {', '.join(discarded[:NAMED])}."
        return Stored(identity, warning=WarningReason.ELEMENTS_DISCARDED, explanation=explanation)
    return Stored(identity)


def _pixel_problem(parsed: ParsedInstance) -> str:
    """What is wrong with the pixel data, if anything: the instance is stored all the same."""
    if not any("BulkDataURI" in parsed.dataset.get(f"{tag:08X}", ()) for tag in PIXEL_DATA_TAGS):
        return ""
    expected = number_of_frames(parsed.dataset)
    if parsed.frames is None:
        return "The frames of the pixel data cannot be told apart."
    if parsed.frames.count < expected and not parsed.frames.video:
        return f"The pixel data have {parsed.frames.count} of the {expected} frames of Number of Frames."
    return ""
