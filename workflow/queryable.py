"""What workitems are found by without reading their data sets: one table of columns and of indexed values.

It decides how quick a search is, never what it finds: every other key is matched in the data set itself.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

from archive.dicom.matching.attribute_paths import attribute_path
from workflow.tags import STUDY_INSTANCE_UID

#: The tags of an attribute, from that of the data set down.
TagPath = tuple[str, ...]


def tags(keywords: str) -> TagPath:
    """The path of an attribute such as `ReferencedRequestSequence.AccessionNumber`."""
    path = attribute_path(keywords)
    if path is None:
        raise LookupError(f"{keywords} is not in PS3.6.")
    return tuple(map(str, path))


# -- columns ---------------------------------------------------------------------

#: The columns that hold an attribute as text.
TEXTS: Mapping[str, str] = {
    tags(keyword)[0]: column
    for keyword, column in (
        ("ProcedureStepState", "procedure_step_state"),
        ("InputReadinessState", "input_readiness_state"),
        ("ScheduledProcedureStepPriority", "scheduled_procedure_step_priority"),
        ("ProcedureStepLabel", "procedure_step_label"),
        ("WorklistLabel", "worklist_label"),
        ("PatientID", "patient_id"),
        ("IssuerOfPatientID", "issuer_of_patient_id"),
        ("PatientBirthDate", "patient_birth_date"),
        ("PatientSex", "patient_sex"),
        ("AdmissionID", "admission_id"),
    )
}

#: The columns that hold a moment to compare, each with the column of what the clocks showed.
MOMENTS: Mapping[str, tuple[str, str]] = {
    tags(keyword)[0]: columns
    for keyword, columns in (
        (
            "ScheduledProcedureStepStartDateTime",
            ("scheduled_procedure_step_start_date_time", "scheduled_procedure_step_start_as_shown"),
        ),
        ("ExpectedCompletionDateTime", ("expected_completion_date_time", "expected_completion_as_shown")),
    )
}

# -- indexed values --------------------------------------------------------------

#: PS3.3 Table 8.8-1 without what are no keys, and PS3.3 Table 10.17-1.
CODE = ("CodeValue", "CodingSchemeDesignator", "LongCodeValue", "URNCodeValue")
HL7V2_HIERARCHIC_DESIGNATOR = ("LocalNamespaceEntityID", "UniversalEntityID", "UniversalEntityIDType")

#: The attributes whose values are indexed, by the sequence that they are in; a patient's name besides, by its keys.
VALUES: Mapping[str, tuple[str, ...]] = {
    "": ("StudyInstanceUID",),
    "ScheduledStationNameCodeSequence": CODE,
    "ScheduledStationClassCodeSequence": CODE,
    "ScheduledStationGeographicLocationCodeSequence": CODE,
    "ScheduledWorkitemCodeSequence": CODE,
    "ScheduledHumanPerformersSequence.HumanPerformerCodeSequence": CODE,
    "InputInformationSequence": ("StudyInstanceUID",),
    "UnifiedProcedureStepPerformedProcedureSequence.OutputInformationSequence": ("StudyInstanceUID",),
    "OtherPatientIDsSequence": ("PatientID", "IssuerOfPatientID"),
    "IssuerOfAdmissionIDSequence": HL7V2_HIERARCHIC_DESIGNATOR,
    "ReferencedRequestSequence": (
        "StudyInstanceUID",
        "AccessionNumber",
        "RequestedProcedureID",
        "RequestingService",
    ),
    "ReferencedRequestSequence.IssuerOfAccessionNumberSequence": HL7V2_HIERARCHIC_DESIGNATOR,
    "ReplacedProcedureStepSequence": ("ReferencedSOPClassUID", "ReferencedSOPInstanceUID"),
}


@cache
def indexed_paths() -> frozenset[TagPath]:
    return frozenset(_paths())


def _paths() -> Iterator[TagPath]:
    for sequence, keywords in VALUES.items():
        yield from (tags(f"{sequence}.{keyword}".lstrip(".")) for keyword in keywords)


@cache
def leaves_in(sequence: TagPath) -> int:
    """How many indexed attributes are in the items of a sequence, at any depth."""
    return Counter(path[: len(sequence)] for path in indexed_paths())[sequence]


@cache
def study_paths() -> tuple[str, ...]:
    """Where a workitem says what study it is about, as `IndexedValue` names it: requested, read, or made."""
    return tuple(name(path) for path in sorted(indexed_paths()) if path[-1] == STUDY_INSTANCE_UID)


def name(path: TagPath) -> str:
    """A path as `IndexedValue` has it."""
    return ".".join(path)
