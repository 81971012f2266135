"""STOW-RS of metadata and bulk data (PS3.18 Sections 10.5.1.4 and 10.5.2)."""

from typing import Any

import orjson
import pytest
from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian, generate_uid

from archive.models import Instance, Study
from archive.storage import blobs
from tests.builders import instance, multipart, part10, related
from tests.dicomweb.answers import payloads, values
from tests.dicomweb.metadata_requests import (
    DICOM_JSON,
    DICOM_XML,
    STUDIES,
    Bulk,
    metadata,
    post,
    reference,
    request,
    stored_bytes,
    stored_dataset,
)
from tests.dicomweb.stores import failed_items, stored_items

pytestmark = pytest.mark.django_db

CANNOT_UNDERSTAND, DOES_NOT_MATCH = 0xC000, 0xA900
PIXELS = bytes(range(128))
BOTH = pytest.mark.parametrize("root", [DICOM_JSON, DICOM_XML])


def image(uri: str = "bulk/1", **elements: Any) -> dict[str, Any]:
    """The metadata of an 8x8 image whose pixel data are elsewhere."""
    return metadata(instance(PixelData=None, **elements), _7FE00010=reference(uri))


def uid(model: dict[str, Any]) -> str:
    return model["00080018"]["Value"][0]


def assert_nothing_is_visible(archive: Any) -> None:
    """STOW-59"""
    assert archive.get(STUDIES).json() == []
    assert list(blobs().listing()) == []


# -- the forms of a request ------------------------------------------------------


@BOTH
def test_STOW_04_STOW_05_instances_are_put_together_and_stored(archive, root):
    one, two = image("1"), image("2", PatientName="Müller^Jürgen=山田")

    response = post(archive, [one, two], Bulk("1", PIXELS), Bulk("2", PIXELS[::-1]), root=root)

    assert response.status_code == 200
    assert stored_items(response) == [uid(one), uid(two)]
    first, second = stored_dataset(uid(one)), stored_dataset(uid(two))
    assert (first.PixelData, second.PixelData) == (PIXELS, PIXELS[::-1])
    assert second.PatientName == "Müller^Jürgen=山田"
    assert first.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert first.file_meta.MediaStorageSOPInstanceUID == uid(one)


@BOTH
def test_what_is_stored_is_given_as_if_it_had_come_in_a_file(archive, root):
    dataset = instance(PixelData=PIXELS)
    sent = metadata(dataset, _7FE00010=reference("x"))

    module = post(archive, [sent], Bulk("x", PIXELS), root=root).json()

    (url,) = values(values(module, "00081199")[0], "00081190")
    path = url.removeprefix("http://testserver")
    (document,) = archive.get(f"{path}/metadata").json()
    del sent["7FE00010"], document["7FE00010"]
    assert document == sent
    assert payloads(archive.get(f"{path}/frames/1")) == [PIXELS]


@BOTH
def test_STOW_08_metadata_without_bulk_data_are_enough(archive, root):
    model = metadata(instance(PixelData=None))

    assert post(archive, [model], root=root).status_code == 200
    assert stored_dataset(uid(model)).PatientID == "ID-1"


def test_STOW_07_the_type_may_be_application_json(archive):
    body, content_type = request([metadata(instance(PixelData=None))])
    body = body.replace(b"application/dicom+json", b"application/json")

    assert archive.post(STUDIES, body, content_type=content_type.replace("dicom+json", "json")).status_code == 200


@BOTH
def test_the_first_part_needs_no_content_type(archive, root):
    body, content_type = request([metadata(instance(PixelData=None))], root=root)

    body = body.replace(f"Content-Type: {root}".encode(), b"X-Header: none")
    assert archive.post(STUDIES, body, content_type=content_type).status_code == 200


@BOTH
def test_STOW_56_STOW_57_instances_of_another_study_are_refused(archive, root):
    study = generate_uid()
    mine, other = (metadata(instance(PixelData=None, **uids)) for uids in ({"StudyInstanceUID": study}, {}))

    response = post(archive, [mine, other], root=root, path=f"{STUDIES}/{study}")

    assert response.status_code == 202
    assert stored_items(response) == [uid(mine)]
    assert failed_items(response) == {uid(other): 0xA901}


@BOTH
def test_STOW_80_the_same_request_again_brings_the_same_instance(archive, root):
    model = image(PatientName="Müller")
    post(archive, [model], Bulk("bulk/1", PIXELS), root=root)
    before = stored_bytes(uid(model))

    response = post(archive, [dict(reversed(model.items()))], Bulk("bulk/1", PIXELS), root=root)

    assert response.status_code == 200
    assert not response.has_header("Location")
    assert stored_bytes(uid(model)) == before
    assert Instance.objects.count() == Study.objects.get().number_of_study_related_instances == 1


def test_JSON_and_XML_of_one_instance_are_the_same_instance(archive):
    model = image(PatientName="Müller")
    post(archive, [model], Bulk("bulk/1", PIXELS))

    response = post(archive, [model], Bulk("bulk/1", PIXELS), root=DICOM_XML)

    assert (response.status_code, stored_items(response)) == (200, [uid(model)])
    assert not response.has_header("Location")


# -- bulk data -------------------------------------------------------------------


@BOTH
def test_STOW_15_STOW_16_bulk_data_become_values_wherever_they_belong(archive, root):
    item = {"00420011": reference("d", "OB"), "00091001": reference("e", "UN")}
    model = metadata(
        instance(PixelData=None),
        _00091001=reference("a", "OB"),
        _00104000=reference("b", "LT"),
        _00189810={"vr": "SQ", "Value": [{}, item]},
        _30060050=reference("c", "DS"),
    )
    sent = {"a": b"\x00\x01\x02", "b": "größer\\kleiner".encode(), "c": b"1.5\\2.5\\3.5 ", "d": b"%PDF", "e": b"\r\n--"}

    response = post(archive, [model], *(Bulk(uri, value) for uri, value in sent.items()), root=root)

    assert response.status_code == 200
    dataset = stored_dataset(uid(model))
    assert dataset[0x00091001].value == b"\x00\x01\x02\x00"
    assert dataset[0x00104000].value == "größer\\kleiner"
    assert dataset[0x30060050].value == [1.5, 2.5, 3.5]
    assert dataset[0x00189810][1][0x00420011].value == b"%PDF"
    assert dataset[0x00189810][1][0x00091001].value == b"\r\n--"


@pytest.mark.parametrize(
    ("uri", "location"),
    [
        ("http://elsewhere/bulk/1", "http://elsewhere/bulk/1"),
        ("bulk/1?a=1&b=2", "bulk/1?a=1&b=2"),
        ("cid:part1@sender", "cid:part1@sender"),
        ("urn:uuid:6c2c7ea0-0000-4000-8000-000000000000", "urn:uuid:6c2c7ea0-0000-4000-8000-000000000000"),
        ("bulk/1", "http://testserver/dicom-web/bulk/1"),
        ("http://testserver/dicom-web/bulk/1", "./bulk/1"),
        (" bulk/1 ", "bulk/1"),
        ("../../bulk/1", "/bulk/1"),
    ],
)
def test_STOW_16_locations_are_absolute_or_relative_to_the_resource(archive, uri, location):
    model = image(uri)

    assert post(archive, [model], Bulk(location, PIXELS)).status_code == 200
    assert stored_dataset(uid(model)).PixelData == PIXELS


@BOTH
def test_STOW_17_one_bulk_part_serves_several_instances(archive, root):
    one, two = image("shared"), image("shared")

    assert post(archive, [one, two], Bulk("shared", PIXELS), root=root).status_code == 200
    assert stored_dataset(uid(one)).PixelData == stored_dataset(uid(two)).PixelData == PIXELS


def test_STOW_17_metadata_in_xml_may_come_between_bulk_data(archive):
    one, two = image("1"), image("2")
    (first, _), (second, _) = (request([model], root=DICOM_XML) for model in (one, two))
    bulk, content_type = related([Bulk("1", PIXELS).part, Bulk("2", PIXELS).part], type=DICOM_XML)
    end = b"--boundary--\r\n"
    body = first.removesuffix(end) + bulk.removesuffix(end) + second

    assert archive.post(STUDIES, body, content_type=content_type).status_code == 200
    assert Instance.objects.count() == 2


MISMATCHES = {
    "a-part-is-missing": [],
    "the-wrong-part": [Bulk("other", PIXELS)],
    "a-surplus-part": [Bulk("bulk/1", PIXELS), Bulk("other", PIXELS)],
    "a-surplus-frame": [Bulk("bulk/1", PIXELS), Bulk("other/frames/1", PIXELS)],
    "a-frame-is-missing": [Bulk("bulk/1/frames/2", PIXELS)],
    "a-frame-twice": [Bulk("bulk/1/frames/1", PIXELS), Bulk("bulk/1/frames/1", PIXELS)],
    "a-frame-of-no-number": [Bulk("bulk/1/frames/0", PIXELS)],
    "frames-and-the-whole": [Bulk("bulk/1/frames/1", PIXELS), Bulk("bulk/1", PIXELS)],
    "no-location": [Bulk("", PIXELS)],
    "no-uri": [Bulk("http://[", PIXELS)],
}


@BOTH
@pytest.mark.parametrize("parts", MISMATCHES.values(), ids=MISMATCHES)
def test_STOW_18_bulk_data_that_do_not_match_the_metadata_are_400_and_nothing_is_stored(archive, root, parts):
    response = post(archive, [metadata(instance(PixelData=None)), image()], *parts, root=root)

    assert response.status_code == 400
    assert response.json()["message"]
    assert_nothing_is_visible(archive)


def test_STOW_18_one_value_is_one_part(archive):
    model = metadata(instance(PixelData=None), _00091001=reference("x", "OB"))

    assert post(archive, [model], Bulk("x", b"ab"), Bulk("x", b"cd")).status_code == 400
    assert_nothing_is_visible(archive)


def test_STOW_19_bulk_data_of_another_request_are_not_looked_for(archive):
    other = metadata(instance(PixelData=None), _00091001=reference("bulk/1", "OB"))
    assert post(archive, [other], Bulk("bulk/1", b"ab")).status_code == 200

    assert post(archive, [image()]).status_code == 400
    assert Instance.objects.count() == 1


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:1/secret", "https://host/x", "file:///etc/passwd", "ftp://host/x", "data:,x"]
)
def test_a_uri_that_is_not_in_the_request_is_never_fetched(archive, uri):
    """That nobody connects is seen from outside: there is nothing in the archive that could."""
    response = post(archive, [image(uri)])

    assert response.status_code == 400
    assert "7FE00010" in response.json()["message"]
    assert uri not in response.json()["message"]
    assert_nothing_is_visible(archive)


@pytest.mark.parametrize("parameter", ["", "; transfer-syntax=1.2.840.10008.1.2.1", "; transfer-syntax=*"])
def test_STOW_20_uncompressed_pixel_data_are_octets(archive, parameter):
    model = image()

    assert post(archive, [model], Bulk("bulk/1", PIXELS, f"application/octet-stream{parameter}")).status_code == 200
    assert stored_dataset(uid(model)).PixelData == PIXELS


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (image(), "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.2"),
        (image(), "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1.99"),
        (image(), "application/octet-stream; transfer-syntax=1.2.3"),
        (image(), "application/pdf"),
        (image(), "text/plain"),
        (metadata(instance(PixelData=None), _00091001=reference("bulk/1", "OB")), "image/jpeg"),
        (metadata(instance(PixelData=None), _00091001=reference("bulk/1", "OB")), "text/plain"),
        (
            metadata(instance(PixelData=None), _00091001=reference("bulk/1", "OW")),
            "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.2",
        ),
        (
            metadata(
                instance(PixelData=None), _00880200={"vr": "SQ", "Value": [{"7FE00010": reference("bulk/1", "OB")}]}
            ),
            "image/jpeg",
        ),
    ],
)
def test_STOW_27_bulk_data_of_which_no_value_can_be_made_are_415_and_nothing_is_stored(archive, model, kind):
    response = post(archive, [metadata(instance(PixelData=None)), model], Bulk("bulk/1", PIXELS, kind))

    assert response.status_code == 415
    assert_nothing_is_visible(archive)


@pytest.mark.parametrize("missing", ["Rows", "Columns", "BitsAllocated"])
def test_STOW_27_pixel_data_that_nobody_describes_are_415(archive, missing):
    response = post(archive, [image(**{missing: None})], Bulk("bulk/1", PIXELS))

    assert response.status_code == 415
    assert_nothing_is_visible(archive)


def test_STOW_26_what_single_channel_pixels_leave_no_doubt_about_is_filled_in(archive):
    left_out = ("SamplesPerPixel", "PhotometricInterpretation", "BitsStored", "HighBit", "PixelRepresentation")
    model = image(**dict.fromkeys(left_out))

    assert post(archive, [model], Bulk("bulk/1", PIXELS)).status_code == 200
    dataset = stored_dataset(uid(model))
    assert [dataset[name].value for name in left_out] == [1, "MONOCHROME2", 16, 15, 0]


def test_text_that_is_bulk_data_may_be_called_text(archive):
    model = metadata(instance(PixelData=None), _00104000=reference("x", "LT"))

    assert post(archive, [model], Bulk("x", b"text", "text/plain; charset=utf-8")).status_code == 200
    assert stored_dataset(uid(model))[0x00104000].value == "text"


# -- documents -------------------------------------------------------------------


def document(mime_type: str | None) -> dict[str, Any]:
    dataset = instance(PixelData=None, SOPClassUID=EncapsulatedPDFStorage, MIMETypeOfEncapsulatedDocument=mime_type)
    return metadata(dataset, _00420011=reference("doc", "OB"))


@BOTH
@pytest.mark.parametrize(
    ("stated", "sent", "kept"),
    [
        ("application/pdf", "application/pdf", "application/pdf"),
        ("application/PDF", "Application/pdf", "application/PDF"),
        ("application/pdf", "application/octet-stream", "application/pdf"),
        (None, "application/pdf", "application/pdf"),
        (None, "text/xml", "text/xml"),
    ],
)
def test_STOW_24_a_document_is_of_the_type_of_its_part(archive, root, stated, sent, kept):
    model = document(stated)

    assert post(archive, [model], Bulk("doc", b"%PDF-1.4\n", sent), root=root).status_code == 200
    dataset = stored_dataset(uid(model))
    assert (dataset.MIMETypeOfEncapsulatedDocument, dataset.EncapsulatedDocument) == (kept, b"%PDF-1.4\n\0")


def test_STOW_24_a_document_of_another_type_than_its_part_is_refused(archive):
    model = document("application/pdf")

    response = post(archive, [model], Bulk("doc", b"<xml/>", "text/xml"))

    assert response.status_code == 409
    assert failed_items(response) == {uid(model): CANNOT_UNDERSTAND}


# -- what is no request ----------------------------------------------------------

DOCUMENT = orjson.dumps([metadata(instance(PixelData=None))])


@pytest.mark.parametrize(
    ("root", "parts"),
    [
        pytest.param(DICOM_JSON, [({"Content-Type": DICOM_JSON}, b"[{]")], id="no-json"),
        pytest.param(DICOM_JSON, [({"Content-Type": DICOM_JSON}, DOCUMENT[1:-1])], id="no-array"),
        pytest.param(DICOM_JSON, [({"Content-Type": DICOM_JSON}, b"")], id="no-content"),
        pytest.param(DICOM_JSON, [({"Content-Type": DICOM_XML}, DOCUMENT)], id="xml-in-json"),
        pytest.param(DICOM_JSON, [({"Content-Type": "application/dicom"}, DOCUMENT)], id="a-file-in-json"),
        pytest.param(DICOM_JSON, [({"Content-Type": DICOM_JSON}, DOCUMENT)] * 2, id="two-arrays"),
        pytest.param(DICOM_JSON, [Bulk("x", b"x").part, ({"Content-Type": DICOM_JSON}, DOCUMENT)], id="bulk-first"),
        pytest.param(DICOM_JSON, [({"Content-Type": ";"}, DOCUMENT)], id="malformed-type"),
        pytest.param(
            DICOM_JSON, [({"Content-Type": DICOM_JSON, "Content-Encoding": "gzip"}, DOCUMENT)], id="compressed"
        ),
        pytest.param(
            DICOM_JSON, [({"Content-Type": DICOM_JSON, "Content-Transfer-Encoding": "base64"}, DOCUMENT)], id="base64"
        ),
        pytest.param(DICOM_XML, [({"Content-Type": DICOM_XML}, b"<NativeDicomModel>")], id="not-well-formed"),
        pytest.param(DICOM_XML, [({"Content-Type": DICOM_XML}, b"<Other/>")], id="another-root"),
        pytest.param(DICOM_XML, [({"Content-Type": DICOM_XML}, b"")], id="no-document"),
        pytest.param(DICOM_XML, [({"Content-Type": DICOM_JSON}, DOCUMENT)], id="json-in-xml"),
        pytest.param(
            DICOM_XML, [({"Content-Type": DICOM_XML}, b"<!DOCTYPE a><NativeDicomModel/>")], id="a-document-type"
        ),
    ],
)
def test_STOW_44_metadata_that_break_the_syntax_are_400_and_nothing_is_visible(archive, root, parts):
    body, content_type = related(parts, type=root)

    response = archive.post(STUDIES, body, content_type=content_type)

    assert response.status_code == 400
    assert response.json()["message"]
    assert_nothing_is_visible(archive)


def test_STOW_45_an_array_without_instances_is_400(archive):
    assert post(archive, []).status_code == 400


@pytest.mark.parametrize("root", [DICOM_JSON, DICOM_XML, "application/json"])
def test_STOW_44_metadata_without_boundary_are_400(archive, root):
    assert archive.post(STUDIES, b"x", content_type=f'multipart/related; type="{root}"').status_code == 400


@pytest.mark.parametrize("content_type", [DICOM_JSON, DICOM_XML, "application/json"])
def test_STOW_47_metadata_alone_are_415_and_the_answer_says_what_is_taken(archive, content_type):
    response = archive.post(STUDIES, DOCUMENT, content_type=content_type)

    assert response.status_code == 415
    for root in ("application/dicom", DICOM_JSON, DICOM_XML):
        assert f'multipart/related; type="{root}"' in response.json()["message"]


@BOTH
def test_STOW_52_metadata_above_the_limit_are_413_and_nothing_is_visible(archive, settings, root):
    settings.ARCHIVE_MAX_METADATA_SIZE = 1000
    few = [metadata(instance(PixelData=None))]

    response = post(archive, few * 4, root=root)

    assert response.status_code == 413
    assert "1000" in response.json()["message"]
    assert_nothing_is_visible(archive)


@BOTH
def test_STOW_64_an_answer_that_is_not_accepted_is_406_before_anything_is_stored(archive, root):
    response = post(archive, [metadata(instance(PixelData=None))], root=root, headers={"accept": "text/plain"})

    assert response.status_code == 406
    assert_nothing_is_visible(archive)


def test_files_among_metadata_are_not_mistaken(archive):
    """A part that is a file has no Content-Location; a request has one form."""
    body, _ = multipart([part10(instance())])
    _, content_type = request([])

    assert archive.post(STUDIES, body, content_type=content_type).status_code == 400
    assert_nothing_is_visible(archive)
