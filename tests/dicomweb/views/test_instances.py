"""WADO-RS: studies, series and instances as they were stored (PS3.18 Section 10.4)."""

import io
from pathlib import Path

import pydicom
import pytest
from django.http import HttpResponse
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    generate_uid,
)

from archive.models import Instance
from archive.storage import blobs
from dicomweb import multipart_response
from tests.builders import encapsulated, instance
from tests.dicomweb.answers import parts, payloads
from tests.storing import StoredFile, stored, stored_file, stored_study

pytestmark = pytest.mark.django_db

DICOM = "application/dicom"
MULTIPART = f'multipart/related; type="{DICOM}"'
ANY_SYNTAX = f"{MULTIPART}; transfer-syntax=*"
HOST = "http://testserver"


def compressed(transfer_syntax: str = JPEGBaseline8Bit, **elements: object) -> StoredFile:
    return stored(encapsulated([b"\xff\xd8\xff" + bytes(61)], **elements), transfer_syntax=transfer_syntax)


def get(archive, path: str, accept: str | None = ANY_SYNTAX, **headers: str) -> HttpResponse:
    return archive.get(path, headers=headers | ({"accept": accept} if accept is not None else {}))


# -- B.3 what is given -----------------------------------------------------------


def test_WADO_01_a_study_is_all_its_instances(archive):
    first, second = stored_study([3, 2])
    stored()

    response = get(archive, first[0].study_path, MULTIPART)

    assert response.status_code == 200
    assert payloads(response) == [file.content for file in first + second]


def test_WADO_02_a_series_is_its_instances_only(archive):
    first, second = stored_study([2, 2])

    assert payloads(get(archive, first[0].series_path, MULTIPART)) == [file.content for file in first]
    assert payloads(get(archive, second[0].series_path, MULTIPART)) == [file.content for file in second]


def test_WADO_03_an_instance_is_one_part(archive):
    """P13"""
    file, _ = (file for series in stored_study([2]) for file in series)

    assert payloads(get(archive, file.path, MULTIPART)) == [file.content]


def test_WADO_04_an_instance_may_be_given_alone(archive):
    file = stored()

    response = get(archive, file.path, DICOM)

    assert response["Content-Type"] == f"{DICOM}; transfer-syntax={ExplicitVRLittleEndian}"
    assert int(response["Content-Length"]) == len(file.content)
    assert response.getvalue() == file.content


@pytest.mark.parametrize(
    "transfer_syntax",
    [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, "1.2.840.10008.1.2.1.99"],
)
def test_WADO_08_the_stored_transfer_syntax_gives_the_stored_bytes(archive, transfer_syntax):
    """P07"""
    file = stored(transfer_syntax=transfer_syntax)

    for accept in (f"{MULTIPART}; transfer-syntax={transfer_syntax}", ANY_SYNTAX):
        (part,) = parts(get(archive, file.path, accept))
        assert part.payload == file.content
        assert part.content_type == f"{DICOM}; transfer-syntax={transfer_syntax}"


def test_WADO_08_compressed_objects_are_given_as_stored_when_they_are_asked_so(archive):
    file = compressed(JPEGLSLossless)

    (part,) = parts(get(archive, file.path, f"{MULTIPART}; transfer-syntax={JPEGLSLossless}"))

    assert part.payload == file.content
    assert pydicom.dcmread(io.BytesIO(part.payload)).file_meta.TransferSyntaxUID == JPEGLSLossless


@pytest.mark.parametrize(
    "accept", [f"{MULTIPART}; transfer-syntax={JPEGLSLossless}", f"{MULTIPART}; transfer-syntax=9.9"]
)
def test_WADO_10_a_transfer_syntax_that_cannot_be_given_is_406(archive, accept):
    file = stored()

    response = get(archive, file.study_path, accept)

    assert response.status_code == 406
    assert f"{MULTIPART}; transfer-syntax={ExplicitVRLittleEndian}" in response.json()["message"]


def mixed_study() -> tuple[StoredFile, StoredFile]:
    study, series = generate_uid(), generate_uid()
    uids = {"StudyInstanceUID": study, "SeriesInstanceUID": series}
    return stored(**uids, InstanceNumber=1), compressed(**uids, InstanceNumber=2)


def test_WADO_11_what_can_be_given_of_a_study_is_given_and_said_to_be_a_part(archive):
    native, jpeg = mixed_study()

    for accept, file in ((MULTIPART, native), (f"{MULTIPART}; transfer-syntax={JPEGBaseline8Bit}", jpeg)):
        response = get(archive, native.study_path, accept)
        assert response.status_code == 206
        assert payloads(response) == [file.content]
        assert "1 instances" in response["Warning"]


def test_WADO_11_a_part_that_the_client_knows_is_304(archive):
    native, _ = mixed_study()
    tag = get(archive, native.study_path, MULTIPART)["ETag"]

    response = get(archive, native.study_path, MULTIPART, **{"if-none-match": tag})

    assert (response.status_code, response.content) == (304, b"")


def test_a_study_of_several_transfer_syntaxes_is_whole_when_any_is_accepted(archive):
    """MP-07"""
    native, jpeg = mixed_study()
    both = (
        f"{MULTIPART}; transfer-syntax={ExplicitVRLittleEndian}, {MULTIPART}; transfer-syntax={JPEGBaseline8Bit}; q=0.5"
    )

    for accept in (ANY_SYNTAX, both):
        response = get(archive, native.study_path, accept)
        assert response.status_code == 200
        assert [(part.content_type.partition("=")[2], part.payload) for part in parts(response)] == [
            (ExplicitVRLittleEndian, native.content),
            (JPEGBaseline8Bit, jpeg.content),
        ]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/dicom-web/studies/9", id="WADO-17-study"),
        pytest.param("/dicom-web/studies/9/series/9", id="WADO-17-study-of-series"),
        pytest.param("{study}/series/9", id="WADO-17-series"),
        pytest.param("{series}/instances/9", id="WADO-17-instance"),
        pytest.param("{other_study}/series/{series_uid}", id="WADO-18-series"),
        pytest.param("{other_study}/series/{series_uid}/instances/{instance_uid}", id="WADO-18-instance"),
    ],
)
@pytest.mark.parametrize("suffix", ["", "/metadata"])
def test_what_is_not_there_is_404_with_a_reason(archive, path, suffix):
    """WADO-24, OTH-11"""
    file, other = stored(), stored()
    url = path.format(
        study=file.study_path,
        series=file.series_path,
        other_study=other.study_path,
        series_uid=file.series,
        instance_uid=file.instance,
    )

    response = archive.get(url + suffix)

    assert response.status_code == 404
    assert response.json()["message"].startswith("There is no ")


@pytest.mark.parametrize(
    "uid", ["not-a-uid", "1.2.*", "1" * 65, "%20", "1.2.3%00", "..", ".1", "1.2'--", "1.2.%C3%BC", ""]
)
@pytest.mark.parametrize("level", ["study", "series", "instance"])
@pytest.mark.parametrize("suffix", ["", "/metadata"])
def test_WADO_20_a_uid_that_is_none_is_400(archive, uid, level, suffix):
    uids = {"study": "1.1", "series": "1.2", "instance": "1.3"} | {level: uid}
    levels = ["study", "series", "instance"][: ["study", "series", "instance"].index(level) + 1]
    names = {"study": "studies", "series": "series", "instance": "instances"}
    path = "".join(f"/{names[name]}/{uids[name]}" for name in levels)

    response = archive.get(f"/dicom-web{path}{suffix}")

    assert response.status_code == 400
    assert level in response.json()["message"]


@pytest.mark.parametrize(
    "name",
    ["CT_small.dcm", "MR_small_bigendian.dcm", "SC_rgb_rle_2frame.dcm", "image_dfl.dcm", "test-SR.dcm", "rtplan.dcm"],
)
def test_WADO_25_real_files_come_back_byte_for_byte(archive, name):
    file = stored_file(Path(get_testdata_file(name, download=False)).read_bytes())

    assert payloads(get(archive, file.path)) == [file.content]
    assert payloads(get(archive, file.study_path)) == [file.content]


def test_WADO_25_private_and_unknown_elements_survive(archive):
    dataset = instance()
    dataset.private_block(0x0009, "Vendor", create=True).add_new(0x01, "LO", "private")
    dataset.add_new(0x00091155, "UN", b"\x00\xff")
    item = Dataset()
    item.PatientComments = "x" * 3000
    dataset.RequestAttributesSequence = [item]
    file = stored(dataset)

    (payload,) = payloads(get(archive, file.path))

    assert pydicom.dcmread(io.BytesIO(payload)) == pydicom.dcmread(io.BytesIO(file.content))


# -- B.1 content negotiation -----------------------------------------------------


@pytest.mark.parametrize("level", ["study_path", "series_path", "path"])
@pytest.mark.parametrize(
    "accept",
    [
        pytest.param(None, id="NEG-02-no-header"),
        pytest.param("", id="NEG-02-empty-header"),
        pytest.param("*/*", id="NEG-03"),
        pytest.param("multipart/*", id="NEG-04-P05"),
        pytest.param("multipart/related", id="no-type"),
        pytest.param('multipart/related; type="*/*"', id="any-type"),
        pytest.param('multipart/related; type="application/dicom"', id="NEG-14-P01-quoted"),
        pytest.param("multipart/related; type=application/dicom", id="NEG-14-P01-bare"),
        pytest.param('multipart/related; type="application/dicom"; transfer-syntax="1.2.840.10008.1.2.1"', id="NEG-14"),
        pytest.param('multipart/related; type="application/dicom; transfer-syntax=*"', id="P02"),
        pytest.param("text/html, multipart/related; type=application/dicom", id="NEG-06-unsupported"),
        pytest.param("nonsense,, ;q=, multipart/related; type=application/dicom", id="NEG-06-malformed"),
        pytest.param(ANY_SYNTAX, id="NEG-15"),
    ],
)
def test_the_default_is_multipart(archive, level, accept):
    """P13"""
    file = stored()

    response = get(archive, getattr(file, level), accept)

    assert response.status_code == 200
    assert payloads(response) == [file.content]


@pytest.mark.parametrize(
    ("accept", "single"),
    [
        (f"{DICOM}, {MULTIPART};q=0.9", True),
        (f"{DICOM};q=0.8, {MULTIPART};q=0.9", False),
        (f"{DICOM};q=0.1, */*;q=0", True),
        (f"{MULTIPART};q=0, */*", True),
        (f"*/*;q=0.5, {DICOM}", True),
        ("application/*", True),
    ],
)
def test_NEG_05_the_highest_quality_of_what_can_be_given_wins(archive, accept, single):
    file = stored()

    response = get(archive, file.path, accept)

    assert response["Content-Type"].startswith(DICOM if single else "multipart/related")


@pytest.mark.parametrize(
    "accept",
    ["text/plain", "image/jpeg", f"{MULTIPART};q=0", "application/dicom+json", 'multipart/related; type="image/jpeg"'],
)
@pytest.mark.parametrize("level", ["study_path", "series_path", "path"])
def test_NEG_07_nothing_that_can_be_given_is_406_and_says_what_can(archive, accept, level):
    """P04"""
    response = get(archive, getattr(stored(), level), accept)

    assert response.status_code == 406
    assert "application/dicom" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "header", "single"),
    [
        pytest.param("application/dicom", None, True, id="NEG-09"),
        pytest.param("application/dicom", "*/*", True, id="NEG-10"),
        pytest.param("application/dicom", MULTIPART, True, id="parameter-beats-header"),
        pytest.param("multipart/related;%20type=%22application/dicom%22", DICOM, False, id="NEG-09-percent-encoded"),
        pytest.param("text/plain", DICOM, True, id="NEG-12"),
        pytest.param("text/plain", None, False, id="NEG-12-default"),
    ],
)
def test_the_accept_parameter_is_considered_before_the_header(archive, query, header, single):
    response = get(archive, f"{stored().path}?accept={query}", header)

    assert response["Content-Type"].startswith(DICOM if single else "multipart/related")


@pytest.mark.parametrize(
    "query", ["?unknown=1", "?transferSyntax=1.2.3", "?limit=x", "?", "?PatientName=a&PatientName=b"]
)
def test_NEG_18_NEG_19_other_parameters_are_ignored(archive, query):
    file = stored()

    assert payloads(get(archive, file.path + query, MULTIPART)) == [file.content]


@pytest.mark.parametrize("level", ["study_path", "series_path"])
def test_NEG_21_a_study_or_series_of_one_instance_is_still_not_given_alone(archive, level):
    file = stored()

    assert get(archive, getattr(file, level), DICOM).status_code == 406
    assert payloads(get(archive, getattr(file, level), f"{DICOM}, {MULTIPART};q=0.1")) == [file.content]


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
