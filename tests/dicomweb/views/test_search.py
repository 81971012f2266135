"""Search over HTTP, PS3.18 Section 10.6."""

from typing import Any

import orjson
import pytest
from django.conf import LazySettings
from django.http import HttpResponseBase
from django.test import Client

from dicomweb.responses import STREAMED_FROM
from tests import factories

pytestmark = pytest.mark.django_db

ROOT = "/dicom-web"


@pytest.fixture(autouse=True)
def _anybody_may_search(settings: LazySettings) -> None:
    settings.ARCHIVE_ANONYMOUS_ACCESS = "read"


def body(response: HttpResponseBase) -> bytes:
    return response.getvalue()


def search(client: Client, path: str) -> Any:
    response = client.get(f"{ROOT}{path}")
    assert response.status_code == 200, body(response)
    assert response["Content-Type"] == "application/dicom+json", "QIDO-90"
    return orjson.loads(body(response))


def test_each_resource_is_searched(client: Client):
    instance = factories.instance()
    study, series = str(instance.series.study), str(instance.series)
    paths = {
        "/studies": f"/studies/{study}",
        "/series": f"/studies/{study}/series/{series}",
        "/instances": f"/studies/{study}/series/{series}/instances/{instance}",
        f"/studies/{study}/series": f"/studies/{study}/series/{series}",
        f"/studies/{study}/instances": f"/studies/{study}/series/{series}/instances/{instance}",
        f"/studies/{study}/series/{series}/instances": f"/studies/{study}/series/{series}/instances/{instance}",
    }
    for path, retrieved in paths.items():
        (data_set,) = search(client, path)
        assert data_set["00081190"] == {"vr": "UR", "Value": [f"http://testserver{ROOT}{retrieved}"]}, "QIDO-86"


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/studies?PatientID=nobody", id="no match"),
        pytest.param("/studies?limit=0", id="limit=0"),
        pytest.param("/studies?offset=7", id="offset past the end"),
        pytest.param("/studies/1.2.3/series", id="QIDO-08 unknown study"),
        pytest.param("/studies/1.2.3/series/1.2.3/instances", id="QIDO-08 unknown series"),
    ],
)
def test_QIDO_70_without_matches_the_answer_is_an_empty_array(client: Client, path: str):
    factories.study()
    assert search(client, path) == []


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("PatientID=A&PatientID=B", id="QIDO-15"),
        pytest.param("StudyDate=2013-05-09x", id="QIDO-23 date"),
        pytest.param("StudyDate=20130511-20130509", id="QIDO-40"),
        pytest.param("StudyTime=2300-0100", id="QIDO-41"),
        pytest.param("0020000=1", id="QIDO-23 tag"),
        pytest.param("limit=abc", id="QIDO-23 limit"),
        pytest.param("offset=-1", id="QIDO-73"),
        pytest.param("fuzzymatching=perhaps", id="QIDO-54"),
        pytest.param("PatientName=%FF", id="QIDO-14"),
    ],
)
def test_a_malformed_query_is_answered_400_and_its_values_are_not_repeated(client: Client, query: str):
    response = client.get(f"{ROOT}/studies?{query}")
    assert response.status_code == 400
    assert orjson.loads(body(response))["message"]
    assert query.partition("=")[2].encode() not in body(response), "OTH-17"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        pytest.param("limit=1", "There are 2 additional results that can be requested", id="QIDO-69"),
        pytest.param(
            "RetrieveURL=x", "Attributes that this resource cannot match were ignored: 00081190", id="QIDO-24 made here"
        ),
        pytest.param(
            "ReferencedStudySequence=x",
            "Attributes that this resource cannot match were ignored: 00081110",
            id="QIDO-24 a sequence has no value",
        ),
        pytest.param("Modality=XX", "Attributes that this resource cannot match were ignored: 00080060", id="QIDO-22"),
    ],
)
def test_what_was_not_done_is_told_in_a_warning(client: Client, query: str, text: str):
    for _ in range(3):
        factories.study()
    response = client.get(f"{ROOT}/studies?{query}")
    assert response.status_code == 200
    assert response["Warning"].startswith("299 ")
    assert text in response["Warning"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        pytest.param("fuzzymatching=true", id="QIDO-51 supported"),
        pytest.param("emptyvaluematching=true", id="QIDO-52 supported"),
        pytest.param("multiplevaluematching=true", id="QIDO-53 supported"),
        "fuzzymatching=false",
        "patientid=X&unknown=1",
        "PatientSize=",
        "TimezoneOffsetFromUTC=%2B0100",
    ],
)
def test_there_is_no_warning_without_a_reason(client: Client, query: str):
    factories.study()
    response = client.get(f"{ROOT}/studies?{query}")
    assert len(orjson.loads(body(response))) == 1, "QIDO-12"
    assert "Warning" not in response


@pytest.mark.parametrize("name", ["o'%_*", '"', "[", "\\", "*[!a]*", "Ω*", "?", "' OR 1=1 --"])
def test_QIDO_36_no_value_means_anything_to_the_database(client: Client, name: str):
    factories.study()
    response = client.get(f"{ROOT}/studies", {"PatientName": name, "fuzzymatching": "true"})
    assert response.status_code == 200
    assert orjson.loads(body(response)) == []


def test_QIDO_60_fields_are_included(client: Client):
    factories.instance(factories.series(factories.study(study_description="Chest")))
    (data_set,) = search(client, "/studies?includefield=00081030%2C00101010&limit=5")
    assert data_set["00081030"]["Value"] == ["Chest"]
    (data_set,) = search(client, "/instances?includefield=all")
    assert data_set["00081030"]["Value"] == ["Chest"]


def test_many_matches_are_sent_as_they_are_made(client: Client):
    series = factories.series()
    for number in range(STREAMED_FROM + 1):
        factories.instance(series, instance_number=number)
    response = client.get(f"{ROOT}/instances")
    assert response.streaming
    numbers = [data_set["00200013"]["Value"][0] for data_set in orjson.loads(body(response))]
    assert numbers == list(range(STREAMED_FROM + 1))


def test_QIDO_92_other_media_types_are_not_acceptable(client: Client):
    assert client.get(f"{ROOT}/studies", headers={"Accept": "text/html"}).status_code == 406
