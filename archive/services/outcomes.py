"""What became of one instance that somebody asked the archive to store."""

from dataclasses import astuple, dataclass
from enum import IntEnum

from archive.dicom.dicom_json import DataSet
from archive.dicom.uids import is_tolerable_uid


class FailureReason(IntEnum):
    """PS3.18 Table I.2-2, with the status codes of PS3.7 Annex C that this archive adds (see `docs/conformance.md`)."""

    OUT_OF_RESOURCES = 0xA700
    DATA_SET_DOES_NOT_MATCH_SOP_CLASS = 0xA900
    #: Our code within A9xx: the instance belongs to another study than the one in the URL.
    STUDY_MISMATCH = 0xA901
    CANNOT_UNDERSTAND = 0xC000
    TRANSFER_SYNTAX_NOT_SUPPORTED = 0xC122
    PROCESSING_FAILURE = 0x0110
    #: PS3.7 C.5.6: other content is stored under this SOP Instance UID.
    DUPLICATE_SOP_INSTANCE = 0x0111
    SOP_CLASS_NOT_SUPPORTED = 0x0122


class WarningReason(IntEnum):
    """PS3.18 Table I.2-1. Where several apply, the one that comes first here is told."""

    DATA_SET_DOES_NOT_MATCH_SOP_CLASS = 0xB007
    COERCION_OF_DATA_ELEMENTS = 0xB000
    ELEMENTS_DISCARDED = 0xB006


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose instance it is; texts are empty when they could not be read."""

    study: str = ""
    series: str = ""
    instance: str = ""
    sop_class: str = ""

    def legible(self) -> "Identity":
        """The same without what is not a UID, fit for an answer."""
        return Identity(*(uid if is_tolerable_uid(uid) else "" for uid in astuple(self)))


@dataclass(frozen=True, slots=True)
class Stored:
    identity: Identity
    #: False when the same bytes were stored before.
    created: bool = True
    #: Why it is not stored just as it was meant, and that in words.
    warning: WarningReason | None = None
    explanation: str = ""
    #: What coerced attributes were before: an item of Original Attributes Sequence (0400,0561) in the DICOM JSON Model.
    original_attributes: DataSet | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    identity: Identity
    reason: FailureReason
    explanation: str


Outcome = Stored | Refused
