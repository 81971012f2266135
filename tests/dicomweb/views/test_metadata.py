"""WADO-RS metadata: `/metadata` of studies, series and instances (PS3.18 Section 10.4.1.1.2)."""

import gzip
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.http import HttpResponse
from django.test import Client
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import JPEGBaseline8Bit

from dicomweb import responses
from tests.builders import encapsulated, instance, part10
from tests.dicomweb.answers import parts, payloads, values
from tests.storing import StoredFile, stored, stored_file, stored_study

pytestmark = pytest.mark.django_db

DICOM_JSON = "application/dicom+json"
HOST = "http://testserver"


def metadata(archive: Client, path: str, **headers: str) -> HttpResponse:
    return archive.get(f"{path}/metadata", headers={"accept": DICOM_JSON} | headers)


def data_set(archive: Client, file: StoredFile) -> dict[str, Any]:
    (found,) = metadata(archive, file.path).json()
    return found


def uids(documents: list[dict[str, Any]]) -> list[str]:
    return [values(document, "00080018")[0] for document in documents]


@pytest.mark.parametrize("level", ["study_path", "series_path", "path"])
def test_META_01_metadata_is_an_array_also_of_one_instance(archive, level):
    file = stored()

    response = metadata(archive, getattr(file, level))

    assert (response.status_code, response["Content-Type"]) == (200, DICOM_JSON)
    assert uids(response.json()) == [file.instance]


def test_META_03_each_level_has_the_instances_below_it_and_no_others(archive):
    first, second = stored_study([3, 2])
    stored()

    def found(path: str) -> list[str]:
        return uids(metadata(archive, path).json())

    assert found(first[0].study_path) == [file.instance for file in first + second]
    assert found(first[0].series_path) == [file.instance for file in first]
    assert found(second[1].path) == [second[1].instance]


def test_META_04_every_attribute_is_there_at_every_depth(archive):
    inner, item, dataset = Dataset(), Dataset(), instance(PixelData=None)
    inner.private_block(0x0011, "Vendor", create=True).add_new(0x02, "LO", "deep")
    item.ReferencedSOPInstanceUID = "1.2.3"
    item.PurposeOfReferenceCodeSequence = [inner]
    dataset.ReferencedImageSequence = [item, Dataset()]
    dataset.private_block(0x0009, "Vendor", create=True).add_new(0x01, "LO", "private")
    dataset.StudyDescription = ""

    document = data_set(archive, stored(dataset))

    assert document["00090010"] == {"vr": "LO", "Value": ["Vendor"]}
    assert document["00091001"] == {"vr": "LO", "Value": ["private"]}
    assert document["00081030"] == {"vr": "LO"}
    outer, empty = values(document, "00081140")
    assert empty == {}
    assert outer["00081155"] == {"vr": "UI", "Value": ["1.2.3"]}
    assert values(outer, "0040A170") == [
        {"00110010": {"vr": "LO", "Value": ["Vendor"]}, "00111002": {"vr": "LO", "Value": ["deep"]}}
    ]
    tags = {f"{element.tag:08X}" for element in dataset}
    assert set(document) == tags


@pytest.mark.filterwarnings("ignore")
def test_META_05_META_06_neither_file_meta_information_nor_group_lengths_are_there(archive):
    dataset = instance()
    dataset.add_new(0x00080000, "UL", 100)

    document = data_set(archive, stored(dataset))

    assert not [tag for tag in document if tag.startswith("0002") or tag.endswith("0000")]


BULK_VRS = {"DS", "FL", "FD", "IS", "LT", "OB", "OD", "OF", "OL", "OV", "OW"} | {
    "SL", "SS", "ST", "SV", "UC", "UL", "UN", "US", "UT", "UV"
}  # fmt: skip


def references(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Every element that is a reference, at every depth."""
    found = [element for element in document.values() if "BulkDataURI" in element]
    for element in document.values():
        if element["vr"] == "SQ":
            found += [reference for item in element.get("Value", []) for reference in references(item)]
    return found


def test_META_07_META_09_META_10_bulk_values_are_references_that_can_be_followed(archive):
    """WADO-62"""
    item, dataset = Dataset(), instance()
    item.add_new(0x00281201, "OW", bytes(4000))
    item.private_block(0x0009, "Vendor", create=True).add_new(0x01, "OB", bytes(range(256)) * 20)
    dataset.add_new(0x00540016, "SQ", [item])
    dataset.add_new(0x00081030, "LO", "short")

    found = references(data_set(archive, stored(dataset)))

    assert [
        (element["vr"], len(payloads(archive.get(element["BulkDataURI"].removeprefix(HOST)))[0])) for element in found
    ] == [
        ("OW", 128),
        ("OB", 5120),
        ("OW", 4000),
    ]
    assert {element["vr"] for element in found} <= BULK_VRS


@pytest.mark.parametrize(
    "name",
    [
        "CT_small.dcm",
        "rtplan.dcm",
        "waveform_ecg.dcm",
        "liver_1frame.dcm",
        "image_dfl.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_implicit.dcm",
    ],
)
def test_META_09_the_references_of_real_files_can_be_followed(archive, name):
    file = stored_file(Path(get_testdata_file(name, download=False)).read_bytes())

    for element in references(data_set(archive, file)):
        path = element["BulkDataURI"].removeprefix(HOST)
        (payload,) = payloads(archive.get(path))
        assert archive.get(path, headers={"accept": "application/octet-stream"}).getvalue() == payload


def test_META_10_compressed_pixel_data_is_a_reference_too(archive):
    """P17"""
    frames = [b"\xff\xd8\xff" + bytes([number]) * 61 for number in range(2)]
    file = stored(encapsulated(frames), transfer_syntax=JPEGBaseline8Bit)

    element = data_set(archive, file)["7FE00010"]

    assert element == {"vr": "OB", "BulkDataURI": f"{HOST}{file.path}/bulkdata/7FE00010"}
    response = archive.get(
        element["BulkDataURI"].removeprefix(HOST),
        headers={"accept": 'multipart/related; type="image/jpeg"; transfer-syntax=1.2.840.10008.1.2.4.50'},
    )
    assert payloads(response) == frames


def test_META_11_attributes_of_searches_are_not_there(archive):
    document = data_set(archive, stored())

    assert not {"00081190", "00080056", "00201206", "00201208", "00201209", "00083002", "00080061"} & set(document)


def test_META_12_metadata_describes_the_stored_object(archive):
    file = stored(encapsulated([bytes(64)], PhotometricInterpretation="YBR_FULL_422"), transfer_syntax=JPEGBaseline8Bit)

    assert values(data_set(archive, file), "00280004") == ["YBR_FULL_422"]


@pytest.mark.parametrize(
    "accept", ["application/json", "*/*", "application/*", "application/json, text/html", DICOM_JSON]
)
def test_META_15_the_type_is_dicom_json_whatever_it_was_called(archive, accept):
    response = metadata(archive, stored().path, accept=accept)

    assert (response.status_code, response["Content-Type"]) == (200, DICOM_JSON)


def test_META_15_no_accept_header_gets_dicom_json(archive):
    assert archive.get(f"{stored().path}/metadata")["Content-Type"] == DICOM_JSON


@pytest.mark.parametrize("accept", ["text/plain", "application/dicom", "image/jpeg", f"{DICOM_JSON};q=0"])
def test_NEG_07_metadata_in_no_accepted_form_is_406(archive, accept):
    """P04"""
    response = metadata(archive, stored().path, accept=accept)

    assert response.status_code == 406
    assert DICOM_JSON in response.content.decode()


def test_META_17_values_that_break_the_rules_do_not_break_the_answer(archive):
    """P27, JSON-16, JSON-25"""
    dataset = instance(PatientWeight="777777", NumberOfFrames=4444, SpecificCharacterSet="ISO_IR 100")
    dataset.PatientComments = "Grüße"
    dataset.add_new(0x0018602C, "FD", float("nan"))
    content = part10(dataset)
    for right, wrong in (
        (b"777777", b"heavy!"),
        (b"IS\x04\x004444", b"IS\x04\x00four"),
        (b"20240131", b"tomorrow"),
        (b"ISO_IR 100", b"ISO_IR 999"),
    ):
        assert content.count(right) == 1
        content = content.replace(right, wrong)
    file = stored_file(content)
    other = stored(StudyInstanceUID=file.study, SeriesInstanceUID=file.series, InstanceNumber=2)

    response = metadata(archive, file.series_path)

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    documents = json.loads(response.content, parse_constant=refuse)
    assert uids(documents) == [file.instance, other.instance]


def test_the_urls_of_references_follow_the_host_that_was_asked(archive, settings):
    """P16: they are filled in for each answer."""
    file = stored()
    (document,) = archive.get(f"{file.path}/metadata", headers={"host": "localhost:8000"}).json()
    assert document["7FE00010"]["BulkDataURI"] == f"http://localhost:8000{file.path}/bulkdata/7FE00010"

    settings.ARCHIVE_PUBLIC_URL = "https://pacs.example/archive"
    assert data_set(archive, file)["7FE00010"]["BulkDataURI"] == (
        f"https://pacs.example/archive{file.path}/bulkdata/7FE00010"
    )


XML = 'multipart/related; type="application/dicom+xml"'
NAMES = "Müller^Jürgen=山田^太郎"


@pytest.mark.parametrize(
    ("query", "headers", "name"),
    [
        pytest.param("", {}, None, id="XML-11-by-default"),
        pytest.param("", {"accept-charset": "ISO-8859-1"}, "ISO-8859-1", id="META-13-header"),
        pytest.param("?charset=us-ascii", {"accept-charset": "ISO-8859-1"}, "US-ASCII", id="META-13-query"),
        pytest.param("?charset=%22ISO_IR%20100%22", {}, "ISO-8859-1", id="META-13-defined-term"),
        pytest.param("?charset=utf-8", {"accept": f"{XML}; charset=us-ascii"}, "US-ASCII", id="NEG-13-media-type"),
        pytest.param("?charset=ebcdic", {"accept-charset": "big5"}, None, id="NEG-13-unsupported-is-ignored"),
    ],
)
def test_NEG_13_metadata_in_xml_is_in_the_character_set_that_was_asked_for(archive, query, headers, name):
    """META-13, XML-11: no name loses a character, also where the character set does not have it."""
    file = stored(PatientName=NAMES, SpecificCharacterSet="ISO_IR 192")

    (part,) = parts(archive.get(f"{file.path}/metadata{query}", headers={"accept": XML} | headers))

    charset = name or "UTF-8"
    assert part.content_type == "application/dicom+xml" + (f"; charset={name}" if name else "")
    assert part.payload.startswith(f'<?xml version="1.0" encoding="{charset}"?>'.encode())
    text = part.payload.decode(charset)
    assert ("Müller" in text) == (charset != "US-ASCII")
    document = ET.fromstring(part.payload)
    assert [element.text for element in document.iter() if element.tag.endswith("FamilyName")] == ["Müller", "山田"]


@pytest.mark.parametrize("charset", ["ISO-8859-1", "us-ascii", "utf-8;q=0", "big5"])
def test_NEG_13_META_13_json_is_utf_8_whatever_is_asked_for(archive, charset):
    """JSON-07: RFC 8259 leaves no choice."""
    file = stored(PatientName=NAMES, SpecificCharacterSet="ISO_IR 192")

    response = metadata(archive, file.path, **{"accept-charset": charset})

    assert (response.status_code, response["Content-Type"]) == (200, DICOM_JSON)
    assert values(json.loads(response.content.decode("utf-8"))[0], "00100010") == [
        {"Alphabetic": "Müller^Jürgen", "Ideographic": "山田^太郎"}
    ]


def test_WADO_121_metadata_in_another_character_set_has_another_tag(archive):
    file = stored()
    answers = [metadata(archive, file.path, accept=XML, **{"accept-charset": name}) for name in ("utf-8", "us-ascii")]

    assert answers[0]["ETag"] != answers[1]["ETag"]
    assert "Accept-Charset" in answers[0]["Vary"]


@pytest.mark.parametrize("streamed_from", [200, 2], ids=["at-once", "streamed"])
def test_OTH_09_metadata_is_compressed_where_the_client_takes_it(archive, monkeypatch, streamed_from):
    """P31"""
    monkeypatch.setattr(responses, "STREAMED_FROM", streamed_from)
    (files,) = stored_study([5])
    plain = metadata(archive, files[0].series_path)
    compressed = metadata(archive, files[0].series_path, **{"accept-encoding": "gzip, deflate, br"})
    plain_body, compressed_body = plain.getvalue(), compressed.getvalue()

    assert plain.streaming == compressed.streaming == (streamed_from == 2)
    assert "Content-Encoding" not in plain
    assert compressed["Content-Encoding"] == "gzip"
    assert gzip.decompress(compressed_body) == plain_body
    assert len(compressed_body) < len(plain_body)
    assert len(json.loads(plain_body)) == 5
    assert plain["ETag"] != compressed["ETag"]
    assert "Accept-Encoding" in plain["Vary"]
    if not plain.streaming:
        assert [plain["Content-Length"], compressed["Content-Length"]] == [
            str(len(plain_body)),
            str(len(compressed_body)),
        ]


def test_WADO_120_metadata_that_the_client_has_is_304_in_either_coding(archive):
    file = stored_study([4])[0][0]

    for coding in ("identity", "gzip"):
        tag = metadata(archive, file.series_path, **{"accept-encoding": coding})["ETag"]
        response = metadata(archive, file.series_path, **{"accept-encoding": coding, "if-none-match": tag})
        assert (response.status_code, response.content) == (304, b"")
    assert metadata(archive, file.series_path, **{"if-none-match": '"other"'}).status_code == 200


def test_WADO_121_metadata_of_another_host_has_another_tag(archive):
    """Its URLs are others."""
    file = stored()

    assert metadata(archive, file.path)["ETag"] != metadata(archive, file.path, host="localhost")["ETag"]


def test_WADO_122_head_has_the_headers_of_get(archive):
    file = stored()
    got, head = metadata(archive, file.path), archive.head(f"{file.path}/metadata")

    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Type", "ETag", "Content-Length"):
        assert head[name] == got[name]


def test_metadata_of_many_instances_takes_few_queries(archive, django_assert_max_num_queries):
    (files,) = stored_study([20])

    with django_assert_max_num_queries(8):
        assert len(metadata(archive, files[0].series_path).json()) == 20
