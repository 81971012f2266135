"""Workitems that have every sequence of PS3.4 Table CC.2.5-3, with items that have all that the table asks of them."""

from typing import Any

from archive.dicom.dicom_json import DataSet
from tests.workitems import code, data_set, performer, references, workitem

CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"

#: Value Type -> what an item of it has.
CONTENTS: dict[str, dict[str, Any]] = {
    "DATETIME": {"DateTime": "20261125101500"},
    "DATE": {"Date": "20261125"},
    "TIME": {"Time": "101500"},
    "PNAME": {"PersonName": "Doe^Jane"},
    "UIDREF": {"UID": "1.2.3"},
    "TEXT": {"TextValue": "Text"},
    "CODE": {"ConceptCodeSequence": [code("CONCEPT")]},
    "NUMERIC": {"NumericValue": "1.5", "MeasurementUnitsCodeSequence": [code("mm", "millimetre", "UCUM")]},
}


def content(value_type: str, **attributes: Any) -> DataSet:
    """UPS Content Item Macro."""
    described = {"ValueType": value_type, "ConceptNameCodeSequence": [code("NAME")]}
    return data_set(**(described | CONTENTS[value_type] | attributes))


def retrievable(**attributes: Any) -> DataSet:
    """Referenced Instances and Access Macro, in every way that there is."""
    return references(
        (CT_IMAGE_STORAGE, "1.2.3.4.5"),
        DICOMRetrievalSequence=[data_set(RetrieveAETitle="ARCHIVE")],
        DICOMMediaRetrievalSequence=[data_set(StorageMediaFileSetID="DISC", StorageMediaFileSetUID="1.2.9")],
        WADORetrievalSequence=[data_set(RetrieveURI="https://archive.example/wado?requestType=WADO")],
        XDSRetrievalSequence=[data_set(RepositoryUniqueID="1.2.8", HomeCommunityID="1.2.7")],
        **attributes,
    )


def designator() -> DataSet:
    """HL7V2 Hierarchic Designator Macro."""
    return data_set(LocalNamespaceEntityID="HOSPITAL", UniversalEntityID="1.2.6", UniversalEntityIDType="ISO")


def issuer() -> dict[str, Any]:
    """Issuer of Patient ID Macro."""
    qualifiers = data_set(
        UniversalEntityID="1.2.6",
        UniversalEntityIDType="ISO",
        IdentifierTypeCode="MR",
        AssigningFacilitySequence=[designator()],
        AssigningJurisdictionCodeSequence=[code("NL")],
        AssigningAgencyOrDepartmentCodeSequence=[code("RAD")],
    )
    return {"IssuerOfPatientID": "HOSPITAL", "IssuerOfPatientIDQualifiersSequence": [qualifiers]}


def request() -> DataSet:
    """An item of Referenced Request Sequence."""
    return data_set(
        StudyInstanceUID="1.2.3",
        AccessionNumber="ACC-1",
        IssuerOfAccessionNumberSequence=[designator()],
        PlacerOrderNumberImagingServiceRequest="P-1",
        OrderPlacerIdentifierSequence=[designator()],
        FillerOrderNumberImagingServiceRequest="F-1",
        OrderFillerIdentifierSequence=[designator()],
        RequestedProcedureID="RP-1",
        RequestedProcedureDescription="CT of the chest",
        RequestedProcedureCodeSequence=[code("CTCHEST")],
        ReasonForRequestedProcedureCodeSequence=[code("COUGH")],
        RequestingService="Pneumology",
        RequestingServiceCodeSequence=[code("PNEUMO")],
    )


def storage() -> DataSet:
    """Storage Macro."""
    return data_set(
        ReferencedSOPClassUID=CT_IMAGE_STORAGE,
        DICOMStorageSequence=[data_set(DestinationAE="ARCHIVE")],
        STOWRSStorageSequence=[data_set(StorageURL="https://archive.example/studies")],
        XDSStorageSequence=[data_set(RepositoryUniqueID="1.2.8", HomeCommunityID="1.2.7")],
    )


def full_workitem(**attributes: Any) -> DataSet:
    """To be created."""
    everything: dict[str, Any] = {
        "ScheduledProcessingParametersSequence": [content(value_type) for value_type in CONTENTS],
        "ScheduledStationNameCodeSequence": [code("AIALG")],
        "ScheduledStationClassCodeSequence": [code("WORKSTATION")],
        "ScheduledStationGeographicLocationCodeSequence": [code("BASEMENT")],
        "ScheduledHumanPerformersSequence": [performer()],
        "ExpectedCompletionDateTime": "20261125111500+0100",
        "ScheduledProcedureStepExpirationDateTime": "20261126",
        "ScheduledWorkitemCodeSequence": [code("110005", "Interpretation", "DCM")],
        "CommentsOnTheScheduledProcedureStep": "Before noon",
        "InputInformationSequence": [retrievable()],
        "StudyInstanceUID": "1.2.3",
        "OutputDestinationSequence": [storage()],
        "PatientName": "Doe^Jane",
        "PatientID": "ID-1",
        **issuer(),
        "OtherPatientIDsSequence": [data_set(PatientID="ID-2", **issuer())],
        "PatientBirthDate": "19700101",
        "PatientSex": "F",
        "GenderIdentitySequence": [data_set(GenderIdentityCodeSequence=[code("NB")])],
        "SexParametersForClinicalUseCategorySequence": [
            data_set(SexParametersForClinicalUseCategoryCodeSequence=[code("131233", "Female-typical", "DCM")])
        ],
        "PersonNamesToUseSequence": [data_set(NameToUse="Jay")],
        "ThirdPersonPronounsSequence": [data_set(PronounCodeSequence=[code("THEY")])],
        "ReferencedPatientPhotoSequence": [retrievable()],
        "AdmissionID": "ADM-1",
        "IssuerOfAdmissionIDSequence": [designator()],
        "AdmittingDiagnosesDescription": "Cough",
        "AdmittingDiagnosesCodeSequence": [code("COUGH")],
        "ReferencedRequestSequence": [request()],
        "ReplacedProcedureStepSequence": [
            data_set(ReferencedSOPClassUID="1.2.840.10008.5.1.4.34.6.1", ReferencedSOPInstanceUID="1.2.5")
        ],
        "MedicalAlerts": "Allergic",
        "PregnancyStatus": 4,
        "SpecialNeeds": "Wheelchair",
    }
    return workitem(**(everything | attributes))


def full_update(**attributes: Any) -> DataSet:
    """All that an update may change (PS3.4 Table CC.2.5-3, N-SET)."""
    created = full_workitem()
    kept = (
        *("00741200", "00741204", "00741202", "00741210", "00404025", "00404026", "00404027", "00404034", "00404005"),
        *("00404011", "00404008", "00404018", "00400400", "00404041", "00404021", "0020000D", "00404070"),
        *("00101100", "00102000", "001021C0", "00380050"),
    )
    everything: dict[str, Any] = {
        "OtherPatientIDsSequence": [data_set(PatientID="ID-2")],
        "ProcedureStepProgressInformationSequence": [progress_item()],
        "UnifiedProcedureStepPerformedProcedureSequence": [performed_item()],
    }
    return dict(sorted(({tag: created[tag] for tag in kept} | data_set(**(everything | attributes))).items()))


def progress_item() -> DataSet:
    return data_set(
        ProcedureStepProgress="50.5",
        ProcedureStepProgressDescription="Half of it",
        ProcedureStepProgressParametersSequence=[
            content("NUMERIC", ContentItemModifierSequence=[content(value_type) for value_type in CONTENTS]),
            *(content(value_type) for value_type in CONTENTS),
        ],
        ProcedureStepCommunicationsURISequence=[data_set(ContactURI="tel:+1-555-0100", ContactDisplayName="Desk")],
        ProcedureStepCancellationDateTime="20261125120000",
        ReasonForCancellation="No patient",
        ProcedureStepDiscontinuationReasonCodeSequence=[code("110514", "Incorrect worklist entry selected", "DCM")],
    )


def performed_item() -> DataSet:
    return data_set(
        ActualHumanPerformersSequence=[performer()],
        PerformedStationNameCodeSequence=[code("AIALG")],
        PerformedStationClassCodeSequence=[code("WORKSTATION")],
        PerformedStationGeographicLocationCodeSequence=[code("BASEMENT")],
        PerformedProcedureStepStartDateTime="20261125102000",
        PerformedProcedureStepDescription="Looked at it",
        CommentsOnThePerformedProcedureStep="Nothing special",
        PerformedWorkitemCodeSequence=[code("110005", "Interpretation", "DCM")],
        PerformedProcessingParametersSequence=[content(value_type) for value_type in CONTENTS],
        PerformedProcedureStepEndDateTime="20261125102500",
        OutputInformationSequence=[retrievable()],
    )
