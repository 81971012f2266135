"""Instances that contradict their study are changed to say what it says, and keep what they said (STOW-76, STOW-85).

The study is what is stored; of a new study, what its first instance in the request says. Two requests that create one
study at once may each begin with another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import BinaryIO

from django.conf import settings

from archive.dicom.dicom_json import DataSet
from archive.dicom.matching.moments import TIMEZONE_OFFSET_FROM_UTC
from archive.dicom.reading import part10
from archive.dicom.reading.opened_file import opened
from archive.dicom.reading.part10 import ParsedInstance
from archive.dicom.writing.coercion import Modification, coerced, target_syntax
from archive.dicom.writing.file_meta import file_meta
from archive.fields import TEXT_LENGTH
from archive.models import Study
from archive.queryable import QUERYABLE, Attribute, Level, columns
from archive.services.outcomes import Stored, WarningReason
from archive.services.spool import Spool

#: Who the archive says it is in what it changes, (0400,0563).
MODIFYING_SYSTEM = "dicomweb-archive"

#: Text by tag: what a data set, or a study, says of its patient and its study.
Facts = Mapping[str, str]
#: VR and text by tag number.
Values = Mapping[int, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Coerced:
    """The changed instance, as what was received was before."""

    spool: Spool
    parsed: ParsedInstance
    stored: Stored


@cache
def _attributes() -> tuple[Attribute, ...]:
    """The columns of Patient and Study. Timezone Offset From UTC is of the instance: it says how to read its times."""
    return tuple(
        row
        for row in QUERYABLE
        if row.level <= Level.STUDY and row.copied and row.column and row.tag != TIMEZONE_OFFSET_FROM_UTC
    )


def facts(dataset: DataSet) -> Facts:
    values = columns(dataset, Level.PATIENT) | columns(dataset, Level.STUDY)
    return {row.tag: values[row.column] for row in _attributes()}


def stored_facts(study: str) -> Facts | None:
    """Those of a stored study and its patient; None when it is not stored."""
    found = Study.objects.select_related("patient").filter(study_instance_uid=study).first()
    if found is None:
        return None
    return {
        row.tag: getattr(found.patient if row.level == Level.PATIENT else found, row.column) for row in _attributes()
    }


def conflicts(dataset: DataSet, study: Facts) -> Values:
    """What is to be said instead of what contradicts the study. To say nothing contradicts nothing."""
    own = facts(dataset)
    return {
        int(row.tag, 16): (row.vr, study[row.tag])
        for row in _attributes()
        # What was cut to fit its column is not known in full.
        if own[row.tag] != study[row.tag] and own[row.tag] and 0 < len(study[row.tag]) < TEXT_LENGTH
    }


def coerce(file: BinaryIO, parsed: ParsedInstance, stored: Stored, changes: Values) -> Coerced:
    """Write the instance anew, with these values and what they were before.

    Raises:
        NotCoercible: its file cannot hold them.
        MalformedDicom: its file cannot be rewritten.
        InstanceTooLarge: with them, it is too large.
    """
    modification = Modification(at=f"{datetime.now(UTC):%Y%m%d%H%M%S.%f}+0000", system=MODIFYING_SYSTEM)
    spool = Spool()
    try:
        with opened(file, max_inflated=settings.ARCHIVE_MAX_INSTANCE_SIZE) as found:
            spool.write(
                file_meta(
                    sop_class_uid=parsed.sop_class_uid,
                    sop_instance_uid=parsed.sop_instance_uid,
                    transfer_syntax_uid=target_syntax(found),
                )
            )
            for chunk in coerced(found, changes, modification, is_ascii=parsed.dicom_json.isascii()):
                spool.write(chunk)
        return Coerced(spool, part10.parse(spool.file()), _outcome(stored, parsed, changes, modification))
    except BaseException:
        spool.close()
        raise


def _outcome(stored: Stored, parsed: ParsedInstance, changes: Values, modification: Modification) -> Stored:
    keys = [f"{tag:08X}" for tag in sorted(changes)]
    original: DataSet = {
        "04000550": {"vr": "SQ", "Value": [{key: parsed.dataset[key] for key in keys}]},
        "04000562": {"vr": "DT", "Value": [modification.at]},
        "04000563": {"vr": "LO", "Value": [modification.system]},
        "04000564": {"vr": "LO"},
        "04000565": {"vr": "CS", "Value": [modification.reason]},
    }
    explanation = f"Attributes were replaced by those of the stored study: {', '.join(keys)}."
    return replace(_warned(stored, explanation), original_attributes=original)


def coerced_before(stored: Stored) -> Stored:
    """The outcome for an instance that was sent, and coerced, before."""
    return replace(_warned(stored, "The instance is stored with attributes of its study."), created=False)


def _warned(stored: Stored, explanation: str) -> Stored:
    """With the warning, unless there is one that goes before it."""
    if stored.warning == WarningReason.DATA_SET_DOES_NOT_MATCH_SOP_CLASS:
        return stored
    return replace(stored, warning=WarningReason.COERCION_OF_DATA_ELEMENTS, explanation=explanation)
