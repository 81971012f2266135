"""WADO-RS: studies, series and instances, as stored or transcoded (PS3.18 Section 10.4)."""

import io
import struct
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import (
    MPEG4HP41,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from tests import builders
from tests.builders import encapsulated, instance
from tests.dicomweb.answers import parts, payloads
from tests.dicomweb.instances import ANY_SYNTAX, DICOM, MULTIPART, compressed, get, read, undecodable
from tests.storing import stored, stored_file, stored_study

pytestmark = pytest.mark.django_db


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
    "accept", [None, "*/*", "multipart/*", MULTIPART, f"{MULTIPART}; transfer-syntax=1.2.840.10008.1.2.1"]
)
@pytest.mark.parametrize("transfer_syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless, HTJ2KLossless])
def test_WADO_05_what_is_compressed_is_given_native(archive, transfer_syntax, accept):
    """P06"""
    file = compressed(transfer_syntax, 3)

    (part,) = parts(get(archive, file.path, accept))

    assert part.content_type == f"{DICOM}; transfer-syntax={ExplicitVRLittleEndian}"
    assert part.headers["Content-Length"] == str(len(part.payload))
    given = read(part.payload)
    assert given.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert given.file_meta.MediaStorageSOPInstanceUID == file.instance
    assert given.PixelData == b"".join(map(builders.frame, (1, 2, 3)))


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "SC_rgb_jpeg_dcmtk.dcm", "JPGExtended.dcm", "693_J2KI.dcm"])
def test_WADO_05_what_has_lost_information_is_given_native_too(archive, name):
    """P06"""
    file = stored_file(Path(get_testdata_file(name, download=False)).read_bytes())
    before = read(file.content)

    (part,) = parts(get(archive, file.path, MULTIPART))

    given = read(part.payload)
    assert given.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert len(given.PixelData) == given.Rows * given.Columns * given.SamplesPerPixel * given.BitsAllocated // 8
    assert given.get("LossyImageCompression") == before.get("LossyImageCompression")


@pytest.mark.parametrize("transfer_syntax", [MPEG4HP41, "1.2.840.10008.1.2.4.59", "1.2.840.10008.1.2.4.92"])
@pytest.mark.parametrize("accept", [None, "*/*", MULTIPART, DICOM])
def test_WADO_06_what_nothing_decodes_is_given_as_stored(archive, transfer_syntax, accept):
    """P07: video, hierarchical JPEG, JPEG 2000 Part 2."""
    file = undecodable(transfer_syntax)

    response = get(archive, file.path, accept)

    if accept == DICOM:
        assert response["Content-Type"] == f"{DICOM}; transfer-syntax={transfer_syntax}"
        assert response.getvalue() == file.content
    else:
        assert [(part.content_type, part.payload) for part in parts(response)] == [
            (f"{DICOM}; transfer-syntax={transfer_syntax}", file.content)
        ]


@pytest.mark.parametrize("accept", [MULTIPART, DICOM])
def test_WADO_06_frames_that_cannot_be_told_apart_are_given_as_stored(archive, accept):
    dataset = encapsulated([b"abcd"] * 3, fragments_per_frame=2, offset_table="none")
    file = stored(dataset, transfer_syntax=RLELossless)

    response = get(archive, file.path, accept)

    assert file.content in (
        response.getvalue(),
        *([] if accept == DICOM else payloads(get(archive, file.path, accept))),
    )
    assert get(archive, file.path, f"{accept}; transfer-syntax={ExplicitVRLittleEndian}").status_code == 406


@pytest.mark.parametrize("accept", [None, MULTIPART, ANY_SYNTAX, DICOM, f"{DICOM}; transfer-syntax=*"])
@pytest.mark.parametrize("transfer_syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_WADO_07_implicit_vr_and_big_endian_are_never_sent(archive, transfer_syntax, accept):
    """P23, MT-04"""
    order = ">" if transfer_syntax == ExplicitVRBigEndian else "<"
    pixels = struct.pack(f"{order}64H", *range(64))
    file = stored(instance(PixelData=pixels), transfer_syntax=transfer_syntax)

    response = get(archive, file.path, accept)

    body = response.getvalue() if accept and accept.startswith(DICOM) else payloads(response)[0]
    assert read(body).file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert read(body).PixelData == struct.pack("<64H", *range(64))
    assert read(body).PatientName == "Doe^Jane"
    for asked in (ImplicitVRLittleEndian, ExplicitVRBigEndian):
        assert get(archive, file.path, f"{MULTIPART}; transfer-syntax={asked}").status_code == 406


@pytest.mark.parametrize("transfer_syntax", [ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_WADO_08_the_stored_transfer_syntax_gives_the_stored_bytes(archive, transfer_syntax):
    """P07"""
    file = stored(transfer_syntax=transfer_syntax)

    for accept in (f"{MULTIPART}; transfer-syntax={transfer_syntax}", ANY_SYNTAX):
        (part,) = parts(get(archive, file.path, accept))
        assert part.payload == file.content
        assert part.content_type == f"{DICOM}; transfer-syntax={transfer_syntax}"


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
    ["CT_small.dcm", "SC_rgb_rle_2frame.dcm", "image_dfl.dcm", "test-SR.dcm", "JPEG2000.dcm", "liver_1frame.dcm"],
)
def test_WADO_25_real_files_come_back_byte_for_byte(archive, name):
    file = stored_file(Path(get_testdata_file(name, download=False)).read_bytes())

    assert payloads(get(archive, file.path)) == [file.content]
    assert payloads(get(archive, file.study_path)) == [file.content]


@pytest.mark.filterwarnings("ignore:Invalid value for VR")
@pytest.mark.parametrize("name", ["MR_small_bigendian.dcm", "rtplan.dcm", "MR_small_implicit.dcm", "rtdose_expb.dcm"])
def test_WADO_25_WADO_07_real_files_say_the_same_when_they_are_rewritten(archive, name):
    file = stored_file(Path(get_testdata_file(name, download=False)).read_bytes())

    (payload,) = payloads(get(archive, file.path))

    before, after = read(file.content), read(payload)
    assert after.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    for element in before:
        if element.keyword != "PixelData" and element.tag.element:
            assert after[element.tag].value == element.value
    if "PixelData" in before:
        assert (after.pixel_array == before.pixel_array).all()


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
