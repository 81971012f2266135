"""What can be searched for and what a search returns: PS3.18 Tables 10.6.1-5 and 10.6.3-3 to 10.6.3-5 as one table.

The same table says how the attributes of a data set become columns when it is stored.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from functools import cache
from typing import Any

import orjson

from archive.dicom import dicom_json
from archive.dicom.matching import moments, person_names
from archive.dicom.matching.attribute_paths import AttributePath, Tag, attribute_path
from archive.dicom.matching.moments import TIMEZONE_OFFSET_FROM_UTC
from archive.dicom.matching.numbers import integer
from archive.fields import TEXT_LENGTH, UID_LENGTH

MODALITIES_IN_STUDY = "00080061"
REQUEST_ATTRIBUTES_SEQUENCE = "00400275"


class Level(IntEnum):
    """Levels of the information model (PS3.4 Section C.6.1.1), highest first.

    PS3.18 has no patient resource: a search for studies returns and matches the patient's attributes too.
    """

    PATIENT = 1
    STUDY = 2
    SERIES = 3
    INSTANCE = 4


class Returned(Enum):
    """When a search returns an attribute."""

    ALWAYS = auto()
    IF_KNOWN = auto()
    ON_REQUEST = auto()  # as match key or by includefield


#: What the number columns hold: BigIntegerField and PositiveIntegerField.
INTEGERS = range(-(1 << 63), 1 << 63)
COUNTS = range(1 << 31)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One row of the tables.

    Args:
        column: the column of the level's model; empty when the value is made for each answer.
        key_column: the column to compare or sort by instead, where that differs.
        copied: whether the column is a copy of the attribute in the data set; else the archive itself provides it.
        numbers: what an integer column can hold.
    """

    tag: str
    keyword: str
    vr: str
    level: Level
    column: str
    returned: Returned = Returned.ALWAYS
    key_column: str = ""
    copied: bool = True
    numbers: range = COUNTS


_P, _T, _S, _I = Level.PATIENT, Level.STUDY, Level.SERIES, Level.INSTANCE
_IF_KNOWN, _ON_REQUEST = Returned.IF_KNOWN, Returned.ON_REQUEST

#: The queryable table, by level and tag. A tag that is at several levels is returned from the level searched.
QUERYABLE: tuple[Attribute, ...] = (
    # PS3.18 Table 10.6.3-3: a study with its patient
    Attribute("00100010", "PatientName", "PN", _P, "patient_name", key_column="patient_name_key"),
    Attribute("00100020", "PatientID", "LO", _P, "patient_id"),
    Attribute("00100021", "IssuerOfPatientID", "LO", _P, "issuer_of_patient_id", _ON_REQUEST),
    Attribute("00100030", "PatientBirthDate", "DA", _P, "patient_birth_date"),
    Attribute("00100040", "PatientSex", "CS", _P, "patient_sex"),
    Attribute("00080020", "StudyDate", "DA", _T, "study_date"),
    Attribute("00080030", "StudyTime", "TM", _T, "study_time", key_column="study_time_key"),
    Attribute("00080050", "AccessionNumber", "SH", _T, "accession_number"),
    Attribute("00080056", "InstanceAvailability", "CS", _T, "", _IF_KNOWN),
    Attribute("00080061", "ModalitiesInStudy", "CS", _T, "modalities_in_study", copied=False),
    Attribute("00080090", "ReferringPhysicianName", "PN", _T, "referring_physician_name"),
    Attribute("00080201", "TimezoneOffsetFromUTC", "SH", _T, "timezone_offset_from_utc", _IF_KNOWN),
    Attribute("00081030", "StudyDescription", "LO", _T, "study_description", _ON_REQUEST),
    Attribute("00081190", "RetrieveURL", "UR", _T, "", _IF_KNOWN),
    Attribute("0020000D", "StudyInstanceUID", "UI", _T, "study_instance_uid", copied=False),
    Attribute("00200010", "StudyID", "SH", _T, "study_id"),
    Attribute("00201206", "NumberOfStudyRelatedSeries", "IS", _T, "number_of_study_related_series", copied=False),
    Attribute("00201208", "NumberOfStudyRelatedInstances", "IS", _T, "number_of_study_related_instances", copied=False),
    # PS3.18 Table 10.6.3-4: a series
    Attribute("00080060", "Modality", "CS", _S, "modality"),
    Attribute("00080201", "TimezoneOffsetFromUTC", "SH", _S, "timezone_offset_from_utc", _IF_KNOWN),
    Attribute("0008103E", "SeriesDescription", "LO", _S, "series_description", _IF_KNOWN),
    Attribute("00081190", "RetrieveURL", "UR", _S, ""),
    Attribute("0020000E", "SeriesInstanceUID", "UI", _S, "series_instance_uid", copied=False),
    Attribute("00200011", "SeriesNumber", "IS", _S, "series_number", numbers=INTEGERS),
    Attribute("00201209", "NumberOfSeriesRelatedInstances", "IS", _S, "number_of_series_related_instances",
              copied=False),
    Attribute("00400244", "PerformedProcedureStepStartDate", "DA", _S, "performed_procedure_step_start_date",
              _IF_KNOWN),
    Attribute("00400245", "PerformedProcedureStepStartTime", "TM", _S, "performed_procedure_step_start_time",
              _IF_KNOWN, key_column="performed_procedure_step_start_time_key"),
    Attribute(REQUEST_ATTRIBUTES_SEQUENCE, "RequestAttributesSequence", "SQ", _S, "", _IF_KNOWN),
    # PS3.18 Table 10.6.3-5: an instance
    Attribute("00080016", "SOPClassUID", "UI", _I, "sop_class_uid"),
    Attribute("00080018", "SOPInstanceUID", "UI", _I, "sop_instance_uid", copied=False),
    Attribute("00080056", "InstanceAvailability", "CS", _I, "", _IF_KNOWN),
    Attribute("00080201", "TimezoneOffsetFromUTC", "SH", _I, "timezone_offset_from_utc", _IF_KNOWN),
    Attribute("00081190", "RetrieveURL", "UR", _I, ""),
    Attribute("00083002", "AvailableTransferSyntaxUID", "UI", _I, "transfer_syntax_uid", _ON_REQUEST, copied=False),
    Attribute("00200013", "InstanceNumber", "IS", _I, "instance_number", numbers=INTEGERS),
    Attribute("00280008", "NumberOfFrames", "IS", _I, "number_of_frames", _IF_KNOWN),
    Attribute("00280010", "Rows", "US", _I, "rows", _IF_KNOWN),
    Attribute("00280011", "Columns", "US", _I, "columns", _IF_KNOWN),
    Attribute("00280100", "BitsAllocated", "US", _I, "bits_allocated", _IF_KNOWN),
)  # fmt: skip

#: What an item of Request Attributes Sequence (0040,0275) is matched by and returned with.
REQUEST_ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute("00400009", "ScheduledProcedureStepID", "SH", _S, "scheduled_procedure_step_id", _IF_KNOWN),
    Attribute("00401001", "RequestedProcedureID", "SH", _S, "requested_procedure_id", _IF_KNOWN),
)

#: What lists for people show besides. Searches match it in data sets, where each instance speaks for itself.
LISTED: tuple[Attribute, ...] = (Attribute("00180015", "BodyPartExamined", "CS", _S, "body_part_examined"),)


#: The attributes that PS3.3 describes in modules of the patient, the study and the series, besides those above.
MODULES: Mapping[Level, str] = {
    Level.PATIENT: """
        TypeOfPatientID IssuerOfPatientIDQualifiersSequence SourcePatientGroupIdentificationSequence
        GroupOfPatientsIdentificationSequence OtherPatientIDs OtherPatientIDsSequence OtherPatientNames
        PatientBirthTime PatientBirthDateInAlternativeCalendar PatientDeathDateInAlternativeCalendar
        PatientAlternativeCalendar PatientBirthName PatientMotherBirthName PatientAddress PatientTelephoneNumbers
        PatientTelecomInformation MilitaryRank BranchOfService CountryOfResidence RegionOfResidence
        EthnicGroup EthnicGroupCodeSequence PatientReligiousPreference PatientComments
        QualityControlSubject StrainDescription StrainNomenclature StrainStockSequence StrainAdditionalInformation
        StrainCodeSequence GeneticModificationsSequence PatientSpeciesDescription PatientSpeciesCodeSequence
        PatientBreedDescription PatientBreedCodeSequence BreedRegistrationSequence ResponsiblePerson
        ResponsiblePersonRole ResponsibleOrganization PatientIdentityRemoved DeidentificationMethod
        DeidentificationMethodCodeSequence ReferencedPatientSequence PatientPrimaryLanguageCodeSequence
        ClinicalTrialSponsorName ClinicalTrialProtocolID ClinicalTrialProtocolName ClinicalTrialSiteID
        ClinicalTrialSiteName ClinicalTrialSubjectID ClinicalTrialSubjectReadingID
        ClinicalTrialProtocolEthicsCommitteeName ClinicalTrialProtocolEthicsCommitteeApprovalNumber
        OtherClinicalTrialProtocolIDsSequence IssuerOfClinicalTrialProtocolID
    """,
    Level.STUDY: """
        ReferringPhysicianIdentificationSequence ConsultingPhysicianName ConsultingPhysicianIdentificationSequence
        IssuerOfAccessionNumberSequence PhysiciansOfRecord PhysiciansOfRecordIdentificationSequence
        NameOfPhysiciansReadingStudy PhysiciansReadingStudyIdentificationSequence RequestingService
        RequestingServiceCodeSequence ReferencedStudySequence ProcedureCodeSequence
        ReasonForPerformedProcedureCodeSequence AdmittingDiagnosesDescription AdmittingDiagnosesCodeSequence
        PatientAge PatientSize PatientWeight PatientBodyMassIndex PatientSizeCodeSequence MedicalAlerts Allergies
        SmokingStatus PregnancyStatus LastMenstrualDate PatientState Occupation AdditionalPatientHistory
        PatientSexNeutered AdmissionID IssuerOfAdmissionIDSequence ReasonForVisit ReasonForVisitCodeSequence
        ServiceEpisodeID IssuerOfServiceEpisodeIDSequence ServiceEpisodeDescription MeasuredAPDimension
        MeasuredLateralDimension
        ClinicalTrialTimePointID ClinicalTrialTimePointDescription ClinicalTrialTimePointTypeCodeSequence
        LongitudinalTemporalOffsetFromEvent LongitudinalTemporalEventType ConsentForClinicalTrialUseSequence
    """,
    Level.SERIES: """
        Laterality SeriesDate SeriesTime SeriesDescriptionCodeSequence PerformingPhysicianName
        PerformingPhysicianIdentificationSequence OperatorsName OperatorIdentificationSequence ProtocolName
        ReferencedPerformedProcedureStepSequence RelatedSeriesSequence BodyPartExamined PatientPosition
        SmallestPixelValueInSeries LargestPixelValueInSeries PerformedProcedureStepEndDate
        PerformedProcedureStepEndTime PerformedProcedureStepID PerformedProcedureStepDescription
        PerformedProtocolCodeSequence CommentsOnThePerformedProcedureStep AnatomicalOrientationType
        TreatmentSessionUID
        ClinicalTrialCoordinatingCenterName ClinicalTrialSeriesID ClinicalTrialSeriesDescription
        FrameOfReferenceUID PositionReferenceIndicator SynchronizationFrameOfReferenceUID SynchronizationTrigger
        Manufacturer InstitutionName InstitutionAddress InstitutionalDepartmentName
        InstitutionalDepartmentTypeCodeSequence StationName ManufacturerModelName ManufacturerDeviceClassUID
        DeviceSerialNumber SoftwareVersions GantryID UDISequence DeviceUID SpatialResolution DateOfManufacture
        DateOfInstallation DateOfLastCalibration TimeOfLastCalibration
    """,
}


def level_of(tag: Tag) -> Level:
    """The level whose modules in PS3.3 an attribute belongs to; nobody knows those of private ones."""
    return _levels().get(tag, Level.INSTANCE)


@cache
def _levels() -> Mapping[Tag, Level]:
    levels: dict[Tag, Level] = {row.tag: row.level for row in reversed(QUERYABLE)}
    for level, keywords in MODULES.items():
        for keyword in keywords.split():
            path = attribute_path(keyword)
            if path is None:
                raise LookupError(f"{keyword} is no keyword of PS3.6.")
            levels[path[0]] = level
    return levels


@cache
def attributes(level: Level) -> Mapping[Tag, Attribute]:
    """By tag, what a search at `level` can match and return: the attributes of that level and of those above."""
    return {row.tag: row for row in sorted(QUERYABLE, key=lambda row: row.level) if row.level <= level}


def matchable(level: Level, path: AttributePath) -> Attribute | None:
    """The row of an attribute that a search at `level` matches in a column.

    Timezone Offset From UTC is none: it says how to read the keys (PS3.4 Section C.4.1.1).
    """
    if len(path) == 1:
        row = attributes(level).get(path[0])
        return row if row and row.column and row.tag != TIMEZONE_OFFSET_FROM_UTC else None
    if level >= Level.SERIES and len(path) == 2 and path[0] == REQUEST_ATTRIBUTES_SEQUENCE:
        return next((row for row in REQUEST_ATTRIBUTES if row.tag == path[1]), None)
    return None


#: How a row refers to the row of a level above.
_OWNERS: Mapping[tuple[Level, Level], str] = {
    (Level.STUDY, Level.PATIENT): "patient",
    (Level.SERIES, Level.PATIENT): "study__patient",
    (Level.SERIES, Level.STUDY): "study",
    (Level.INSTANCE, Level.PATIENT): "series__study__patient",
    (Level.INSTANCE, Level.STUDY): "series__study",
    (Level.INSTANCE, Level.SERIES): "series",
}


def owner(level: Level, of: Level) -> str:
    """The field by which a row of `level` refers to its row at the level `of`."""
    return _OWNERS.get((level, of), "pk")


def field(level: Level, attribute: Attribute, *, compared: bool = False) -> str:
    """The field that holds an attribute, or the form of it to compare, as seen from a row of `level`."""
    column = (compared and attribute.key_column) or attribute.column
    return column if attribute.level == level else f"{owner(level, attribute.level)}__{column}"


def columns(data_set: Mapping[str, Any], level: Level) -> dict[str, Any]:
    """The column values of a level's row, from the DICOM JSON model of a data set.

    The UIDs that identify the row are the caller's, and so is what the archive counts and sums up.
    """
    row: dict[str, Any] = {}
    for attribute in _copied(level):
        row.update(_cells(attribute, data_set))
    return row


def request_attributes(data_set: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The column values of each item of Request Attributes Sequence (0040,0275) that has any."""
    items = [item for item in _values(data_set, REQUEST_ATTRIBUTES_SEQUENCE) if isinstance(item, dict)]
    rows = [{name: value for row in REQUEST_ATTRIBUTES for name, value in _cells(row, item).items()} for item in items]
    return [row for row in rows if any(row.values())]


def name_keys(name: str) -> list[dict[str, str]]:
    """The column values of the rows under which a person name is found; further sounds of a word have their own."""
    rows = []
    for key in sorted(person_names.search_keys(name)):
        first, *others = person_names.sounds_of_word(key) or [""]
        rows.append({"key": key[:TEXT_LENGTH], "sound": first[:TEXT_LENGTH]})
        rows += ({"key": "", "sound": sound[:TEXT_LENGTH]} for sound in others)
    return rows


#: Letters and digits, of any script.
_WORD = re.compile(r"[^\W_]+")


def description_keys(description: str) -> list[str]:
    """The words under which a study is found by its description: `CT-Schädel_nativ` has three."""
    return sorted(set(_WORD.findall(person_names.fold(description))))


@cache
def _copied(level: Level) -> tuple[Attribute, ...]:
    return tuple(row for row in (*QUERYABLE, *LISTED) if row.level == level and row.copied and row.column)


#: What key columns hold. Names are found by rows of their own: their key is what they are sorted by.
_KEYS: Mapping[str, Callable[[str], str]] = {
    "TM": lambda text: moments.time_key(text) or "",
    "PN": person_names.sort_key,
}


def _cells(attribute: Attribute, data_set: Mapping[str, Any]) -> dict[str, Any]:
    values = _values(data_set, attribute.tag)
    if attribute.vr in {"IS", "US"}:
        return {attribute.column: _integer(values, attribute.numbers)}
    text = _text(values, attribute.vr)
    cells = {attribute.column: text}
    if attribute.key_column:
        cells[attribute.key_column] = _KEYS[attribute.vr](text)[:TEXT_LENGTH]
    return cells


def _values(data_set: Mapping[str, Any], tag: str) -> list[Any]:
    element = data_set.get(tag)
    return _thawed(element.get("Value", [])) if element else []


def _thawed(values: Any) -> list[Any]:
    """The values of an element, also where the encoder has kept them, or some of them, as JSON only."""
    if not isinstance(values, orjson.Fragment) and not any(isinstance(value, orjson.Fragment) for value in values):
        return list(values)
    try:
        thawed: list[Any] = orjson.loads(dicom_json.resolve(orjson.dumps(values), ""))
    except orjson.JSONDecodeError:
        return []  # a number with more digits than any column, or any reader of JSON, can hold
    return thawed


def _integer(values: Sequence[Any], numbers: range) -> int | None:
    number = integer(str(values[0])) if values else None
    # `in` of a range looks at every number when it is not asked for one.
    return number if number is not None and number in numbers else None


def _text(values: Sequence[Any], vr: str) -> str:
    # No database stores a NUL in a text.
    joined = "\\".join(_one_text(value, vr) for value in values).replace("\0", "")
    return joined[: UID_LENGTH if vr == "UI" else TEXT_LENGTH].rstrip()


def _one_text(value: Any, vr: str) -> str:
    """A value as text, whatever the VR that the object itself gives to the attribute."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return person_names.text_of(value)
    text = str(value).strip()
    return moments.date_key(text) or text if vr == "DA" else text
