"""What real clients ask for, header by header, and what they must get: a table of their requests to retrieve."""

from dataclasses import dataclass

import pytest
from django.http import HttpResponse
from django.test import Client
from pydicom.uid import (
    MPEG4HP41,
    EncapsulatedPDFStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from archive.dicom.byte_order import byte_swapped
from tests import builders
from tests.builders import encapsulated, instance
from tests.dicomweb.answers import parts
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db

OCTETS = "application/octet-stream"
NATIVE = f"{OCTETS}; transfer-syntax={ExplicitVRLittleEndian}"
PDF = b"%PDF-1.7" + bytes(2000)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: what is below the instance's URL, and the Accept header. `{pixels}` and the like are BulkDataURIs."""

    path: str
    accept: str


OHIF_FRAMES = Asked("/frames/1", "multipart/related; type=application/octet-stream; transfer-syntax=*")
#: Several types, the parameter twice: P03.
OHIF_LIST = Asked(
    "/frames/1",
    "application/dicom+json, multipart/related; type=application/octet-stream; transfer-syntax=*, "
    "multipart/related; type=application/octet-stream; transfer-syntax=*; transfer-syntax=*",
)
OHIF_BULK_DATA = Asked("/bulkdata/00281201", 'multipart/related; type="application/octet-stream"')
OHIF_ECG = Asked("/bulkdata/00281201", "application/octet-stream")
OHIF_PDF = Asked(
    "/bulkdata/00420011",
    'multipart/related; type="application/pdf", multipart/related; type="application/octet-stream"',
)
OHIF_SEGMENTATION = Asked("", 'multipart/related; type="application/dicom"')
CORNERSTONE_FRAMES = OHIF_FRAMES
MICROSCOPY_FRAMES = Asked("/frames/1", 'multipart/related; type="application/octet-stream"; transfer-syntax=*')
#: It lists what it decodes, each with its transfer syntax.
MICROSCOPY_LIST = Asked(
    "/frames/1",
    'multipart/related; type="image/jls"; transfer-syntax=1.2.840.10008.1.2.4.80, '
    'multipart/related; type="image/jp2"; transfer-syntax=1.2.840.10008.1.2.4.90, '
    'multipart/related; type="image/jpeg"; transfer-syntax=1.2.840.10008.1.2.4.50, '
    'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.1',
)
#: Parameters inside the quotes: P02.
MICROSCOPY_QUOTED = Asked("/frames/1", 'multipart/related; type="application/octet-stream; transfer-syntax=*"')
DWV = Asked("", 'multipart/related; type="application/dicom"; transfer-syntax=*')
WEASIS = Asked("", "multipart/related; type=application/dicom; transfer-syntax=1.2.840.10008.1.2.1")
WEASIS_ANY = Asked("", 'multipart/related;type="application/dicom";transfer-syntax=*')
PYTHON_INSTANCE = Asked("", 'multipart/related; type="application/dicom"; transfer-syntax=*')
PYTHON_FRAMES = Asked("/frames/1", 'multipart/related; type="*/*"')
PYTHON_BULK_DATA = Asked("/bulkdata/7FE00010", 'multipart/related; type="*/*"')
BROWSER = Asked("", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8")


def native() -> StoredFile:
    return stored(PixelData=builders.frame(1))


def of(transfer_syntax: str) -> StoredFile:
    return stored(builders.compressed(transfer_syntax), transfer_syntax=transfer_syntax)


def get(archive: Client, file: StoredFile, asked: Asked) -> HttpResponse:
    return archive.get(file.path + asked.path, headers={"accept": asked.accept})


STORED = {
    JPEGLSLossless: "image/jls",
    JPEG2000Lossless: "image/jp2",
    HTJ2KLossless: "image/jphc",
    RLELossless: "image/dicom-rle",
}


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(OHIF_FRAMES, id="OHIF"),
        pytest.param(OHIF_LIST, id="OHIF-P03"),
        pytest.param(CORNERSTONE_FRAMES, id="cornerstone3D"),
        pytest.param(MICROSCOPY_FRAMES, id="dicom-microscopy-viewer"),
        pytest.param(MICROSCOPY_QUOTED, id="dicom-microscopy-viewer-P02"),
    ],
)
@pytest.mark.parametrize("transfer_syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, *STORED])
def test_viewers_that_take_any_transfer_syntax_get_the_stored_frame_and_are_told_what_it_is(
    archive, asked, transfer_syntax
):
    """P08, P10: part type and transfer syntax say what the bytes are."""
    media_type = STORED.get(transfer_syntax)
    file = of(transfer_syntax) if media_type else stored(PixelData=builders.frame(1), transfer_syntax=transfer_syntax)

    (part,) = parts(get(archive, file, asked))

    assert part.content_type == (f"{media_type}; transfer-syntax={transfer_syntax}" if media_type else NATIVE)
    assert part.payload in file.content
    assert part.location.endswith(f"{file.path}/frames/1")


@pytest.mark.parametrize(
    ("transfer_syntax", "given"),
    [
        (JPEGLSLossless, f"image/jls; transfer-syntax={JPEGLSLossless}"),
        (JPEG2000Lossless, f"image/jp2; transfer-syntax={JPEG2000Lossless}"),
        (JPEGBaseline8Bit, f"image/jpeg; transfer-syntax={JPEGBaseline8Bit}"),
        (ExplicitVRLittleEndian, NATIVE),
    ],
)
def test_a_microscopy_viewer_that_lists_what_it_decodes_gets_what_is_stored(archive, transfer_syntax, given):
    """NEG-05: a tie is free, and no work is the least."""
    compressed = transfer_syntax != ExplicitVRLittleEndian
    file = stored(encapsulated([bytes(64)]), transfer_syntax=transfer_syntax) if compressed else native()

    (part,) = parts(get(archive, file, MICROSCOPY_LIST))

    assert part.content_type == given


def test_a_microscopy_viewer_gets_in_a_listed_form_what_is_stored_in_another(archive):
    (part,) = parts(get(archive, of(RLELossless), MICROSCOPY_LIST))

    assert (part.content_type, part.payload) == (NATIVE, builders.frame(1))


@pytest.mark.parametrize(
    "transfer_syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, *STORED]
)
@pytest.mark.parametrize("asked", [PYTHON_FRAMES, PYTHON_BULK_DATA], ids=["frames", "bulk-data"])
def test_dicomweb_client_gets_decoded_pixels(archive, asked, transfer_syntax):
    """NEG-03: it names no type."""
    pixels = byte_swapped(builders.frame(1), 2) if transfer_syntax == ExplicitVRBigEndian else builders.frame(1)
    compressed = transfer_syntax in STORED
    file = of(transfer_syntax) if compressed else stored(instance(PixelData=pixels), transfer_syntax=transfer_syntax)

    (part,) = parts(get(archive, file, asked))

    assert (part.content_type, part.payload) == (NATIVE, builders.frame(1))


@pytest.mark.parametrize("asked", [DWV, PYTHON_INSTANCE, WEASIS_ANY], ids=["dwv", "dicomweb-client", "Weasis"])
@pytest.mark.parametrize("transfer_syntax", [ExplicitVRLittleEndian, *STORED])
def test_clients_that_take_any_transfer_syntax_get_the_file_as_stored(archive, asked, transfer_syntax):
    file = of(transfer_syntax) if transfer_syntax in STORED else native()

    (part,) = parts(get(archive, file, asked))

    assert (part.content_type, part.payload) == (f"application/dicom; transfer-syntax={transfer_syntax}", file.content)


@pytest.mark.parametrize("asked", [WEASIS, OHIF_SEGMENTATION, BROWSER], ids=["Weasis", "OHIF", "browser"])
@pytest.mark.parametrize("transfer_syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, *STORED])
def test_clients_that_want_it_uncompressed_get_it_so(archive, asked, transfer_syntax):
    """P06"""
    compressed = transfer_syntax in STORED
    file = of(transfer_syntax) if compressed else stored(PixelData=builders.frame(1), transfer_syntax=transfer_syntax)

    (part,) = parts(get(archive, file, asked))

    assert part.content_type == f"application/dicom; transfer-syntax={ExplicitVRLittleEndian}"
    assert part.payload.endswith(builders.frame(1))


def test_ohif_gets_a_palette_and_an_ecg_as_octets(archive):
    """P15: in parts, and alone."""
    dataset = instance(PixelData=None)
    dataset.add_new(0x00281201, "OW", bytes(range(256)) * 8)
    file = stored(dataset)

    (part,) = parts(get(archive, file, OHIF_BULK_DATA))
    alone = get(archive, file, OHIF_ECG)

    assert (part.content_type, part.payload) == (NATIVE, bytes(range(256)) * 8)
    assert (alone["Content-Type"], alone.getvalue()) == (NATIVE, bytes(range(256)) * 8)


def test_ohif_gets_a_pdf(archive):
    """P15, WADO-15"""
    dataset = instance(PixelData=None, SOPClassUID=EncapsulatedPDFStorage)
    dataset.EncapsulatedDocument, dataset.MIMETypeOfEncapsulatedDocument = PDF, "application/pdf"

    (part,) = parts(get(archive, stored(dataset), OHIF_PDF))

    assert (part.content_type, part.payload) == ("application/pdf", PDF)


def test_a_video_is_played_from_its_bulk_data(archive):
    """WADO-54"""
    file = stored(encapsulated([b"video" * 20], offset_table="none"), transfer_syntax=MPEG4HP41)

    (part,) = parts(get(archive, file, PYTHON_BULK_DATA))
    alone = get(archive, file, Asked("/bulkdata/7FE00010", "video/mp4"))

    assert (part.content_type, part.payload) == (f"video/mp4; transfer-syntax={MPEG4HP41}", b"video" * 20)
    assert alone.getvalue() == b"video" * 20
