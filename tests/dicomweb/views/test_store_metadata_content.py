"""What is stored of what the metadata say, and what is warned of (PS3.18 Section 10.5.2)."""

from base64 import b64encode

import pytest
from pydicom.uid import ExplicitVRLittleEndian

from tests.builders import instance
from tests.dicomweb.answers import values
from tests.dicomweb.metadata_requests import (
    DICOM_XML,
    STUDIES,
    Bulk,
    metadata,
    post,
    reference,
    request,
    stored_dataset,
)
from tests.dicomweb.stores import failed_items, other_failures, stored_items
from tests.dicomweb.views.test_store_metadata import (
    BOTH,
    CANNOT_UNDERSTAND,
    DOES_NOT_MATCH,
    PIXELS,
    image,
    uid,
)

pytestmark = pytest.mark.django_db


# -- what the metadata say -------------------------------------------------------


@BOTH
def test_STOW_28_XML_12_file_meta_and_group_lengths_are_passed_over(archive, root):
    model = metadata(
        instance(PixelData=None),
        _00020010={"vr": "UI", "Value": ["1.2.840.10008.1.2.2"]},
        _00080000={"vr": "UL", "Value": [100]},
    )

    response = post(archive, [dict(sorted(model.items()))], root=root)

    assert response.status_code == 200
    dataset = stored_dataset(uid(model))
    assert dataset.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert 0x00080000 not in dataset


@pytest.mark.parametrize(
    ("parameter", "stored"),
    [
        ("", b"\x01\x02\x03\x04"),
        ("; transfer-syntax=1.2.840.10008.1.2.1", b"\x01\x02\x03\x04"),
        ("; transfer-syntax=1.2.840.10008.1.2.2", b"\x02\x01\x04\x03"),
    ],
)
@BOTH
def test_STOW_29_inline_binary_is_in_the_byte_order_that_the_part_names(archive, root, parameter, stored):
    element = {"vr": "OW", "InlineBinary": b64encode(b"\x01\x02\x03\x04").decode()}
    model = metadata(instance(PixelData=None), _00091001=element)
    body, content_type = request([model], root=root)
    body = body.replace(f"Content-Type: {root}".encode(), f"Content-Type: {root}{parameter}".encode())

    assert archive.post(STUDIES, body, content_type=content_type).status_code == 200
    assert stored_dataset(uid(model))[0x00091001].value == stored


@pytest.mark.parametrize(
    ("name", "declared", "character_set"),
    [("Doe", None, None), ("Müller", None, "ISO_IR 192"), ("Müller", "ISO_IR 100", "ISO_IR 192")],
)
def test_STOW_30_the_file_has_a_character_set_for_its_text(archive, name, declared, character_set):
    model = metadata(instance(PixelData=None, PatientName=name, SpecificCharacterSet=declared))

    assert post(archive, [model]).status_code == 200
    dataset = stored_dataset(uid(model))
    assert (dataset.PatientName, dataset.get("SpecificCharacterSet")) == (name, character_set)


@pytest.mark.parametrize("encoding", ["iso-8859-1", "UTF-16", "windows-1252"])
def test_STOW_30_XML_11_the_metadata_may_be_in_another_encoding_that_they_declare(archive, encoding):
    model = metadata(instance(PixelData=None, PatientName="Müller"))
    body, content_type = request([model], root=DICOM_XML)
    start, stop = body.index(b"<?xml"), body.rindex(b"\r\n--")
    document = body[start:stop].decode().replace("UTF-8", encoding).encode(encoding)

    assert archive.post(STUDIES, body[:start] + document + body[stop:], content_type=content_type).status_code == 200
    assert stored_dataset(uid(model)).PatientName == "Müller"


@BOTH
@pytest.mark.parametrize("tag", ["0020000D", "0020000E", "00080018", "00080016"])
def test_STOW_32_an_instance_without_its_uids_is_refused_and_the_others_are_stored(archive, root, tag):
    good = metadata(instance(PixelData=None))
    bad = metadata(instance(PixelData=None), **{f"_{tag}": None})

    response = post(archive, [good, bad], root=root)

    assert response.status_code == 202
    assert stored_items(response) == [uid(good)]
    assert [*failed_items(response).values(), *other_failures(response)] == [DOES_NOT_MATCH]


def test_an_attribute_that_cannot_be_stored_fails_its_instance_only(archive):
    good, bad = image(), image()
    bad["00280010"] = {"vr": "US", "Value": [70000]}

    response = post(archive, [good, bad], Bulk("bulk/1", PIXELS))

    assert response.status_code == 202
    assert stored_items(response) == [uid(good)]
    assert failed_items(response) == {uid(bad): CANNOT_UNDERSTAND}
    assert "00280010" in response["Warning"]
    assert "70000" not in response["Warning"]


def test_bulk_data_of_an_instance_that_is_refused_are_not_surplus(archive):
    bad = metadata(instance(PixelData=None), _00280010={"vr": "US", "Value": ["x"]}, _7FE00010=reference("y"))

    assert post(archive, [bad], Bulk("y", PIXELS)).status_code == 409


@BOTH
def test_bulk_data_that_do_not_fit_their_vr_fail_their_instance(archive, root):
    model = metadata(instance(PixelData=None), _00091001=reference("x", "US"))

    response = post(archive, [model], Bulk("x", b"abc"), root=root)

    assert response.status_code == 409
    assert failed_items(response) == {uid(model): CANNOT_UNDERSTAND}
    assert "00091001" in response["Warning"]


def test_an_instance_above_the_limit_is_refused_and_the_others_are_stored(archive, settings):
    settings.ARCHIVE_MAX_INSTANCE_SIZE = 2000
    small, large = image(), image("2")

    response = post(archive, [small, large], Bulk("bulk/1", PIXELS), Bulk("2", bytes(4000)))

    assert response.status_code == 202
    assert failed_items(response) == {uid(large): 0x0110}
    assert list((settings.ARCHIVE_DATA_DIR / "incoming").iterdir()) == []


def test_large_requests_go_through_files_that_go_away(archive, settings):
    settings.ARCHIVE_SPOOL_SIZE = 100
    one, two = image("1"), image("2")

    assert post(archive, [one, two], Bulk("1", PIXELS), Bulk("2", PIXELS[::-1])).status_code == 200
    assert (stored_dataset(uid(one)).PixelData, stored_dataset(uid(two)).PixelData) == (PIXELS, PIXELS[::-1])
    assert list((settings.ARCHIVE_DATA_DIR / "incoming").iterdir()) == []


# -- warnings --------------------------------------------------------------------


@BOTH
def test_STOW_42_attributes_that_no_data_set_has_are_discarded_with_a_warning(archive, root):
    model = metadata(instance(PixelData=None), _00000002={"vr": "UI", "Value": ["1.2"]})

    response = post(archive, [model], root=root)

    assert response.status_code == 202
    (item,) = values(response.json(), "00081199")
    assert item["00081196"] == {"vr": "US", "Value": [0xB006]}
    assert "00000002" in response["Warning"]


def test_STOW_42_fewer_frames_than_promised_are_stored_with_a_warning(archive):
    model = image(NumberOfFrames=3)

    response = post(archive, [model], Bulk("bulk/1", PIXELS * 2))

    assert response.status_code == 202
    (item,) = values(response.json(), "00081199")
    assert item["00081196"] == {"vr": "US", "Value": [0xB007]}
