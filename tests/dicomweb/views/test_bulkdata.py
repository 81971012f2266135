"""WADO-RS bulk data: what a BulkDataURI of the metadata leads to (PS3.18 Section 10.4.1.1.5)."""

import struct
from email import message_from_bytes

import pytest
from django.http import HttpResponse
from django.test import Client
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    MPEG4HP41,
    DeflatedExplicitVRLittleEndian,
    EncapsulatedPDFStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from archive.dicom.images import codecs
from archive.models import Instance
from archive.storage import blobs
from tests import builders
from tests.builders import encapsulated, instance
from tests.dicomweb.answers import parts, payloads
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db

OCTET_STREAM = "application/octet-stream"
OCTETS = f'multipart/related; type="{OCTET_STREAM}"'
HOST = "http://testserver"
PIXELS = bytes(range(128))
PDF = b"%PDF-1.7\r\n--boundary\r\n" + bytes(range(256)) * 8


def reference(archive: Client, file: StoredFile, *path: str | int) -> str:
    """The path of the BulkDataURI of an element: a tag, or tag, item, tag."""
    (element,) = archive.get(f"{file.path}/metadata").json()
    for step in path:
        element = element[step] if isinstance(step, str) else element["Value"][step]
    return element["BulkDataURI"].removeprefix(HOST)


def get(archive: Client, path: str, accept: str | None = OCTETS, **headers: str) -> HttpResponse:
    return archive.get(path, headers=headers | ({"accept": accept} if accept else {}))


def document(media_type: str | None = "application/pdf") -> StoredFile:
    return stored(
        SOPClassUID=EncapsulatedPDFStorage,
        PixelData=None,
        EncapsulatedDocument=PDF,
        MIMETypeOfEncapsulatedDocument=media_type,
    )


def nested(order: str = "<") -> Dataset:
    item, dataset = Dataset(), instance(PixelData=None)
    item.add_new(0x00281201, "OW", struct.pack(f"{order}1000H", *range(1000)))
    item.private_block(0x0009, "Vendor", create=True).add_new(0x01, "OB", bytes(range(256)) * 8)
    dataset.add_new(0x00540016, "SQ", [Dataset(), item])
    dataset.private_block(0x0011, "Vendor", create=True).add_new(0x02, "UN", bytes(range(255, -1, -1)) * 8)
    return dataset


@pytest.mark.parametrize("accept", [OCTETS, "*/*", None, f"{OCTETS}; transfer-syntax=*", "multipart/related; type=*/*"])
def test_WADO_60_a_bulk_value_is_one_part_of_exactly_its_bytes(archive, accept):
    """P15"""
    path = reference(archive, stored(PixelData=PIXELS), "7FE00010")

    (part,) = parts(get(archive, path, accept))

    assert part.payload == PIXELS
    assert part.location == f"{HOST}{path}"
    assert part.content_type == f"{OCTET_STREAM}; transfer-syntax={ExplicitVRLittleEndian}"


def test_WADO_61_a_bulk_value_may_be_given_alone(archive):
    """P15"""
    path = reference(archive, stored(PixelData=PIXELS), "7FE00010")

    response = get(archive, path, OCTET_STREAM)

    assert response["Content-Type"].partition(";")[0] == OCTET_STREAM
    assert response["Content-Length"] == "128"
    assert response.getvalue() == PIXELS


def test_WADO_62_the_bytes_of_a_reference_stay(archive):
    path = reference(archive, stored(PixelData=PIXELS), "7FE00010")

    assert {get(archive, path, OCTET_STREAM).getvalue() for _ in range(3)} == {PIXELS}


@pytest.mark.parametrize(
    "path",
    ["7FE00011", "00100010", "7fe00010", "", "7FE00010/", "7FE00010/0/7FE00010", "..%2F..", "7FE00010/frames/2", "%00"],
)
def test_WADO_63_what_is_no_bulk_value_is_404(archive, path):
    response = get(archive, f"{stored().path}/bulkdata/{path}")

    assert response.status_code == 404
    assert response.json()["message"]


def test_WADO_63_the_reference_of_another_instance_is_404(archive):
    first, second = stored(), stored(PixelData=None)
    path = reference(archive, first, "7FE00010")

    assert get(archive, path.replace(first.instance, second.instance)).status_code == 404
    assert get(archive, path.replace(first.study, second.study)).status_code == 404


@pytest.mark.parametrize(
    "transfer_syntax",
    [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
)
def test_WADO_64_values_in_sequences_and_private_ones_are_given_little_endian(archive, transfer_syntax):
    """MT-04, MT-05"""
    file = stored(nested(">" if transfer_syntax == ExplicitVRBigEndian else "<"), transfer_syntax=transfer_syntax)

    for path, expected in (
        (("00540016", 1, "00281201"), struct.pack("<1000H", *range(1000))),
        (("00540016", 1, "00091001"), bytes(range(256)) * 8),
        (("00111002",), bytes(range(255, -1, -1)) * 8),
    ):
        url = reference(archive, file, *path)
        assert payloads(get(archive, url)) == [expected]
        assert get(archive, url, OCTET_STREAM, range="bytes=3-8").getvalue() == expected[3:9]


@pytest.mark.parametrize(
    "accept",
    [
        f'multipart/related; type="image/jpeg"; transfer-syntax={JPEGBaseline8Bit}',
        f"{OCTETS}; transfer-syntax=*",
        'multipart/related; type="image/*"; transfer-syntax=*',
    ],
)
def test_WADO_65_compressed_pixel_data_has_a_part_for_each_frame(archive, accept):
    frames = [b"\xff\xd8\xff" + bytes([number]) * 61 for number in range(3)]
    file = stored(encapsulated(frames, fragments_per_frame=2), transfer_syntax=JPEGBaseline8Bit)
    path = reference(archive, file, "7FE00010")

    found = parts(get(archive, path, accept))

    assert [part.payload for part in found] == frames
    assert [part.location for part in found] == [f"{HOST}{path}/frames/{number}" for number in (1, 2, 3)]
    assert {part.content_type for part in found} == {f"image/jpeg; transfer-syntax={JPEGBaseline8Bit}"}
    for part in found:
        assert payloads(get(archive, part.location.removeprefix(HOST), accept)) == [part.payload]


def test_WADO_65_one_compressed_frame_has_the_location_of_the_value(archive):
    file = stored(encapsulated([bytes(64)]), transfer_syntax=JPEGBaseline8Bit)
    path = reference(archive, file, "7FE00010")

    (part,) = parts(get(archive, path, f"{OCTETS}; transfer-syntax=*"))

    assert part.location == f"{HOST}{path}"


@pytest.mark.parametrize("accept", [None, "*/*", OCTETS, OCTET_STREAM, 'multipart/related; type="*/*"'])
@pytest.mark.parametrize("transfer_syntax", [RLELossless, JPEGLSLossless])
def test_WADO_60_compressed_pixel_data_as_octets_are_one_value_decoded(archive, accept, transfer_syntax):
    file = stored(builders.compressed(transfer_syntax, 3), transfer_syntax=transfer_syntax)
    path = reference(archive, file, "7FE00010")

    response = get(archive, path, accept)

    expected = b"".join(map(builders.frame, (1, 2, 3)))
    if accept == OCTET_STREAM:
        assert (response.getvalue(), response["Content-Length"]) == (expected, str(len(expected)))
        assert response["Content-Type"] == f"{OCTET_STREAM}; transfer-syntax={ExplicitVRLittleEndian}"
    else:
        (part,) = parts(response)
        assert (part.payload, part.location) == (expected, f"{HOST}{path}")
        assert part.content_type == f"{OCTET_STREAM}; transfer-syntax={ExplicitVRLittleEndian}"


def test_WADO_13_uncompressed_pixel_data_are_compressed_frame_by_frame(archive):
    file = stored(NumberOfFrames=2, PixelData=builders.frame(1) + builders.frame(2))
    path = reference(archive, file, "7FE00010")

    found = parts(get(archive, path, "multipart/related; type=image/jls"))

    assert [codecs.decode(part.payload, JPEGLSLossless, builders.PIXELS) for part in found] == [
        builders.frame(1),
        builders.frame(2),
    ]
    assert [part.location for part in found] == [f"{HOST}{path}/frames/{number}" for number in (1, 2)]


@pytest.mark.parametrize(("frame", "status"), [("1", 200), ("2", 404), ("0", 400), ("x", 400), ("", 400), ("1/x", 404)])
def test_MP_05_the_location_of_a_frame_leads_to_it(archive, frame, status):
    response = get(archive, f"{stored(PixelData=PIXELS).path}/bulkdata/7FE00010/frames/{frame}")

    assert response.status_code == status
    if status == 200:
        assert payloads(response) == [PIXELS]


def icon(transfer_syntax: str, *codestream: bytes) -> Dataset:
    """Compressed pixels with a compressed icon."""
    item = Dataset()
    item.Rows = item.Columns = 8
    item.PixelData = encapsulate(list(codestream), fragments_per_frame=2)
    item["PixelData"].VR = "OB"
    item["PixelData"].is_undefined_length = True
    dataset = builders.compressed(transfer_syntax)
    dataset.IconImageSequence = [item]
    return dataset


@pytest.mark.parametrize("accept", [None, f"{OCTETS}; transfer-syntax=*", "image/dicom-rle"])
def test_WADO_64_a_compressed_icon_is_its_own_pixels(archive, accept):
    file = stored(icon(RLELossless, b"icon" * 20), transfer_syntax=RLELossless)
    path = reference(archive, file, "00880200", 0, "7FE00010")

    response = get(archive, path, accept)

    if accept == "image/dicom-rle":
        assert response.getvalue() == b"icon" * 20
    else:
        (part,) = parts(response)
        assert (part.payload, part.location) == (b"icon" * 20, f"{HOST}{path}")
        assert part.content_type == f"image/dicom-rle; transfer-syntax={RLELossless}"


def test_WADO_63_pixel_data_whose_frames_cannot_be_told_apart_are_404(archive):
    dataset = encapsulated([bytes(64)] * 3, fragments_per_frame=2, offset_table="none")
    file = stored(dataset, transfer_syntax=RLELossless)

    assert get(archive, reference(archive, file, "7FE00010")).status_code == 404


def test_WADO_54_a_video_is_one_stream(archive):
    video = bytes(range(250)) * 4
    file = stored(encapsulated([video], fragments_per_frame=2, offset_table="none"), transfer_syntax=MPEG4HP41)
    path = reference(archive, file, "7FE00010")

    (part,) = parts(get(archive, path, "*/*"))
    assert (part.payload, part.content_type) == (video, f"video/mp4; transfer-syntax={MPEG4HP41}")

    alone = get(archive, path, "video/mp4")
    assert (alone["Content-Type"], alone.getvalue()) == (f"video/mp4; transfer-syntax={MPEG4HP41}", video)
    assert get(archive, path, "video/mp4", range="bytes=490-509").getvalue() == video[490:510]


# -- encapsulated documents ------------------------------------------------------


@pytest.mark.parametrize("accept", ["*/*", None, 'multipart/related; type="application/pdf"', OCTETS])
def test_WADO_15_a_document_is_typed_as_what_it_is(archive, accept):
    """P15"""
    path = reference(archive, document(), "00420011")

    (part,) = parts(get(archive, path, accept))

    assert part.payload == PDF
    assert part.content_type.partition(";")[0] == (OCTET_STREAM if accept == OCTETS else "application/pdf")


@pytest.mark.parametrize("accept", ["application/pdf", OCTET_STREAM])
def test_WADO_15_a_document_may_be_given_alone(archive, accept):
    response = get(archive, reference(archive, document(), "00420011"), accept)

    assert response["Content-Type"].partition(";")[0] == accept
    assert response.getvalue() == PDF


def test_a_document_that_is_given_alone_does_not_run_in_a_browser(archive):
    """Whoever stores a document says what type it has."""
    file = document("text/html")

    response = get(archive, reference(archive, file, "00420011"), "text/html")

    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize("media_type", [None, "no type", "text/html\r\nSet-Cookie: a=b", "a/b; charset=x", ""])
@pytest.mark.filterwarnings("ignore")
def test_a_document_without_a_usable_type_is_octets(archive, media_type):
    path = reference(archive, document(media_type), "00420011")

    response = get(archive, path, "*/*")

    assert parts(response)[0].content_type.partition(";")[0] == OCTET_STREAM
    assert "Set-Cookie" not in response


# -- ranges ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        pytest.param("bytes=0-99", range(100), id="WADO-66"),
        pytest.param("bytes=0-0", range(1), id="P25-first-byte"),
        pytest.param("bytes=127-127", range(127, 128), id="last-byte"),
        pytest.param("bytes=100-", range(100, 128), id="open"),
        pytest.param("bytes=-10", range(118, 128), id="suffix"),
        pytest.param("bytes=-1000", range(128), id="long-suffix"),
        pytest.param("bytes=120-1000", range(120, 128), id="beyond-the-end"),
        pytest.param("bytes=3-4", range(3, 5), id="across-words"),
    ],
)
@pytest.mark.parametrize("transfer_syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_a_range_is_given_with_inclusive_ends(archive, asked, given, transfer_syntax):
    file = stored(instance(PixelData=PIXELS), transfer_syntax=transfer_syntax)
    path = reference(archive, file, "7FE00010")
    whole = get(archive, path, OCTET_STREAM).getvalue()

    response = get(archive, path, OCTET_STREAM, range=asked)

    assert response.status_code == 206
    assert response.getvalue() == whole[given.start : given.stop]
    assert response["Content-Range"] == f"bytes {given.start}-{given.stop - 1}/128"
    assert response["Content-Length"] == str(len(given))
    assert response["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=128-", "bytes=500-600", "bytes=-0"])
def test_WADO_67_a_range_outside_the_value_is_416_with_its_length(archive, asked):
    """P25"""
    path = reference(archive, stored(PixelData=PIXELS), "7FE00010")

    response = get(archive, path, OCTET_STREAM, range=asked)

    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */128"
    assert response.json()["message"]


@pytest.mark.parametrize(
    "asked", ["bytes=", "bytes=a-b", "words=0-1", "bytes=9-3", "0-9", "bytes=" + ",".join(["0-1"] * 17)]
)
def test_a_range_that_is_none_or_too_many_is_answered_whole(archive, asked):
    path = reference(archive, stored(PixelData=PIXELS), "7FE00010")

    response = get(archive, path, OCTET_STREAM, range=asked)

    assert (response.status_code, response.getvalue()) == (200, PIXELS)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("bytes=0-9,20-29", [(0, 10), (20, 30)]),
        ("bytes=-8, 0-0, 50-60", [(0, 1), (50, 61), (120, 128)]),
        ("bytes=0-1,500-600,3-4", [(0, 2), (3, 5)]),
    ],
)
@pytest.mark.parametrize("transfer_syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_WADO_66_several_ranges_are_parts(archive, asked, given, transfer_syntax):
    """RFC 9110 Section 14.6"""
    file = stored(instance(PixelData=PIXELS), transfer_syntax=transfer_syntax)
    path = reference(archive, file, "7FE00010")
    whole = get(archive, path, OCTET_STREAM).getvalue()

    response = get(archive, path, OCTET_STREAM, range=asked)

    body = response.getvalue()
    assert response.status_code == 206
    assert response["Content-Length"] == str(len(body))
    assert "Content-Range" not in response
    parsed = message_from_bytes(b"Content-Type: " + response["Content-Type"].encode() + b"\r\n\r\n" + body)
    assert parsed.get_content_type() == "multipart/byteranges"
    assert [part.get_payload(decode=True) for part in parsed.get_payload()] == [whole[a:b] for a, b in given]
    assert [part["Content-Range"] for part in parsed.get_payload()] == [f"bytes {a}-{b - 1}/128" for a, b in given]
    assert {part["Content-Type"] for part in parsed.get_payload()} == {
        f"{OCTET_STREAM}; transfer-syntax={ExplicitVRLittleEndian}"
    }


def test_several_ranges_that_become_one_are_one(archive):
    path = reference(archive, stored(PixelData=PIXELS), "7FE00010")

    response = get(archive, path, OCTET_STREAM, range="bytes=0-9,10-19")

    assert (response["Content-Range"], response.getvalue()) == ("bytes 0-19/128", PIXELS[:20])


def test_if_range_gives_the_range_only_of_the_same_bytes(archive):
    """P25"""
    path = reference(archive, stored(PixelData=PIXELS), "7FE00010")
    tag = get(archive, path, OCTET_STREAM)["ETag"]

    same = get(archive, path, OCTET_STREAM, **{"range": "bytes=0-9", "if-range": tag})
    assert (same.status_code, same.getvalue()) == (206, PIXELS[:10])
    for other in ('"other"', f"W/{tag}", "Mon, 23 Nov 2026 10:00:00 GMT"):
        response = get(archive, path, OCTET_STREAM, **{"range": "bytes=0-9", "if-range": other})
        assert (response.status_code, response.getvalue()) == (200, PIXELS)


def test_WADO_122_head_says_how_long_a_value_is(archive):
    path = reference(archive, stored(PixelData=PIXELS), "7FE00010")

    response = archive.head(path, headers={"accept": OCTET_STREAM})

    assert (response.status_code, response["Content-Length"], response.getvalue()) == (200, "128", b"")


@pytest.mark.parametrize("accept", [OCTET_STREAM, OCTETS])
def test_WADO_120_a_value_that_the_client_has_is_304(archive, accept):
    path = reference(archive, stored(PixelData=PIXELS), "7FE00010")
    tag = get(archive, path, accept)["ETag"]

    response = get(archive, path, accept, **{"if-none-match": tag})

    assert (response.status_code, response["ETag"]) == (304, tag)


def test_the_values_of_one_instance_have_tags_of_their_own(archive):
    file = stored(nested())
    paths = [reference(archive, file, *path) for path in (("00540016", 1, "00281201"), ("00111002",))]

    assert len({get(archive, path, accept)["ETag"] for path in paths for accept in (OCTETS, OCTET_STREAM)}) == 4


@pytest.mark.parametrize(
    "accept", ["image/jpeg", "application/dicom", f"{OCTETS};q=0", 'multipart/related; type="image/jpeg"']
)
def test_NEG_07_a_value_in_no_accepted_form_is_406(archive, accept):
    response = get(archive, reference(archive, stored(), "7FE00010"), accept)

    assert response.status_code == 406
    assert OCTET_STREAM in response.json()["message"]


@pytest.mark.parametrize("accept", [OCTET_STREAM, OCTETS])
def test_WADO_22_bytes_that_are_gone_are_503(archive, accept):
    path = reference(archive, stored(), "7FE00010")
    blobs().delete(Instance.objects.get().blob_key)

    response = get(archive, path, accept)

    assert (response.status_code, response["Content-Type"]) == (503, "application/json")
