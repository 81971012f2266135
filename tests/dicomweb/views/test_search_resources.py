"""The six resources of a search (PS3.18 Table 10.6.1-1): what each matches and returns."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.conf import LazySettings
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.models import Instance
from tests import builders, factories, storing
from tests.dicomweb.answers import parts, values

pytestmark = pytest.mark.django_db

ROOT = "/dicom-web"


@pytest.fixture(autouse=True)
def _anybody_may_search(settings: LazySettings) -> None:
    settings.ARCHIVE_ANONYMOUS_ACCESS = "read"


@pytest.fixture
def wanted() -> Instance:
    """An instance that differs from another one in every attribute that is matched."""
    _instance("2")
    return _instance("1")


def _instance(n: str) -> Instance:
    patient = factories.patient(
        patient_id=f"P{n}", patient_name=f"Doe{n}^Jane", patient_birth_date=f"1970010{n}", patient_sex=" MF"[int(n)]
    )
    study = factories.study(
        patient=patient,
        study_date=f"2024010{n}",
        study_time=f"10{n}0",
        accession_number=f"A{n}",
        referring_physician_name=f"House{n}^G",
        study_id=f"S{n}",
    )
    series = factories.series(
        study,
        modality={"1": "CT", "2": "MR"}[n],
        series_number=int(n),
        performed_procedure_step_start_date=f"2024020{n}",
        performed_procedure_step_start_time=f"11{n}0",
        request_attributes=[{"scheduled_procedure_step_id": f"SPS{n}", "requested_procedure_id": f"RP{n}"}],
    )
    return factories.instance(series, instance_number=int(n), sop_class_uid=f"1.2.{n}", rows=8, columns=8)


#: PS3.18 Table 10.6.1-5, with a value that the wanted instance has and the other one has not.
STUDY_KEYS = {
    "StudyDate": "20240101",
    "StudyTime": "1010",
    "AccessionNumber": "A1",
    "ModalitiesInStudy": "CT",
    "ReferringPhysicianName": "HOUSE1*",
    "PatientName": "doe1^jane",
    "PatientID": "P1",
    "StudyInstanceUID": "{study}",
    "StudyID": "S1",
}
SERIES_KEYS = {
    "Modality": "CT",
    "SeriesInstanceUID": "{series}",
    "SeriesNumber": "1",
    "PerformedProcedureStepStartDate": "20240201",
    "PerformedProcedureStepStartTime": "1110",
    "RequestAttributesSequence.ScheduledProcedureStepID": "SPS1",
    "RequestAttributesSequence.RequestedProcedureID": "RP1",
}
INSTANCE_KEYS = {"SOPClassUID": "1.2.1", "SOPInstanceUID": "{instance}", "InstanceNumber": "1"}

#: Path -> what it is called in PS3.18, and the tables of keys that it matches at least.
RESOURCES = {
    "studies": ("QIDO-01", STUDY_KEYS),
    "studies/{study}/series": ("QIDO-02", SERIES_KEYS),
    "studies/{study}/instances": ("QIDO-03", SERIES_KEYS | INSTANCE_KEYS),
    "series": ("QIDO-04", STUDY_KEYS | SERIES_KEYS),
    "studies/{study}/series/{series}/instances": ("QIDO-05", INSTANCE_KEYS),
    "instances": ("QIDO-06", STUDY_KEYS | SERIES_KEYS | INSTANCE_KEYS),
}
TABLES = {"QIDO-55": STUDY_KEYS, "QIDO-56": SERIES_KEYS, "QIDO-57": INSTANCE_KEYS}


def uids(instance: Instance) -> dict[str, str]:
    return {"study": str(instance.series.study), "series": str(instance.series), "instance": str(instance)}


def search(client: Client, path: str, **query: str) -> list[dict[str, Any]]:
    response = client.get(f"{ROOT}/{path}", query)
    assert response.status_code == 200, response.getvalue()
    assert "Warning" not in response, response.get("Warning")
    return orjson.loads(response.getvalue())


def _keys_of_resources() -> Iterator[Any]:
    for path, (row, keys) in RESOURCES.items():
        for table, of_table in TABLES.items():
            for key in keys.keys() & of_table.keys():
                yield pytest.param(path, key, keys[key], id=f"P35 {row} {table} {path} {key}")


@pytest.mark.parametrize(("path", "key", "value"), sorted(_keys_of_resources(), key=lambda case: case.id))
def test_every_required_key_is_matched(client: Client, wanted: Instance, path: str, key: str, value: str):
    of_wanted = uids(wanted)
    (found,) = search(client, path.format(**of_wanted), **{key: value.format(**of_wanted)})
    assert values(found, "0020000D") == [of_wanted["study"]]
    assert search(client, path.format(**of_wanted), **{key: _other_than(key)}) == []


def _other_than(key: str) -> str:
    """A value that neither instance has."""
    endings = {"Date": "19000101", "Time": "0000", "Number": "999"}
    return next((text for ending, text in endings.items() if key.endswith(ending)), "1.999")


#: PS3.18 Tables 10.6.3-3 to 10.6.3-5: what is returned always, and the UIDs of what is above.
STUDY_ATTRIBUTES = """00080020 00080030 00080050 00080056 00080061 00080090 00081190 00100010 00100020 00100030 00100040
    0020000D 00200010 00201206 00201208"""
SERIES_ATTRIBUTES = "00080060 00081190 0020000D 0020000E 00200011 00201209 00400244 00400245 00400275"
INSTANCE_ATTRIBUTES = "00080016 00080018 00080056 00081190 0020000D 0020000E 00200013 00280010 00280011"


@pytest.mark.parametrize(
    ("path", "tables"),
    [
        pytest.param("studies", [STUDY_ATTRIBUTES], id="P36 QIDO-80 studies"),
        pytest.param("studies/{study}/series", [SERIES_ATTRIBUTES], id="P36 QIDO-81 series of a study"),
        pytest.param("studies/{study}/series/{series}/instances", [INSTANCE_ATTRIBUTES], id="P36 QIDO-82 instances"),
        pytest.param("series", [STUDY_ATTRIBUTES, SERIES_ATTRIBUTES], id="P36 QIDO-84 series"),
        pytest.param(
            "studies/{study}/instances", [SERIES_ATTRIBUTES, INSTANCE_ATTRIBUTES], id="P36 QIDO-84 of a study"
        ),
        pytest.param(
            "instances", [STUDY_ATTRIBUTES, SERIES_ATTRIBUTES, INSTANCE_ATTRIBUTES], id="P36 QIDO-84 instances"
        ),
    ],
)
def test_each_resource_returns_its_attributes(client: Client, wanted: Instance, path: str, tables: list[str]):
    found = next(
        data_set
        for data_set in search(client, path.format(**uids(wanted)))
        if values(data_set, "0020000D") == [str(wanted.series.study)]
    )
    assert set(found) == {tag for table in tables for tag in table.split()}
    if "00080056" in found:
        assert found["00080056"] == {"vr": "CS", "Value": ["ONLINE"]}, "QIDO-89"


def test_QIDO_83_and_P36_what_has_no_value_is_there_and_empty_except_where_viewers_fail_on_it(client: Client):
    patient = factories.patient(patient_name="", patient_id="", patient_birth_date="", patient_sex="")
    factories.study(patient=patient, study_date="", study_time="")
    (found,) = search(client, "studies")
    assert found["00080020"] == {"vr": "DA"}
    assert found["00100010"] == {"vr": "PN"}
    assert "00080061" not in found


def test_QIDO_86_and_P36_the_retrieve_url_is_one_that_can_be_retrieved(client: Client):
    stored = storing.stored()
    for path, place in (("studies", stored.study_path), ("series", stored.series_path), ("instances", stored.path)):
        (found,) = search(client, path)
        assert found["00081190"] == {"vr": "UR", "Value": [f"http://testserver{place}"]}
        assert client.get(found["00081190"]["Value"][0]).status_code == 200


def test_QIDO_09_a_study_alone_is_retrieved_and_not_searched(client: Client):
    stored = storing.stored()
    response = client.get(f"{stored.study_path}?PatientID=nobody")
    assert response["Content-Type"].startswith("multipart/related")


def test_QIDO_95_and_94_what_has_been_stored_is_found_at_once(client: Client):
    assert search(client, "instances") == []
    stored = storing.stored(BodyPartExamined="CHEST", PatientName="Schmidt^Anna")
    for query in ({}, {"BodyPartExamined": "CHEST"}, {"PatientName": "smith", "fuzzymatching": "true"}):
        response = client.get(f"{ROOT}/instances", query, headers={"Cache-Control": "no-cache"})
        (found,) = orjson.loads(response.getvalue())
        assert values(found, "00080018") == [stored.instance]


def test_QIDO_20_and_65_a_private_attribute_is_found_by_its_creator_and_returned_with_it(client: Client):
    dataset = builders.instance()
    dataset.private_block(0x23, "OTHER", create=True).add_new(1, "LO", "theirs")
    dataset.private_block(0x23, "ACME", create=True).add_new(1, "LO", "gold")
    storing.stored(dataset)
    (found,) = search(client, "instances", **{"00230010": "ACME", "00231001": "g*"})
    assert (values(found, "00230011"), values(found, "00231101")) == (["ACME"], ["gold"])
    assert "00231001" not in found
    (found,) = search(client, "instances", **{"00230010": "ACME", "includefield": "00231001"})
    assert (values(found, "00230011"), values(found, "00231101")) == (["ACME"], ["gold"])
    assert search(client, "instances", **{"00230010": "ACME", "00231001": "theirs"}) == []


def test_QIDO_91_in_xml_every_match_is_a_part(client: Client, wanted: Instance):
    accept = {"Accept": 'multipart/related; type="application/dicom+xml"'}
    response = client.get(f"{ROOT}/studies?BodyPartExamined=&includefield=PatientAge", headers=accept)
    documents = parts(response)
    assert len(documents) == 2
    assert all(b"<NativeDicomModel" in part.payload for part in documents)
    assert client.get(f"{ROOT}/studies?PatientID=nobody", headers=accept).status_code == 204, "QIDO-70"


# -- pages -----------------------------------------------------------------------


def _pages(client: Client, path: str, query: str, limit: int) -> Iterator[tuple[list[str], str]]:
    """The UIDs of each page, and its Warning."""
    offset = 0
    while True:
        response = client.get(f"{ROOT}/{path}?{query}&limit={limit}&offset={offset}")
        page = [values(found, "0020000D")[0] for found in orjson.loads(response.getvalue())]
        yield page, response.get("Warning", "")
        offset += limit
        if not page:
            return


@pytest.fixture
def ninety() -> None:
    """Studies of one day, each with series of two modalities, every third one with a third."""
    for number in range(90):
        study = factories.study(study_date="20240131")
        for modality in ("CT", "CT", "PT", *(["MR"] if number % 3 == 0 else [])):
            factories.instance(
                factories.series(study, modality=modality),
                data_set={"00101010": {"vr": "AS", "Value": [f"{number % 2:03}Y"]}},
            )


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(1, 100),
    st.sampled_from([("ModalitiesInStudy=CT", 90), ("ModalitiesInStudy=M*", 30), ("PatientAge=001Y", 45), ("", 90)]),
)
def test_P38_and_QIDO_71_a_walk_over_the_pages_meets_every_match_once(
    client: Client, ninety: None, limit: int, search: tuple[str, int]
):
    query, total = search
    walk = list(_pages(client, "studies", query, limit))
    uids = [uid for page, _ in walk for uid in page]
    assert len(uids) == len(set(uids)) == total, "QIDO-72"
    assert all(len(page) == limit for page, _ in walk[: total // limit]), "pages are counted in studies"
    for number, (_, warning) in enumerate(walk, 1):
        remaining = max(total - number * limit, 0)
        text = f"There are {remaining} additional results that can be requested"
        assert (text in warning) is (remaining > 0), "QIDO-69"
    assert list(_pages(client, "studies", query, limit)) == walk, "QIDO-71"
