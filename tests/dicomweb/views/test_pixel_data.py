"""WADO-RS frames: `/frames/{list}`, decoded, as stored, or compressed (PS3.18 Section 10.4.1.1.6)."""

import struct
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_frames
from pydicom.uid import (
    MPEG4HP41,
    ExplicitVRLittleEndian,
    JPEGLSLossless,
)

from archive.models import Instance
from archive.storage import blobs
from tests.builders import COLUMNS, ROWS, encapsulated
from tests.dicomweb.answers import parts, payloads
from tests.dicomweb.frames import ANY, HOST, LITTLE_ENDIAN, OCTETS, codestream, compressed, frame_bytes, get, multiframe
from tests.storing import stored, stored_file

pytestmark = pytest.mark.django_db


def test_WADO_40_a_frame_is_one_part_of_exactly_its_pixels(archive):
    """P10, P12"""
    file = multiframe()

    (part,) = parts(get(archive, file, "1"))

    assert part.payload == frame_bytes(1)
    assert len(part.payload) == ROWS * COLUMNS * 2
    assert part.location == f"{HOST}{file.path}/frames/1"
    assert part.content_type == LITTLE_ENDIAN
    assert part.headers["Content-Length"] == str(len(part.payload))


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        pytest.param("2,4", [2, 4], id="WADO-41"),
        pytest.param("1", [1], id="WADO-42-first"),
        pytest.param("4", [4], id="WADO-42-last"),
        pytest.param("2%2C4", [2, 4], id="WADO-43"),
        pytest.param("4,2", [4, 2], id="WADO-44"),
        pytest.param("1,2,3,4", [1, 2, 3, 4], id="all"),
        pytest.param("01", [1], id="leading-zero"),
    ],
)
def test_frames_are_given_in_the_order_asked_for(archive, asked, given):
    """P19"""
    found = parts(get(archive, multiframe(), asked))

    assert [part.payload for part in found] == [frame_bytes(number) for number in given]
    assert [part.location.rpartition("/")[2] for part in found] == [str(number) for number in given]


@pytest.mark.parametrize(
    ("frames", "status"),
    [
        pytest.param("2,2", 400, id="WADO-45"),
        pytest.param("0", 400, id="WADO-46-zero"),
        pytest.param("-1", 400, id="WADO-46-negative"),
        pytest.param("a", 400, id="WADO-46-letter"),
        pytest.param("", 400, id="WADO-46-empty"),
        pytest.param("1,,2", 400, id="WADO-46-gap"),
        pytest.param("1-3", 400, id="WADO-46-range"),
        pytest.param("1,", 400, id="WADO-46-trailing-comma"),
        pytest.param("1.0", 400, id="WADO-46-decimal"),
        pytest.param("%D9%A1", 400, id="WADO-46-other-digits"),
        pytest.param("1%20", 400, id="WADO-46-space"),
        pytest.param("5", 404, id="WADO-47"),
        pytest.param("999999999", 404, id="WADO-47-far"),
        pytest.param("9999999999", 400, id="no-frame-number"),
        pytest.param("1,5", 404, id="WADO-48"),
    ],
)
def test_what_is_no_frame_list_is_400_and_frames_that_are_not_there_are_404(archive, frames, status):
    """P19"""
    response = get(archive, multiframe(), frames)

    assert response.status_code == status
    assert response.json()["message"]


def test_WADO_49_an_instance_without_number_of_frames_has_one(archive):
    file = stored()

    assert [len(payload) for payload in payloads(get(archive, file, "1"))] == [128]
    assert get(archive, file, "2").status_code == 404


def test_WADO_50_an_instance_without_pixel_data_has_no_frames(archive):
    assert get(archive, stored(PixelData=None), "1").status_code == 404


@pytest.mark.parametrize("path", ["/dicom-web/studies/9/series/9/instances/9/frames/1"])
def test_WADO_17_frames_of_an_instance_that_is_not_there_are_404(archive, path):
    assert archive.get(path).status_code == 404


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({}, id="basic-offset-table"),
        pytest.param({"offset_table": "none"}, id="no-table"),
        pytest.param({"offset_table": "extended"}, id="extended-offset-table"),
        pytest.param({"fragments_per_frame": 3}, id="several-fragments"),
        pytest.param({"fragments_per_frame": 3, "offset_table": "none"}, id="several-fragments-no-table"),
    ],
)
def test_WADO_51_WADO_14_a_compressed_frame_is_its_bare_codestream(archive, arguments):
    """P22"""
    response = get(archive, compressed(**arguments), "3,1", ANY)

    assert payloads(response) == [codestream(3), codestream(1)]


@pytest.mark.parametrize(
    "name",
    [
        "SC_rgb_rle_2frame.dcm",
        "JPEG2000.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "JPGExtended.dcm",
        "examples_ybr_color.dcm",
        "examples_jpeg2k.dcm",
    ],
)
def test_WADO_51_the_compressed_frames_of_real_files(archive, name):
    path = Path(get_testdata_file(name, download=False))
    dataset = pydicom.dcmread(path)
    count = int(dataset.get("NumberOfFrames", 1))
    frames = list(generate_frames(dataset.PixelData, number_of_frames=count))

    found = parts(get(archive, stored_file(path.read_bytes()), ",".join(map(str, range(1, count + 1))), ANY))

    assert [part.payload for part in found] == frames
    assert {part.content_type.partition("transfer-syntax=")[2] for part in found} == {
        dataset.file_meta.TransferSyntaxUID
    }


@pytest.mark.parametrize(("keyword", "size"), [("FloatPixelData", 4), ("DoubleFloatPixelData", 8)])
def test_WADO_52_float_pixels_are_frames(archive, keyword, size):
    """P20"""
    pixels = struct.pack(f"<{2 * 64}{'f' if size == 4 else 'd'}", *range(128))
    file = stored(**{keyword: pixels, "PixelData": None, "NumberOfFrames": 2, "BitsAllocated": size * 8})

    assert payloads(get(archive, file, "2,1")) == [pixels[64 * size :], pixels[: 64 * size]]


def test_WADO_53_frames_of_single_bits_are_cut_at_bits(archive):
    """P21"""
    masks = [0b1010101010101010101010101, 0b1111100000111110000011111, 0b1000000000000000000000001]
    packed = sum(mask << (25 * place) for place, mask in enumerate(masks)).to_bytes(10, "little")
    file = stored(NumberOfFrames=3, Rows=5, Columns=5, BitsAllocated=1, BitsStored=1, HighBit=0, PixelData=packed)

    found = payloads(get(archive, file, "1,2,3"))

    assert [int.from_bytes(payload, "little") for payload in found] == masks
    assert {len(payload) for payload in found} == {4}


def test_WADO_54_a_video_has_no_frames_of_its_own(archive):
    file = stored(encapsulated([bytes(200)], offset_table="none"), transfer_syntax=MPEG4HP41)

    response = get(archive, file, "1", ANY)

    assert response.status_code == 406
    assert f"{file.path}/bulkdata/7FE00010" in response.json()["message"]


@pytest.mark.parametrize(
    ("accept", "transfer_syntax"), [("application/octet-stream", ExplicitVRLittleEndian), ("image/jls", JPEGLSLossless)]
)
def test_WADO_55_one_frame_may_be_given_alone(archive, accept, transfer_syntax):
    native = transfer_syntax == ExplicitVRLittleEndian
    file = multiframe(3) if native else compressed(transfer_syntax)

    response = get(archive, file, "2", accept)

    assert response["Content-Type"] == f"{accept}; transfer-syntax={transfer_syntax}"
    body = response.getvalue()
    assert body == (frame_bytes(2) if native else codestream(2))
    assert int(response["Content-Length"]) == len(body)


def test_WADO_55_several_frames_are_never_given_alone(archive):
    assert get(archive, multiframe(), "1,2", "application/octet-stream").status_code == 406


@pytest.mark.parametrize(
    "accept",
    [
        "application/dicom",
        'multipart/related; type="application/dicom"',
        "text/plain",
        'multipart/related; type="image/jpeg"',
        'multipart/related; type="image/png"',
        f"{OCTETS}; transfer-syntax=1.2.840.10008.1.2.4.50",
        f"{OCTETS};q=0",
    ],
)
def test_WADO_56_NEG_07_frames_in_no_accepted_form_are_406(archive, accept):
    response = get(archive, multiframe(), "1", accept)

    assert response.status_code == 406
    assert "application/octet-stream" in response.content.decode()


def test_P03_the_list_of_a_viewer_is_understood(archive):
    accept = (
        "application/dicom+json, multipart/related; type=application/octet-stream; transfer-syntax=*, "
        "multipart/related; type=image/jpeg; transfer-syntax=1.2.3; transfer-syntax=*"
    )

    assert payloads(get(archive, multiframe(), "1", accept)) == [frame_bytes(1)]
    assert payloads(get(archive, compressed(), "1", accept)) == [codestream(1)]


def test_WADO_66_one_frame_given_alone_can_be_given_in_ranges(archive):
    """P25"""
    file = multiframe()

    response = get(archive, file, "2", "application/octet-stream", range="bytes=0-0")

    assert (response.status_code, response.getvalue()) == (206, frame_bytes(2)[:1])
    assert response["Content-Range"] == "bytes 0-0/128"
    assert get(archive, file, "2", "application/octet-stream", range="bytes=128-").status_code == 416


def test_WADO_120_frames_that_the_client_has_are_304(archive):
    file = multiframe()
    tags = {
        (frames, accept): get(archive, file, frames, accept)["ETag"]
        for frames, accept in (
            ("1", OCTETS),
            ("2", OCTETS),
            ("1,2", OCTETS),
            ("2,1", OCTETS),
            ("1", "application/octet-stream"),
        )
    }

    assert len(set(tags.values())) == len(tags)
    for (frames, accept), tag in tags.items():
        assert get(archive, file, frames, accept, **{"if-none-match": tag}).status_code == 304


def test_WADO_22_pixels_that_are_gone_are_503(archive):
    file = multiframe()
    blobs().delete(Instance.objects.get().blob_key)

    assert get(archive, file, "1").status_code == 503
    assert get(archive, file, "1", "application/octet-stream").status_code == 503


def test_a_frame_is_not_compressed_on_the_way(archive):
    """OTH-09"""
    response = get(archive, stored(PixelData=bytes(8000), Rows=40, Columns=100), "1", **{"accept-encoding": "gzip"})

    assert "Content-Encoding" not in response
    assert payloads(response) == [bytes(8000)]


def test_pixel_data_that_ends_early_gives_the_frames_that_are_there(archive):
    file = stored(NumberOfFrames=3, PixelData=frame_bytes(1) + frame_bytes(2) + b"\0" * 20)

    assert payloads(get(archive, file, "1,2")) == [frame_bytes(1), frame_bytes(2)]
    assert get(archive, file, "3").status_code == 404
