"""PS3.4 Table CC.2.5-3 and its reader."""

from io import StringIO

import pytest
from pydicom.datadict import dictionary_VM, dictionary_VR, keyword_for_tag, tag_for_keyword

from tests.workflow.published import CELLS, ROWS, TABLE
from tests.workitems import tag
from workflow.attribute_conditions import CONDITIONS, OneOf
from workflow.attribute_table import (
    OTHERS,
    RETURNED,
    RETURNED_IF_HELD,
    MalformedTable,
    Usage,
    is_key,
    read,
    row,
    rows_within,
)
from workflow.attribute_table import ROWS as READ
from workflow.iod_modules import OTHER_ATTRIBUTES

LINES = TABLE.read_text(encoding="utf-8").splitlines()


def path_of(keywords):
    return tuple(tag(keyword) for keyword in keywords.split("."))


# -- the table -------------------------------------------------------------------


def test_the_table_has_its_rows():
    assert len(CELLS) == 679
    assert len(ROWS) == len(READ) == 671


@pytest.mark.parametrize("cells", ROWS, ids=lambda cells: cells["path"])
def test_a_row_names_an_attribute_of_the_dictionary(cells):
    *parents, last = (int(part, 16) for part in cells["tag"].split("."))
    assert [keyword_for_tag(part) for part in (*parents, last)] == cells["path"].split(".")
    assert {dictionary_VR(parent) for parent in parents} <= {"SQ"}
    assert (dictionary_VR(last), dictionary_VM(last)) == (cells["vr"], cells["vm"])


def test_the_rows_that_are_read_are_those_of_the_file():
    assert {row.keywords for row in READ.values()} == {cells["path"] for cells in ROWS}


@pytest.mark.parametrize(
    ("attribute", "create", "update", "final", "match", "returned"),
    [
        ("TransactionUID", ("2", "2"), ("NA", "NA"), "O", "-", "-"),
        ("SOPClassUID", ("-", "1"), ("NA", "NA"), "R", "O", "1"),
        ("SOPInstanceUID", ("NA", "NA"), ("NA", "NA"), "R", "U", "1"),
        ("ScheduledProcedureStepPriority", ("1", "1"), ("3", "1"), "R", "R", "1"),
        ("ScheduledProcedureStepModificationDateTime", ("-", "1"), ("-", "1"), "R", "O", "3"),
        ("WorklistLabel", ("2", "1"), ("3", "1"), "O", "R", "1"),
        ("ScheduledHumanPerformersSequence", ("2C", "2C"), ("3", "2"), "O", "R", "2"),
        ("ScheduledHumanPerformersSequence.HumanPerformerName", ("1", "1"), ("1", "1"), "O", "O", "3"),
        ("StudyInstanceUID", ("1C", "2"), ("3", "2"), "O", "O", "2"),
        ("PatientName", ("2", "2"), ("NA", "NA"), "O", "R", "2"),
        ("ReplacedProcedureStepSequence", ("1C", "1C"), ("NA", "NA"), "O", "R", "3"),
        ("UnifiedProcedureStepPerformedProcedureSequence", ("2", "2"), ("3", "2"), "P", "-", "-"),
        (
            "UnifiedProcedureStepPerformedProcedureSequence.OutputInformationSequence",
            ("NA", "NA"),
            ("2", "2"),
            "P",
            "-",
            "-",
        ),
        (
            "ProcedureStepProgressInformationSequence.ProcedureStepCancellationDateTime",
            ("NA", "NA"),
            ("3", "1"),
            "X",
            "-",
            "-",
        ),
        ("ScheduledStationNameCodeSequence.CodeValue", ("1C", "1C"), ("1C", "1C"), "", "R", "1C"),
        ("ScheduledStationNameCodeSequence.CodeMeaning", ("1", "1"), ("1", "1"), "", "-", "1"),
    ],
)
def test_what_is_asked_of_an_attribute(attribute, create, update, final, match, returned):
    found = READ[path_of(attribute)]
    assert (found.create, found.set) == (Usage(*create), Usage(*update))
    assert (found.final, found.match, found.returned) == (final, match, returned)


def test_the_macros_have_the_same_attributes_wherever_they_are():
    codes = [path for path, found in READ.items() if found.vr == "SQ" and "00080104" in rows_within(path)]
    assert len(codes) == 34
    assert {tuple(rows_within(path)) for path in codes} == {tuple(rows_within(codes[0]))}
    assert len(rows_within(codes[0])) == 12


# -- the reader ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "right", "reason"),
    [
        ("ProcedureStepLabel,00741205", "ProcedureStepLabel,00741204", "another tag"),
        ("ProcedureStepTable,00741204", "ProcedureStepLabel,00741204", "another tag"),
        ("ProcedureStepLabel,00741204,SH", "ProcedureStepLabel,00741204,LO", "another VR"),
        ("ProcedureStepLabel,00741204,LO,1/4", "ProcedureStepLabel,00741204,LO,1/1", "a create that is none"),
        ("00741204,LO,1/1,EMPTY", "00741204,LO,1/1,3/1", "a set that is none"),
        ("00741204,LO,1/1,3/1,1", "00741204,LO,1/1,3/1,3/1", "a get that is none"),
        ("00741204,LO,1/1,3/1,3/1,Q", "00741204,LO,1/1,3/1,3/1,O", "a final that is none"),
        ("00741204,LO,1/1,3/1,3/1,O,X", "00741204,LO,1/1,3/1,3/1,O,R", "a match that is none"),
        ("00741204,LO,1/1,3/1,3/1,O,R,4", "00741204,LO,1/1,3/1,3/1,O,R,1", "a return that is none"),
        ("create: needed when it rains", "create: needed when a human performer is named", "nobody knows"),
        ("InputReadinessState,00404041", "ProcedureStepLabel,00741204", None),
    ],
)
def test_a_table_that_is_wrong_is_not_read(wrong, right, reason):
    text = "\n".join(LINES)
    assert right in text
    with pytest.raises(MalformedTable, match=reason):
        read(StringIO(text.replace(right, wrong)))


def test_a_row_that_is_there_twice_is_not_read():
    with pytest.raises(MalformedTable, match="2 times"):
        read([*LINES, LINES[1]])


def test_a_row_in_no_sequence_is_not_read():
    orphaned = [line for line in LINES if not line.startswith("ReferencedRequestSequence,")]
    assert len(orphaned) == len(LINES) - 1
    with pytest.raises(MalformedTable, match="in no sequence"):
        read(orphaned)


# -- conditions ------------------------------------------------------------------


def test_every_condition_is_one_of_the_table():
    assert set(CONDITIONS) == {cells["condition"] for cells in CELLS} - {""}


def test_what_can_stand_for_another_attribute_is_beside_it():
    for path, found in READ.items():
        condition = CONDITIONS.get(found.condition)
        if isinstance(condition, OneOf) and found.create.client == "1C":
            assert set(condition.tags) <= set(rows_within(path[:-1])), found.keywords


# -- other attributes of the modules ---------------------------------------------


def test_other_attributes_are_of_the_dictionary_and_not_in_the_table_themselves():
    keywords = [keyword for module in OTHER_ATTRIBUTES.values() for keyword in module]
    assert len(set(keywords)) == len(keywords) == len(OTHERS)
    assert all(tag_for_keyword(keyword) for keyword in keywords)
    assert not {(tag,) for tag in OTHERS} & set(READ)


def test_other_attributes_are_of_modules_that_have_a_row_for_them():
    assert set(OTHER_ATTRIBUTES) <= {cells["module"] for cells in CELLS if cells["path"] == "*"}


def test_the_row_of_another_attribute_is_that_of_its_module():
    weight = row(path_of("PatientWeight"))
    assert weight is not None
    assert (weight.module, weight.set) == ("Patient Demographic", Usage("3", "3"))
    assert row(path_of("ReferencedRequestSequence.PatientWeight")) is None
    assert row(path_of("Modality")) is None


# -- search ----------------------------------------------------------------------

#: Return Key Type 1, then 2.
RETURN_1 = [
    "SOPClassUID",
    "SOPInstanceUID",
    "ScheduledProcedureStepPriority",
    "ProcedureStepLabel",
    "WorklistLabel",
    "ScheduledProcedureStepStartDateTime",
    "InputReadinessState",
    "ProcedureStepState",
]
RETURN_2 = [
    "ScheduledProcessingParametersSequence",
    "ScheduledStationNameCodeSequence",
    "ScheduledStationClassCodeSequence",
    "ScheduledStationGeographicLocationCodeSequence",
    "ScheduledHumanPerformersSequence",
    "ScheduledWorkitemCodeSequence",
    "InputInformationSequence",
    "StudyInstanceUID",
    "PatientName",
    "PatientID",
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
]


def test_what_every_result_of_a_search_has():
    assert set(RETURNED) == {tag(keyword) for keyword in RETURN_1 + RETURN_2}
    assert len(RETURNED) == 8 + 21
    assert list(RETURNED) == sorted(RETURNED)


def test_what_a_result_has_when_the_workitem_has_it():
    held = ("SpecificCharacterSet", "MedicalAlerts", "PregnancyStatus", "SpecialNeeds")
    assert set(RETURNED_IF_HELD) == {tag(keyword) for keyword in held}


CODE_KEYS = ("CodeValue", "CodingSchemeDesignator", "LongCodeValue", "URNCodeValue")
DESIGNATOR_KEYS = ("LocalNamespaceEntityID", "UniversalEntityID", "UniversalEntityIDType")

#: The unique and the required keys.
REQUIRED_KEYS = (
    *("SOPInstanceUID", "ScheduledProcedureStepPriority", "ProcedureStepLabel", "WorklistLabel"),
    *("ScheduledProcedureStepStartDateTime", "ExpectedCompletionDateTime", "InputReadinessState", "ProcedureStepState"),
    *("PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "AdmissionID"),
    "OtherPatientIDsSequence.IssuerOfPatientID",
    "ScheduledStationNameCodeSequence",
    *(f"ScheduledStationNameCodeSequence.{key}" for key in CODE_KEYS),
    "ScheduledStationClassCodeSequence",
    *(f"ScheduledStationClassCodeSequence.{key}" for key in CODE_KEYS),
    "ScheduledStationGeographicLocationCodeSequence",
    *(f"ScheduledStationGeographicLocationCodeSequence.{key}" for key in CODE_KEYS),
    "ScheduledHumanPerformersSequence",
    "ScheduledHumanPerformersSequence.HumanPerformerCodeSequence",
    *(f"ScheduledHumanPerformersSequence.HumanPerformerCodeSequence.{key}" for key in CODE_KEYS),
    "ScheduledWorkitemCodeSequence",
    *(f"ScheduledWorkitemCodeSequence.{key}" for key in CODE_KEYS),
    "IssuerOfAdmissionIDSequence",
    *(f"IssuerOfAdmissionIDSequence.{key}" for key in DESIGNATOR_KEYS),
    "ReferencedRequestSequence",
    "ReferencedRequestSequence.AccessionNumber",
    "ReferencedRequestSequence.IssuerOfAccessionNumberSequence",
    *(f"ReferencedRequestSequence.IssuerOfAccessionNumberSequence.{key}" for key in DESIGNATOR_KEYS),
    "ReferencedRequestSequence.RequestedProcedureID",
    "ReferencedRequestSequence.RequestingService",
    "ReplacedProcedureStepSequence",
    "ReplacedProcedureStepSequence.ReferencedSOPClassUID",
    "ReplacedProcedureStepSequence.ReferencedSOPInstanceUID",
)


def test_the_required_keys_are_those_of_the_table():
    assert {found.keywords for found in READ.values() if found.match in {"U", "R"}} == set(REQUIRED_KEYS)


@pytest.mark.parametrize("key", REQUIRED_KEYS)
def test_a_required_key_is_a_key(key):
    assert is_key(path_of(key))


@pytest.mark.parametrize(
    "key",
    [
        "StudyInstanceUID",
        "InputInformationSequence.StudyInstanceUID",
        "InputInformationSequence.ReferencedSOPSequence.ReferencedSOPInstanceUID",
        "ScheduledHumanPerformersSequence.HumanPerformerName",
        "UnifiedProcedureStepPerformedProcedureSequence.PerformedStationNameCodeSequence",
        "MedicalAlerts",
        "SmokingStatus",
    ],
)
def test_an_optional_key_is_a_key(key):
    assert is_key(path_of(key))


@pytest.mark.parametrize(
    "key",
    [
        "TransactionUID",
        "ScheduledStationNameCodeSequence.CodeMeaning",
        "ScheduledStationNameCodeSequence.CodingSchemeVersion",
        "ProcedureStepProgressInformationSequence",
        "ProcedureStepProgressInformationSequence.ProcedureStepProgress",
        "UnifiedProcedureStepPerformedProcedureSequence",
        "PatientWeight",
        "Modality",
        "ReferencedRequestSequence.PatientID",
    ],
)
def test_what_the_table_does_not_match_is_no_key(key):
    assert not is_key(path_of(key))
