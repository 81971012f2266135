"""H12: workitems are found by what the standard lets clients ask for, and counted and paged without a gap."""

import csv
from collections.abc import Iterator
from typing import Any

import pytest
from pydicom.uid import generate_uid

from archive.dicom.dicom_json import DataSet
from tests.flows.worklist.client import Worklist, values, warning
from tests.live_archive import LiveArchive
from tests.project import PROJECT
from tests.workitems import code, data_set, performer, tag, workitem

COUNT = 250
PRIORITIES = ("HIGH", "MEDIUM", "LOW")

#: A value for every key of PS3.4 Table CC.2.5-3 that has to be matched. Codes are found by their value.
DESIGNATOR = {"LocalNamespaceEntityID": "NAME", "UniversalEntityID": "1.2.3", "UniversalEntityIDType": "ISO"}


def all_codes(value: str) -> list[DataSet]:
    """The same concept in every way that a code can be written."""
    return [
        code(value),
        data_set(LongCodeValue=f"{value}-LONG-CODE-VALUE", CodingSchemeDesignator="99TEST", CodeMeaning="Long"),
        data_set(URNCodeValue=f"urn:{value}", CodeMeaning="URN"),
    ]


def everything(study: str, replaced: str) -> dict[str, Any]:
    """Attributes of a workitem that has a value for each of those keys."""
    human = performer() | data_set(HumanPerformerCodeSequence=all_codes("HUMAN"))
    request = data_set(
        StudyInstanceUID=study,
        AccessionNumber="ACC-1",
        IssuerOfAccessionNumberSequence=[data_set(**DESIGNATOR)],
        RequestedProcedureID="RP-1",
        RequestingService="WARD",
    )
    issuer = {"IssuerOfPatientID": "OTHER-ISSUER", "IssuerOfPatientIDQualifiersSequence": []}
    return {
        "ScheduledStationNameCodeSequence": all_codes("STATION"),
        "ScheduledStationClassCodeSequence": all_codes("CLASS"),
        "ScheduledStationGeographicLocationCodeSequence": all_codes("PLACE"),
        "ScheduledHumanPerformersSequence": [human],
        "ScheduledWorkitemCodeSequence": all_codes("WORK"),
        "ExpectedCompletionDateTime": "20261125120000",
        "PatientName": "Every^Thing",
        "PatientID": "PAT-1",
        "IssuerOfPatientID": "ISSUER",
        "OtherPatientIDsSequence": [data_set(PatientID="OTHER", **issuer)],
        "PatientBirthDate": "19700101",
        "PatientSex": "O",
        "AdmissionID": "ADM-1",
        "IssuerOfAdmissionIDSequence": [data_set(**DESIGNATOR)],
        "ReferencedRequestSequence": [request],
        "ReplacedProcedureStepSequence": [
            data_set(ReferencedSOPClassUID="1.2.840.10008.5.1.4.34.6.1", ReferencedSOPInstanceUID=replaced)
        ],
    }


def required_keys() -> Iterator[tuple[str, str]]:
    """Keywords and tags, dotted, of the keys that have to be matched, as the standard's table has them."""
    with (PROJECT / "workflow" / "attribute_table.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["match"] in {"U", "R"} and row["vr"] != "SQ":
                yield row["path"], row["tag"].replace(",", "")


@pytest.fixture(scope="module")
def label() -> str:
    """What the workitems of this module have in common, and no others."""
    return f"SEARCH-{generate_uid()[-12:]}"


@pytest.fixture(scope="module")
def many(archive: LiveArchive, label: str) -> list[str]:
    """Many workitems, in the order in which they are due."""
    with Worklist(archive.url, archive.session()) as worklist:
        return [worklist.create(numbered(number, label)) for number in range(COUNT)]


def numbered(number: int, label: str) -> DataSet:
    day, minute = divmod(number, 50)
    return workitem(
        WorklistLabel=label,
        ScheduledProcedureStepPriority=PRIORITIES[number % 3],
        ScheduledProcedureStepStartDateTime=f"202601{day + 1:02}10{minute:02}00+0000",
        ExpectedCompletionDateTime=f"202602{day + 1:02}10{minute:02}00+0000",
        ScheduledProcedureStepExpirationDateTime=f"202603{day + 1:02}10{minute:02}00+0000",
        PatientName=f"Patient^Number{number:03}",
        ScheduledStationNameCodeSequence=[code("FIRST", scheme="99A"), code(f"S{number}", scheme="99B")],
    )


def found(worklist: Worklist, query: str = "", **keys: str) -> list[str]:
    return [one["00080018"]["Value"][0] for one in worklist.search(query, **keys)]


@pytest.mark.parametrize("spelled", [0, 1], ids=["keyword", "tag"])
def test_H12_every_key_that_has_to_be_matched_is(worklist: Worklist, ae: str, spelled: int) -> None:
    """UPS-F-1, UPS-F-3"""
    whole = workitem(WorklistLabel=ae, **everything(generate_uid(), generate_uid()))
    uid = worklist.create(whole | data_set(StudyInstanceUID="1.2.3.4"))
    worklist.create(
        WorklistLabel=ae,
        ProcedureStepLabel="Other",
        ScheduledProcedureStepPriority="LOW",
        InputReadinessState="INCOMPLETE",
        ScheduledProcedureStepStartDateTime="20200101",
    )
    in_common = {"WorklistLabel", "ProcedureStepState"}
    keys = [row for row in required_keys() if row[0] not in in_common]
    assert len(keys) > 40

    wrong = []
    for row in keys:
        value = one_value(whole | {"00080018": {"vr": "UI", "Value": [uid]}}, row[1])
        if found(worklist, WorklistLabel=ae, **{row[spelled]: value}) != [uid]:
            wrong.append(row[0])

    assert wrong == []


def one_value(whole: DataSet, path: str) -> str:
    """A value that some item has at the end of the path."""
    head, _, rest = path.partition(".")
    held = whole.get(head, {}).get("Value", [])
    if rest:
        return next(filter(None, (one_value(item, rest) for item in held)), "")
    return str(held[0]["Alphabetic"] if isinstance(held[0], dict) else held[0]) if held else ""


@pytest.mark.parametrize(
    ("keyword", "month"),
    [
        ("ScheduledProcedureStepStartDateTime", "01"),
        ("ExpectedCompletionDateTime", "02"),
        ("ScheduledProcedureStepExpirationDateTime", "03"),
    ],
)
@pytest.mark.parametrize(
    ("between", "first", "last"),
    [
        ("2026{m}02-2026{m}03", 50, 149),
        ("2026{m}05-", 200, 249),
        ("-2026{m}01", 0, 49),
        ("2026{m}021010-2026{m}021012", 60, 62),
        ("2026{m}02111000+0100-2026{m}02111200+0100", 60, 62),
        ("2026{m}02101000+0000-2026{m}02101000+0000", 60, 60),
    ],
)
def test_H12_times_are_found_by_ranges(
    worklist: Worklist, label: str, many: list[str], keyword: str, month: str, between: str, first: int, last: int
) -> None:
    """UPS-F-4"""
    keys = {keyword: between.format(m=month), "WorklistLabel": label}
    assert found(worklist, **keys) == many[first : last + 1]


def test_H12_the_time_of_the_last_change_is_found_by_ranges(worklist: Worklist, label: str, many: list[str]) -> None:
    key = "ScheduledProcedureStepModificationDateTime"
    assert found(worklist, WorklistLabel=label, **{key: "20200101-"}) == many
    assert found(worklist, WorklistLabel=label, **{key: "-20200101"}) == []


def test_H12_times_of_a_query_are_in_the_zone_that_it_names(worklist: Worklist, label: str, many: list[str]) -> None:
    """UPS-F-5"""
    query = f"ScheduledProcedureStepStartDateTime={'202601021110-202601021112'}&TimezoneOffsetFromUTC=%2B0100"
    assert found(worklist, query, WorklistLabel=label) == many[60:63]


def test_H12_names_and_wildcards_and_lists(worklist: Worklist, label: str, many: list[str]) -> None:
    """UPS-F-4"""
    for name, expected in (
        ("Patient^Number007", many[7:8]),
        ("patient^number007", many[7:8]),
        ("Patient^Number00?", many[:10]),
        ("*Number24*", many[240:]),
        ("", many),
    ):
        assert found(worklist, WorklistLabel=label, PatientName=name) == expected, name
    wanted = [many[3], many[1], many[200]]
    assert found(worklist, SOPInstanceUID=",".join(wanted)) == [many[1], many[3], many[200]]
    assert found(worklist, WorklistLabel=f"{label[:-3]}*") == many


def test_H12_the_keys_of_a_sequence_meet_in_one_of_its_items(worklist: Worklist, label: str, many: list[str]) -> None:
    """UPS-F-4"""
    station = "ScheduledStationNameCodeSequence"
    second = {f"{station}__CodeValue": "S17"}
    assert found(worklist, WorklistLabel=label, **second) == [many[17]]
    assert found(worklist, WorklistLabel=label, **second, **{f"{station}__CodingSchemeDesignator": "99B"}) == [many[17]]
    assert found(worklist, WorklistLabel=label, **second, **{f"{station}__CodingSchemeDesignator": "99A"}) == []


def test_H12_all_attributes_but_the_lock_can_be_had(worklist: Worklist, ae: str) -> None:
    """UPS-F-6"""
    uid = worklist.create(
        WorklistLabel=ae, CommentsOnTheScheduledProcedureStep="Please", ExpectedCompletionDateTime="20261125"
    )
    lock = worklist.claim(uid)

    (whole,) = worklist.search("includefield=all", WorklistLabel=ae)
    (some,) = worklist.search("includefield=CommentsOnTheScheduledProcedureStep", WorklistLabel=ae)
    (plain,) = worklist.search(WorklistLabel=ae)

    stored = worklist.retrieve(uid)
    assert {tag: element for tag, element in whole.items() if tag in stored} == stored
    assert all("Value" not in whole[tag] for tag in whole.keys() - stored.keys()), "of type 2, without a value"
    assert values(some, tag("CommentsOnTheScheduledProcedureStep")) == ["Please"]
    assert tag("CommentsOnTheScheduledProcedureStep") not in plain
    assert lock not in f"{whole}{some}{plain}"


def test_H12_pages_have_no_gap_and_no_repetition(worklist: Worklist, label: str, many: list[str]) -> None:
    """UPS-F-7, UPS-F-8"""
    pages = []
    for offset in range(0, COUNT, 40):
        response = worklist.send("GET", f"/workitems?WorklistLabel={label}&limit=40&offset={offset}")
        pages += [one["00080018"]["Value"][0] for one in response.json()]
        remaining = COUNT - len(pages)
        text = f"There are {remaining} additional results that can be requested"
        expected = warning(worklist, text) if remaining else None
        assert (response.status_code, response.headers.get("Warning")) == (200, expected)
    assert pages == many


@pytest.mark.parametrize("page", [f"offset={COUNT}", "offset=100000", "limit=0"])
def test_H12_past_the_end_there_is_nothing(worklist: Worklist, label: str, many: list[str], page: str) -> None:
    """UPS-F-7"""
    response = worklist.send("GET", f"/workitems?WorklistLabel={label}&{page}")
    assert (response.status_code, response.content) == (204, b"")
    assert "Content-Type" not in response.headers


def test_H12_nothing_found_is_no_content(worklist: Worklist) -> None:
    assert worklist.send("GET", f"/workitems?SOPInstanceUID={generate_uid()}").status_code == 204


def test_H12_the_same_question_has_the_same_answer(worklist: Worklist, label: str, many: list[str]) -> None:
    """UPS-F-8"""
    keys = {"WorklistLabel": label, "ScheduledProcedureStepPriority": "HIGH"}
    assert found(worklist, **keys) == found(worklist, **keys) == many[::3]


def test_H12_fuzzy_matching_finds_more_or_says_that_it_does_not(
    worklist: Worklist, label: str, many: list[str]
) -> None:
    """UPS-F-9"""
    response = worklist.send("GET", f"/workitems?WorklistLabel={label}&PatientName=number007&fuzzymatching=true")
    text = "The fuzzymatching parameter is not supported. Only literal matching has been performed."
    if "Warning" in response.headers:
        assert response.headers["Warning"] == warning(worklist, text)
    else:
        assert many[7] in [one["00080018"]["Value"][0] for one in response.json()]
