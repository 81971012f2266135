"""What real clients ask a search for (OHIF, dicomweb-client and others), and where others' servers have failed them."""

from typing import Any

import orjson
import pytest
from django.conf import LazySettings
from django.test import Client

from archive.models import Instance
from tests import factories
from tests.dicomweb.answers import values

pytestmark = pytest.mark.django_db

ROOT = "/dicom-web"


@pytest.fixture(autouse=True)
def _anybody_may_search(settings: LazySettings) -> None:
    settings.ARCHIVE_ANONYMOUS_ACCESS = "read"


@pytest.fixture
def phantom() -> Instance:
    """A study with a series of two modalities, beside another study."""
    other = factories.study(patient=factories.patient(patient_name="Other"))
    factories.instance(factories.series(other, modality="US"))
    patient = factories.patient(patient_id="ab-1", patient_name="Phantom^Head", patient_birth_date="19700101")
    study = factories.study(patient=patient, study_description="Head routine", accession_number="ACC%1")
    instance = factories.instance(
        factories.series(study, series_description="Axial"),
        data_set={"00080021": {"vr": "DA", "Value": ["20240131"]}, "00101010": {"vr": "AS", "Value": ["030Y"]}},
    )
    factories.instance(factories.series(study, modality="SR", series_number=2))
    return instance


def found(client: Client, path_and_query: str) -> list[dict[str, Any]]:
    response = client.get(f"{ROOT}/{path_and_query}")
    assert response.status_code == 200, response.getvalue()
    assert response["Content-Type"] == "application/dicom+json"
    return orjson.loads(response.getvalue())


LIST = "studies?limit=101&offset=0&fuzzymatching=true&includefield=00081030%2C00080060%2C00080090%2C00100030"


def test_the_study_list_of_ohif(client: Client, phantom: Instance):
    assert len(found(client, LIST)) == 2
    (study,) = (study for study in found(client, LIST) if values(study, "00100020") == ["ab-1"])
    assert values(study, "00081030") == ["Head routine"]
    assert values(study, "00080061") == ["CT", "SR"]
    assert "00080060" not in study, "QIDO-63"


@pytest.mark.parametrize(
    "query",
    [
        "PatientName=*phan*",
        "PatientName=*phantom*head*",
        "00100020=*ab*",
        "AccessionNumber=*%251*",
        "StudyDescription=*rout*",
        "ModalitiesInStudy=CT",
        "StudyDate=19700102-20991231",
        "StudyInstanceUID={study}",
        "StudyInstanceUID={study}%5C1.2.3",
        "StudyInstanceUID=1.2.3%2C{study}",
    ],
)
def test_the_filters_of_ohif(client: Client, phantom: Instance, query: str):
    matches = found(client, f"{LIST}&{query.format(study=phantom.series.study)}")
    assert ["ab-1"] in [values(study, "00100020") for study in matches]
    if not query.startswith("StudyDate"):
        assert len(matches) == 1


def test_the_series_list_of_ohif(client: Client, phantom: Instance):
    fields = "00080021%2C00080031%2C0008103E%2C00200011"
    series = found(client, f"studies/{phantom.series.study}/series?includefield={fields}")
    assert [values(one, "0008103E") for one in series] == [["Axial"], []]
    assert values(series[0], "00080021") == ["20240131"]


def test_P32_and_QIDO_70_no_match_is_an_empty_array_and_never_404(client: Client):
    for path in ("studies", "studies?PatientID=nobody", "studies/1.2.3/series", "studies/1.2.3/series/1.2/instances"):
        assert found(client, path) == [], "QIDO-08"


INCLUDED = {"00081030": ["Head routine"], "00101010": ["030Y"]}


@pytest.mark.parametrize(
    "spelling",
    [
        "includefield=00081030&includefield=00101010",
        "includefield=00081030,00101010",
        "includefield=00081030%2C00101010",
        "includefield=StudyDescription&includefield=00101010",
        "includefield=StudyDescription%2CPatientAge,unknown",
        "includefield=all",
        "includefield=all,00101010",
        "includefield=all&includefield=StudyDescription",
    ],
)
def test_P33_and_QIDO_60_to_62_every_spelling_includes(client: Client, phantom: Instance, spelling: str):
    (study,) = found(client, f"studies?PatientID=ab-1&{spelling}")
    assert {tag: values(study, tag) for tag in INCLUDED} == INCLUDED


@pytest.mark.parametrize("key", ["PatientID=ab-1", "PatientAge=030Y"])
def test_P33_an_attribute_that_is_included_filters_all_the_same(client: Client, phantom: Instance, key: str):
    assert len(found(client, f"studies?{key}&includefield={key.partition('=')[0]}")) == 1


@pytest.mark.parametrize("separator", [",", "%2C", "%5C"])
def test_P34_and_QIDO_17_and_18_a_list_of_uids_finds_each(client: Client, phantom: Instance, separator: str):
    uids = [values(study, "0020000D")[0] for study in found(client, "studies")]
    assert len(uids) == len(found(client, f"studies?StudyInstanceUID={separator.join(uids)}")) == 2


@pytest.mark.parametrize("separator", [",", "%2C"])
def test_P34_and_QIDO_19_a_list_of_modalities_finds_any_of_them(client: Client, phantom: Instance, separator: str):
    assert len(found(client, f"studies?ModalitiesInStudy=CT{separator}US")) == 2
    assert len(found(client, f"studies?ModalitiesInStudy=CT{separator}SR&multiplevaluematching=true")) == 1, "QIDO-53"
    assert found(client, f"studies?ModalitiesInStudy=CT{separator}US&multiplevaluematching=true") == []


@pytest.mark.parametrize(
    ("key", "warned"),
    [
        pytest.param("unknownKeyword=1", False, id="QIDO-12 no keyword"),
        pytest.param("patientid=ab-1", False, id="QIDO-12 case"),
        pytest.param("Modality=CT", True, id="QIDO-22"),
        pytest.param("PixelData=x", True, id="QIDO-24 bytes"),
        pytest.param("SpecificCharacterSet=ISO_IR+192", True, id="QIDO-49"),
        pytest.param("TransferSyntaxUID=1.2", True, id="QIDO-24 no part of a data set"),
    ],
)
def test_P35_a_key_that_cannot_be_matched_hides_nothing(client: Client, phantom: Instance, key: str, warned: bool):
    response = client.get(f"{ROOT}/studies?{key}")
    assert len(orjson.loads(response.getvalue())) == 2
    assert ("Warning" in response) is warned


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("PatientName=*o'%25_*", 0),
        ("PatientID=ab*", 1),
        ("PatientID=AB*", 0),
        ("PatientName=PHANTOM*", 1),
        ("AccessionNumber=ACC%251", 1),
        ("AccessionNumber=ACC_1", 0),
        ("fuzzymatching=true&PatientName=%22", 0),
        ("fuzzymatching=true&PatientName=fantom", 1),
    ],
)
def test_P37_wildcards_case_and_quotes(client: Client, phantom: Instance, query: str, matches: int):
    assert len(found(client, f"studies?{query}")) == matches, "QIDO-30, QIDO-36"


def test_QIDO_60_fields_within_sequences(client: Client):
    items = [{"00400009": {"vr": "SH", "Value": ["S"]}, "00400007": {"vr": "LO", "Value": ["left"]}}]
    codes = [{"00080100": {"vr": "SH", "Value": ["A"]}, "00080102": {"vr": "SH", "Value": ["DCM"]}}]
    series = factories.series(request_attributes=[{"scheduled_procedure_step_id": "S"}])
    metadata = {"00400275": {"vr": "SQ", "Value": items}, "00081032": {"vr": "SQ", "Value": codes}}
    factories.instance(series, data_set=metadata)
    usual = "RequestAttributesSequence.ScheduledProcedureStepID"
    (one,) = found(client, f"series?includefield={usual},ProcedureCodeSequence.CodeValue")
    assert one["00400275"]["Value"] == [{"00400009": items[0]["00400009"]}]
    assert one["00081032"]["Value"] == [{"00080100": codes[0]["00080100"]}]
    (one,) = found(client, "series?includefield=00400275.ScheduledProcedureStepDescription")
    assert one["00400275"]["Value"] == items
    (one,) = found(client, "series?includefield=RequestAttributesSequence")
    assert one["00400275"]["Value"] == items
    (one,) = found(client, f"series?includefield=all&{usual}=S")
    assert one["00400275"]["Value"] == items
    assert one["00081032"]["Value"] == codes


def test_an_empty_sequence_key_leaves_the_items_that_are_known(client: Client):
    factories.instance(factories.series(request_attributes=[{"scheduled_procedure_step_id": "S"}]))
    (one,) = found(client, "series?RequestAttributesSequence=")
    assert len(one["00400275"]["Value"]) == 1, "QIDO-46"
