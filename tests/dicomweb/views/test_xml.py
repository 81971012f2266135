"""Answers in XML, over HTTP: the Native DICOM Model (PS3.19 Annex A.1) of metadata, searches and stores."""

import base64
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from pydicom.data import get_charset_files
from pydicom.dataset import Dataset
from pydicom.uid import JPEGBaseline8Bit

from tests.builders import encapsulated, instance, multipart, part10
from tests.dicomweb.answers import parts, values
from tests.storing import StoredFile, stored, stored_file, stored_study

pytestmark = pytest.mark.django_db

DICOM_XML = "application/dicom+xml"
IN_PARTS = f'multipart/related; type="{DICOM_XML}"'
STUDIES = "/dicom-web/studies"
MODEL = "{http://dicom.nema.org/PS3.19/models/NativeDICOM}"


def metadata(archive: Client, path: str, accept: str = IN_PARTS) -> HttpResponseBase:
    return archive.get(f"{path}/metadata", headers={"accept": accept})


def attributes(document: bytes) -> dict[str, ET.Element]:
    """The attributes of the data set itself by tag."""
    root = ET.fromstring(document)
    assert root.tag == f"{MODEL}NativeDicomModel"
    return {element.attrib["tag"]: element for element in root}


def texts(element: ET.Element) -> list[str | None]:
    return [value.text for value in element.findall(f"{MODEL}Value")]


def only_document(archive: Client, file: StoredFile) -> dict[str, ET.Element]:
    (part,) = parts(metadata(archive, file.path))
    return attributes(part.payload)


# -- metadata --------------------------------------------------------------------


@pytest.mark.parametrize("level", ["study_path", "series_path", "path"])
@pytest.mark.parametrize("accept", [IN_PARTS, "multipart/related; type=application/dicom+xml", "multipart/*"])
def test_META_02_metadata_in_xml_are_a_part_for_each_instance(archive, level, accept):
    first, second = stored_study([2, 1])
    below = {"study_path": first + second, "series_path": first, "path": first[:1]}[level]

    found = parts(metadata(archive, getattr(first[0], level), accept))

    assert [part.content_type for part in found] == [DICOM_XML] * len(below)
    assert [part.location for part in found] == [f"http://testserver{file.path}/metadata" for file in below]
    assert [texts(attributes(part.payload)["00080018"]) for part in found] == [[file.instance] for file in below]


def test_META_02_a_document_of_xml_alone_is_no_form_of_metadata(archive):
    """It is one data set; and an answer of one part would be none as soon as there are two instances."""
    assert metadata(archive, stored().path, DICOM_XML).status_code == 406


@pytest.mark.filterwarnings("ignore")
def test_XML_12_META_05_META_06_neither_group_lengths_nor_file_meta_information_are_there(archive):
    dataset = instance()
    dataset.add_new(0x00080000, "UL", 100)

    found = only_document(archive, stored(dataset))

    assert not [tag for tag in found if tag.startswith("0002") or tag.endswith("0000")]


def test_XML_10_META_09_references_can_be_followed(archive):
    file = stored(encapsulated([b"\xff\xd8\xff\xd9" * 8]), transfer_syntax=JPEGBaseline8Bit)

    (bulk,) = only_document(archive, file)["7FE00010"]

    assert (bulk.tag, set(bulk.attrib)) == (f"{MODEL}BulkData", {"uri"})
    headers = {"accept": f'multipart/related; type="image/jpeg"; transfer-syntax={JPEGBaseline8Bit}'}
    assert archive.get(bulk.attrib["uri"].removeprefix("http://testserver"), headers=headers).status_code == 200


def test_JSON_27_P28_json_and_xml_of_metadata_say_the_same(archive):
    item, dataset = Dataset(), instance(PatientName="Yamada^Tarou=山田^太郎", SpecificCharacterSet="ISO_IR 192")
    item.CodeMeaning = "a & b < c"
    dataset.ProcedureCodeSequence = [item, Dataset()]
    dataset.OtherPatientIDs = ["A", "", "B"]
    dataset.StudyDescription = ""
    dataset.private_block(0x0009, "Vendor", create=True).add_new(0x01, "OB", bytes(range(8)))
    file = stored(dataset)

    found = only_document(archive, file)
    (json_document,) = archive.get(f"{file.path}/metadata").json()

    assert [tag for tag in found if int(tag[3]) % 2 == 0] == [tag for tag in json_document if int(tag[3]) % 2 == 0]
    assert {tag: element.attrib["vr"] for tag, element in found.items() if tag in json_document} == {
        tag: element["vr"] for tag, element in json_document.items() if tag in found
    }
    assert list(found["00081030"]) == []
    assert texts(found["00101000"]) == ["A", None, "B"]
    assert values(json_document, "00101000") == ["A", None, "B"]
    first, second = found["00081032"]
    assert texts(first[0]) == ["a & b < c"]
    assert list(second) == []
    assert base64.b64decode(found["00090001"][0].text or "") == bytes(range(8))
    assert found["00090001"].attrib["privateCreator"] == "Vendor"


@pytest.mark.parametrize("path", get_charset_files("chr[!S]*.dcm"), ids=lambda path: Path(path).name)
def test_P30_names_are_the_same_in_searches_metadata_and_xml(archive, path):
    """JSON-21, XML-11"""
    content = Path(path).read_bytes()
    try:
        file = stored_file(content)
    except AssertionError:
        pytest.fail(f"{path} was not stored")

    (searched,) = archive.get(f"{STUDIES}?StudyInstanceUID={file.study}").json()
    (described,) = archive.get(f"{file.path}/metadata").json()
    names = only_document(archive, file)["00100010"].findall(f"{MODEL}PersonName")

    (name,) = values(described, "00100010")
    assert values(searched, "00100010") == [name]
    groups = {group.tag.removeprefix(MODEL): [component.text for component in group] for group in names[0]}
    assert groups == {group: [part for part in text.split("^") if part] for group, text in name.items()}


# -- statuses --------------------------------------------------------------------


@pytest.mark.parametrize("accept", [IN_PARTS, "application/dicom+json"])
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{STUDIES}/1.2.3", 404),
        (f"{STUDIES}/1.2.3/series/4.5", 404),
        (f"{STUDIES}/1.2.3/series/4.5/instances/6.7", 404),
        (f"{STUDIES}/not-a-uid", 400),
    ],
)
def test_META_14_metadata_of_what_is_not_there_have_the_statuses_of_retrieval(archive, path, status, accept):
    response = metadata(archive, path, accept)

    assert response.status_code == status
    assert response.json()["message"]


def test_META_14_metadata_of_what_was_deleted_are_410(archive, django_capture_on_commit_callbacks, member, client_of):
    file = stored()
    with django_capture_on_commit_callbacks(execute=True):
        assert client_of(member("admins")).delete(file.path).status_code == 204

    assert metadata(archive, file.path).status_code == 410


# -- searches --------------------------------------------------------------------


def test_QIDO_91_results_in_xml_are_a_part_for_each_match(archive):
    stored_study([2])
    stored()

    found = parts(archive.get("/dicom-web/instances", headers={"accept": IN_PARTS}))

    assert [part.content_type for part in found] == [DICOM_XML] * 3
    assert all("Content-Location" not in part.headers for part in found)
    for part in found:
        (url,) = texts(attributes(part.payload)["00081190"])
        assert archive.get((url or "").removeprefix("http://testserver")).status_code == 200


def test_QIDO_70_QIDO_91_no_match_has_no_form_in_parts(archive):
    """P32"""
    response = archive.get(f"{STUDIES}?PatientID=nobody", headers={"accept": IN_PARTS})

    assert (response.status_code, response.content) == (204, b"")
    assert "Content-Type" not in response


# -- stores ----------------------------------------------------------------------


def store(archive: Client, accept: str, *objects: bytes) -> HttpResponseBase:
    body, content_type = multipart(objects)
    return archive.post(STUDIES, body, content_type=content_type, headers={"accept": accept})


@pytest.mark.parametrize("accept", ["application/dicom+json", DICOM_XML, IN_PARTS])
def test_STOW_62_json_and_xml_are_answered_to_who_asks_for_them(archive, accept):
    response = store(archive, accept, part10(instance()))

    assert response.status_code == 200
    assert response["Content-Type"].partition(";")[0] == accept.partition(";")[0]


@pytest.mark.parametrize("accept", [DICOM_XML, IN_PARTS])
def test_STOW_61_the_response_module_in_xml_is_the_one_in_json(archive, accept):
    dataset = instance()

    response = store(archive, accept, part10(dataset), b"no object")

    assert response.status_code == 202
    found = attributes(parts(response)[0].payload if accept == IN_PARTS else response.content)
    (item,) = found["00081199"]
    referenced = {element.attrib["keyword"]: texts(element) for element in item}
    assert referenced["ReferencedSOPInstanceUID"] == [dataset.SOPInstanceUID]
    (failure,) = found["0008119A"]
    assert texts(failure[0]) == [str(0xC000)]
