"""Studies, series and instances as answers: parts, conditions, ranges, HEAD, and what goes wrong."""

from pathlib import Path

import pytest
from pydicom.uid import (
    ExplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from archive.dicom.images import codecs
from archive.models import Instance
from archive.storage import blobs
from dicomweb import multipart_response
from tests.dicomweb.answers import parts, payloads
from tests.dicomweb.instances import DICOM, HOST, MULTIPART, compressed, get
from tests.storing import stored, stored_study

pytestmark = pytest.mark.django_db


# -- B.2 multipart ---------------------------------------------------------------


def test_MP_01_MP_02_MP_03_the_form_of_the_answer(archive):
    """P11: `parts` accepts no other form."""
    (files,) = stored_study([2])

    response = get(archive, files[0].study_path, MULTIPART)

    assert response["Content-Type"].startswith(f"{MULTIPART}; boundary=")
    assert len(parts(response)) == 2


def test_MP_04_MP_05_MP_06_the_headers_of_each_part(archive):
    """P10, P11"""
    (files,) = stored_study([2])

    for part, file in zip(parts(get(archive, files[0].study_path, MULTIPART)), files, strict=True):
        assert list(part.headers) == ["Content-Type", "Content-Length", "Content-Location"]
        assert part.content_type == f"{DICOM}; transfer-syntax=1.2.840.10008.1.2.1"
        assert part.headers["Content-Length"] == str(len(file.content))
        assert part.location == f"{HOST}{file.path}"
        assert len(part.head) < 500
        assert payloads(get(archive, part.location.removeprefix(HOST), MULTIPART)) == [file.content]


def test_MP_08_every_answer_has_a_boundary_of_its_own(archive):
    """P12: pixels that hold the boundary of a former answer do no harm."""
    file = stored()
    boundary = get(archive, file.path)["Content-Type"].partition("boundary=")[2]
    assert len(boundary) >= 32
    pixels = f"\r\n--{boundary}\r\n\r\n\r\n--{boundary}--\r\n".encode().ljust(128, b"\0")

    hostile = stored(PixelData=pixels)

    assert payloads(get(archive, hostile.path)) == [hostile.content]


def test_MP_09_the_length_of_a_part_is_that_of_its_payload(archive):
    """P12: no padding, no further line end."""
    for file in (stored(PixelData=b"\r\n" * 64), stored(PixelData=b"\r\n--" * 32)):
        (part,) = parts(get(archive, file.path))
        assert part.payload == file.content
        assert int(part.headers["Content-Length"]) == len(file.content)


@pytest.mark.parametrize("level", ["study_path", "series_path", "path"])
def test_MP_10_WADO_123_answers_are_streamed_with_their_length(archive, level):
    """P18"""
    response = get(archive, getattr(stored(), level))

    assert response.streaming
    assert int(response["Content-Length"]) == len(response.getvalue())


def test_MP_10_a_part_is_not_read_before_it_is_sent(archive, monkeypatch):
    if blobs().read_ahead:
        monkeypatch.setattr(type(blobs()), "read_ahead", 0)
    monkeypatch.setattr(multipart_response, "WORTH_SENDING", 1)
    (files,) = stored_study([5])
    opened: list[str] = []
    read = blobs().read

    def noted(key: str, *arguments: object) -> object:
        opened.append(key)
        return read(key, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(blobs(), "read", noted)
        response = get(archive, files[0].study_path)
        assert len(opened) == 1
        pieces = iter(response.streaming_content)
        for _ in range(2):
            next(pieces)
        assert len(opened) <= 2
        assert b"".join(pieces)
        assert len(opened) == 5


# -- conditional requests, ranges, HEAD ------------------------------------------


@pytest.mark.parametrize("accept", [MULTIPART, DICOM])
def test_WADO_120_an_answer_that_the_client_has_is_304(archive, accept):
    file = stored()
    tag = get(archive, file.path, accept)["ETag"]

    for header in (tag, f'"other", {tag}', "*"):
        response = get(archive, file.path, accept, **{"if-none-match": header})
        assert (response.status_code, response.content, response["ETag"]) == (304, b"", tag)
    assert get(archive, file.path, accept, **{"if-none-match": '"other"'}).status_code == 200


def test_WADO_120_the_tag_of_a_study_changes_when_an_instance_is_added_or_replaced(archive, settings):
    settings.ARCHIVE_ON_DUPLICATE = "replace"
    study, series = generate_uid(), generate_uid()
    uids = {"StudyInstanceUID": study, "SeriesInstanceUID": series}
    file = stored(**uids)
    tags = [get(archive, file.study_path)["ETag"]]

    stored(**uids)
    tags.append(get(archive, file.study_path)["ETag"])
    stored(**uids, SOPInstanceUID=file.instance, PatientName="Doe^John")
    tags.append(get(archive, file.study_path)["ETag"])

    assert len(set(tags)) == 3


def test_WADO_121_every_transfer_syntax_has_a_tag_of_its_own(archive):
    file = compressed(JPEGLSLossless)
    tags = [
        get(archive, file.path, f"{form}; transfer-syntax={uid}")["ETag"]
        for form in (MULTIPART, DICOM)
        for uid in (JPEGLSLossless, ExplicitVRLittleEndian, RLELossless)
    ]

    assert len({tag.removeprefix("W/") for tag in tags}) == len(tags)


@pytest.mark.parametrize("accept", [MULTIPART, DICOM, f"{MULTIPART}; transfer-syntax={RLELossless}"])
def test_WADO_120_a_transcoded_answer_that_the_client_has_is_304_without_any_work(archive, accept, monkeypatch):
    file = compressed(JPEGLSLossless)
    tag = get(archive, file.path, accept)["ETag"]
    assert tag.startswith("W/")

    monkeypatch.setattr(codecs, "decode", None)
    response = get(archive, file.path, accept, **{"if-none-match": tag})

    assert (response.status_code, response.content) == (304, b"")


@pytest.mark.parametrize("resource", ["", "/frames/1", "/bulkdata/7FE00010", "/pixeldata"])
@pytest.mark.parametrize("accept", ["*/*", "application/dicom, application/octet-stream, multipart/related;q=0.1"])
def test_WADO_122_head_decodes_nothing(archive, resource, accept, monkeypatch):
    file = compressed(JPEGLSLossless)
    got = get(archive, file.path + resource, accept)

    monkeypatch.setattr(codecs, "decode", None)
    head = archive.head(file.path + resource, headers={"accept": accept})

    assert (head.status_code, head.getvalue()) == (200, b"")
    assert head["ETag"] == got["ETag"]
    assert head["Content-Type"].partition("boundary")[0] == got["Content-Type"].partition("boundary")[0]


def test_a_transcoded_file_is_given_whole_whatever_range_is_asked(archive):
    response = get(archive, compressed(JPEGLSLossless).path, DICOM, range="bytes=0-9")

    assert (response.status_code, "Accept-Ranges" in response) == (200, False)
    assert len(response.getvalue()) == int(response["Content-Length"])


def test_WADO_121_representations_have_tags_of_their_own_and_say_what_they_vary_by(archive):
    file = stored()
    multipart, single = get(archive, file.path, MULTIPART), get(archive, file.path, DICOM)

    assert multipart["ETag"] != single["ETag"]
    assert multipart["ETag"].startswith("W/")
    assert not single["ETag"].startswith("W/")
    for response in (multipart, single):
        assert {"accept", "accept-encoding"} <= {name.strip().lower() for name in response["Vary"].split(",")}


@pytest.mark.parametrize("accept", [MULTIPART, DICOM])
def test_WADO_122_head_has_the_headers_of_get_and_no_body(archive, accept):
    file = stored()
    got = get(archive, file.path, accept)
    head = archive.head(file.path, headers={"accept": accept})

    assert head.status_code == 200
    assert head.getvalue() == b""
    for name in ("Content-Length", "ETag", "Vary"):
        assert head[name] == got[name]
    assert head["Content-Type"].partition("boundary")[0] == got["Content-Type"].partition("boundary")[0]


def test_head_leaves_no_file_open(archive):
    file = stored()
    archive.head(file.study_path).close()
    before = len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(20):  # a server closes what it has answered; the test client leaves that to us
        archive.head(file.study_path).close()
        archive.head(file.path, headers={"accept": DICOM}).close()

    assert len(list(Path("/proc/self/fd").iterdir())) < before + 10


def test_a_file_given_alone_can_be_given_in_ranges(archive):
    file = stored()

    response = get(archive, file.path, DICOM, range="bytes=128-131")

    assert (response.status_code, response.getvalue()) == (206, b"DICM")
    assert response["Content-Range"] == f"bytes 128-131/{len(file.content)}"
    assert response["Content-Length"] == "4"


def test_WADO_68_a_range_of_a_multipart_answer_is_answered_whole(archive):
    file = stored()

    response = get(archive, file.path, MULTIPART, range="bytes=0-9")

    assert response.status_code == 200
    assert payloads(response) == [file.content]


# -- what goes wrong -------------------------------------------------------------


@pytest.mark.parametrize("accept", [MULTIPART, DICOM])
def test_WADO_22_bytes_that_are_gone_are_503_before_a_byte_is_sent(archive, accept):
    file = stored()
    blobs().delete(Instance.objects.get().blob_key)

    response = get(archive, file.path, accept)

    assert response.status_code == 503
    assert response["Content-Type"] == "application/json"


def test_bytes_that_are_gone_later_break_the_answer_off(archive):
    """P31: never a 200 that looks whole."""
    (files,) = stored_study([4])
    blobs().delete(Instance.objects.get(sop_instance_uid=files[2].instance).blob_key)

    response = get(archive, files[0].study_path)

    assert response.status_code == 200
    with pytest.raises(Exception, match="There is no blob"):
        response.getvalue()


def test_WADO_124_a_trailing_slash_is_no_redirect(archive):
    file = stored()

    for path in ("/dicom-web/studies/", f"{file.path}/"):
        assert archive.get(path).status_code in {400, 404}
        assert archive.post(path, b"x", content_type="application/dicom").status_code in {400, 404, 405}


@pytest.mark.parametrize("path", ["/dicom-web/nonsense", "/nonsense", "/dicom-web/studies/1/x"])
def test_OTH_11_a_path_that_no_resource_has_is_404_with_a_body(archive, path):
    response = archive.get(path)

    assert (response.status_code, response.json()["message"]) == (404, "There is no such resource.")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("path", ["/dicom-web/studies/1/series/2", "/dicom-web/studies/1/series/2/instances/3"])
def test_OTH_10_a_wrong_method_is_405_with_allow(archive, path, method):
    response = archive.generic(method, path)

    assert response.status_code == 405
    assert "GET" in response["Allow"]
