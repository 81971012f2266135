"""What a store request is answered with: status codes (PS3.18 Table 10.5.3-1)."""

import re

import pytest
from django.db import OperationalError
from pydicom.uid import (
    MPEG2MPML,
    CTImageStorage,
    JPEGBaseline8Bit,
    MRImageStorage,
    generate_uid,
)

from archive.models import Instance, Study
from archive.services import store as store_service
from archive.storage import StorageFull, blobs
from tests.builders import encapsulated, instance, multipart, part10
from tests.dicomweb.answers import values
from tests.dicomweb.stores import (
    CANNOT_UNDERSTAND,
    DUPLICATE,
    MULTIPART,
    NOT_MATCHING,
    OUT_OF_RESOURCES,
    STUDIES,
    STUDY_MISMATCH,
    TOO_LARGE,
    Stream,
    failed_items,
    of_study,
    other_failures,
    post,
    post_body,
    promising,
    stored_items,
)
from tests.storing import stored

pytestmark = pytest.mark.django_db


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
