"""Search for workitems: PS3.18 Section 11.9, PS3.4 Sections CC.2.8 and C.2.2.2."""

from typing import Any

import pytest
from django.conf import LazySettings

from archive.dicom.matching.query_keys import MalformedMatch, Reading
from archive.errors import SearchTooBroad
from tests.workflow import building
from tests.workflow.selectors.searching import find, found, path
from tests.workitems import code, data_set
from workflow.attribute_table import RETURNED
from workflow.selectors.keys import read_keys

pytestmark = pytest.mark.django_db


def uid(**attributes: Any) -> str:
    """The UID of a workitem with these attributes, which is stored."""
    return str(building.workitem(**attributes).sop_instance_uid)


def one(keys: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """The data set of the only match."""
    (only,) = find(keys, **options).data_sets
    return only


# -- sequences -------------------------------------------------------------------

STATION = "ScheduledStationNameCodeSequence"


def test_two_keys_have_to_be_met_by_one_item():
    apart = uid(ScheduledStationNameCodeSequence=[code("A", scheme="1"), code("B", scheme="2")])
    together = uid(ScheduledStationNameCodeSequence=[code("B", scheme="2"), code("A", scheme="2")])
    keys = {f"{STATION}.CodeValue": "A", f"{STATION}.CodingSchemeDesignator": "2"}
    assert found(keys) == [together]
    assert found({f"{STATION}.CodeValue": "B", f"{STATION}.CodingSchemeDesignator": "2"}) == [apart, together]


def test_keys_of_one_item_are_met_at_different_depths():
    def request(accession: str, issuer: str) -> dict[str, Any]:
        of = [data_set(LocalNamespaceEntityID=issuer)]
        return data_set(AccessionNumber=accession, IssuerOfAccessionNumberSequence=of)

    uid(ReferencedRequestSequence=[request("1", "HERE"), request("2", "THERE")])
    meant = uid(ReferencedRequestSequence=[request("2", "THERE"), request("1", "THERE")])
    issuer = "ReferencedRequestSequence.IssuerOfAccessionNumberSequence.LocalNamespaceEntityID"
    assert found({"ReferencedRequestSequence.AccessionNumber": "1", issuer: "THERE"}) == [meant]


def test_keys_on_different_sequences_are_met_by_items_of_each():
    both = uid(ScheduledStationNameCodeSequence=[code("A")], ScheduledWorkitemCodeSequence=[code("B")])
    uid(ScheduledStationNameCodeSequence=[code("A")], ScheduledWorkitemCodeSequence=[code("C")])
    assert found({f"{STATION}.CodeValue": "A", "ScheduledWorkitemCodeSequence.CodeValue": "B"}) == [both]


def test_a_key_without_an_index_and_one_with_one_are_met_by_one_item():
    def performer(value: str, name: str) -> dict[str, Any]:
        return data_set(HumanPerformerCodeSequence=[code(value)], HumanPerformerName=name)

    uid(ScheduledHumanPerformersSequence=[performer("A", "Doe^Jane"), performer("B", "Roe^Richard")])
    meant = uid(ScheduledHumanPerformersSequence=[performer("B", "Doe^Jane")])
    sequence = "ScheduledHumanPerformersSequence"
    keys = {f"{sequence}.HumanPerformerName": "doe", f"{sequence}.HumanPerformerCodeSequence.CodeValue": "B"}
    assert found(keys) == [meant]


# -- kinds of matching -----------------------------------------------------------

DATE_TIMES = [
    "ScheduledProcedureStepStartDateTime",
    "ExpectedCompletionDateTime",
    "ScheduledProcedureStepModificationDateTime",
    "ScheduledProcedureStepExpirationDateTime",
]


@pytest.mark.parametrize("keyword", DATE_TIMES)
@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ("20260131", False),
        ("202601311015", True),
        ("20260131091500+0000", True),
        ("20260131-", True),
        ("-20260131", True),
        ("2026-2026", True),
        ("20260131-20260131", True),
        ("202601311015-202601311015", True),
        ("20260131091500+0000-20260131091500+0000", True),
        ("202601310915+0000-", True),
        ("202601310916+0000-", False),
        ("-202601310415-0500", True),
        ("-202601310414-0500", False),
        ("20260131101501-", False),
        ("-20260131101459.999999", False),
        ("20260201-", False),
        ("*", True),
        ("", True),
    ],
)
def test_a_moment_is_found_by_itself_and_by_ranges_in_any_zone(keyword: str, asked: str, is_found: bool):
    """The workitem's clock is an hour before UTC; both ends of a range belong to it, to the precision given."""
    uid(**{keyword: "20260131101500+0100"})
    assert bool(found({keyword: asked})) is is_found


def test_the_zone_of_a_query_is_that_of_its_moments():
    """Timezone Offset From UTC: PS3.18 Section 8.3.4.1.1."""
    meant = uid(ScheduledProcedureStepStartDateTime="20260131101500+0100")
    start = "ScheduledProcedureStepStartDateTime"
    assert found({start: "20260131091500", "TimezoneOffsetFromUTC": "+0000"}) == [meant]
    assert found({start: "20260131101500", "TimezoneOffsetFromUTC": "+0000"}) == []
    assert found({start: "20260131041500-", "TimezoneOffsetFromUTC": "-0500"}) == [meant]


def test_the_zone_of_a_workitem_is_that_of_its_moments():
    meant = uid(ScheduledProcedureStepStartDateTime="20260131101500", TimezoneOffsetFromUTC="+0100")
    assert found({"ScheduledProcedureStepStartDateTime": "20260131091500+0000"}) == [meant]


@pytest.mark.parametrize("asked", ["CHEST*", "*HEST 1", "?HEST 1", "*", "C*1", "CHEST 1,other"])
def test_texts_have_wildcards_and_lists(asked: str):
    meant = uid(ProcedureStepLabel="CHEST 1")
    uid(ProcedureStepLabel="")
    assert meant in found({"ProcedureStepLabel": asked.split(",")})
    assert (len(found({"ProcedureStepLabel": asked.split(",")})) == 2) is (asked == "*")


@pytest.mark.parametrize("asked", ["chest 1", "CHEST", "CHEST_1", "CHEST%", "[C]HEST 1"])
def test_texts_match_as_they_stand_and_mean_nothing_to_the_database(asked: str):
    uid(ProcedureStepLabel="CHEST 1")
    assert found({"ProcedureStepLabel": asked}) == []


@pytest.mark.parametrize("asked", ["muller", "MÜLLER", "müll*", "ann", "山田", "山*", "やまだ", "Muller^Ann Lee"])
def test_names_match_without_case_and_accents_in_every_script(asked: str):
    groups = {"Alphabetic": "Müller^Ann Lee", "Ideographic": "山田^太郎", "Phonetic": "やまだ^たろう"}
    meant = uid(PatientName=groups)
    uid(PatientName="Miller^Anna")
    assert found({"PatientName": asked}) == [meant]


def test_names_match_fuzzily_emptiness_is_found_and_all_values_of_several():
    """Supported, so that nothing warns of it."""
    smith, nobody = uid(PatientName="Schmidt^Catherine"), uid(PatientName=[])
    assert found({"PatientName": "kathryn smith"}, reading=Reading(fuzzy=True)) == [smith]
    assert found({"PatientName": '""'}, reading=Reading(empty_values=True)) == [nobody]
    described = uid(AdmittingDiagnosesDescription=["A", "B"])
    uid(AdmittingDiagnosesDescription=["A", "C"])
    several = Reading(multiple_values=True)
    assert found({"AdmittingDiagnosesDescription": ("A", "B")}, reading=several) == [described]


def test_UIDs_come_in_lists():
    first, second, _ = uid(), uid(), uid()
    assert found({"SOPInstanceUID": (first, second)}) == sorted([first, second])
    assert found({"SOPInstanceUID": f"{first}\\{second}"}) == sorted([first, second])


def test_a_key_that_is_met_by_no_value_is_not_met_without_one():
    uid(PatientID=[], AdmissionID=None)
    for keys in ({"PatientID": "?*"}, {"AdmissionID": "?*"}, {"ExpectedCompletionDateTime": "-2099"}):
        assert found(keys) == []


def test_several_values_where_one_is_expected_are_all_found():
    labels = uid(WorklistLabel=["CHEST", "NIGHT"])
    chest = uid(WorklistLabel="CHEST")
    assert found({"WorklistLabel": "NIGHT"}) == [labels]
    assert found({"WorklistLabel": "CHEST", "PatientID": ""}) == sorted([labels, chest])


@pytest.mark.parametrize("name", ["TransactionUID", "00081195", "ReferencedRequestSequence.00081195"])
@pytest.mark.parametrize("values", [(), ("1.2.3",)])
def test_the_transaction_UID_is_no_key(name: str, values: tuple[str, ...]):
    with pytest.raises(MalformedMatch):
        read_keys({path(name): values})


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("ScheduledStationNameCodeSequence.CodeMeaning", id="code meaning"),
        pytest.param("ScheduledStationNameCodeSequence.CodingSchemeVersion", id="coding scheme version"),
        pytest.param("ScheduledStationNameCodeSequence", id="a sequence has no value"),
        pytest.param("SpecificCharacterSet", id="about the text"),
        pytest.param("Modality", id="no attribute of a workitem"),
        pytest.param("00000002", id="a command's"),
    ],
)
def test_what_is_no_key_is_ignored_and_told(name: str):
    keys, ignored = read_keys({path(name): ("x",), path("PatientID"): ("y",)})
    assert ignored == [path(name)]
    assert list(keys.keys) == [path("PatientID")]


def test_keys_without_an_index_are_bounded_and_others_narrow_them(settings: LazySettings):
    settings.ARCHIVE_MAX_SCANNED = 2
    first = uid(CommentsOnTheScheduledProcedureStep="x", PatientID="1")
    for _ in range(2):
        uid(CommentsOnTheScheduledProcedureStep="x", PatientID="2")
    with pytest.raises(SearchTooBroad, match="ProcedureStepState"):
        find({"CommentsOnTheScheduledProcedureStep": "x"})
    assert found({"CommentsOnTheScheduledProcedureStep": "x", "PatientID": "1"}) == [first]


# -- what is returned ------------------------------------------------------------


def test_a_result_has_what_the_table_returns_empty_where_it_is_unknown():
    uid(PatientID=None, ReferencedRequestSequence=None)
    result = one()
    assert set(result) == set(RETURNED)
    assert list(result) == sorted(result)
    assert result["00100020"] == {"vr": "LO"}
    assert result["0040A370"] == {"vr": "SQ"}


def test_what_is_returned_under_a_condition_is_there_when_the_workitem_has_it():
    uid(MedicalAlerts="Allergy", SpecialNeeds="Wheelchair", PregnancyStatus=4, TimezoneOffsetFromUTC="+0100")
    assert {"00102000", "00380050", "001021C0", "00080201"} <= set(one())


def test_matched_and_included_attributes_are_returned_sequences_whole():
    item = code("A", meaning="What it means")
    uid(ReplacedProcedureStepSequence=[item, item], CommentsOnTheScheduledProcedureStep="x", PatientAge="042Y")
    assert "00404011" not in one()
    assert one({"ExpectedCompletionDateTime": ""})["00404011"] == {"vr": "DT"}
    matched = one({"ScheduledProcedureStepExpirationDateTime": "", "CommentsOnTheScheduledProcedureStep": "x"})
    assert matched["00400400"]["Value"] == ["x"]
    included = one(include=["ReplacedProcedureStepSequence.CodeValue", "00101010", "Modality"])
    assert included["00741224"]["Value"] == [item, item]
    assert included["00101010"]["Value"] == ["042Y"]
    assert "00080060" not in included


def test_all_attributes_are_included_and_never_the_lock():
    row = building.workitem(PatientAge="042Y")
    row.transaction_uid = "1.2.3"
    row.save()
    result = one(include_all=True, include=["TransactionUID"])
    assert result["00101010"]["Value"] == ["042Y"]
    assert "00081195" not in result
    assert "1.2.3" not in str(result)


# -- pages -----------------------------------------------------------------------


def test_the_next_to_be_done_comes_first_by_its_moment():
    starts = ["20260101100000+0000", "20260101100000+0200", "20251231230000-0500", "20260101"]
    late, early, middle, unknown = (uid(ScheduledProcedureStepStartDateTime=start) for start in starts)
    assert found() == [unknown, middle, early, late]
    assert found({"ProcedureStepState": "SCHEDULED"}) == [unknown, middle, early, late]


@pytest.mark.parametrize("key", [{}, {"CommentsOnTheScheduledProcedureStep": "x"}], ids=["by index", "by data set"])
def test_pages_neither_overlap_nor_skip(key: dict[str, Any]):
    """Scenario 12: 250 workitems, of which many begin at once."""
    stored = {
        uid(ScheduledProcedureStepStartDateTime=f"202601{1 + number % 7:02}", CommentsOnTheScheduledProcedureStep="x")
        for number in range(250)
    }
    seen: list[str] = []
    remaining = 250
    while remaining:
        result = find(key, offset=len(seen), limit=40)
        assert result.count == min(40, remaining)
        seen += [data_set["00080018"]["Value"][0] for data_set in result.data_sets]
        remaining = result.remaining
        assert len(seen) + remaining == 250
    assert len(seen) == len(set(seen))
    assert set(seen) == stored
    assert found(key) == seen, "the order is the same each time"


def test_a_page_is_never_longer_than_the_archive_answers_at_once(settings: LazySettings):
    settings.ARCHIVE_MAX_RESULTS = 2
    for _ in range(3):
        uid()
    for limit in (None, 10):
        result = find(limit=limit)
        assert (result.count, result.remaining) == (2, 1)


@pytest.mark.parametrize(("page", "remaining"), [({"limit": 0}, 2), ({"offset": 2}, 0), ({"offset": 10**15}, 0)])
@pytest.mark.parametrize("key", [{}, {"CommentsOnTheScheduledProcedureStep": "*x*"}], ids=["by index", "by data set"])
def test_a_page_can_be_empty(page: dict[str, int], remaining: int, key: dict[str, Any]):
    for _ in range(2):
        uid(CommentsOnTheScheduledProcedureStep="x")
    result = find(key, **page)
    assert (result.count, list(result.data_sets), result.remaining) == (0, [], remaining)
