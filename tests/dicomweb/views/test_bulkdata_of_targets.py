"""WADO-RS: all bulk data, and all pixel data, of a study, a series or an instance (PS3.18 Section 10.4.3.3.5)."""

import pytest
from django.http import HttpResponse
from django.test import Client
from pydicom.dataset import Dataset
from pydicom.uid import (
    MPEG4HP41,
    EncapsulatedPDFStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from archive.dicom.images import codecs
from archive.models import Instance, InstanceMetadata
from archive.storage import blobs
from tests import builders
from tests.builders import encapsulated, instance
from tests.dicomweb.answers import Part, loose_parts, parts
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db

OCTETS = 'multipart/related; type="application/octet-stream"'
NATIVE = f"application/octet-stream; transfer-syntax={ExplicitVRLittleEndian}"
HOST = "http://testserver"
PDF = b"%PDF-1.7" + bytes(range(256)) * 8
#: Those of an instance.
PIXELS = builders.frame(0)


def get(archive: Client, path: str, accept: str | None = OCTETS, **headers: str) -> HttpResponse:
    return archive.get(path, headers=headers | ({"accept": accept} if accept else {}))


def study_of_many_kinds(study: str = "1.2.3") -> dict[str, StoredFile]:
    """In a study of one series: native and compressed pixels, private and nested values, a document; an SR without."""
    uids = {"StudyInstanceUID": study, "SeriesInstanceUID": f"{study}.1"}
    private = instance(**uids, InstanceNumber=1, NumberOfFrames=None)
    private.private_block(0x0009, "Vendor", create=True).add_new(0x01, "OB", bytes(range(200)) * 10)
    item = Dataset()
    item.add_new(0x00281201, "OW", bytes(range(100)) * 20)
    private.RequestAttributesSequence = [item]
    document = instance(**uids, InstanceNumber=3, PixelData=None, SOPClassUID=EncapsulatedPDFStorage)
    document.EncapsulatedDocument, document.MIMETypeOfEncapsulatedDocument = PDF, "application/pdf"
    compressed = builders.compressed(JPEGLSLossless, 2, **uids, InstanceNumber=2)
    return {
        "native": stored(private),
        "compressed": stored(compressed, transfer_syntax=JPEGLSLossless),
        "document": stored(document),
        "report": stored(**uids, InstanceNumber=4, PixelData=None),
    }


def by_location(found: list[Part]) -> dict[str, Part]:
    assert len({part.location for part in found}) == len(found)
    return {part.location.removeprefix(HOST): part for part in found}


@pytest.mark.parametrize("level", ["study_path", "series_path"])
@pytest.mark.parametrize(
    ("resource", "accept"),
    [
        pytest.param("", OCTETS, id="WADO-12"),
        pytest.param("/bulkdata", OCTETS, id="WADO-69"),
        pytest.param("/bulkdata", "*/*", id="WADO-69-anything"),
        pytest.param("/bulkdata", None, id="WADO-69-no-accept"),
    ],
)
def test_all_bulk_data_of_a_target_are_parts_with_their_references(archive, level, resource, accept):
    """WADO-60: the part of each element is what its BulkDataURI alone would lead to."""
    files = study_of_many_kinds()
    stored()

    response = get(archive, getattr(files["native"], level) + resource, accept)

    assert response.status_code == 200
    assert response["Content-Type"].startswith(OCTETS)
    found = by_location(loose_parts(response))
    native, compressed, document = (files[name].path + "/bulkdata" for name in ("native", "compressed", "document"))
    assert {location: part.payload for location, part in found.items()} == {
        f"{native}/00091001": bytes(range(200)) * 10,
        f"{native}/00400275/0/00281201": bytes(range(100)) * 20,
        f"{native}/7FE00010": PIXELS,
        f"{compressed}/7FE00010": builders.frame(1) + builders.frame(2),
        f"{document}/00420011": PDF,
    }
    for location, part in found.items():
        assert part.headers["Content-Length"] == str(len(part.payload))
        assert loose_parts(get(archive, location))[0].payload == part.payload


@pytest.mark.parametrize(("resource", "accept"), [("", OCTETS), ("/bulkdata", OCTETS), ("/bulkdata", "*/*")])
def test_WADO_15_a_document_among_bulk_data_is_typed_as_what_it_is(archive, resource, accept):
    file = study_of_many_kinds()["document"]

    (part,) = parts(get(archive, file.path + resource, accept))

    assert (part.content_type, part.payload) == ("application/pdf", PDF)


def test_MP_06_each_part_names_its_transfer_syntax(archive):
    """P10"""
    files = study_of_many_kinds()

    found = by_location(loose_parts(get(archive, files["native"].study_path, f"{OCTETS}; transfer-syntax=*")))

    native, compressed = (f"{files[name].path}/bulkdata/7FE00010" for name in ("native", "compressed"))
    assert found[native].content_type == NATIVE
    for number in (1, 2):
        assert found[f"{compressed}/frames/{number}"].content_type == f"image/jls; transfer-syntax={JPEGLSLossless}"


@pytest.mark.parametrize("level", ["study_path", "series_path", "path"])
@pytest.mark.parametrize("accept", [OCTETS, "*/*"])
def test_WADO_70_pixel_data_are_those_of_the_objects_themselves(archive, level, accept):
    """Not icons, nor private pixels."""
    item = instance(PixelData=bytes(range(128)) * 10)
    dataset = instance(IconImageSequence=[item])
    dataset.private_block(0x7FE1, "Vendor", create=True).add_new(0x10, "OB", bytes(2000))
    file = stored(dataset)
    assert len(parts(get(archive, file.path + "/bulkdata"))) == 3

    (part,) = parts(get(archive, getattr(file, level) + "/pixeldata", accept))

    assert (part.payload, part.content_type) == (PIXELS, NATIVE)
    assert part.location == f"{HOST}{file.path}/bulkdata/7FE00010"


@pytest.mark.parametrize(("keyword", "tag"), [("FloatPixelData", "7FE00008"), ("DoubleFloatPixelData", "7FE00009")])
def test_WADO_70_float_pixels_are_pixel_data(archive, keyword, tag):
    """P20"""
    file = stored(**{keyword: bytes(range(256)) * 2, "PixelData": None, "BitsAllocated": 32})

    (part,) = parts(get(archive, file.path + "/pixeldata"))

    assert part.location == f"{HOST}{file.path}/bulkdata/{tag}"
    assert part.payload == bytes(range(256)) * 2


@pytest.mark.parametrize("resource", ["", "/bulkdata", "/pixeldata"])
@pytest.mark.parametrize("level", ["study_path", "series_path", "path"])
def test_WADO_13_compressed_pixel_data_are_a_part_a_frame(archive, resource, level):
    """WADO-14: bare codestreams, as stored."""
    file = stored(builders.compressed(JPEGLSLossless, 3), transfer_syntax=JPEGLSLossless)
    uri = f"{HOST}{file.path}/bulkdata/7FE00010"

    for accept in ("multipart/related; type=image/jls", 'multipart/related; type="image/*"; transfer-syntax=*'):
        found = parts(get(archive, getattr(file, level) + resource, accept))
        assert [part.location for part in found] == [f"{uri}/frames/{number}" for number in (1, 2, 3)]
        assert {part.content_type for part in found} == {f"image/jls; transfer-syntax={JPEGLSLossless}"}
        assert [codecs.decode(part.payload, JPEGLSLossless, builders.PIXELS) for part in found] == [
            builders.frame(number) for number in (1, 2, 3)
        ]


def test_WADO_13_pixel_data_are_compressed_where_they_are_not_stored_so(archive):
    files = study_of_many_kinds()

    found = loose_parts(get(archive, files["native"].study_path, "multipart/related; type=image/jphc"))

    assert [part.location.partition("/bulkdata/")[2] for part in found] == [
        "7FE00010",
        "7FE00010/frames/1",
        "7FE00010/frames/2",
    ]
    assert [codecs.decode(part.payload, HTJ2KLossless, builders.PIXELS) for part in found] == [
        builders.frame(number) for number in (0, 1, 2)
    ]


def test_MT_04_big_endian_values_are_little_endian(archive):
    file = stored(instance(PixelData=bytes([1, 0] * 64)), transfer_syntax=ExplicitVRBigEndian)

    (part,) = parts(get(archive, file.path + "/pixeldata"))

    assert (part.payload, part.content_type) == (bytes([0, 1] * 64), NATIVE)


def test_WADO_11_pixel_data_in_no_accepted_form_are_left_out_and_it_is_said(archive):
    study = generate_uid()
    native = stored(StudyInstanceUID=study)
    stored(encapsulated([bytes(64)], offset_table="none", StudyInstanceUID=study), transfer_syntax=MPEG4HP41)

    some = get(archive, native.study_path, OCTETS)
    anything = get(archive, native.study_path + "/bulkdata", "*/*")

    assert (some.status_code, len(parts(some))) == (206, 1)
    assert "1 instances" in some["Warning"]
    assert anything.status_code == 200
    assert {part.content_type for part in parts(anything)} == {NATIVE, f"video/mp4; transfer-syntax={MPEG4HP41}"}


@pytest.mark.parametrize("resource", ["/bulkdata", "/pixeldata"])
@pytest.mark.parametrize("level", ["study_path", "series_path", "path"])
def test_what_has_no_bulk_data_is_404(archive, resource, level):
    response = get(archive, getattr(stored(PixelData=None), level) + resource)

    assert response.status_code == 404
    assert "no bulk data" in response.json()["message"]


@pytest.mark.parametrize("resource", ["/bulkdata", "/pixeldata"])
@pytest.mark.parametrize(
    ("path", "status"),
    [("studies/9", 404), ("studies/9/series/9", 404), ("studies/9/series/9/instances/9", 404), ("studies/x!", 400)],
)
def test_WADO_17_WADO_20_bulk_data_of_what_is_not_there(archive, resource, path, status):
    assert get(archive, f"/dicom-web/{path}{resource}").status_code == status


@pytest.mark.parametrize(
    ("resource", "accept"),
    [
        ("", 'multipart/related; type="image/jpeg"'),
        ("/bulkdata", "application/dicom"),
        ("/bulkdata", "text/plain"),
        ("/pixeldata", "application/octet-stream"),
        ("/pixeldata", f"{OCTETS}; transfer-syntax={JPEGBaseline8Bit}"),
    ],
)
def test_NEG_07_bulk_data_in_no_accepted_form_are_406(archive, resource, accept):
    """P04, NEG-21: many values are never a single part."""
    response = get(archive, stored().path + resource, accept)

    assert response.status_code == 406
    assert "application/octet-stream" in response.content.decode()


def test_NEG_05_objects_or_bulk_data_as_is_preferred(archive):
    file = stored()
    both = f'multipart/related; type="application/dicom"; q=%s, {OCTETS}; q=%s'

    objects, values = get(archive, file.path, both % (1, 0.5)), get(archive, file.path, both % (0.5, 1))

    assert parts(objects)[0].payload == file.content
    assert parts(values)[0].payload == PIXELS


def test_WADO_16_pixels_that_cannot_be_decoded_are_406(archive):
    """NEG-03: but a value that is asked for alone is given as stored to whoever takes anything."""
    codestream = b"\xff\xd8\xff" + bytes(61)
    file = stored(encapsulated([codestream]), transfer_syntax=JPEGBaseline8Bit)

    for resource in ("", "/bulkdata", "/pixeldata", "/bulkdata/7FE00010"):
        response = get(archive, file.path + resource)
        assert response.status_code == 406
        assert f"image/jpeg; transfer-syntax={JPEGBaseline8Bit}" in response.json()["message"]
    (part,) = parts(get(archive, f"{file.path}/bulkdata/7FE00010", "*/*"))
    assert (part.content_type, part.payload) == (f"image/jpeg; transfer-syntax={JPEGBaseline8Bit}", codestream)


@pytest.mark.parametrize("resource", ["", "/bulkdata", "/pixeldata"])
def test_WADO_120_WADO_122_bulk_data_that_the_client_has_are_304(archive, resource):
    file = study_of_many_kinds()["compressed"]
    path = file.study_path + resource
    tags = [get(archive, path, accept)["ETag"] for accept in (OCTETS, f"{OCTETS}; transfer-syntax=*")]

    assert len(set(tags)) == 2
    assert get(archive, path, OCTETS, **{"if-none-match": tags[0]}).status_code == 304
    assert archive.head(path, headers={"accept": OCTETS})["ETag"] == tags[0]


def test_WADO_22_bytes_that_are_gone_are_503(archive):
    file = stored(builders.compressed(RLELossless), transfer_syntax=RLELossless)
    blobs().delete(Instance.objects.get().blob_key)

    for resource, accept in (("/bulkdata", OCTETS), ("/pixeldata", "*/*"), ("", "*/*"), ("/frames/1", OCTETS)):
        assert get(archive, file.path + resource, accept).status_code == 503


def test_WADO_19_what_is_deleted_while_it_is_found_is_410(archive):
    file = stored()
    InstanceMetadata.objects.all().delete()

    for resource in ("/bulkdata", "/bulkdata/7FE00010", "/frames/1"):
        assert get(archive, file.path + resource).status_code == 410


def test_more_values_than_are_put_together_are_413(archive: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a smaller target are given."""
    files = [stored(StudyInstanceUID="1.2.3", SeriesInstanceUID=f"1.2.3.{number}") for number in range(3)]
    monkeypatch.setattr("dicomweb.bulkdata_response.MOST_VALUES", 2)
    assert get(archive, f"{files[0].study_path}/bulkdata").status_code == 413
    assert get(archive, f"{files[0].series_path}/bulkdata").status_code == 200
