"""Documents and videos, which are shown by giving them as they are stored (PS3.18 Section 8.7.4)."""

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from pydicom.uid import (
    HEVCMP51,
    MPEG2MPML,
    MPEG4HP41,
    DeflatedExplicitVRLittleEndian,
    EncapsulatedCDAStorage,
    EncapsulatedPDFStorage,
    EncapsulatedSTLStorage,
)

from tests.builders import encapsulated, instance
from tests.dicomweb.answers import loose_parts, parts
from tests.dicomweb.pictures import BROWSER, JPEG, PNG, get, problem, related
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db

PDF, XML, STL = "application/pdf", "text/xml", "model/stl"
SHORT, LONG = b"%PDF-1.7 short", b"%PDF-1.7" + bytes(range(256)) * 20
VIDEO = b"video" * 2000
SANDBOX = "sandbox"


def document(
    content: bytes = LONG, media_type: str | None = PDF, sop_class: str = EncapsulatedPDFStorage, **more: object
) -> StoredFile:
    return stored(
        instance(
            SOPClassUID=sop_class,
            MIMETypeOfEncapsulatedDocument=media_type,
            EncapsulatedDocument=content,
            PixelData=None,
            **more,
        )
    )


def video(transfer_syntax: str = MPEG4HP41) -> StoredFile:
    dataset = encapsulated([VIDEO], fragments_per_frame=2, offset_table="none")
    dataset.NumberOfFrames = 100
    return stored(dataset, transfer_syntax=transfer_syntax)


def rendered(archive: Client, file: StoredFile, accept: str | None, **headers: str) -> HttpResponseBase:
    return get(archive, f"{file.path}/rendered", accept, headers)


# -- documents -------------------------------------------------------------------


@pytest.mark.parametrize("content", [SHORT, LONG], ids=["short", "long"])
@pytest.mark.parametrize("accept", [None, "*/*", PDF, "application/*", BROWSER, "image/png, application/pdf; q=0.1"])
def test_WADO_85_a_pdf_is_given_as_it_is(archive, content, accept):
    """A browser goes to it: OHIF's `singlepart` has it do that."""
    response = rendered(archive, document(content), accept)

    assert (response.status_code, response["Content-Type"]) == (200, PDF)
    assert response.getvalue() == content
    assert int(response["Content-Length"]) == len(content)


@pytest.mark.parametrize(
    ("media_type", "sop_class", "given"),
    [
        pytest.param(XML, EncapsulatedCDAStorage, XML, id="CDA"),
        pytest.param(STL, EncapsulatedSTLStorage, STL, id="STL"),
        pytest.param("model/obj", "1.2.840.10008.5.1.4.1.1.104.4", "model/obj", id="OBJ"),
        pytest.param("model/mtl", "1.2.840.10008.5.1.4.1.1.104.5", "model/mtl", id="MTL"),
        pytest.param(None, EncapsulatedPDFStorage, PDF, id="PDF-that-does-not-say-so"),
        pytest.param(None, EncapsulatedCDAStorage, XML, id="CDA-that-does-not-say-so"),
        pytest.param(None, EncapsulatedSTLStorage, STL, id="STL-that-does-not-say-so"),
        pytest.param("no media type", EncapsulatedPDFStorage, PDF, id="PDF-that-says-nonsense"),
        pytest.param("a/b\r\nSet-Cookie: c", EncapsulatedPDFStorage, PDF, id="a-header-in-it"),
    ],
)
@pytest.mark.parametrize("content", [SHORT, LONG], ids=["short", "long"])
def test_WADO_85_other_documents_are_given_as_what_they_are(archive, media_type, sop_class, given, content):
    file = document(content, media_type, sop_class)

    for accept in (None, BROWSER, given):
        response = rendered(archive, file, accept)
        assert (response["Content-Type"], response.getvalue()) == (given, content)
        assert "Set-Cookie" not in response


def test_WADO_85_a_document_is_one_part_for_who_wants_parts(archive):
    file = document()

    for accept in (related(PDF), related("*/*"), "multipart/related"):
        (part,) = parts(rendered(archive, file, accept))
        assert (part.content_type, part.payload) == (PDF, LONG)
        assert part.location == f"http://testserver{file.path}/rendered"


@pytest.mark.parametrize("accept", [JPEG, "text/html", "text/plain", related(XML), "application/dicom"])
def test_WADO_99_a_document_in_another_type_is_406_and_says_what_it_is(archive, accept):
    response = rendered(archive, document(), accept)

    assert response.status_code == 406
    assert PDF in problem(response)


def test_WADO_99_an_instance_without_its_document_is_406(archive):
    for content in (None, b""):
        assert rendered(archive, document(content), None).status_code == 406


def test_WADO_82_a_document_has_no_frames(archive):
    assert get(archive, f"{document().path}/frames/1/rendered", None).status_code == 404


def test_a_deflated_document_is_given_as_it_is(archive):
    dataset = instance(SOPClassUID=EncapsulatedPDFStorage, EncapsulatedDocument=LONG, PixelData=None)
    file = stored(dataset, transfer_syntax=DeflatedExplicitVRLittleEndian)

    response = rendered(archive, file, PDF)

    assert (response["Content-Type"], response.getvalue()) == (PDF, LONG)


# -- videos ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transfer_syntax", "media_type"),
    [(MPEG4HP41, "video/mp4"), (MPEG2MPML, "video/mpeg"), (HEVCMP51, "video/h265")],
    ids=["H.264", "MPEG2", "H.265"],
)
@pytest.mark.parametrize("accept", [None, "*/*", "video/*", BROWSER])
def test_P26_a_video_is_given_as_it_is_stored(archive, transfer_syntax, media_type, accept):
    """WADO-83: dcm4chee answered 500."""
    response = rendered(archive, video(transfer_syntax), accept)

    assert (response.status_code, response["Content-Type"].lower()) == (200, media_type)
    assert response.getvalue() == VIDEO
    assert int(response["Content-Length"]) == len(VIDEO)


@pytest.mark.parametrize("accept", [JPEG, "image/gif", related(PNG), "video/mpeg"])
def test_WADO_99_a_video_is_no_image(archive, accept):
    assert rendered(archive, video(), accept).status_code == 406


def test_WADO_54_a_frame_of_a_video_is_406(archive):
    for accept in (None, JPEG, "video/mp4"):
        response = get(archive, f"{video().path}/frames/1/rendered", accept)
        assert response.status_code == 406


def test_WADO_83_a_video_is_one_part_for_who_wants_parts(archive):
    (part,) = parts(rendered(archive, video(), related("video/mp4")))

    assert (part.content_type, part.payload) == ("video/mp4", VIDEO)


def test_WADO_84_the_videos_and_documents_of_a_study_are_parts(archive):
    file = document()
    dataset = encapsulated([VIDEO], offset_table="none", StudyInstanceUID=file.study)
    stored(dataset, transfer_syntax=MPEG4HP41)

    found = loose_parts(get(archive, f"{file.study_path}/rendered", None))

    assert {(part.content_type, part.payload) for part in found} == {(PDF, LONG), ("video/mp4", VIDEO)}


# -- as a browser plays and frames them ------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "status", "content_range"),
    [
        ("bytes=0-0", 206, "bytes 0-0/10000"),
        ("bytes=0-", 206, "bytes 0-9999/10000"),
        ("bytes=9990-", 206, "bytes 9990-9999/10000"),
        ("bytes=-5", 206, "bytes 9995-9999/10000"),
        ("bytes=4998-5003", 206, "bytes 4998-5003/10000"),
        ("bytes=10000-", 416, "bytes */10000"),
    ],
)
def test_WADO_66_a_video_is_played_from_anywhere(archive, wanted, status, content_range):
    """P25"""
    response = rendered(archive, video(), "video/*", range=wanted)

    assert (response.status_code, response["Content-Range"]) == (status, content_range)
    if status == 206:
        start, stop = content_range.removeprefix("bytes ").partition("/")[0].split("-")
        assert response.getvalue() == VIDEO[int(start) : int(stop) + 1]


@pytest.mark.parametrize("content", [SHORT, LONG], ids=["short", "long"])
def test_WADO_66_a_document_can_be_given_in_ranges(archive, content):
    file = document(content)

    whole = rendered(archive, file, PDF)
    assert whole["Accept-Ranges"] == "bytes"
    response = rendered(archive, file, PDF, range="bytes=1-3", **{"if-range": whole["ETag"]})

    assert (response.status_code, response.getvalue()) == (206, b"PDF")
    assert rendered(archive, file, PDF, range="bytes=1-3", **{"if-range": '"other"'}).status_code == 200


def test_WADO_120_a_document_that_the_client_has_is_304(archive):
    for file in (document(), document(SHORT), video()):
        tag = rendered(archive, file, None)["ETag"]
        assert not tag.startswith("W/")
        assert rendered(archive, file, None, **{"if-none-match": tag}).status_code == 304


def test_WADO_122_head_of_a_video_has_its_length(archive):
    response = archive.head(f"{video().path}/rendered")

    assert (response["Content-Length"], response["Content-Type"]) == (str(len(VIDEO)), "video/mp4")


def test_a_pdf_can_be_in_a_frame_of_the_archives_own_pages_only(archive):
    """Browsers show no PDF in a sandbox."""
    response = rendered(archive, document(), BROWSER)

    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert response["Content-Security-Policy"] == "frame-ancestors 'self'"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("media_type", "sop_class"),
    [
        ("text/html", EncapsulatedPDFStorage),
        ("TEXT/HTML", EncapsulatedPDFStorage),
        ("application/xhtml+xml", EncapsulatedCDAStorage),
        ("image/svg+xml", EncapsulatedPDFStorage),
        (XML, EncapsulatedCDAStorage),
        ("application/javascript", EncapsulatedPDFStorage),
    ],
)
@pytest.mark.parametrize("long", [b"", b" " * 3000], ids=["short", "long"])
def test_nothing_runs_of_a_document_that_somebody_stored(archive, media_type, sop_class, long):
    """The page has an origin of its own, without cookies, whatever it is said to be."""
    response = rendered(
        archive, document(b"<html><script>alert(1)</script></html>" + long, media_type, sop_class), None
    )

    policy = [directive.strip() for directive in response["Content-Security-Policy"].split(";")]
    assert SANDBOX in policy
    assert "frame-ancestors 'self'" in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "allow-" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("media_type", ["multipart/x-mixed-replace", "Multipart/Mixed", "message/rfc822"])
def test_a_document_has_no_parts_that_a_browser_takes_for_pages(archive, media_type):
    """It might give them no policy, or that of their own headers."""
    file = document(media_type=media_type)
    assert rendered(archive, file, None)["Content-Type"] == PDF
    assert get(archive, f"{file.path}/bulkdata/00420011", media_type.lower()).status_code == 406
