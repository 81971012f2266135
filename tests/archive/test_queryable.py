"""The queryable table, held against PS3.18 Tables 10.6.1-5 and 10.6.3-3 to 10.6.3-5."""

from typing import Any

import orjson
import pytest
from django.db.models import Field

from archive.dicom.matching.attribute_paths import attribute_path
from archive.dicom.value_representations import dictionary_vr
from archive.fields import TEXT_LENGTH
from archive.models import Instance, Patient, RequestAttributes, Series, Study
from archive.queryable import (
    QUERYABLE,
    REQUEST_ATTRIBUTES,
    Attribute,
    Level,
    Returned,
    attributes,
    columns,
    level_of,
    matchable,
    request_attributes,
)

MODELS = {Level.PATIENT: Patient, Level.STUDY: Study, Level.SERIES: Series, Level.INSTANCE: Instance}

#: Table 10.6.1-5, required matching keys.
STUDY_KEYS = """StudyDate StudyTime AccessionNumber ModalitiesInStudy ReferringPhysicianName PatientName PatientID
    StudyInstanceUID StudyID"""
SERIES_KEYS = """Modality SeriesInstanceUID SeriesNumber PerformedProcedureStepStartDate PerformedProcedureStepStartTime
    RequestAttributesSequence.ScheduledProcedureStepID RequestAttributesSequence.RequestedProcedureID"""
INSTANCE_KEYS = "SOPClassUID SOPInstanceUID InstanceNumber"


@pytest.mark.parametrize(
    ("own_level", "keys"),
    [
        pytest.param(Level.STUDY, STUDY_KEYS, id="QIDO-55"),
        pytest.param(Level.SERIES, SERIES_KEYS, id="QIDO-56"),
        pytest.param(Level.INSTANCE, INSTANCE_KEYS, id="QIDO-57"),
    ],
)
def test_every_required_key_is_matched_at_its_level_and_below(own_level: Level, keys: str):
    for keyword in keys.split():
        path = attribute_path(keyword)
        assert [level for level in list(Level)[1:] if matchable(level, path)] == list(Level)[own_level - 1 :], keyword


@pytest.mark.parametrize(
    ("levels", "always", "if_known"),
    [
        pytest.param(
            {Level.PATIENT, Level.STUDY},
            """StudyDate StudyTime AccessionNumber ModalitiesInStudy ReferringPhysicianName PatientName PatientID
            PatientBirthDate PatientSex StudyInstanceUID StudyID NumberOfStudyRelatedSeries
            NumberOfStudyRelatedInstances""",
            "InstanceAvailability TimezoneOffsetFromUTC RetrieveURL",
            id="QIDO-80",
        ),
        pytest.param(
            {Level.SERIES},
            "Modality SeriesInstanceUID SeriesNumber NumberOfSeriesRelatedInstances RetrieveURL",
            """TimezoneOffsetFromUTC SeriesDescription PerformedProcedureStepStartDate
            PerformedProcedureStepStartTime RequestAttributesSequence""",
            id="QIDO-81",
        ),
        pytest.param(
            {Level.INSTANCE},
            "SOPClassUID SOPInstanceUID InstanceNumber RetrieveURL",
            "InstanceAvailability TimezoneOffsetFromUTC Rows Columns BitsAllocated NumberOfFrames",
            id="QIDO-82",
        ),
    ],
)
def test_what_is_returned_at_a_level(levels: set[Level], always: str, if_known: str):
    rows = [row for row in QUERYABLE if row.level in levels]
    assert {row.keyword for row in rows if row.returned is Returned.ALWAYS} == set(always.split())
    assert {row.keyword for row in rows if row.returned is Returned.IF_KNOWN} == set(if_known.split())


@pytest.mark.parametrize("row", [*QUERYABLE, *REQUEST_ATTRIBUTES], ids=lambda row: f"{row.level.name} {row.keyword}")
def test_a_row_says_what_the_dictionary_says_and_has_its_columns(row: Attribute):
    model: Any = RequestAttributes if row in REQUEST_ATTRIBUTES else MODELS[row.level]
    assert attribute_path(row.keyword) == (row.tag,)
    assert dictionary_vr(int(row.tag, 16), {}) == row.vr
    for column in filter(None, (row.column, row.key_column)):
        assert isinstance(model._meta.get_field(column), Field)
    assert bool(row.key_column) is (row.vr == "TM" or row.keyword == "PatientName")


def test_an_attribute_of_several_levels_is_that_of_the_level_searched():
    for level in (Level.STUDY, Level.SERIES, Level.INSTANCE):
        assert attributes(level)["00081190"].level == level


def test_QIDO_48_and_49_the_timezone_and_the_character_set_are_never_matched():
    for level in (Level.STUDY, Level.SERIES, Level.INSTANCE):
        assert matchable(level, ("00080201",)) is None
        assert matchable(level, ("00080005",)) is None


def test_QIDO_22_an_attribute_of_a_lower_level_is_not_matched():
    assert matchable(Level.STUDY, ("00080060",)) is None
    assert matchable(Level.STUDY, ("00400275", "00400009")) is None


@pytest.mark.parametrize(
    ("keyword", "level"),
    [
        ("PatientName", Level.PATIENT),
        ("OtherPatientIDs", Level.PATIENT),
        ("PatientAge", Level.STUDY),
        ("ProcedureCodeSequence", Level.STUDY),
        ("BodyPartExamined", Level.SERIES),
        ("Manufacturer", Level.SERIES),
        ("ImageType", Level.INSTANCE),
        ("WindowCenter", Level.INSTANCE),
    ],
)
def test_every_attribute_has_the_level_of_its_module(keyword: str, level: Level):
    (tag,) = attribute_path(keyword) or ()
    assert level_of(tag) == level


# -- from a data set to columns --------------------------------------------------


def value(vr: str, *values: Any) -> dict[str, Any]:
    return {"vr": vr, "Value": list(values)}


def test_a_level_has_all_its_columns_whatever_the_data_set_has():
    assert columns({}, Level.PATIENT) == {
        "patient_name": "",
        "patient_name_key": "",
        "patient_id": "",
        "issuer_of_patient_id": "",
        "patient_birth_date": "",
        "patient_sex": "",
    }
    assert columns({}, Level.INSTANCE) == {
        "timezone_offset_from_utc": "",
        "sop_class_uid": "",
        "instance_number": None,
        "number_of_frames": None,
        "rows": None,
        "columns": None,
        "bits_allocated": None,
    }
    assert columns({}, Level.SERIES).keys() >= {"modality", "series_number", "performed_procedure_step_start_time_key"}


@pytest.mark.parametrize("level", Level)
def test_the_columns_are_those_of_the_model(level: Level):
    row = MODELS[level](**columns({}, level))
    assert row.pk is None


@pytest.mark.parametrize(
    ("tag", "element", "level", "column", "expected"),
    [
        ("00100020", value("LO", " A\0B "), Level.PATIENT, "patient_id", "AB"),
        ("00100020", value("LO", "A", None, "B"), Level.PATIENT, "patient_id", "A\\\\B"),
        ("00100020", value("LO", "x" * 500), Level.PATIENT, "patient_id", "x" * TEXT_LENGTH),
        ("00100020", {"vr": "UN", "InlineBinary": "AAAA"}, Level.PATIENT, "patient_id", ""),
        ("00100020", value("IS", 7), Level.PATIENT, "patient_id", "7"),
        ("00100010", value("PN", {"Alphabetic": "A^B", "Phonetic": "C"}), Level.PATIENT, "patient_name", "A^B==C"),
        ("00100010", value("PN", None), Level.PATIENT, "patient_name", ""),
        ("00100010", value("LO", "A^B"), Level.PATIENT, "patient_name", "A^B"),
        ("00080020", value("DA", "2013.05.09"), Level.STUDY, "study_date", "20130509"),
        ("00080020", value("DA", "in May"), Level.STUDY, "study_date", "in May"),
        ("00080030", value("TM", "1015"), Level.STUDY, "study_time", "1015"),
        ("00080030", value("TM", "1015"), Level.STUDY, "study_time_key", "101500.000000"),
        ("00080030", value("TM", "noon"), Level.STUDY, "study_time_key", ""),
        ("00200011", value("IS", 7), Level.SERIES, "series_number", 7),
        ("00200011", value("IS", "07"), Level.SERIES, "series_number", 7),
        ("00200011", value("IS", 7.0), Level.SERIES, "series_number", 7),
        ("00200011", value("IS", 7.5), Level.SERIES, "series_number", None),
        ("00200011", value("IS", orjson.Fragment(b"7")), Level.SERIES, "series_number", 7),
        ("00200011", value("IS", orjson.Fragment(b"1e400")), Level.SERIES, "series_number", None),
        ("00200011", value("IS", "9" * 19), Level.SERIES, "series_number", None),
        ("00200013", {"vr": "IS", "Value": orjson.Fragment(b"[3,4]")}, Level.INSTANCE, "instance_number", 3),
        ("00280010", value("US", 512), Level.INSTANCE, "rows", 512),
        ("00280008", value("IS", -1), Level.INSTANCE, "number_of_frames", None),
        ("00280008", value("IS", 1 << 31), Level.INSTANCE, "number_of_frames", None),
        ("00280008", value("SQ", {}), Level.INSTANCE, "number_of_frames", None),
    ],
)
def test_a_value_becomes_a_column(tag: str, element: dict[str, Any], level: Level, column: str, expected: object):
    assert columns({tag: element}, level)[column] == expected


def test_request_attributes_are_read_from_every_item():
    items = [{"00400009": value("SH", "S1"), "00401001": value("SH", "R1")}, {"00401001": value("SH", "R2")}, {}]
    expected = [
        {"scheduled_procedure_step_id": "S1", "requested_procedure_id": "R1"},
        {"scheduled_procedure_step_id": "", "requested_procedure_id": "R2"},
    ]
    assert request_attributes({"00400275": value("SQ", *items)}) == expected
    assert request_attributes({"00400275": value("SQ", *map(orjson.Fragment, map(orjson.dumps, items)))}) == expected
    assert request_attributes({"00400275": {"vr": "SQ", "Value": orjson.Fragment(orjson.dumps(items))}}) == expected


def test_request_attributes_that_are_none_do_no_harm():
    for element in ({"vr": "SQ"}, value("LO", "x"), value("SQ", None), {"vr": "UN", "InlineBinary": "AA=="}):
        assert request_attributes({"00400275": element}) == []


def test_a_bulk_value_in_a_frozen_item_does_no_harm():
    item = orjson.Fragment(b'{"00400009":{"vr":"SH","Value":["S1"]},"00091001":{"vr":"UN","BulkDataURI":"\x1a/b"}}')
    assert request_attributes({"00400275": value("SQ", item)})[0]["scheduled_procedure_step_id"] == "S1"
