"""Studies, series and instances in other transfer syntaxes than they are stored in (PS3.18 Section 8.7.3)."""

from pathlib import Path

import pytest
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_frames
from pydicom.uid import (
    MPEG4HP41,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from archive.dicom.errors import MalformedPixelData
from archive.dicom.images import codecs
from archive.selectors import transcoded
from dicomweb import multipart_response
from tests import builders
from tests.builders import encapsulated, instance
from tests.dicomweb.answers import loose_parts, parts, payloads
from tests.dicomweb.instances import ANY_SYNTAX, DICOM, MULTIPART, compressed, get, read, undecodable
from tests.storing import StoredFile, stored, stored_file

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("transfer_syntax", [JPEGLSLossless, JPEGBaseline8Bit, MPEG4HP41])
def test_WADO_08_compressed_objects_are_given_as_stored_when_they_are_asked_so(archive, transfer_syntax):
    """P07, P08: whatever they hold: nothing is decoded."""
    file = undecodable(transfer_syntax)

    for asked in (transfer_syntax, f'"{transfer_syntax}"', "*"):
        (part,) = parts(get(archive, file.path, f"{MULTIPART}; transfer-syntax={asked}"))
        assert part.payload == file.content
        assert read(part.payload).file_meta.TransferSyntaxUID == transfer_syntax


@pytest.mark.parametrize("target", [RLELossless, JPEGLSLossless, JPEG2000Lossless, HTJ2KLossless])
@pytest.mark.parametrize("source", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless, HTJ2KLossless])
def test_WADO_09_another_transfer_syntax_is_made_of_what_is_stored(archive, source, target):
    pixels = b"".join(map(builders.frame, (1, 2)))
    native = source in (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
    file = stored(NumberOfFrames=2, PixelData=pixels, transfer_syntax=source) if native else compressed(source, 2)

    for accept in (f"{MULTIPART}; transfer-syntax={target}", f"{DICOM}; transfer-syntax={target}"):
        response = get(archive, file.path, accept)
        body = response.getvalue() if accept.startswith(DICOM) else loose_parts(response)[0].payload
        given = read(body)
        assert given.file_meta.TransferSyntaxUID == target
        assert given.PatientID == "ID-1"
        codestreams = generate_frames(given.PixelData, number_of_frames=2)
        assert b"".join(codecs.decode(one, target, builders.PIXELS) for one in codestreams) == pixels


@pytest.mark.parametrize("family", [".4.90", ".4.91", ".4.201", ".4.202", ".4.203"])
def test_MT_06_a_multi_frame_object_is_given_as_every_transfer_syntax_of_the_category_that_it_has(archive, family):
    """Without a parameter Explicit VR Little Endian (PS3.18 Table 8.7.3-2)."""
    transfer_syntax = f"1.2.840.10008.1.2{family}"
    asked = f"{MULTIPART}; transfer-syntax={transfer_syntax}"
    file = stored(encapsulated([bytes(64)] * 3), transfer_syntax=transfer_syntax)
    assert payloads(get(archive, file.path, asked)) == [file.content]

    native = stored(NumberOfFrames=2, PixelData=builders.frame(1) + builders.frame(2))
    (part,) = parts(get(archive, native.path, MULTIPART))
    assert part.content_type == f"{DICOM}; transfer-syntax={ExplicitVRLittleEndian}"
    response = get(archive, native.path, asked)
    if codecs.can_encode(transfer_syntax):
        assert loose_parts(response)[0].content_type == f"{DICOM}; transfer-syntax={transfer_syntax}"
    else:
        assert response.status_code == 406


def test_WADO_123_MP_04_what_is_compressed_on_the_way_has_no_length_before_it_is_made(archive):
    """MP-10: neither the part nor the answer."""
    response = get(archive, stored().path, f"{MULTIPART}; transfer-syntax={RLELossless}")

    assert "Content-Length" not in response
    (part,) = loose_parts(response)
    assert list(part.headers) == ["Content-Type", "Content-Location"]


def test_WADO_09_color_says_what_it_is(archive):
    """P23: YBR becomes RGB exactly when the bytes do."""
    file = stored_file(Path(get_testdata_file("SC_rgb_jpeg_dcmtk.dcm", download=False)).read_bytes())
    assert read(file.content).PhotometricInterpretation == "YBR_FULL"

    given = read(payloads(get(archive, file.path, MULTIPART))[0])

    assert (given.PhotometricInterpretation, given.PlanarConfiguration) == ("RGB", 0)
    pixel = given.pixel_array[5, 50]  # one of the red ones
    assert pixel[0] > 200 > 60 > max(pixel[1:])


@pytest.mark.parametrize("accept", [None, MULTIPART, DICOM])
def test_WADO_06_damaged_pixels_are_given_as_stored(archive, accept):
    """P07: a study is given although one of its images is damaged, whichever it is."""
    study = generate_uid()
    damaged = undecodable(JPEGBaseline8Bit, StudyInstanceUID=study)
    sound = stored(instance(StudyInstanceUID=study, PixelData=bytes(64)))

    if accept == DICOM:
        response = get(archive, damaged.path, accept)
        assert response["Content-Type"] == f"{DICOM}; transfer-syntax={JPEGBaseline8Bit}"
        assert response.getvalue() == damaged.content
    else:
        found = {part.payload: part.content_type for part in parts(get(archive, damaged.study_path, accept))}
        assert found == {
            damaged.content: f"{DICOM}; transfer-syntax={JPEGBaseline8Bit}",
            sound.content: f"{DICOM}; transfer-syntax={ExplicitVRLittleEndian}",
        }


@pytest.mark.parametrize("transfer_syntax", [ExplicitVRLittleEndian, RLELossless])
def test_pixels_that_cannot_be_decoded_are_406_where_it_is_asked_for_and_available_as_stored(archive, transfer_syntax):
    """Never a 500, nor half an answer."""
    file = undecodable(JPEGBaseline8Bit)

    response = get(archive, file.path, f"{MULTIPART}; transfer-syntax={transfer_syntax}")

    assert response.status_code == 406
    assert f"transfer-syntax={JPEGBaseline8Bit}" in response.json()["message"]
    assert payloads(get(archive, file.path, ANY_SYNTAX)) == [file.content]


def test_WADO_06_a_damaged_image_is_given_as_stored_in_the_midst_of_its_study(archive):
    study, series = generate_uid(), generate_uid()
    whole = [compressed(StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=n) for n in (1, 3)]
    damaged = undecodable(JPEGLSLossless, StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=2)

    for path, expected in ((whole[0].study_path, [1, 2, 3]), (damaged.path, [2])):
        found = loose_parts(get(archive, path, MULTIPART))
        assert [read(part.payload).InstanceNumber for part in found] == expected
        syntaxes = [read(part.payload).file_meta.TransferSyntaxUID for part in found]
        assert syntaxes == [JPEGLSLossless if number == 2 else ExplicitVRLittleEndian for number in expected]
        assert [part.content_type for part in found] == [f"{DICOM}; transfer-syntax={uid}" for uid in syntaxes]


def test_a_later_frame_that_cannot_be_decoded_breaks_the_answer_off(archive):
    codestream = codecs.encode(builders.frame(1), RLELossless, builders.PIXELS)
    file = stored(encapsulated([codestream, bytes(64)]), transfer_syntax=RLELossless)

    response = get(archive, file.path, MULTIPART)

    assert response.status_code == 200
    with pytest.raises(MalformedPixelData):
        response.getvalue()


def test_a_frame_that_is_too_large_to_be_transcoded_is_given_as_stored(archive, settings):
    settings.ARCHIVE_MAX_TRANSCODED_FRAME = 127
    file = compressed(JPEGLSLossless)

    assert payloads(get(archive, file.path, MULTIPART)) == [file.content]
    assert get(archive, file.path, f"{MULTIPART}; transfer-syntax={RLELossless}").status_code == 406


@pytest.mark.parametrize(
    "accept",
    [
        f"{MULTIPART}; transfer-syntax={JPEGBaseline8Bit}",
        f"{MULTIPART}; transfer-syntax=9.9",
        f"{MULTIPART}; transfer-syntax=**",
    ],
)
def test_WADO_10_a_transfer_syntax_that_cannot_be_given_is_406(archive, accept):
    file = stored()

    response = get(archive, file.study_path, accept)

    assert response.status_code == 406
    assert f"{MULTIPART}; transfer-syntax={ExplicitVRLittleEndian}" in response.json()["message"]


@pytest.mark.parametrize("accept", [MULTIPART, DICOM])
def test_WADO_10_an_object_without_pixels_has_no_compressed_form(archive, accept):
    file = stored(PixelData=None)

    assert get(archive, file.path, f"{accept}; transfer-syntax={RLELossless}").status_code == 406
    both = f"{accept}; transfer-syntax={RLELossless}, {accept}; q=0.1"
    response = get(archive, file.path, both)
    body = response.getvalue() if accept == DICOM else payloads(response)[0]
    assert body == file.content


def mixed_study() -> tuple[StoredFile, StoredFile]:
    """An instance without pixel data, and a video."""
    study, series = generate_uid(), generate_uid()
    uids = {"StudyInstanceUID": study, "SeriesInstanceUID": series}
    return stored(**uids, InstanceNumber=1, PixelData=None), undecodable(**uids, InstanceNumber=2)


def test_WADO_11_what_can_be_given_of_a_study_is_given_and_said_to_be_a_part(archive):
    """P31"""
    report, video = mixed_study()
    native = f"{MULTIPART}; transfer-syntax={ExplicitVRLittleEndian}"

    for accept, file in ((native, report), (f"{MULTIPART}; transfer-syntax={MPEG4HP41}", video)):
        response = get(archive, report.study_path, accept)
        assert response.status_code == 206
        assert payloads(response) == [file.content]
        assert "accepted transfer syntax: 1" in response["Warning"]


def test_WADO_11_what_has_pixels_is_compressed_and_the_rest_left_out_or_native(archive):
    uids = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    stored(**uids, InstanceNumber=1)
    report = stored(**uids, InstanceNumber=2, PixelData=None)
    compressed_only = f"{MULTIPART}; transfer-syntax={RLELossless}"

    some = get(archive, report.study_path, compressed_only)
    both = get(archive, report.study_path, f"{compressed_only}, {MULTIPART}; q=0.5")

    assert (some.status_code, len(loose_parts(some))) == (206, 1)
    assert both.status_code == 200
    assert [part.content_type.partition("=")[2] for part in loose_parts(both)] == [RLELossless, ExplicitVRLittleEndian]


def test_WADO_11_a_part_that_the_client_knows_is_304(archive):
    report, _ = mixed_study()
    native = f"{MULTIPART}; transfer-syntax={ExplicitVRLittleEndian}"
    tag = get(archive, report.study_path, native)["ETag"]

    response = get(archive, report.study_path, native, **{"if-none-match": tag})

    assert (response.status_code, response.content) == (304, b"")


def test_MP_07_a_study_of_several_transfer_syntaxes_is_whole_when_any_is_accepted(archive):
    report, video = mixed_study()
    both = f"{MULTIPART}; transfer-syntax={ExplicitVRLittleEndian}, {MULTIPART}; transfer-syntax={MPEG4HP41}; q=0.5"

    for accept in (ANY_SYNTAX, both, MULTIPART):
        response = get(archive, report.study_path, accept)
        assert response.status_code == 200
        assert [(part.content_type.partition("=")[2], part.payload) for part in parts(response)] == [
            (ExplicitVRLittleEndian, report.content),
            (MPEG4HP41, video.content),
        ]


def test_MP_10_instances_are_transcoded_when_their_turn_comes(archive, monkeypatch):
    monkeypatch.setattr(multipart_response, "WORTH_SENDING", 1)
    study = generate_uid()
    files = [compressed(JPEGLSLossless, StudyInstanceUID=study) for _ in range(4)]
    made: list[str] = []
    instance_of = transcoded.instance

    def noted(found: object, target: str) -> object:
        made.append(found.instance)
        return instance_of(found, target)

    monkeypatch.setattr(transcoded, "instance", noted)

    response = get(archive, files[0].study_path, MULTIPART)

    assert len(made) == 1
    assert "Content-Length" not in response
    assert len(loose_parts(response)) == len(made) == 4
