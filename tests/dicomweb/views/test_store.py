"""STOW-RS: `POST /studies` and `POST /studies/{study}` (PS3.18 Section 10.5)."""

import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from archive.models import Instance, Study
from tests.builders import instance, multipart, part10
from tests.dicomweb.stores import MULTIPART, STUDIES, Stream, post, post_body, stored_bytes, stored_items

pytestmark = pytest.mark.django_db


# -- A.1 request forms -----------------------------------------------------------


def test_STOW_01_instances_of_two_studies_are_stored(archive):
    first, second = instance(), instance()
    response = post(archive, part10(first), part10(second))

    assert response.status_code == 200
    assert stored_items(response) == [first.SOPInstanceUID, second.SOPInstanceUID]
    assert set(Study.objects.values_list("study_instance_uid", flat=True)) == {
        first.StudyInstanceUID,
        second.StudyInstanceUID,
    }


def test_STOW_02_the_study_of_the_url_need_not_exist(archive):
    dataset = instance()

    response = post(archive, part10(dataset), path=f"{STUDIES}/{dataset.StudyInstanceUID}")

    assert response.status_code == 200
    assert stored_items(response) == [dataset.SOPInstanceUID]


@pytest.mark.parametrize("parts", [1, 3])
def test_STOW_03_every_part_is_an_instance(archive, parts):
    files = {dataset.SOPInstanceUID: part10(dataset) for dataset in (instance() for _ in range(parts))}

    assert stored_items(post(archive, *files.values())) == list(files)
    assert all(stored_bytes(uid) == content for uid, content in files.items())


def test_STOW_06_a_file_alone_is_stored(archive):
    dataset = instance()
    response = archive.post(STUDIES, part10(dataset), content_type="application/dicom")

    assert (response.status_code, stored_items(response)) == (200, [dataset.SOPInstanceUID])
    assert stored_bytes(dataset.SOPInstanceUID) == part10(dataset)


@pytest.mark.parametrize(
    "content_type",
    [
        pytest.param('multipart/related; type="application/dicom"; boundary=B', id="P01-quoted"),
        pytest.param("multipart/related; type=application/dicom; boundary=B", id="P01-bare"),
        pytest.param('multipart/related; boundary=B; type="application/dicom"', id="other-order"),
        pytest.param('Multipart/RELATED; TYPE="Application/DICOM"; Boundary="B"', id="other-case"),
        pytest.param('multipart/related;type="application/dicom";boundary=B', id="no-spaces"),
    ],
)
def test_STOW_07_parameters_are_understood_however_they_are_written(archive, content_type):
    body, _ = multipart([part10(instance())], boundary="B")

    assert post_body(archive, body, content_type).status_code == 200


@pytest.mark.parametrize(
    "boundary",
    ["B", "a'()+_,-./:=?b", "with inner spaces", "b" * 70, "----=_Part_1.2"],
    ids=["1", "set", "sp", "70", "dash"],
)
def test_STOW_08_any_legal_boundary_is_understood(archive, boundary):
    body, _ = multipart([part10(instance())], boundary=boundary)

    assert post_body(archive, body, f'{MULTIPART}; boundary="{boundary}"').status_code == 200


@pytest.mark.parametrize("boundary", ['""', '"ends in space "', "b" * 71, '"umlaut-ü"', '"a\\"b"'])
def test_STOW_08_an_illegal_boundary_is_a_bad_request(archive, boundary):
    body, _ = multipart([part10(instance())], boundary="B")

    assert post_body(archive, body, f"{MULTIPART}; boundary={boundary}").status_code in {400, 415}
    assert Instance.objects.count() == 0


def test_STOW_09_preamble_and_epilogue_are_ignored(archive):
    body, content_type = multipart([part10(instance())], boundary="B")

    for around in (b"\r\n" + body, b"This is a preamble.\r\n" + body, body + b"This is an epilogue."):
        assert post_body(archive, around, content_type).status_code == 200


@pytest.mark.parametrize(
    "head",
    [
        b"content-type: application/dicom",
        b"CONTENT-TYPE:application/dicom",
        b"X-Extra: 1\r\nContent-Location: here\r\nContent-Type: application/dicom\r\nMIME-Version: 1.0",
        b"Content-Type: application/dicom\r\nContent-Length: 7",
        b"Content-Type: application/dicom;\r\n transfer-syntax=1.2.840.10008.1.2.1",
        b"X-No: type",
    ],
)
def test_STOW_10_part_headers_may_come_in_any_form(archive, head):
    dataset = instance()
    body = b"--B\r\n" + head + b"\r\n\r\n" + part10(dataset) + b"\r\n--B--\r\n"

    assert stored_items(post_body(archive, body)) == [dataset.SOPInstanceUID]
    assert stored_bytes(dataset.SOPInstanceUID) == part10(dataset)


@pytest.mark.parametrize(
    "pixels",
    [
        b"\r\n\r\n",
        b"\r\n--",
        b"\r\n--boundary x",
        b"\r\n--boundar",
        b"x--boundary\r\nx",
        b"\r\n--boundaryX\r\n",
        b"\r\n--boundary-x",
    ],
    ids=repr,
)
def test_STOW_11_what_looks_like_a_delimiter_inside_a_part_is_content(archive, pixels):
    """P12, P39"""
    dataset = instance(PixelData=(pixels * 64)[:128])
    first, second = part10(dataset), part10(instance())

    response = post(archive, first, second)

    assert (response.status_code, len(stored_items(response))) == (200, 2)
    assert stored_bytes(dataset.SOPInstanceUID) == first


def test_STOW_12_a_chunked_body_is_stored_like_one_with_a_length(archive):
    """P39: Django itself sees nothing of such a body."""
    dataset = instance()
    body, content_type = multipart([part10(dataset)])

    response = archive.generic(
        "POST",
        STUDIES,
        content_type=content_type,
        headers={"transfer-encoding": "chunked"},
        **{
            "wsgi.input": Stream(body),
            "CONTENT_TYPE": content_type,
        },
    )

    assert (response.status_code, stored_items(response)) == (200, [dataset.SOPInstanceUID])
    assert stored_bytes(dataset.SOPInstanceUID) == part10(dataset)


def test_STOW_13_the_file_says_its_transfer_syntax_not_the_part(archive):
    dataset = instance()
    body, content_type = multipart([part10(dataset)], boundary="B")
    body = body.replace(
        b"Content-Type: application/dicom", b"Content-Type: application/dicom; transfer-syntax=1.2.840.10008.1.2.2"
    )

    assert post_body(archive, body, content_type).status_code == 200
    assert Instance.objects.get().transfer_syntax_uid == ExplicitVRLittleEndian


def test_STOW_14_query_parameters_are_ignored(archive):
    assert post(archive, part10(instance()), path=f"{STUDIES}?limit=x&PatientName=&%FF").status_code == 200


@pytest.mark.parametrize(
    "transfer_syntax",
    [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
)
def test_STOW_33_every_transfer_syntax_is_stored_as_received(archive, transfer_syntax):
    dataset = instance()
    content = part10(dataset, transfer_syntax)

    assert post(archive, content).status_code == 200
    assert stored_bytes(dataset.SOPInstanceUID) == content
