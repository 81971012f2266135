"""The smallest legal workitems, and what goes into them, in the DICOM JSON Model as a client sends it."""

from typing import Any

from pydicom.datadict import dictionary_VR, tag_for_keyword

from archive.dicom.dicom_json import DataSet, Element

#: PS3.4 Table CC.2.5-3: what a new workitem has to have with a value.
VALUED: dict[str, Any] = {
    "ScheduledProcedureStepPriority": "MEDIUM",
    "ProcedureStepLabel": "Check the lungs",
    "ScheduledProcedureStepStartDateTime": "20261125101500",
    "InputReadinessState": "READY",
    "ProcedureStepState": "SCHEDULED",
}

#: What it has to have, and that may be empty.
PRESENT = (
    "TransactionUID",
    "WorklistLabel",
    "ScheduledProcessingParametersSequence",
    "ScheduledStationNameCodeSequence",
    "ScheduledStationClassCodeSequence",
    "ScheduledStationGeographicLocationCodeSequence",
    "ScheduledWorkitemCodeSequence",
    "CommentsOnTheScheduledProcedureStep",
    "InputInformationSequence",
    "PatientName",
    "IssuerOfPatientID",
    "IssuerOfPatientIDQualifiersSequence",
    "OtherPatientIDsSequence",
    "PatientBirthDate",
    "PatientSex",
    "AdmissionID",
    "IssuerOfAdmissionIDSequence",
    "AdmittingDiagnosesDescription",
    "AdmittingDiagnosesCodeSequence",
    "ReferencedRequestSequence",
    "ProcedureStepProgressInformationSequence",
    "UnifiedProcedureStepPerformedProcedureSequence",
)


def workitem(**attributes: Any) -> DataSet:
    """A workitem that can be created, even strictly; `attributes` replaces or adds by keyword.

    An attribute given as None is left out; one given as [] is there without a value.
    """
    return data_set(**({key: [] for key in PRESENT} | {"WorklistLabel": "CHEST"} | VALUED | attributes))


def data_set(**attributes: Any) -> DataSet:
    """A data set, or an item of a sequence, of these: values, lists of values, or data sets of a sequence."""
    elements = {tag(keyword): element(keyword, value) for keyword, value in attributes.items() if value is not None}
    return dict(sorted(elements.items()))


def element(keyword: str, value: Any) -> Element:
    vr = dictionary_VR(keyword)
    values = value if isinstance(value, list) else [value]
    if vr == "PN":
        values = [{"Alphabetic": name} if isinstance(name, str) else name for name in values]
    return {"vr": vr, "Value": values} if values else {"vr": vr}


def tag(keyword: str) -> str:
    number = tag_for_keyword(keyword)
    assert number is not None, keyword
    return f"{number:08X}"


def code(value: str, meaning: str = "What it means", scheme: str = "99TEST") -> DataSet:
    """An item of a code sequence."""
    return data_set(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def performer(name: str = "Read^Er", organization: str = "Radiology", value: str = "READER") -> DataSet:
    """An item of Scheduled Human Performers Sequence."""
    return data_set(
        HumanPerformerCodeSequence=[code(value)], HumanPerformerName=name, HumanPerformerOrganization=organization
    )


def progress(percent: str = "50", **attributes: Any) -> DataSet:
    """An update that tells how far the work is."""
    item = data_set(ProcedureStepProgress=percent, **attributes)
    return data_set(ProcedureStepProgressInformationSequence=[item])


def performed(**attributes: Any) -> DataSet:
    """An update that gives all that COMPLETED needs; `attributes` replaces what the item has."""
    defaults: dict[str, Any] = {
        "PerformedStationNameCodeSequence": [code("AIALG")],
        "PerformedProcedureStepStartDateTime": "20261125102000",
        "PerformedWorkitemCodeSequence": [code("110005", "Interpretation", "DCM")],
        "PerformedProcedureStepEndDateTime": "20261125102500",
        "OutputInformationSequence": [],
    }
    return data_set(UnifiedProcedureStepPerformedProcedureSequence=[data_set(**(defaults | attributes))])


def references(
    *instances: tuple[str, str], study: str = "1.2.3", series: str = "1.2.3.4", **attributes: Any
) -> DataSet:
    """An item of Input or Output Information Sequence: instances of a series, as (SOP Class UID, UID)."""
    defaults: dict[str, Any] = {
        "TypeOfInstances": "DICOM",
        "StudyInstanceUID": study,
        "SeriesInstanceUID": series,
        "ReferencedSOPSequence": [
            data_set(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=uid) for sop_class, uid in instances
        ],
        "WADORSRetrievalSequence": [data_set(RetrieveURL=f"https://archive.example/studies/{study}")],
    }
    return data_set(**(defaults | attributes))
