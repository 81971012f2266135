"""The law of searches: whatever SQL does, those workitems are found whose data sets meet the keys."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.dicom.dicom_json import DataSet
from archive.dicom.matching.data_sets import data_set_matches
from archive.dicom.matching.query_keys import MalformedMatch, Reading
from tests.workflow import building
from tests.workflow.selectors.searching import path
from tests.workitems import data_set
from workflow.models import Workitem
from workflow.selectors.keys import SearchKeys, read_keys
from workflow.selectors.search import Query, search

pytestmark = pytest.mark.django_db

Texts = st.SearchStrategy[str]


def _having(**attributes: st.SearchStrategy[Any]) -> st.SearchStrategy[DataSet]:
    """Data sets that have most of these, some without a value, and some with several."""
    values = {keyword: st.lists(one, min_size=1, max_size=2) | st.just([]) for keyword, one in attributes.items()}
    return st.fixed_dictionaries({}, optional=values).map(lambda chosen: data_set(**chosen))


def _asking(**keys: Texts) -> st.SearchStrategy[dict[str, str]]:
    """Queries with some of these keys; two underscores stand for the dot between a sequence and what is in it."""
    named = {name.replace("__", "."): values for name, values in keys.items()}
    return st.fixed_dictionaries({}, optional=named).filter(bool)


def _ranges(values: Texts) -> Texts:
    ends = st.just("") | values
    return values | st.builds("{}-{}".format, ends, ends)


# -- subjects: data sets, and queries for them -----------------------------------

_TEXTS = st.sampled_from(["A", "a", "AB", "A%", "B_1", "[A]", "É", " A ", "x" * 401])
_ASKED_TEXTS = _TEXTS | st.sampled_from(["A*", "*", "?", "*1", "[A*", "*x", '""', "a,A", "É*", ""])
COLUMNS = (
    _having(
        ProcedureStepState=st.sampled_from(["SCHEDULED", "IN PROGRESS"]),
        WorklistLabel=_TEXTS,
        PatientID=_TEXTS,
        CommentsOnTheScheduledProcedureStep=_TEXTS,
    ),
    _asking(
        ProcedureStepState=st.sampled_from(["SCHEDULED", "S*", "SCHEDULED,IN PROGRESS", '""']),
        WorklistLabel=_ASKED_TEXTS,
        PatientID=_ASKED_TEXTS,
        CommentsOnTheScheduledProcedureStep=_ASKED_TEXTS,
        SOPClassUID=st.sampled_from(["1.2.840.10008.5.1.4.34.6.1", "1.2.3"]),
    ),
)

_ZONES = st.sampled_from(["+0000", "+0100", "-1200", "+1400", "-0530"])
_MOMENTS = st.builds(
    str.__add__,
    st.sampled_from(["20260101", "2026", "20260101120000.5", "2025123112", "00010101"]),
    st.just("") | _ZONES,
)
MOMENTS = (
    _having(
        ScheduledProcedureStepStartDateTime=_MOMENTS,
        ExpectedCompletionDateTime=_MOMENTS | st.just("tomorrow"),
        TimezoneOffsetFromUTC=_ZONES,
    ),
    _asking(
        ScheduledProcedureStepStartDateTime=_ranges(_MOMENTS) | st.sampled_from(['""', "2025,2026", "99991231-"]),
        ExpectedCompletionDateTime=_ranges(_MOMENTS) | st.just('""'),
        TimezoneOffsetFromUTC=_ZONES,
    ),
)

_DATES = st.sampled_from(["20260101", "2026.01.01", "20251231", "20260102"])
_TIMES = st.sampled_from(["0030", "2330"])
BIRTHS = (
    _having(PatientBirthDate=_DATES | st.just("never"), PatientBirthTime=_TIMES, TimezoneOffsetFromUTC=_ZONES),
    _asking(PatientBirthDate=_ranges(_DATES), PatientBirthTime=_ranges(_TIMES), TimezoneOffsetFromUTC=_ZONES),
)

_NAMES = st.builds(
    dict,
    Alphabetic=st.sampled_from(["Doe^Jane", "Müller^Ann Lee", "^^", "DOE^John", "Łoś^Ewa", "ﷺ" * 100]),
    Ideographic=st.sampled_from(["", "山田^太郎"]),
)
_ASKED_NAMES = st.sampled_from(
    ["doe", "D*^J*", "muller", "*", "lee", "山田", "山*=", "doe=山田", '""', "jon do", "los"]
)
NAMES = (
    _having(PatientName=_NAMES, ScheduledHumanPerformersSequence=_having(HumanPerformerName=_NAMES)),
    _asking(
        PatientName=_ASKED_NAMES | st.just("doe,los"), ScheduledHumanPerformersSequence__HumanPerformerName=_ASKED_NAMES
    ),
)

_LETTERS = st.sampled_from(["A", "B"])
_ASKED_LETTERS = st.sampled_from(["A", "B", "A,C", "?", "", '""'])
_CODES = _having(CodeValue=_LETTERS, CodingSchemeDesignator=_LETTERS)
_ISSUERS = _having(LocalNamespaceEntityID=_LETTERS, UniversalEntityID=_LETTERS)
ITEMS = (
    _having(
        ScheduledStationNameCodeSequence=_CODES,
        ScheduledHumanPerformersSequence=_having(
            HumanPerformerCodeSequence=_CODES, HumanPerformerOrganization=_LETTERS
        ),
    ),
    _asking(
        ScheduledStationNameCodeSequence__CodeValue=_ASKED_LETTERS,
        ScheduledStationNameCodeSequence__CodingSchemeDesignator=_ASKED_LETTERS,
        ScheduledHumanPerformersSequence__HumanPerformerCodeSequence__CodeValue=_ASKED_LETTERS,
        ScheduledHumanPerformersSequence__HumanPerformerCodeSequence__CodingSchemeDesignator=_ASKED_LETTERS,
        ScheduledHumanPerformersSequence__HumanPerformerOrganization=_ASKED_LETTERS,
    ),
)
REQUESTS = (
    _having(
        ReferencedRequestSequence=_having(
            AccessionNumber=_LETTERS, RequestedProcedureID=_LETTERS, IssuerOfAccessionNumberSequence=_ISSUERS
        )
    ),
    _asking(
        ReferencedRequestSequence__AccessionNumber=_ASKED_LETTERS,
        ReferencedRequestSequence__RequestedProcedureID=_ASKED_LETTERS,
        ReferencedRequestSequence__IssuerOfAccessionNumberSequence__LocalNamespaceEntityID=_ASKED_LETTERS,
        ReferencedRequestSequence__IssuerOfAccessionNumberSequence__UniversalEntityID=_ASKED_LETTERS,
    ),
)

_UIDS = st.sampled_from(["1.2", "1.20", "1.2.3"])
_ASKED_UIDS = st.sampled_from(["1.2", "1.2,1.2.3", "1.9", ""])
_STUDIES = _having(StudyInstanceUID=_UIDS, SeriesInstanceUID=_UIDS)
STUDIES = (
    _having(
        StudyInstanceUID=_UIDS,
        InputInformationSequence=_STUDIES,
        UnifiedProcedureStepPerformedProcedureSequence=_having(OutputInformationSequence=_STUDIES),
    ),
    _asking(
        StudyInstanceUID=_ASKED_UIDS,
        InputInformationSequence__StudyInstanceUID=_ASKED_UIDS,
        InputInformationSequence__SeriesInstanceUID=_ASKED_UIDS,
        UnifiedProcedureStepPerformedProcedureSequence__OutputInformationSequence__StudyInstanceUID=_ASKED_UIDS,
    ),
)

SUBJECTS = {
    "columns": COLUMNS,
    "moments": MOMENTS,
    "births": BIRTHS,
    "names": NAMES,
    "items": ITEMS,
    "requests": REQUESTS,
    "studies": STUDIES,
}
#: Queries for two subjects at once.
MIXED = (
    st.builds(lambda *parts: {**parts[0], **parts[1]}, ITEMS[0], MOMENTS[0]),
    st.builds(lambda *parts: {**parts[0], **parts[1]}, ITEMS[1], MOMENTS[1]),
)
_READINGS = st.builds(Reading, fuzzy=st.booleans(), empty_values=st.booleans(), multiple_values=st.booleans())


# -- the law ---------------------------------------------------------------------


@pytest.mark.parametrize(("data_sets", "queries"), [*SUBJECTS.values(), MIXED], ids=[*SUBJECTS, "mixed"])
def test_a_search_finds_exactly_the_workitems_whose_data_sets_meet_its_keys(
    data_sets: st.SearchStrategy[DataSet], queries: st.SearchStrategy[dict[str, str]]
):
    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(st.lists(data_sets, min_size=4, max_size=8), st.lists(st.tuples(queries, _READINGS), min_size=8, max_size=8))
    def holds(changes: list[DataSet], asked: list[tuple[dict[str, str], Reading]]) -> None:
        Workitem.objects.all().delete()
        stored = [building.data_set() | some for some in changes]
        for one in stored:
            building.stored(one)
        for query, reading in asked:
            if keys := _read(query, reading):
                assert _found(keys) == {_uid(one) for one in stored if data_set_matches(keys.keys, one, keys.timezone)}

    holds()


def _read(query: dict[str, str], reading: Reading) -> SearchKeys | None:
    values = {path(name): tuple(text for text in texts.split(",") if text) for name, texts in query.items()}
    try:
        keys, _ = read_keys(values, reading)
    except MalformedMatch:
        return None
    return keys


def _found(keys: SearchKeys) -> set[str]:
    result = search(Query(keys))
    found = [_uid(one) for one in result.data_sets]
    assert (result.count, result.remaining) == (len(found), 0)
    assert len(set(found)) == len(found)
    return set(found)


def _uid(one: DataSet) -> str:
    return str(one["00080018"]["Value"][0])
