"""WADO-URI: one object by query parameters (PS3.18 Section 9)."""

from io import BytesIO
from urllib.parse import urlencode

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit, UltrasoundImageStorage, generate_uid

from archive.services.delete import delete
from tests.builders import encapsulated
from tests.storing import StoredFile, stored, stored_file, stored_study

pytestmark = pytest.mark.django_db

DICOM = "application/dicom"


def query(file: StoredFile, **parameters: str) -> str:
    named = {"requestType": "WADO", "studyUID": file.study, "seriesUID": file.series, "objectUID": file.instance}
    return urlencode({name: value for name, value in (named | parameters).items() if value})


def get(
    archive: Client, file: StoredFile, *, path: str = "/dicom-web/", accept: str = "", **parameters: str
) -> HttpResponseBase:
    headers = {"accept": accept} if accept else {}
    return archive.get(f"{path}?{query(file, **parameters)}", headers=headers)


@pytest.mark.parametrize("path", ["/dicom-web/", "/dicom-web", "/dicom-web/wado"])
@pytest.mark.parametrize("how", [{"contentType": DICOM}, {"accept": DICOM}], ids=["parameter", "header"])
def test_OTH_12_OTH_14_an_object_is_one_file(archive, path, how):
    file = stored()

    response = get(archive, file, path=path, **how)

    assert response.status_code == 200
    assert response["Content-Type"] == f"{DICOM}; transfer-syntax={ExplicitVRLittleEndian}"
    assert response.getvalue() == file.content
    assert int(response["Content-Length"]) == len(file.content)


def test_WADO_122_head_has_the_headers_of_get(archive):
    file = stored()
    path = f"/dicom-web/wado?{query(file, contentType=DICOM)}"
    got, head = archive.get(path), archive.head(path)

    assert (head.status_code, head.getvalue()) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag"):
        assert head[name] == got[name]


@pytest.mark.parametrize(
    "parameters",
    [
        {"requestType": ""},
        {"requestType": "QIDO"},
        {"studyUID": ""},
        {"seriesUID": ""},
        {"objectUID": ""},
        {"objectUID": "1.2.*"},
        {"transferSyntax": "x"},
        {"anonymize": "maybe"},
        {"contentType": f"{DICOM};charset=utf-8"},
    ],
)
def test_OTH_12_NEG_20_a_query_that_is_none_is_400_and_says_why(archive, parameters):
    response = get(archive, stored(), **({"contentType": DICOM} | parameters))

    assert response.status_code == 400
    assert response.json()["message"]


@pytest.mark.parametrize("uid", ["studyUID", "seriesUID", "objectUID"])
def test_OTH_12_an_object_that_is_not_there_is_404(archive, uid):
    assert get(archive, stored(), contentType=DICOM, **{uid: generate_uid()}).status_code == 404


def test_OTH_12_an_object_that_was_deleted_is_410(archive, django_capture_on_commit_callbacks):
    file = stored()
    with django_capture_on_commit_callbacks(execute=True):
        delete(file.study, file.series, file.instance)

    assert get(archive, file, contentType=DICOM).status_code == 410


def test_NEG_07_OTH_14_an_unknown_transfer_syntax_is_406_and_says_which_there_are(archive):
    response = get(archive, stored(), contentType=DICOM, transferSyntax="1.2.3.4")

    assert response.status_code == 406
    assert f"{DICOM}; transfer-syntax={ExplicitVRLittleEndian}" in response.json()["message"]


def test_OTH_14_an_object_can_be_had_as_it_was_stored(archive):
    file = stored(encapsulated([b"\xff\xd8\xff\xd9" * 4]), transfer_syntax=JPEGBaseline8Bit)

    response = get(archive, file, contentType=DICOM, transferSyntax=JPEGBaseline8Bit)

    assert response["Content-Type"] == f"{DICOM}; transfer-syntax={JPEGBaseline8Bit}"
    assert response.getvalue() == file.content


@pytest.mark.parametrize("path", ["/dicom-web/", "/dicom-web", "/dicom-web/wado"])
def test_the_uri_service_needs_the_sign_in_that_reading_needs(member, client_of, path):
    file = stored()

    assert get(Client(), file, path=path, contentType=DICOM).status_code == 401
    assert get(client_of(member()), file, path=path, contentType=DICOM).status_code == 403
    assert get(client_of(member("viewers")), file, path=path, contentType=DICOM).status_code == 200


def test_OTH_10_other_methods_are_405(archive):
    response = archive.post("/dicom-web/wado", b"x", content_type=DICOM)

    assert response.status_code == 405
    assert "GET" in response["Allow"]


# -- de-identified ---------------------------------------------------------------


def test_OTH_15_an_object_is_deidentified_with_a_new_uid(archive):
    file = stored(PatientName="Doe^Jane", PatientID="ID-77", AccessionNumber="ACC-77", StudyDescription="Jane's knee")

    response = get(archive, file, contentType=DICOM, anonymize="yes")

    assert (response.status_code, response["Content-Type"]) == (
        200,
        f"{DICOM}; transfer-syntax={ExplicitVRLittleEndian}",
    )
    content = response.getvalue()
    for secret in ("Jane", "ID-77", "ACC-77", "20240131", file.study, file.series, file.instance):
        assert secret.encode() not in content
    assert content.endswith(dcmread(BytesIO(file.content)).PixelData)


def test_OTH_15_objects_of_a_study_stay_together(archive):
    (files,) = stored_study([3])

    given = [dcmread(BytesIO(get(archive, f, contentType=DICOM, anonymize="yes").getvalue())) for f in files]

    assert len({dataset.StudyInstanceUID for dataset in given}) == 1
    assert len({dataset.SOPInstanceUID for dataset in given}) == 3


def test_OTH_15_a_deidentified_object_can_be_stored_as_another(archive):
    file = stored()
    content = get(archive, file, contentType=DICOM, anonymize="yes").getvalue()

    copy = stored_file(content)

    assert copy.study != file.study
    assert archive.get(f"{copy.path}/frames/1").status_code == 200


@pytest.mark.parametrize("elements", [{"BurnedInAnnotation": "YES"}, {"SOPClassUID": UltrasoundImageStorage}])
def test_OTH_15_an_object_that_may_show_who_it_is_is_406(archive, elements):
    response = get(archive, stored(**elements), contentType=DICOM, anonymize="yes")

    assert response.status_code == 406
    assert "(0028,0301)" in response.json()["message"]


def test_WADO_21_what_is_too_large_to_be_deidentified_is_413(archive, monkeypatch):
    monkeypatch.setattr("archive.dicom.confidentiality.deidentification.LONGEST_HEAD", 300)

    response = get(archive, stored(), contentType=DICOM, anonymize="yes")

    assert response.status_code == 413
    assert "300 bytes" in response.json()["message"]


def test_a_deidentified_object_is_not_answered_from_what_the_client_has(archive):
    file = stored()
    tag = get(archive, file, contentType=DICOM)["ETag"]

    response = archive.get(
        f"/dicom-web/wado?{query(file, contentType=DICOM, anonymize='yes')}",
        headers={"if-none-match": tag, "range": "bytes=0-9"},
    )

    assert response.status_code == 200
    assert "ETag" not in response
