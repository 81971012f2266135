"""Dates with times in the zone of the query: SQL finds what the matching of data sets finds."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.dicom.matching.data_sets import data_set_matches
from archive.dicom.matching.query_keys import MalformedMatch, Reading, parse_keys
from archive.models import Study
from archive.selectors.keys import read_keys
from tests import factories
from tests.archive.selectors.searching import SERIES, STUDY, find, found, path

pytestmark = pytest.mark.django_db

DATES = ["", "20240130", "20240131", "20240201", "20240202"]
TIMES = ["", "0000", "0030", "0930", "153000.5", "2359"]
OFFSETS = ["", "+0900", "-1200", "+1400", "+0545", "Tokyo"]

_databased = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])


def study(date: str, time: str, offset: str = "") -> Study:
    return factories.study(study_date=date, study_time=time, timezone_offset_from_utc=offset)


@pytest.fixture
def studies() -> dict[str, dict[str, Any]]:
    """Data sets of studies of every moment and zone, by UID."""
    data_sets = {}
    for date in DATES:
        for time in TIMES:
            for offset in OFFSETS:
                values = {"00080020": ("DA", date), "00080030": ("TM", time), "00080201": ("SH", offset)}
                uid = str(study(date, time, offset))
                data_sets[uid] = {tag: {"vr": vr, "Value": [text]} for tag, (vr, text) in values.items() if text}
    return data_sets


def _ranges(values: list[str]) -> st.SearchStrategy[str]:
    ends = st.sampled_from(values)
    return st.one_of(st.just(""), st.just('""'), ends, st.builds("{}-{}".format, ends, ends))


@_databased
@given(_ranges(DATES), _ranges(TIMES), st.sampled_from(["", "+0000", "+0900", "-1200", "+1400", "-0330"]))
def test_QIDO_48_studies_are_found_as_the_rules_say(studies: dict[str, Any], dates: str, times: str, zone: str):
    texts = {"StudyDate": dates, "StudyTime": times, "TimezoneOffsetFromUTC": zone}
    values = {path(name): (text,) for name, text in texts.items() if text}
    try:
        keys, _ = read_keys(STUDY, values, Reading(empty_values=True))
    except MalformedMatch:
        return
    expected = {uid for uid, data_set in studies.items() if data_set_matches(keys.columns, data_set, keys.timezone)}
    assert set(found(STUDY, {k: v for k, v in texts.items() if v}, reading=Reading(empty_values=True))) == expected


def test_QIDO_48_a_study_is_found_on_the_day_it_was_in_the_zone_of_the_query():
    tokyo, unknown = study("20240131", "0030", "+0900"), study("20240131", "0030")
    assert found(STUDY, {"StudyDate": "20240130", "TimezoneOffsetFromUTC": "+0000"}) == [str(tokyo)]
    assert found(STUDY, {"StudyDate": "20240131", "TimezoneOffsetFromUTC": "+0000"}) == [str(unknown)]
    assert len(found(STUDY, {"StudyDate": "20240131"})) == 2
    both = {"StudyDate": "20240130-20240130", "StudyTime": "1500-1600", "TimezoneOffsetFromUTC": " 0000"}
    assert found(STUDY, both) == [str(tokyo)]
    assert "Value" not in next(find(STUDY, {"StudyDate": "20240131", "TimezoneOffsetFromUTC": "+0000"}).data_sets).get(
        "00080201", {}
    ), "it is no key, and says nothing about the study"


def test_QIDO_48_a_list_of_dates_is_moved_too():
    tokyo = study("20240131", "0030", "+0900")
    study("20240115", "0030", "+0900")
    assert found(STUDY, {"StudyDate": "20240110,20240130", "TimezoneOffsetFromUTC": "+0000"}) == [str(tokyo)]


def test_QIDO_48_the_procedure_steps_of_series_are_in_the_zone_of_the_series():
    series = factories.series(
        performed_procedure_step_start_date="20240131",
        performed_procedure_step_start_time="0030",
        timezone_offset_from_utc="+0900",
    )
    keys = {"PerformedProcedureStepStartDate": "20240130", "PerformedProcedureStepStartTime": "15-16"}
    assert found(SERIES, keys | {"TimezoneOffsetFromUTC": "+0000"}) == [str(series)]
    assert found(SERIES, keys) == []


def test_QIDO_48_the_study_of_a_series_is_in_its_own_zone():
    series = factories.series(study("20240131", "0030", "+0900"), timezone_offset_from_utc="-0500")
    assert found(SERIES, {"StudyDate": "20240130", "TimezoneOffsetFromUTC": "+0000"}) == [str(series)]


def test_the_zone_costs_one_query_more(django_assert_num_queries: Any):
    study("20240131", "0030", "+0900")
    with django_assert_num_queries(2):
        assert len(found(STUDY, {"StudyDate": "20240130", "TimezoneOffsetFromUTC": "+0000"})) == 1


def test_parsed_keys_are_those_of_the_pure_rules():
    values = {path("StudyDate"): ("20240131",), path("StudyTime"): ("10-",)}
    assert read_keys(STUDY, values)[0].columns == parse_keys(values)
