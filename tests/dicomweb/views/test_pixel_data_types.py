"""Frames in the media types and transfer syntaxes that are accepted (PS3.18 Section 8.7.3)."""

from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from archive.dicom.images import codecs
from tests import builders
from tests.dicomweb.answers import parts
from tests.dicomweb.frames import ANY, HOST, LITTLE_ENDIAN, OCTETS, codestream, compressed, frame_bytes, get, multiframe
from tests.storing import stored, stored_file

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "transfer_syntax",
    [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
)
@pytest.mark.parametrize(
    "accept", [None, "*/*", OCTETS, ANY, f"{OCTETS}; transfer-syntax={ExplicitVRLittleEndian}", "multipart/*"]
)
def test_MT_04_MT_05_uncompressed_frames_are_little_endian_however_they_are_stored(archive, transfer_syntax, accept):
    """P23"""
    (first, second) = parts(get(archive, multiframe(transfer_syntax=transfer_syntax), "3,1", accept))

    assert (first.payload, second.payload) == (frame_bytes(3), frame_bytes(1))
    assert first.content_type == LITTLE_ENDIAN


MEDIA_TYPES = [
    ("image/jpeg", JPEGLosslessSV1),
    ("image/jpeg", JPEGLossless),
    ("image/jpeg", JPEGBaseline8Bit),
    ("image/jls", JPEGLSLossless),
    ("image/jls", JPEGLSNearLossless),
    ("image/jp2", JPEG2000Lossless),
    ("image/dicom-rle", RLELossless),
]


@pytest.mark.parametrize(("media_type", "transfer_syntax"), MEDIA_TYPES)
def test_MT_01_compressed_frames_are_given_as_stored_in_the_type_of_their_transfer_syntax(
    archive, media_type, transfer_syntax
):
    """P08, P09, P10, MP-06, NEG-15: nothing is decoded, for these could not be."""
    file = compressed(transfer_syntax)
    kind = f'multipart/related; type="{media_type}"'

    for accept in (f"{kind}; transfer-syntax={transfer_syntax}", f"{kind}; transfer-syntax=*", ANY):
        (part,) = parts(get(archive, file, "2", accept))
        assert part.content_type == f"{media_type}; transfer-syntax={transfer_syntax}"
        assert part.payload == codestream(2)


@pytest.mark.parametrize(
    ("stored_as", "asked", "status"),
    [
        (JPEGLosslessSV1, "image/jpeg", 200),
        (JPEGBaseline8Bit, "image/jpeg", 406),
        (JPEGLossless, "image/jpeg", 406),
        (JPEGLSLossless, "image/jls", 200),
        (RLELossless, "image/dicom-rle", 200),
        (ExplicitVRLittleEndian, "image/jpeg", 406),
        (ExplicitVRLittleEndian, "video/mp4", 406),
    ],
)
def test_MT_02_a_type_without_a_parameter_means_its_default_transfer_syntax(archive, stored_as, asked, status):
    """P09: image/jpeg is lossless JPEG, which nothing here makes of something else."""
    file = stored() if stored_as == ExplicitVRLittleEndian else compressed(stored_as)

    assert get(archive, file, "1", f'multipart/related; type="{asked}"').status_code == status


REAL = [RLELossless, JPEGLSLossless, JPEG2000Lossless, HTJ2KLossless]


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "*/*",
        OCTETS,
        'multipart/related; type="*/*"',
        "multipart/*",
        f"{OCTETS}; transfer-syntax={ExplicitVRLittleEndian}",
    ],
)
@pytest.mark.parametrize("transfer_syntax", REAL)
def test_WADO_16_NEG_03_octets_are_decoded_pixels(archive, transfer_syntax, accept):
    file = stored(builders.compressed(transfer_syntax, 3), transfer_syntax=transfer_syntax)

    found = parts(get(archive, file, "3,1", accept))

    assert [part.payload for part in found] == [builders.frame(3), builders.frame(1)]
    assert {part.content_type for part in found} == {LITTLE_ENDIAN}
    assert [part.location for part in found] == [f"{HOST}{file.path}/frames/{number}" for number in (3, 1)]


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "examples_ybr_color.dcm", "JPGExtended.dcm"])
def test_WADO_16_pixels_that_lost_information_are_decoded_too(archive, name):
    file = stored_file(Path(get_testdata_file(name, download=False)).read_bytes())
    dataset = pydicom.dcmread(get_testdata_file(name, download=False))

    (part,) = parts(get(archive, file, "1"))

    assert part.content_type == LITTLE_ENDIAN
    assert len(part.payload) == dataset.Rows * dataset.Columns * dataset.SamplesPerPixel * dataset.BitsAllocated // 8


@pytest.mark.parametrize(
    ("media_type", "transfer_syntax"),
    [
        ("image/jls", JPEGLSLossless),
        ("image/x-jls", JPEGLSLossless),
        ("image/jp2", JPEG2000Lossless),
        ("image/jphc", HTJ2KLossless),
        ("image/dicom-rle", RLELossless),
        ("image/x-dicom-rle", RLELossless),
    ],
)
@pytest.mark.parametrize("stored_as", [ExplicitVRLittleEndian, ExplicitVRBigEndian, *REAL])
def test_MT_03_frames_are_compressed_into_what_is_asked_for(archive, stored_as, media_type, transfer_syntax):
    """P14: whoever asks by an old name is answered by it."""
    native = stored_as in (ExplicitVRLittleEndian, ExplicitVRBigEndian)
    file = multiframe(2, stored_as) if native else stored(builders.compressed(stored_as, 2), transfer_syntax=stored_as)

    found = parts(get(archive, file, "2,1", f"multipart/related; type={media_type}"))
    alone = get(archive, file, "2", media_type)

    assert {part.content_type for part in found} == {f"{media_type}; transfer-syntax={transfer_syntax}"}
    assert [codecs.decode(part.payload, transfer_syntax, builders.PIXELS) for part in found] == [
        frame_bytes(2),
        frame_bytes(1),
    ]
    assert (alone["Content-Type"], alone.getvalue()) == (found[0].content_type, found[0].payload)
    assert int(alone["Content-Length"]) == len(found[0].payload)


def test_NEG_04_any_image_is_the_stored_one_where_that_has_a_default_type(archive):
    file = stored(builders.compressed(HTJ2KLossless), transfer_syntax=HTJ2KLossless)

    (part,) = parts(get(archive, file, "1", 'multipart/related; type="image/*"'))

    assert part.content_type == f"image/jphc; transfer-syntax={HTJ2KLossless}"
