"""Hostile queries (PS3.18 Section 8.3): refused with a 4xx, or answered right, and always soon."""

from urllib.parse import quote

import orjson
import pytest
from django.conf import LazySettings
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from archive.dicom.matching.attribute_paths import vr_of
from archive.dicom.matching.query_keys import LONGEST_VALUE, MOST_KEYS
from tests import factories

pytestmark = pytest.mark.django_db

ROOT = "/dicom-web"

OF_STUDY = ["studies/1.2/series", "studies/1.2/instances", "studies/1.2/series/1.3/instances"]
PATHS = ["studies", "series", "instances", *OF_STUDY]


@pytest.fixture(autouse=True)
def _anybody_may_search(settings: LazySettings) -> None:
    settings.ARCHIVE_ANONYMOUS_ACCESS = "read"


@pytest.fixture(autouse=True)
def study() -> str:
    """A study that has nothing to do with what hostile queries ask for."""
    patient = factories.patient(patient_id="P", patient_name="O'Neil^Zoë")
    instance = factories.instance(
        factories.series(factories.study(patient=patient, study_description="100% [x]")),
        data_set={"00180015": {"vr": "CS", "Value": ["CHEST"]}},
    )
    return str(instance.series.study)


def ask(client: Client, query: str, path: str = "studies") -> tuple[int, list[object]]:
    """Status and matches."""
    response = client.get(f"{ROOT}/{path}?{query}")
    answer = orjson.loads(response.getvalue())
    return response.status_code, answer if isinstance(answer, list) else []


#: Texts that mean something to some database, shell or pattern.
METACHARACTERS = [
    *("%", "_", "\\", "'", '"', "''", '""', "`", ";", "--", "/*", "[", "]", "[^a]", "[a-z]*", "{", "}", "(", ")"),
    *("' OR '1'='1", "'; DROP TABLE archive_study; --", "\\'; --", "%' OR 1=1 --", "$1", "%s", "%(x)s", ":x", "?1"),
    *("\\_%", "a\\", "$", ".*", "(?i)p", "\n", "\r\nX: y", "\ud7ff", "\ufeff", "\U0010ffff", "ﷺ" * 50, "İ" * 300),
]


@pytest.mark.parametrize("key", ["PatientID", "PatientName", "StudyDescription", "ReferringPhysicianName"])
@pytest.mark.parametrize("flags", ["", "&fuzzymatching=true", "&multiplevaluematching=true"])
def test_P37_and_QIDO_36_no_character_means_anything_to_the_database(client: Client, key: str, flags: str):
    for text in METACHARACTERS:
        status, matches = ask(client, f"{key}={quote(text)}{flags}")
        assert status == 200
        assert matches == [], text


@pytest.mark.parametrize(
    ("text", "matches"),
    [("100% [x]", 1), ("100%*", 1), ("*[x]", 1), ("1?0% [x]", 1), ("100_ [x]", 0), ("100%", 0), ("*[w-y]", 0)],
)
def test_P37_and_what_is_stored_with_such_characters_is_found_by_them(client: Client, text: str, matches: int):
    assert len(ask(client, f"StudyDescription={quote(text)}")[1]) == matches


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("&".join(f"x{n}=1" for n in range(10_000)), id="10,000 parameters"),
        pytest.param("&".join(f"includefield={n:08X}" for n in range(10_000)), id="10,000 fields"),
        pytest.param("StudyInstanceUID=" + ",".join(f"1.{n}" for n in range(10_000)), id="10,000 values"),
        pytest.param("StudyInstanceUID=" + "%5C".join(f"1.{n}" for n in range(100_000)), id="100,000 UIDs"),
        pytest.param("ModalitiesInStudy=" + "%2C".join(f"M{n}" for n in range(500)), id="500 modalities"),
        pytest.param("PatientID=" + "x" * (LONGEST_VALUE + 1), id="a long value"),
        pytest.param("PatientName=" + "x" * 1_000_000, id="a very long value"),
        pytest.param("fuzzymatching=true&PatientName=" + "+".join(f"a{n}" for n in range(100)), id="many words"),
        pytest.param(".".join(["ContentSequence"] * 1000) + ".CodeValue=x", id="a deep path"),
        pytest.param("includefield=" + ".".join(["ContentSequence"] * 1000), id="a deep field"),
        pytest.param("PatientID=a%00b", id="NUL"),
        pytest.param("Patient%00ID=a", id="NUL in a name"),
        pytest.param("PatientID=%FF%FE", id="broken UTF-8"),
        pytest.param("PatientID=%ED%A0%80", id="a surrogate"),
        pytest.param("%C3=x", id="broken UTF-8 in a name"),
        pytest.param("limit=-1", id="QIDO-73 negative limit"),
        pytest.param("limit=1e3", id="QIDO-73 exponent"),
        pytest.param("offset=0x10", id="QIDO-73 hexadecimal"),
        pytest.param("limit=%C2%B2", id="QIDO-73 a superscript is no digit"),
        pytest.param("00231001=x", id="QIDO-20 a private attribute without its creator"),
        pytest.param("00230010=A,B&00231001=x", id="QIDO-20 with two creators"),
        pytest.param("0010002=x", id="QIDO-23 seven digits"),
        pytest.param("StudyDate=99999999", id="QIDO-23 no such day"),
        pytest.param("StudyTime=2300-0100", id="QIDO-41 across midnight"),
        pytest.param("StudyDate=" + "-" * 400, id="QIDO-23 hyphens"),
        pytest.param("TimezoneOffsetFromUTC=%2B9900", id="QIDO-48 no such zone"),
        pytest.param("emptyvaluematching=yes", id="QIDO-54"),
    ],
)
@pytest.mark.parametrize("path", PATHS)
def test_what_is_no_query_is_refused_and_explained(client: Client, path: str, query: str):
    response = client.get(f"{ROOT}/{path}?{query}")
    assert response.status_code == 400
    assert 10 < len(orjson.loads(response.getvalue())["message"]) < 300


def test_a_query_may_have_many_keys_and_not_more(client: Client):
    tags = [f"0018{number:04X}" for number in range(0x1000, 0xA000) if vr_of(f"0018{number:04X}") in {"LO", "SH", "CS"}]
    keys = [f"{tag}=%22%22" for tag in tags[:MOST_KEYS]]
    assert len(keys) == MOST_KEYS
    status, matches = ask(client, "&".join([*keys, "emptyvaluematching=true"]), "instances")
    assert (status, len(matches)) == (200, 1)
    assert ask(client, "&".join([*keys, "StudyID=x"]), "instances")[0] == 400


def test_QIDO_17_a_list_of_thousands_of_uids_is_one(client: Client, study: str):
    uids = "%5C".join([*(f"1.2.{number}" for number in range(9_000)), study])
    assert len(ask(client, f"StudyInstanceUID={uids}")[1]) == 1


@pytest.mark.parametrize("number", ["9" * 30, str(10**30), "0" * 5000 + "1"])
def test_QIDO_67_absurd_numbers_are_numbers(client: Client, number: str):
    assert ask(client, f"offset={number}") == (200, [])
    assert len(ask(client, f"limit={number}")[1]) == 1
    assert ask(client, f"SeriesNumber={number[:18]}", "series")[0] == 200


@pytest.mark.parametrize(
    "pattern", ["*" * 4000, "*?" * 2000, "*a" * 2000, "a*" * 2000, "?" * 4000, "*%" * 1000, "[" * 4000]
)
@pytest.mark.parametrize("key", ["PatientName", "StudyDescription", "PatientID", "PatientComments"])
def test_P37_runs_of_wildcards_do_not_explode(client: Client, key: str, pattern: str):
    patient = factories.patient(patient_id="a" * 400, patient_name="a" * 400)
    factories.instance(
        factories.series(factories.study(study_description="a" * 400, patient=patient)),
        data_set={"00104000": {"vr": "LT", "Value": ["a" * 10_000]}},
    )
    for flags in ("", "&fuzzymatching=true"):
        assert ask(client, f"{key}={quote(pattern)}{flags}")[0] == 200


def test_many_fuzzy_names_in_one_query_are_answered(client: Client):
    names = ",".join("+".join(f"a{n}b{word}" for word in range(10)) for n in range(90))
    assert ask(client, f"fuzzymatching=true&PatientName={names}") == (200, [])


def test_QIDO_93_a_search_that_is_too_broad_says_how_to_narrow_it(client: Client, settings: LazySettings):
    settings.ARCHIVE_MAX_SCANNED = 1
    factories.study()
    response = client.get(f"{ROOT}/studies?PatientAge=030Y")
    assert response.status_code == 413
    assert "StudyDate" in orjson.loads(response.getvalue())["message"]


# -- any query at all ------------------------------------------------------------

_NAMES = st.sampled_from(
    [
        *(
            "PatientName",
            "PatientID",
            "StudyDate",
            "StudyTime",
            "ModalitiesInStudy",
            "StudyInstanceUID",
            "SeriesNumber",
        ),
        *("RequestAttributesSequence.RequestedProcedureID", "00400275.00400007", "BodyPartExamined", "KVP", "Rows"),
        *("AcquisitionDateTime", "ContentTime", "OtherPatientIDs", "00230010", "00231001", "00080201", "PixelData"),
        *("limit", "offset", "includefield", "fuzzymatching", "emptyvaluematching", "multiplevaluematching", "0020000"),
        *("PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime", "SOPClassUID", "", "x", "limit.offset"),
    ]
)
_VALUES = st.text(max_size=10) | st.sampled_from(
    [
        *("", "*", "a*", "?", '""', "CT,MR", "CT\\MR", "1.2", "20240101-", "-20240101", "10-12", "2300-0100", "+0100"),
        *("true", "false", "all", "00180015", "PatientAge", "00400275.00400007", "-1", "7", "1" * 30, "O'Neil", "P"),
    ]
)
_PAIRS = st.tuples(_NAMES, _VALUES).map(lambda pair: f"{pair[0]}={quote(pair[1], safe=',')}")


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PATHS), st.lists(_PAIRS, max_size=6).map("&".join) | st.text(max_size=40).map(quote))
@example("instances", "00230010=A&00231001=x&includefield=all&limit=1")
def test_every_query_is_answered_or_refused(client: Client, path: str, query: str):
    response = client.get(f"{ROOT}/{path}?{query}")
    assert response.status_code in {200, 400}
    assert isinstance(orjson.loads(response.getvalue()), list if response.status_code == 200 else dict)
