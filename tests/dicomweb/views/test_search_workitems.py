"""Search for workitems over HTTP, PS3.18 Section 11.9."""

from typing import Any

import orjson
import pytest
from django.conf import LazySettings
from django.http import HttpResponseBase
from django.test import Client

from dicomweb.responses import STREAMED_FROM
from tests.dicomweb.answers import parts
from tests.workflow import building
from tests.workitems import code
from workflow.attribute_table import RETURNED

pytestmark = pytest.mark.django_db

ROOT = "/dicom-web"
SERVICE = f"http://testserver{ROOT}"


@pytest.fixture(autouse=True)
def _anybody_may_search(settings: LazySettings) -> None:
    settings.ARCHIVE_ANONYMOUS_ACCESS = "read"


def get(client: Client, query: str = "", **headers: str) -> HttpResponseBase:
    return client.get(f"{ROOT}/workitems?{query}", headers=headers)


def body(response: HttpResponseBase) -> bytes:
    return response.getvalue()


def search(client: Client, query: str = "") -> list[dict[str, Any]]:
    response = get(client, query)
    assert response.status_code == 200, body(response)
    assert response["Content-Type"] == "application/dicom+json"
    found: list[dict[str, Any]] = orjson.loads(body(response))
    return found


def uids(found: list[dict[str, Any]]) -> list[str]:
    return [data_set["00080018"]["Value"][0] for data_set in found]


@pytest.mark.parametrize(
    "query",
    [
        "ScheduledStationNameCodeSequence.CodeValue=AIALG&ProcedureStepState=SCHEDULED&InputReadinessState=READY",
        "00404025.00080100=AIALG&00741000=SCHEDULED&00404041=READY",
        "ScheduledStationNameCodeSequence.00080100=AIALG&00741000=SCHEDULED&limit=5",
        "00404025.00080100=AIALG&IncludeField=all&Limit=5",
    ],
)
def test_a_station_finds_its_work(client: Client, query: str):
    """Scenario 1."""
    meant = building.workitem(ScheduledStationNameCodeSequence=[code("OTHER"), code("AIALG")])
    building.workitem(ScheduledStationNameCodeSequence=[code("OTHER")])
    (found,) = search(client, query)
    assert uids([found]) == [meant.sop_instance_uid]
    assert set(RETURNED) <= set(found)
    assert "00081195" not in found


@pytest.mark.parametrize("query", ["includefield=all", "includefield=00081195", "includefield=TransactionUID"])
def test_the_lock_never_leaves_the_archive(client: Client, query: str):
    row = building.workitem()
    row.transaction_uid = "1.2.3.4.5"
    row.save()
    response = get(client, query)
    assert b"00081195" not in body(response)
    assert b"1.2.3.4.5" not in body(response)


@pytest.mark.parametrize("accept", ["application/dicom+json", 'multipart/related; type="application/dicom+xml"'])
@pytest.mark.parametrize("query", ["PatientID=nobody", "limit=0", "offset=1", "offset=99999999999999999999"])
def test_nothing_is_answered_204(client: Client, accept: str, query: str):
    building.workitem()
    response = get(client, query, accept=accept)
    assert response.status_code == 204
    assert not body(response)
    assert "Content-Type" not in response


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("TransactionUID=1.2.3", id="the lock as key"),
        pytest.param("00081195=1.2.3", id="the lock as key, by tag"),
        pytest.param("00081195=", id="the lock as universal key"),
        pytest.param("PatientID=A&00100020=B", id="a repeated key"),
        pytest.param("limit=-1", id="a negative limit"),
        pytest.param("offset=-1", id="a negative offset"),
        pytest.param("limit=abc", id="a limit that is no number"),
        pytest.param("limit=1&Limit=2", id="a repeated limit"),
        pytest.param("fuzzymatching=perhaps", id="a switch that is neither on nor off"),
        pytest.param("WorklistLable=x", id="a mistyped keyword"),
        pytest.param("worklistlabel=x", id="a keyword in lower case"),
        pytest.param("ScheduledStationNameCodeSequence.CodeValu=x", id="a mistyped keyword in a sequence"),
        pytest.param("scheduledstation.code=x", id="names with a dot"),
        pytest.param("includefield=WorklistLable", id="a mistyped field"),
        pytest.param("0040402=x", id="seven digits"),
        pytest.param("SOPInstanceUID=1.2.*", id="no UID"),
        pytest.param("ScheduledProcedureStepStartDateTime=tomorrow", id="no moment"),
        pytest.param("ScheduledProcedureStepStartDateTime=2027-2026", id="a range that ends before it begins"),
        pytest.param("TimezoneOffsetFromUTC=x", id="no zone"),
        pytest.param("PatientName=%FF", id="no UTF-8"),
        pytest.param("00231001=x", id="a private attribute without its creator"),
    ],
)
def test_what_is_wrong_is_answered_400_and_its_values_are_not_repeated(client: Client, query: str):
    building.workitem()
    response = get(client, query)
    assert response.status_code == 400
    assert orjson.loads(body(response))["message"]
    assert f"={query.partition('=')[2]}".encode() not in body(response)


def test_how_many_more_there_are_is_told_in_the_words_of_the_standard(client: Client):
    for _ in range(3):
        building.workitem()
    response = get(client, "limit=2")
    assert response.status_code == 200
    assert response["Warning"] == f"299 {SERVICE}: There are 1 additional results that can be requested"
    assert "Warning" not in get(client, "limit=2&offset=2")
    assert "Warning" not in get(client, "limit=3")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("ScheduledStationNameCodeSequence.CodeMeaning=x", "cannot match were ignored: 00404025.00080104"),
        ("Modality=CT", "cannot match were ignored: 00080060"),
        ("_=1700000000000&token=secret", "does not know were ignored: _, token"),
        ("a%0D%0Ab=1", "does not know were ignored: a b"),
        (f"{'x' * 100}=1", f"does not know were ignored: {'x' * 64}"),
    ],
)
def test_nothing_is_ignored_in_silence(client: Client, query: str, told: str):
    building.workitem()
    response = get(client, query)
    assert response.status_code == 200
    assert response["Warning"].endswith(f'{told}"')
    assert "secret" not in response["Warning"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "fuzzymatching=true",
        "emptyvaluematching=true",
        "multiplevaluematching=true&FuzzyMatching=false",
        "accept=application/dicom%2Bjson&charset=utf-8",
        "TimezoneOffsetFromUTC=%2B0100",
        "includefield=PatientAge,00404011",
    ],
)
def test_there_is_no_warning_without_a_reason(client: Client, query: str):
    building.workitem()
    response = get(client, query)
    assert len(orjson.loads(body(response))) == 1
    assert "Warning" not in response


def test_too_broad_a_search_is_answered_413(client: Client, settings: LazySettings):
    """UPS-F-11"""
    settings.ARCHIVE_MAX_SCANNED = 1
    building.workitem()
    building.workitem()
    response = get(client, "CommentsOnTheScheduledProcedureStep=x")
    assert response.status_code == 413
    assert b"ProcedureStepState" in body(response)


def test_XML_has_a_part_for_each_workitem(client: Client):
    rows = [building.workitem(PatientName="Doe^Jané") for _ in range(2)]
    response = get(client, accept='multipart/related; type="application/dicom+xml"')
    assert response.status_code == 200
    found = parts(response)
    assert len(found) == len(rows)
    for row, part in zip(rows, found, strict=True):
        assert part.content_type == "application/dicom+xml"
        assert f">{row.sop_instance_uid}<".encode() in part.payload
        assert "Jané".encode() in part.payload


def test_many_results_are_sent_as_they_are_made(client: Client):
    for _ in range(STREAMED_FROM + 1):
        building.workitem()
    response = get(client)
    assert response.streaming
    assert len(orjson.loads(body(response))) == STREAMED_FROM + 1


def test_other_media_types_are_not_acceptable(client: Client):
    assert get(client, accept="image/png").status_code == 406


@pytest.mark.parametrize("name", ["o'%_*", '"', "[", "\\", "*[!a]*", "Ω*", "?", "' OR 1=1 --"])
def test_no_value_means_anything_to_the_database(client: Client, name: str):
    building.workitem(PatientName="Doe^Jane", ScheduledStationNameCodeSequence=[code("AB")])
    for key in ("PatientName", "ScheduledStationNameCodeSequence.CodeValue", "WorklistLabel"):
        response = client.get(f"{ROOT}/workitems", {key: name, "fuzzymatching": "true"})
        assert response.status_code == 204
