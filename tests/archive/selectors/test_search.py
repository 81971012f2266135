"""Search, PS3.18 Section 10.6: what the database finds, and what is returned of it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.dicom.matching import moments, query_keys, rules
from archive.dicom.matching.person_names import search_keys
from archive.dicom.matching.query_keys import LITERAL, MalformedMatch, Reading
from archive.dicom.matching.rules import Match, Universal
from archive.models import Instance, Patient, Study
from archive.queryable import Level
from archive.selectors.keys import read_keys
from archive.selectors.search import Query, search
from tests import factories
from tests.archive.selectors.searching import INSTANCE, SERIES, STUDY, found, one, url

pytestmark = pytest.mark.django_db


# -- every required key on every resource ----------------------------------------


STUDY_KEYS = {
    "StudyDate": "20240101",
    "StudyTime": "101000",
    "AccessionNumber": "A1",
    "ModalitiesInStudy": "CT",
    "ReferringPhysicianName": "house1^g",
    "PatientName": "DOE1",
    "PatientID": "P1",
    "StudyID": "S1",
    "PatientBirthDate": "19700101",
    "StudyDescription": "*1",
}
SERIES_KEYS = {
    "Modality": "CT",
    "SeriesNumber": "01",
    "PerformedProcedureStepStartDate": "-20240201",
    "PerformedProcedureStepStartTime": "11-1110",
    "RequestAttributesSequence.ScheduledProcedureStepID": "SPS1",
    "RequestAttributesSequence.RequestedProcedureID": "?P1",
    "SeriesDescription": "Axial 1",
}
INSTANCE_KEYS = {"SOPClassUID": "1.2.1", "InstanceNumber": "1", "Rows": "1"}


@pytest.mark.parametrize(
    ("level", "key", "value"),
    [
        *(
            pytest.param(level, *key, id=f"QIDO-55 {level.name} {key[0]}")
            for key in STUDY_KEYS.items()
            for level in (STUDY, SERIES, INSTANCE)
        ),
        *(
            pytest.param(level, *key, id=f"QIDO-56 {level.name} {key[0]}")
            for key in SERIES_KEYS.items()
            for level in (SERIES, INSTANCE)
        ),
        *(pytest.param(INSTANCE, *key, id=f"QIDO-57 {key[0]}") for key in INSTANCE_KEYS.items()),
    ],
)
def test_a_key_finds_the_one_it_fits(level: Level, key: str, value: str, two_instances: tuple[Instance, Instance]):
    first = two_instances[0]
    uids = {
        STUDY: first.series.study.study_instance_uid,
        SERIES: first.series.series_instance_uid,
        INSTANCE: first.sop_instance_uid,
    }
    assert found(level, {key: value}) == [uids[level]]
    assert found(level, {key: value, "IssuerOfPatientID": "nobody"}) == [], "QIDO-16"


def test_QIDO_17_a_list_of_uids_finds_each(two_instances: tuple[Instance, Instance]):
    a, b = two_instances
    assert set(found(STUDY, {"StudyInstanceUID": f"{a.series.study},{b.series.study},1.2.3"})) == {
        a.series.study.study_instance_uid,
        b.series.study.study_instance_uid,
    }
    assert found(SERIES, {"SeriesInstanceUID": a.series.series_instance_uid}) == [a.series.series_instance_uid]
    assert found(INSTANCE, {"SOPInstanceUID": f"{a},{b}"}) == [a.sop_instance_uid, b.sop_instance_uid]


def test_QIDO_07_the_uids_in_the_path_are_matched_too(two_instances: tuple[Instance, Instance]):
    a, b = two_instances
    study, series = a.series.study.study_instance_uid, a.series.series_instance_uid
    assert found(SERIES, study=study) == [series]
    assert found(INSTANCE, study=study) == [a.sop_instance_uid]
    assert found(INSTANCE, study=study, series=series) == [a.sop_instance_uid]
    assert found(INSTANCE, study=b.series.study.study_instance_uid, series=series) == []
    assert found(SERIES, {"Modality": "MR"}, study=study) == []


def test_QIDO_08_an_unknown_study_in_the_path_has_no_matches():
    assert found(SERIES, study="1.2.3") == []


def test_QIDO_19_and_47_any_of_the_modalities():
    study = factories.study()
    for modality in ("CT", "SR"):
        factories.series(study, modality=modality)
    other = factories.series(modality="MR").study
    factories.series(modality="US")
    assert set(found(STUDY, {"ModalitiesInStudy": "CT,MR"})) == {study.study_instance_uid, other.study_instance_uid}
    assert one(STUDY, {"ModalitiesInStudy": "S?"})["00080061"] == {"vr": "CS", "Value": ["CT", "SR"]}


def test_QIDO_34_universal_matching_meets_what_has_no_value_and_QIDO_39_nothing_else_does():
    study = factories.study(accession_number="", study_date="", study_time="")
    assert found(STUDY, {"AccessionNumber": "*", "StudyDate": "", "ModalitiesInStudy": "*"}) == [str(study)]
    assert found(STUDY, {"StudyDate": "*", "StudyTime": "*", "StudyInstanceUID": "*"}) == [str(study)]
    for keys in ({"AccessionNumber": "?*"}, {"StudyDate": "-20990101"}, {"StudyTime": "-2359"}):
        assert found(STUDY, keys) == []


def test_QIDO_43_a_range_of_dates_with_one_of_times_is_a_range_of_moments():
    moments = [("20060705", "0930"), ("20060705", "1000"), ("20060706", "2300"), ("20060707", "1800")]
    moments += [("20060707", "1801"), ("20060706", "")]
    uids = [str(factories.study(study_date=date, study_time=time)) for date, time in moments]
    both = {"StudyDate": "20060705-20060707", "StudyTime": "1000-1800"}
    assert set(found(STUDY, both)) == set(uids[1:4])
    assert set(found(STUDY, {"StudyDate": "20060706-", "StudyTime": "1000-"})) == {uids[2], uids[3], uids[4]}
    assert set(found(STUDY, {"StudyDate": "-20060705", "StudyTime": "-0959"})) == {uids[0]}
    assert set(found(STUDY, {"StudyDate": "20060705-20060706", "StudyTime": "2200-0100"})) == set()
    assert set(found(STUDY, {"StudyDate": "20060706-20060707", "StudyTime": "2200-0100"})) == {uids[2]}


def test_QIDO_44_ranges_of_another_form_are_matched_each_alone():
    morning = factories.study(study_date="20060706", study_time="0900")
    factories.study(study_date="20060706", study_time="2300")
    assert found(STUDY, {"StudyDate": "20060705-", "StudyTime": "0800-1000"}) == [str(morning)]


def test_QIDO_41_a_range_of_times_alone_does_not_cross_midnight():
    with pytest.raises(MalformedMatch):
        read_keys(STUDY, {("00080030",): ("2200-0100",)})
    with pytest.raises(MalformedMatch):
        read_keys(STUDY, {("00080030",): ("2200-0100",), ("00080020",): ("20060705-",)})


def test_QIDO_46_one_item_has_to_meet_all_keys_of_a_sequence():
    together = {"scheduled_procedure_step_id": "S", "requested_procedure_id": "R"}
    items = [{"scheduled_procedure_step_id": "S"}, {"requested_procedure_id": "R"}]
    series = factories.series(request_attributes=[together])
    factories.series(request_attributes=items)
    sequence = "RequestAttributesSequence"
    keys = {f"{sequence}.ScheduledProcedureStepID": "S", f"{sequence}.RequestedProcedureID": "R"}
    assert found(SERIES, keys) == [series.series_instance_uid]
    assert len(found(SERIES, {f"{sequence}.ScheduledProcedureStepID": "S"})) == 2
    assert len(found(SERIES, {sequence: ""})) == 2


def test_QIDO_24_and_22_keys_that_cannot_be_matched_are_named():
    paths = [("00080060",), ("00080005",), ("00081190",), ("00091001",), ("00104001",), ("00200010", "00100020")]
    keys, ignored = read_keys(STUDY, dict.fromkeys(paths, ("x",)) | {("00100020",): ("P",)})
    assert ignored == paths
    assert keys.asked == [("00100020",)]


def test_QIDO_87_counts_are_those_of_the_whole_study():
    study = factories.study()
    for modality in ("CT", "MR"):
        factories.instance(factories.series(study, modality=modality))
    data_set = one(STUDY, {"ModalitiesInStudy": "CT"})
    assert data_set["00201206"] == {"vr": "IS", "Value": [2]}
    assert data_set["00201208"] == {"vr": "IS", "Value": [2]}


# -- the database finds what the rules say ---------------------------------------

_TEXTS = ["", "a", "A", "ab", "a*b", "a%b", "a_b", "a[b]", "a]b", "[", "\\", "a\\b", "é", "É", "aéb", "abc"]
_PATTERNS = st.text("abAé*?%_[]\\^!-", max_size=5)
_NAMES = ["", "Doe^Jane", "DOE", "Müller^Eva", "O'Neil^[x]%", "Yamada^Tarou=山田^太郎=やまだ^たろう", "Van Der Berg^Å"]
_NAME_PATTERNS = st.one_of(
    _PATTERNS, st.sampled_from(["do*", "*E", "mull?r", "*o'n*", "[X]%", "山田*", "yam*=山?", "der", "van*", "å", "x=y"])
)
_DATES = ["", "19991231", "20000101", "20000615", "20001231"]
_TIMES = ["", "00", "0959", "100000", "100000.5", "235959"]


def _ranges(values: list[str]) -> st.SearchStrategy[str]:
    ends = st.sampled_from(values)
    return st.one_of(ends, st.builds("{}-{}".format, ends, ends))


def _same(keyword: str, vr: str, text: str, expected: dict[int, list[str | int]], reading: Reading = LITERAL) -> None:
    """The database and the rules of `archive.dicom.matching.rules` agree on who is found."""
    try:
        match: Match = query_keys.parse(vr, [text] if text else [], reading)
        uids = found(STUDY, {keyword: text}, reading=reading)
    except MalformedMatch:
        return
    pks = set(Study.objects.filter(study_instance_uid__in=uids).values_list("pk", flat=True))
    assert pks == {pk for pk, values in expected.items() if rules.matches(match, values)}
    assert match != Universal() or len(pks) == len(expected)


_databased = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def texts() -> dict[int, list[str | int]]:
    return {factories.study(accession_number=text).pk: [text] for text in _TEXTS}


@_databased
@given(_PATTERNS)
def test_QIDO_32_and_36_texts_are_found_as_the_rules_say(texts: dict[int, list[str | int]], pattern: str):
    _same("AccessionNumber", "SH", pattern, texts)


@pytest.fixture
def names() -> dict[int, list[str | int]]:
    studies = {name: factories.study(patient=factories.patient(patient_name=name)).pk for name in _NAMES}
    return {pk: list(search_keys(name)) for name, pk in studies.items()}


@_databased
@given(_NAME_PATTERNS)
def test_QIDO_31_names_are_found_as_the_rules_say(names: dict[int, list[str | int]], pattern: str):
    _same("PatientName", "PN", pattern, names)


@_databased
@given(_NAME_PATTERNS | st.sampled_from(["jane doe", "mueler", "o neal", "vandeberg", "山 tarou", "smith-doe", '""']))
def test_QIDO_50_names_are_found_fuzzily_as_the_rules_say(names: dict[int, list[str | int]], pattern: str):
    _same("PatientName", "PN", pattern, names, Reading(fuzzy=True))


@pytest.fixture
def dates() -> dict[int, list[str | int]]:
    return {factories.study(study_date=date).pk: [date] for date in _DATES}


@_databased
@given(_ranges(_DATES))
def test_QIDO_40_dates_are_found_as_the_rules_say(dates: dict[int, list[str | int]], text: str):
    _same("StudyDate", "DA", text, dates)


@pytest.fixture
def times() -> dict[int, list[str | int]]:
    return {factories.study(study_time=time).pk: [moments.time_key(time) or ""] for time in _TIMES}


@_databased
@given(_ranges(_TIMES))
def test_QIDO_41_times_are_found_as_the_rules_say(times: dict[int, list[str | int]], text: str):
    _same("StudyTime", "TM", text, times)


# -- fuzzy, empty and multiple values --------------------------------------------


def test_QIDO_50_a_patient_and_a_referring_physician_are_found_by_how_they_sound():
    patient = factories.patient(patient_name="Schmidt^Catherine")
    study = factories.study(patient=patient, referring_physician_name="Meyer^Stephen")
    factories.study(patient=factories.patient(patient_name="Jones^Amy"), referring_physician_name="House^Gregory")
    fuzzy = Reading(fuzzy=True)
    for keys in ({"PatientName": "kathryn smith"}, {"ReferringPhysicianName": "steven maier"}, {"PatientName": "SCH*"}):
        assert found(STUDY, keys, reading=fuzzy) == [str(study)]
    assert found(STUDY, {"PatientName": "kathryn smith"}) == []
    assert found(STUDY, {"PatientName": "kathryn jones"}, reading=fuzzy) == []


EMPTY_KEYS = [
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "IssuerOfPatientID", "StudyDate", "StudyTime"),
    *("AccessionNumber", "ModalitiesInStudy", "ReferringPhysicianName", "StudyID", "StudyDescription"),
]


@pytest.mark.parametrize("key", EMPTY_KEYS)
def test_QIDO_52_studies_without_a_value_are_found(key: str, two_instances: tuple[Instance, Instance]):
    empty = factories.study(patient=factories.patient(patient_name="", patient_id=""), study_date="", study_time="")
    Patient.objects.exclude(pk=empty.patient_id).update(patient_sex="O", issuer_of_patient_id="H")
    assert found(STUDY, {key: '""'}, reading=Reading(empty_values=True)) == [str(empty)]
    if not key.endswith(("Date", "Time")):
        assert found(STUDY, {key: '""'}) == [], "without the parameter it is a value that nobody has"


def test_QIDO_52_a_list_may_have_the_empty_value_too(two_instances: tuple[Instance, Instance]):
    empty = factories.study(patient=factories.patient(patient_name="", patient_id=""), study_time="noon")
    reading = Reading(empty_values=True)
    names = found(STUDY, {"PatientName": '""', "PatientID": "*"}, reading=reading)
    assert names == [str(empty)]
    assert found(STUDY, {"StudyTime": '""'}, reading=reading) == [], "a time that is none is not empty"
    modalities, _ = read_keys(STUDY, {("00080061",): ('""', "CT")}, reading)
    assert search(Query(STUDY, modalities), url).count == 2
    people, _ = read_keys(STUDY, {("00100010",): ('""', "doe1")}, reading)
    assert search(Query(STUDY, people), url).count == 2


def test_QIDO_52_the_items_of_a_sequence_may_lack_a_value():
    series = factories.series(request_attributes=[{"requested_procedure_id": "R"}])
    factories.series(request_attributes=[{"requested_procedure_id": "R", "scheduled_procedure_step_id": "S"}])
    key = "RequestAttributesSequence.ScheduledProcedureStepID"
    assert found(SERIES, {key: '""'}, reading=Reading(empty_values=True)) == [str(series)]


def test_QIDO_53_all_modalities_have_to_be_in_the_study():
    both, one_of_them = factories.study(), factories.study()
    for study, modality in ((both, "CT"), (both, "PT"), (one_of_them, "CT")):
        factories.series(study, modality=modality)
    reading = Reading(multiple_values=True)
    assert found(STUDY, {"ModalitiesInStudy": "CT,PT"}, reading=reading) == [str(both)]
    assert len(found(STUDY, {"ModalitiesInStudy": "CT,PT"})) == 2, "QIDO-19"
    assert len(found(STUDY, {"PatientID": "*"}, reading=reading)) == 2
