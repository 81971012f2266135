"""STOW-RS: `POST /studies` and `POST /studies/{study}` (PS3.18 Section 10.5)."""

import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from pydicom.dataset import Dataset
from pydicom.uid import (
    MPEG2MPML,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    MRImageStorage,
    generate_uid,
)

from archive.dicom.metadata import native_xml_reader, received_model
from archive.models import Instance, Series, Study
from archive.services import store as store_service
from archive.storage import StorageFull, blobs
from tests.builders import encapsulated, instance, multipart, part10
from tests.dicomweb.answers import payloads, values
from tests.storing import stored

pytestmark = pytest.mark.django_db

STUDIES = "/dicom-web/studies"
DICOM_JSON = "application/dicom+json"
MULTIPART = 'multipart/related; type="application/dicom"'
NOT_MATCHING = 0xB007
STUDY_MISMATCH, CANNOT_UNDERSTAND, DUPLICATE, TOO_LARGE, OUT_OF_RESOURCES = 43265, 49152, 273, 272, 42752


def post(client: Client, *files: bytes, path: str = STUDIES, **headers: Any) -> HttpResponse:
    """Store the files in one request."""
    body, content_type = multipart(files)
    return client.post(path, body, content_type=content_type, **headers)


def post_body(
    client: Client, body: bytes, content_type: str = f"{MULTIPART}; boundary=B", **headers: Any
) -> HttpResponse:
    return client.post(STUDIES, body, content_type=content_type, **headers)


def stored_items(response: HttpResponse) -> list[str]:
    """SOP Instance UIDs of Referenced SOP Sequence."""
    return [item["00081155"]["Value"][0] for item in values(response.json(), "00081199")]


def failed_items(response: HttpResponse) -> dict[str, int]:
    """Failure reasons by SOP Instance UID, of Failed SOP Sequence."""
    return {item["00081155"]["Value"][0]: item["00081197"]["Value"][0] for item in values(response.json(), "00081198")}


def other_failures(response: HttpResponse) -> list[int]:
    return [item["00081197"]["Value"][0] for item in values(response.json(), "0008119A")]


def stored_bytes(sop_instance_uid: str) -> bytes:
    return b"".join(blobs().read(Instance.objects.get(sop_instance_uid=sop_instance_uid).blob_key))


def of_study(study: str, **elements: object) -> Dataset:
    return instance(StudyInstanceUID=study, **elements)


def promising(number_of_frames: int, frames: Sequence[bytes]) -> Dataset:
    dataset = encapsulated(frames)
    dataset.NumberOfFrames = number_of_frames
    return dataset


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


class Stream:
    """A body that comes in small pieces, as from a socket."""

    def __init__(self, content: bytes) -> None:
        self._rest = content

    def read1(self, size: int) -> bytes:
        size = min(size, 700)
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece or self._end()

    read = readline = read1

    def _end(self) -> bytes:
        return b""


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


# -- A.3 status codes ------------------------------------------------------------


def test_STOW_40_all_stored_is_200_without_failed_sequences(archive):
    response = post(archive, part10(instance()), part10(instance()))

    assert response.status_code == 200
    assert set(response.json()) == {"00081190", "00081199"}


def test_STOW_41_some_stored_is_202_with_both_sequences(archive):
    study = generate_uid()
    good, bad = of_study(study), instance()

    response = post(archive, part10(good), part10(bad), path=f"{STUDIES}/{study}")

    assert response.status_code == 202
    assert stored_items(response) == [good.SOPInstanceUID]
    assert failed_items(response) == {bad.SOPInstanceUID: STUDY_MISMATCH}


@pytest.mark.parametrize(
    ("content", "explained"),
    [
        pytest.param(part10(instance(NumberOfFrames=2)), "1 of the 2 frames", id="too-few"),
        pytest.param(part10(instance(PixelData=bytes(100))), "cannot be told apart", id="not-one"),
        pytest.param(part10(instance(Rows=None)), "cannot be told apart", id="of-no-size"),
        pytest.param(part10(promising(3, [b"a", b"b"]), JPEGBaseline8Bit), "cannot be told apart", id="fragments"),
    ],
)
def test_STOW_42_pixel_data_that_are_not_all_there_are_stored_with_a_warning(archive, content, explained):
    for _ in range(2):
        response = post(archive, content)

        assert response.status_code == 202
        (item,) = values(response.json(), "00081199")
        assert item["00081196"] == {"vr": "US", "Value": [NOT_MATCHING]}
        assert explained in response["Warning"]
        assert "00081198" not in response.json()
    assert Instance.objects.count() == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(part10(instance(PixelData=None)), id="no-pixels"),
        pytest.param(part10(instance(PixelData=b"")), id="empty"),
        pytest.param(part10(promising(99, [b"video"]), MPEG2MPML), id="video"),
        pytest.param(part10(encapsulated([b"abcd"] * 3, fragments_per_frame=2), JPEGBaseline8Bit), id="fragments"),
    ],
)
def test_STOW_40_what_is_as_it_says_has_no_warning(archive, content):
    assert post(archive, content).status_code == 200


def test_STOW_43_none_stored_is_409_with_the_reasons(archive):
    file = stored()
    uids = {"StudyInstanceUID": file.study, "SeriesInstanceUID": file.series, "SOPInstanceUID": file.instance}

    response = post(archive, part10(instance(**uids, Rows=4, Columns=16)), part10(instance(SeriesInstanceUID=None)))

    assert response.status_code == 409
    assert failed_items(response)[file.instance] == DUPLICATE
    assert len(failed_items(response)) == 2
    assert "00081199" not in response.json()


BODY, _ = multipart([part10(instance(SOPInstanceUID="1.2.3.4"))], boundary="B")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param(MULTIPART, BODY, id="no-boundary"),
        pytest.param(f"{MULTIPART}; boundary=C", BODY, id="delimiter-never-found"),
        pytest.param(f"{MULTIPART}; boundary=B", BODY[:-6], id="no-closing-delimiter"),
        pytest.param(f"{MULTIPART}; boundary=B", BODY[:500], id="truncated-in-a-part"),
        pytest.param(f"{MULTIPART}; boundary=B", BODY[:20], id="truncated-in-a-header"),
        pytest.param(
            f"{MULTIPART}; boundary=B", BODY.replace(b"\r\n--B--", b"\r\n--B\r\n"), id="truncated-after-a-part"
        ),
        pytest.param(f"{MULTIPART}; boundary=B", b"--B\r\nno colon\r\n\r\nx\r\n--B--\r\n", id="malformed-header"),
    ],
)
def test_STOW_44_a_body_that_breaks_the_syntax_is_400_and_nothing_is_visible(archive, content_type, body):
    """STOW-59"""
    response = post_body(archive, body, content_type)

    assert response.status_code == 400
    assert response.json()["message"]
    assert archive.get(STUDIES).json() == []
    assert list(blobs().listing()) == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param(f"{MULTIPART}; boundary=B", b"--B--\r\n", id="zero-parts"),
        pytest.param(f"{MULTIPART}; boundary=B", b" ", id="no-delimiter"),
        pytest.param("application/dicom", b"", id="empty-single-part"),
    ],
)
def test_STOW_45_a_request_without_an_instance_is_400(archive, content_type, body):
    response = archive.generic(
        "POST", STUDIES, body, content_type=content_type, CONTENT_TYPE=content_type, CONTENT_LENGTH=str(len(body))
    )

    assert response.status_code == 400


def test_STOW_46_a_part_that_is_no_dicom_does_not_harm_the_others(archive):
    """STOW-75: nobody can say whose it is."""
    dataset = instance()
    response = post(archive, b"GIF89a", part10(dataset), b"")

    assert response.status_code == 202
    assert stored_items(response) == [dataset.SOPInstanceUID]
    assert other_failures(response) == [CANNOT_UNDERSTAND, CANNOT_UNDERSTAND]
    assert "00081198" not in response.json()


@pytest.mark.parametrize("content_type", [None, "application/dicom"])
def test_STOW_46_nothing_but_garbage_is_409(archive, content_type):
    response = archive.post(STUDIES, b"GIF89a", content_type=content_type) if content_type else post(archive, b"GIF89a")

    assert response.status_code == 409
    assert set(response.json()) == {"00081190", "0008119A"}


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "multipart/form-data; boundary=B",
        'multipart/related; type="image/jpeg"; boundary=B',
        "multipart/related; boundary=B",
        "application/dicom+json",
        "multipart/mixed; boundary=B",
    ],
)
def test_STOW_47_a_content_type_that_is_not_taken_is_415_and_says_what_is(archive, content_type):
    response = post_body(archive, BODY, content_type)

    assert response.status_code == 415
    assert "application/dicom" in response.json()["message"]
    assert Instance.objects.count() == 0


@pytest.mark.parametrize(("coding", "status"), [("gzip", 415), ("deflate, gzip", 415), ("Identity", 200), ("", 200)])
def test_STOW_47_a_body_that_is_encoded_is_415_and_not_taken_for_a_broken_one(archive, coding, status):
    response = archive.post(
        STUDIES, BODY, content_type=f"{MULTIPART}; boundary=B", headers={"content-encoding": coding}
    )

    assert response.status_code == status
    assert Instance.objects.count() == (1 if status == 200 else 0)


@pytest.mark.parametrize("content_type", ["", "nonsense", ";", "application/", 'multipart/related; type="'])
def test_STOW_48_a_content_type_that_is_missing_or_none_is_415(archive, content_type):
    response = archive.generic("POST", STUDIES, BODY, content_type=content_type, CONTENT_TYPE=content_type)

    assert response.status_code == 415


def test_STOW_51_when_resources_ran_out_it_is_503_with_the_reason_of_each(archive, monkeypatch):
    def full(*arguments: object) -> None:
        raise StorageFull("no room")

    dataset = instance()
    with monkeypatch.context() as patched:
        patched.setattr(blobs(), "put", full)
        response = post(archive, part10(dataset))

    assert response.status_code == 503
    assert failed_items(response) == {dataset.SOPInstanceUID: OUT_OF_RESOURCES}
    assert Instance.objects.count() == 0


def test_STOW_51_when_the_database_fails_it_is_503_and_nothing_is_visible(archive, monkeypatch):
    def fail(*arguments: object, **options: object) -> None:
        raise OperationalError("the server is gone")

    with monkeypatch.context() as patched:
        patched.setattr(store_service, "record", fail)
        response = post(archive, part10(instance()))

    assert response.status_code == 503
    assert "server is gone" not in response.content.decode()
    assert archive.get(STUDIES).json() == []


def test_STOW_52_a_body_above_the_limit_is_413(archive, settings):
    settings.ARCHIVE_MAX_REQUEST_SIZE = 1000

    response = post(archive, part10(instance()), bytes(1000))

    assert response.status_code == 413
    assert "1000" in response.json()["message"]


def test_STOW_52_a_chunked_body_that_grows_above_the_limit_is_413_and_nothing_is_visible(archive, settings):
    settings.ARCHIVE_MAX_REQUEST_SIZE = 1500
    body, content_type = multipart([part10(instance()), part10(instance())])
    assert len(body) > 1500

    response = archive.generic(
        "POST",
        STUDIES,
        headers={"transfer-encoding": "chunked"},
        **{"wsgi.input": Stream(body), "CONTENT_TYPE": content_type},
    )

    assert response.status_code == 413
    assert Instance.objects.count() == 0
    assert list(blobs().listing()) == []


def test_an_instance_above_the_limit_is_refused_and_the_others_are_stored(archive, settings):
    settings.ARCHIVE_MAX_INSTANCE_SIZE = 2000
    dataset = instance()

    response = post(archive, part10(instance(PixelData=bytes(3000))), part10(dataset))

    assert response.status_code == 202
    assert stored_items(response) == [dataset.SOPInstanceUID]
    assert other_failures(response) == [TOO_LARGE]
    assert list((settings.ARCHIVE_DATA_DIR / "incoming").iterdir()) == []


def test_more_parts_than_the_limit_are_400(archive, settings):
    settings.ARCHIVE_MAX_PARTS = 2

    response = post(archive, *[part10(instance()) for _ in range(3)])

    assert response.status_code == 400
    assert Instance.objects.count() == 0


def test_STOW_53_a_body_of_unknown_length_is_411(archive):
    response = archive.generic(
        "POST", STUDIES, **{"wsgi.input": Stream(BODY), "CONTENT_TYPE": f"{MULTIPART}; boundary=B"}
    )

    assert response.status_code == 411


@pytest.mark.parametrize("length", ["-1", "1.5", "ten", "5,5", "٣"])
def test_a_content_length_that_is_no_number_is_400(archive, length):
    response = archive.generic(
        "POST",
        STUDIES,
        **{"wsgi.input": Stream(BODY), "CONTENT_TYPE": f"{MULTIPART}; boundary=B", "CONTENT_LENGTH": length},
    )

    assert response.status_code == 400


def test_a_body_shorter_than_its_length_is_not_stored(archive):
    """P18: a client that vanished does not leave half an object."""
    content = part10(instance())

    response = archive.generic(
        "POST",
        STUDIES,
        **{"wsgi.input": Stream(content), "CONTENT_TYPE": "application/dicom", "CONTENT_LENGTH": str(len(content) + 1)},
    )

    assert response.status_code == 408
    assert Instance.objects.count() == 0
    assert list(blobs().listing()) == []


class Vanishing(Stream):
    """A client that vanishes after its first pieces: the server says so with an error."""

    def _end(self) -> bytes:
        raise ConnectionResetError


@pytest.mark.parametrize("headers", [{"transfer-encoding": "chunked"}, {"content-length": "5000"}])
def test_a_client_that_vanishes_leaves_nothing(archive, headers, settings):
    settings.ARCHIVE_SPOOL_SIZE = 100
    body, content_type = multipart([part10(instance()), part10(instance())])
    environ = {"wsgi.input": Vanishing(body[:-100]), "CONTENT_TYPE": content_type}
    if "content-length" in headers:
        environ["CONTENT_LENGTH"] = headers["content-length"]

    response = archive.generic("POST", STUDIES, headers={k: v for k, v in headers.items() if k[0] == "t"}, **environ)

    assert response.status_code == 408
    assert Instance.objects.count() == 0
    assert list(blobs().listing()) == []
    assert list((settings.ARCHIVE_DATA_DIR / "incoming").iterdir()) == []


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE", "TRACE"])
def test_STOW_54_other_methods_are_405_with_allow(archive, method):
    response = archive.generic(method, STUDIES)

    assert response.status_code == 405
    assert {"GET", "POST"} <= set(re.split(r",\s*", response["Allow"]))


def test_STOW_55_instances_of_a_class_that_is_not_stored_are_refused(archive, settings):
    settings.ARCHIVE_SOP_CLASSES = (MRImageStorage,)
    good, bad = instance(SOPClassUID=MRImageStorage), instance(SOPClassUID=CTImageStorage)

    response = post(archive, part10(bad))
    assert (response.status_code, failed_items(response)) == (409, {bad.SOPInstanceUID: 0x0122})

    response = post(archive, part10(bad), part10(good))
    assert (response.status_code, failed_items(response)) == (202, {bad.SOPInstanceUID: 0x0122})
    assert stored_items(response) == [good.SOPInstanceUID]


def test_STOW_55_every_class_is_stored_by_default(archive):
    assert post(archive, part10(instance(SOPClassUID="1.2.3.4.5"))).status_code == 200


def test_STOW_56_an_instance_of_another_study_is_refused(archive):
    dataset = instance()

    response = post(archive, part10(dataset), path=f"{STUDIES}/1.2.3")

    assert response.status_code == 409
    assert failed_items(response) == {dataset.SOPInstanceUID: STUDY_MISMATCH}
    assert Study.objects.count() == 0


@pytest.mark.parametrize("study", ["not-a-uid", "1.2.3%20", "1" * 65, "..", "1.2.%C3%BC"])
def test_STOW_58_a_study_that_is_no_uid_is_400(archive, study):
    response = post(archive, part10(instance()), path=f"{STUDIES}/{study}")

    assert response.status_code == 400
    assert Instance.objects.count() == 0


# -- A.4 the answer --------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [{}, {"accept": "*/*"}, {"accept": DICOM_JSON}, {"accept": "application/*"}, {"accept": "application/json"}],
)
def test_STOW_60_STOW_63_STOW_65_the_answer_is_one_json_object_of_exactly_this_type(archive, headers):
    """P24"""
    response = post(archive, part10(instance()), headers=headers)

    assert response["Content-Type"] == DICOM_JSON
    assert isinstance(response.json(), dict)


@pytest.mark.parametrize(
    ("accept", "is_multipart"),
    [("application/dicom+xml", False), ('multipart/related; type="application/dicom+xml"', True)],
)
def test_STOW_61_STOW_62_the_answer_is_xml_of_the_same_module_where_that_is_asked_for(archive, accept, is_multipart):
    file = stored()
    uids = {"StudyInstanceUID": file.study, "SeriesInstanceUID": file.series, "SOPInstanceUID": file.instance}
    files = [part10(instance()), part10(instance(**uids, Rows=4, Columns=16)), b"garbage", part10(instance(Rows=9))]

    response = post(archive, *files, headers={"accept": accept})

    assert response.status_code == 202
    (document,) = payloads(response) if is_multipart else [response.content]
    module = received_model.read(native_xml_reader.instance(document)).data_set
    assert len(values(module, "00081199")) == 2
    assert values(values(module, "00081199")[1], "00081196") == [NOT_MATCHING]
    assert values(values(module, "00081198")[0], "00081197") == [DUPLICATE]
    assert values(values(module, "0008119A")[0], "00081197") == [CANNOT_UNDERSTAND]


@pytest.mark.parametrize("accept", ["text/plain", "application/dicom", f"{DICOM_JSON};q=0", "image/*"])
def test_STOW_64_an_answer_that_is_not_accepted_is_406_before_anything_is_stored(archive, accept):
    response = post(archive, part10(instance()), headers={"accept": accept})

    assert response.status_code == 406
    assert DICOM_JSON in response.content.decode()
    assert Instance.objects.count() == 0


def test_STOW_66_what_was_created_is_located(archive):
    study = generate_uid()
    datasets = [of_study(study) for _ in range(3)]
    url = f"http://testserver{STUDIES}/{study}"

    one = post(archive, part10(datasets[0]))
    series, uid = datasets[0].SeriesInstanceUID, datasets[0].SOPInstanceUID
    assert one["Location"] == one["Content-Location"] == f"{url}/series/{series}/instances/{uid}"

    several = post(archive, part10(datasets[1]), part10(datasets[2]))
    assert several["Location"] == several["Content-Location"] == url

    nothing_new = post(archive, part10(datasets[0]))
    assert not nothing_new.has_header("Location")

    two_studies = post(archive, part10(instance()), part10(instance()))
    assert not two_studies.has_header("Location")


def test_STOW_67_the_answer_has_a_length(archive):
    response = post(archive, part10(instance()))

    assert int(response["Content-Length"]) == len(response.content)


def test_STOW_68_refusals_are_explained_in_a_warning_without_values(archive):
    """OTH-17"""
    response = post(archive, part10(instance(SeriesInstanceUID=None, PatientName="Doe^Jane")), b"GIF89a Doe^Jane")

    assert re.match(r'299 [^ ]+ "[^"]+", 299 [^ ]+ "[^"]+"$', response["Warning"])
    assert "Doe" not in response["Warning"] + response.content.decode()


# -- A.5 Store Instances Response Module -----------------------------------------


def test_STOW_70_every_instance_has_one_item(archive):
    study = generate_uid()
    good = [of_study(study) for _ in range(2)]
    bad = [instance() for _ in range(2)]
    parts = [part10(dataset) for pair in zip(good, bad, strict=True) for dataset in pair]

    response = post(archive, *parts, b"garbage", path=f"{STUDIES}/{study}")

    assert stored_items(response) == [dataset.SOPInstanceUID for dataset in good]
    assert failed_items(response) == {dataset.SOPInstanceUID: STUDY_MISMATCH for dataset in bad}
    assert len(values(response.json(), "00081198")) == 2
    assert other_failures(response) == [CANNOT_UNDERSTAND]


def test_STOW_71_STOW_73_the_module_has_no_empty_sequence_and_nothing_else(archive):
    study = generate_uid()
    response = post(archive, part10(of_study(study)), part10(instance()), path=f"{STUDIES}/{study}")

    module = response.json()
    assert list(module) == ["00081190", "00081198", "00081199"]
    assert [module[tag]["vr"] for tag in module] == ["UR", "SQ", "SQ"]
    (item,) = module["00081199"]["Value"]
    assert {tag: element["vr"] for tag, element in item.items()} == {
        "00081150": "UI",
        "00081155": "UI",
        "00081190": "UR",
    }
    (item,) = module["00081198"]["Value"]
    assert {tag: element["vr"] for tag, element in item.items()} == {
        "00081150": "UI",
        "00081155": "UI",
        "00081197": "US",
    }


def test_STOW_72_the_urls_lead_to_what_was_stored(archive):
    dataset = instance()
    module = post(archive, part10(dataset)).json()

    (study_url,) = values(module, "00081190")
    (instance_url,) = values(values(module, "00081199")[0], "00081190")
    for url in (study_url, instance_url):
        assert payloads(archive.get(url.removeprefix("http://testserver"))) == [part10(dataset)]


def test_STOW_72_for_several_studies_the_module_names_none(archive):
    module = post(archive, part10(instance()), part10(instance())).json()

    assert module["00081190"] == {"vr": "UR"}


def test_STOW_74_the_most_specific_reason_is_given(archive):
    """An instance of another study that is a duplicate, too, is of another study."""
    file = stored()

    response = post(archive, file.content, path=f"{STUDIES}/1.2.3")

    assert failed_items(response) == {file.instance: STUDY_MISMATCH}


# -- A.6 duplicates --------------------------------------------------------------


def test_STOW_80_the_same_instance_again_is_success_and_stored_once(archive):
    content = part10(instance())
    post(archive, content)

    response = post(archive, content)

    assert (response.status_code, len(stored_items(response))) == (200, 1)
    assert Instance.objects.count() == Study.objects.get().number_of_study_related_instances == 1


@pytest.mark.parametrize(("policy", "status"), [("refuse", 409), ("replace", 200)])
def test_STOW_81_other_content_is_refused_or_takes_the_place(archive, settings, policy, status):
    settings.ARCHIVE_ON_DUPLICATE = policy
    file = stored(PatientName="Doe^Jane")
    uids = {"StudyInstanceUID": file.study, "SeriesInstanceUID": file.series, "SOPInstanceUID": file.instance}
    other = part10(instance(**uids, PatientName="Doe^John"))

    response = post(archive, other)

    assert response.status_code == status
    assert payloads(archive.get(file.path)) == [other if policy == "replace" else file.content]
    assert Series.objects.get().number_of_series_related_instances == 1


def test_STOW_85_STOW_76_what_was_coerced_is_told_with_what_it_was(archive, settings):
    settings.ARCHIVE_ON_CONFLICT = "coerce"
    study = generate_uid()
    post(archive, part10(of_study(study, PatientID="A")))

    response = post(archive, part10(of_study(study, PatientID="B")))

    assert response.status_code == 202
    (item,) = values(response.json(), "00081199")
    assert values(item, "00081196") == [0xB000]
    (original,) = values(item, "04000561")
    assert values(original, "04000565") == ["COERCE"]
    assert values(original, "04000550") == [{"00100020": {"vr": "LO", "Value": ["B"]}}]
    assert "00100020" in response["Warning"]
    path = values(item, "00081190")[0].removeprefix("http://testserver")
    (metadata,) = archive.get(f"{path}/metadata").json()
    assert values(metadata, "00100020") == ["A"]
    assert metadata["04000561"]["Value"][0] == original


def test_STOW_83_twins_in_one_request(archive):
    content = part10(instance())

    response = post(archive, content, content)

    assert response.status_code == 200
    assert Instance.objects.count() == 1
    assert len(stored_items(response)) == 1, "STOW-70: one item for one instance"


@pytest.mark.django_db(transaction=True)
def test_STOW_84_requests_at_once_are_all_answered(settings):
    """Of one study, and each with one instance that all of them bring."""
    settings.ARCHIVE_ANONYMOUS_ACCESS = "write"
    study = generate_uid()
    shared = part10(of_study(study))
    ready = threading.Barrier(4)

    def send(files: Sequence[bytes]) -> int:
        ready.wait(10)
        try:
            return post(Client(raise_request_exception=False), *files).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(send, [[shared, part10(of_study(study))] for _ in range(4)]))

    assert statuses == [200] * 4
    assert Study.objects.get().number_of_study_related_instances == Instance.objects.count() == 5
