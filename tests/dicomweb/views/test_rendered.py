"""Rendered instances and frames: media types, and who gets none (PS3.18 Sections 8.7.4 and 10.4.3.3.3)."""

from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from pydicom.uid import DeflatedExplicitVRLittleEndian, EnhancedCTImageStorage, ExplicitVRBigEndian, generate_uid

from archive import made
from archive.dicom.rendering import pictures
from archive.models import Instance
from archive.selectors import metadata
from archive.services.delete import delete
from archive.storage import blobs
from tests.builders import instance
from tests.dicomweb.answers import loose_parts
from tests.dicomweb.pictures import (
    BROWSER,
    GIF,
    IMG,
    JPEG,
    PNG,
    WEBP,
    cine,
    compressed_cine,
    flat,
    get,
    image,
    opened,
    problem,
    related,
    seen,
    wedge,
)
from tests.storing import stored

pytestmark = pytest.mark.django_db

OCTETS = 'multipart/related; type="application/octet-stream"'
MISSING = "/dicom-web/studies/9/series/9/instances/9"


def test_WADO_80_an_image_is_a_baseline_jpeg_of_eight_bits(archive):
    path = f"{image(wedge()).path}/rendered"
    body = get(archive, path, JPEG).getvalue()

    assert np.abs(seen(get(archive, path, JPEG)).astype(int) - wedge()).mean() < 1
    start_of_frame = body.index(b"\xff\xc0")
    assert body[start_of_frame + 4] == 8
    assert not any(marker in body for marker in (b"\xff\xc1", b"\xff\xc2", b"\xff\xc3"))


@pytest.mark.parametrize("media_type", [PNG, GIF], ids=["WADO-81-png", "WADO-81-gif"])
def test_WADO_81_lossless_types_have_the_very_shades(archive, media_type):
    found = seen(get(archive, f"{image(wedge()).path}/rendered", media_type))

    assert np.array_equal(found if found.ndim == 2 else found[..., 0], wedge())


def test_WADO_82_a_frame_is_an_image_of_its_own(archive):
    file = cine([10, 100, 200])

    for number, shade in ((1, 10), (2, 100), (3, 200)):
        assert (seen(get(archive, f"{file.path}/frames/{number}/rendered", PNG)) == shade).all()


@pytest.mark.parametrize(
    ("frames", "status"),
    [("4", 404), ("999999999", 404), ("1,4", 404), ("0", 400), ("-1", 400), ("x", 400), ("1,,2", 400), ("2,2", 400)],
)
def test_WADO_82_frames_that_are_not_there_are_404_and_no_frame_list_is_400(archive, frames, status):
    response = get(archive, f"{cine([10, 100, 200]).path}/frames/{frames}/rendered")

    assert response.status_code == status
    assert problem(response)


def test_WADO_82_the_first_frame_of_an_instance_without_number_of_frames(archive):
    file = image(wedge())

    assert np.array_equal(seen(get(archive, f"{file.path}/frames/1/rendered")), wedge())
    assert get(archive, f"{file.path}/frames/2/rendered").status_code == 404


# -- negotiation -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        pytest.param(None, JPEG, id="NEG-02-no-header"),
        pytest.param("*/*", JPEG, id="anything"),
        pytest.param("image/*", JPEG, id="images"),
        pytest.param(JPEG, JPEG, id="P26-a-single-body"),
        pytest.param(PNG, PNG, id="dicomweb-client"),
        pytest.param(WEBP, WEBP, id="webp"),
        pytest.param("IMAGE/PNG", PNG, id="letter-case"),
        pytest.param("image/jpeg; q=0.4, image/png; q=0.5", PNG, id="NEG-04-weights"),
        pytest.param("image/jpeg; q=0, image/*", PNG, id="NEG-05-excluded"),
        pytest.param("nonsense, image/png", PNG, id="NEG-06-malformed-entry"),
        pytest.param("image/tiff, image/gif", GIF, id="what-there-is-of-a-list"),
        pytest.param("image/jpeg; profile=x", JPEG, id="unknown-parameter"),
        pytest.param("application/dicom; q=0.9, image/jpeg", JPEG, id="WADO-100-jpeg-is-of-both-kinds"),
        pytest.param(IMG, JPEG, id="img-element"),
        pytest.param(BROWSER, WEBP, id="browser"),
        pytest.param("multipart/related, image/png", PNG, id="a-body-before-parts"),
    ],
)
def test_WADO_100_an_image_is_given_as_what_is_accepted(archive, accept, given):
    file = image(wedge())

    for path in (f"{file.path}/rendered", f"{file.path}/frames/1/rendered"):
        response = get(archive, path, accept)
        assert response["Content-Type"] == given
        assert seen(response).shape[:2] == wedge().shape


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (related(JPEG), JPEG),
        (related(PNG), PNG),
        ("multipart/related; type=image/gif", GIF),
        (related("image/*"), JPEG),
        (related("*/*"), JPEG),
        ("multipart/related", JPEG),
        (f"{related(PNG)}, image/tiff", PNG),
        (f"{related(JPEG)}; q=0.1, {related(WEBP)}; q=0.2", WEBP),
    ],
)
def test_WADO_100_an_image_is_one_part_for_who_wants_parts(archive, accept, given):
    file = image(wedge())

    for path in (f"{file.path}/rendered", f"{file.path}/frames/1/rendered"):
        (part,) = loose_parts(get(archive, path, accept))
        assert part.content_type == given
        assert part.location == f"http://testserver{path}"
        assert opened(part.payload).size == (64, 32)


@pytest.mark.parametrize(
    "accept",
    [
        "image/tiff",
        "image/jpeg; q=0",
        "text/html",
        "video/mp4",
        "application/dicom",
        "application/dicom+json",
        OCTETS,
        related("application/dicom"),
        "*/*; q=0",
        "nonsense",
    ],
)
def test_WADO_99_an_image_in_another_type_is_406_and_says_what_there_is(archive, accept):
    response = get(archive, f"{image(wedge()).path}/rendered", accept)

    assert response.status_code == 406
    for media_type in (JPEG, PNG, GIF, related(JPEG)):
        assert media_type in problem(response)


@pytest.mark.parametrize("accept", ["application/dicom, image/png", "application/dicom+json; q=0.2, image/gif"])
def test_WADO_100_types_of_dicom_and_rendered_ones_in_one_list_are_400(archive, accept):
    """PS3.18 Section 8.7.5"""
    assert get(archive, f"{image(wedge()).path}/rendered", accept).status_code == 400


@pytest.mark.parametrize(
    ("parameter", "header", "given"),
    [
        pytest.param(PNG, JPEG, PNG, id="before-the-header"),
        pytest.param(PNG, None, PNG, id="without-header"),
        pytest.param("image/tiff", GIF, GIF, id="NEG-10-the-header-after-it"),
        pytest.param("image/tiff, image/webp", GIF, WEBP, id="a-list"),
        pytest.param("image/*", PNG, PNG, id="NEG-09-no-wildcards"),
        pytest.param("image/png;q=0.1,image/gif;q=0.2", None, GIF, id="weights"),
    ],
)
def test_WADO_100_the_accept_parameter_goes_before_the_header(archive, parameter, header, given):
    response = get(archive, f"{image(wedge()).path}/rendered", header, accept=parameter)

    assert response["Content-Type"] == given
    assert seen(response).shape[:2] == wedge().shape


def test_WADO_100_the_accept_parameter_can_ask_for_parts(archive):
    response = get(archive, f"{image(wedge()).path}/rendered", JPEG, accept=related(PNG))

    assert [part.content_type for part in loose_parts(response)] == [PNG]


def test_WADO_100_NEG_20_an_accept_parameter_that_is_none_is_400(archive):
    assert get(archive, f"{image(wedge()).path}/rendered", JPEG, accept="nonsense").status_code == 400


@pytest.mark.parametrize(
    ("below", "accept", "given"),
    [
        pytest.param("rendered?viewport=256%2C256", JPEG, JPEG, id="OHIF-fetches"),
        pytest.param("rendered?accept=image/jpeg", IMG, JPEG, id="OHIF-img-element"),
        pytest.param("rendered?accept=image%2Fjpeg", OCTETS, JPEG, id="OHIF-with-a-header-for-bulk-data"),
        pytest.param("frames/1/rendered", PNG, PNG, id="dicomweb-client"),
        pytest.param("frames/1/rendered?viewport=128%2C128", f"{JPEG}, */*;q=0.1", JPEG, id="one-of-several"),
    ],
)
def test_WADO_100_viewers_get_the_one_image_that_they_ask_for(archive, below, accept, given):
    response = archive.get(f"{image(wedge()).path}/{below}", headers={"accept": accept})

    assert response["Content-Type"] == given
    assert seen(response).shape[1] == {"256": 256, "128": 128}.get(below.rpartition("%2C")[2], 64)


@pytest.mark.parametrize("charset", ["UTF-8", "utf-8", "ISO-8859-1", "no-such"])
def test_WADO_100_an_image_has_no_character_set_and_none_is_refused(archive, charset):
    response = get(archive, f"{image(wedge()).path}/rendered", PNG, charset=charset)

    assert (response.status_code, response["Content-Type"]) == (200, PNG)


def test_NEG_19_parameters_that_there_are_not_are_ignored(archive):
    response = get(archive, f"{image(wedge()).path}/rendered", PNG, frame="7", imageQuality="x", rows="0")

    assert np.array_equal(seen(response), wedge())


# -- what there is to see --------------------------------------------------------


def test_WADO_99_an_instance_without_anything_to_see_is_406(archive):
    file = stored(PixelData=None)

    for accept in (None, JPEG, related(JPEG), BROWSER):
        response = get(archive, f"{file.path}/rendered", accept)
        assert response.status_code == 406
        assert file.instance in problem(response)


def test_WADO_50_frames_of_what_has_no_frames_are_404(archive):
    """However it is shown as a whole."""
    for sop_class in ("1.2.840.10008.5.1.4.1.1.88.11", "1.2.840.10008.5.1.4.1.1.104.1"):
        file = stored(PixelData=None, SOPClassUID=sop_class)
        assert get(archive, f"{file.path}/frames/1/rendered").status_code == 404


def test_pixels_of_a_private_sop_class_are_shown(archive):
    file = image(wedge(), SOPClassUID=generate_uid())

    assert np.array_equal(seen(get(archive, f"{file.path}/rendered")), wedge())


def test_a_deflated_object_is_shown(archive):
    file = stored(instance(), transfer_syntax=DeflatedExplicitVRLittleEndian)

    assert seen(get(archive, f"{file.path}/rendered"))[0, 0] == 0
    assert seen(get(archive, f"{file.path}/frames/1/rendered"))[-1, -1] == 255


def test_P23_a_big_endian_object_looks_as_a_little_endian_one(archive):
    values = np.arange(64).reshape(8, 8) * 1000
    little = stored(PixelData=values.astype("<u2").tobytes())
    big = stored(instance(PixelData=values.astype(">u2").tobytes()), transfer_syntax=ExplicitVRBigEndian)

    pictures = [seen(get(archive, f"{file.path}/rendered")) for file in (little, big)]

    assert np.array_equal(*pictures)
    assert np.ptp(pictures[0]) == 255


def test_P21_masks_of_single_bits_are_black_and_white(archive):
    """Frames begin within bytes."""
    masks = [np.eye(5, dtype=np.uint8), np.fliplr(np.eye(5, dtype=np.uint8)), np.ones((5, 5), np.uint8)]
    packed = np.packbits(np.concatenate([mask.ravel() for mask in masks]), bitorder="little").tobytes()
    file = stored(NumberOfFrames=3, Rows=5, Columns=5, BitsAllocated=1, BitsStored=1, HighBit=0, PixelData=packed)

    for number, mask in enumerate(masks, 1):
        assert np.array_equal(seen(get(archive, f"{file.path}/frames/{number}/rendered")), mask * 255)


@pytest.mark.parametrize(("keyword", "kind"), [("FloatPixelData", "<f4"), ("DoubleFloatPixelData", "<f8")])
def test_P20_float_pixels_are_spread_over_all_shades(archive, keyword, kind):
    values = np.linspace(-0.5, 0.5, 256).reshape(16, 16).astype(kind)
    bits = {"BitsAllocated": 8 * values.itemsize, "BitsStored": None, "HighBit": None, "PixelRepresentation": None}
    file = stored(**{"PixelData": None, keyword: values.tobytes(), "Rows": 16, "Columns": 16} | bits)

    assert np.abs(seen(get(archive, f"{file.path}/rendered")).ravel().astype(int) - np.arange(256)).max() <= 1


def test_a_frame_that_ends_early_is_406_and_the_others_are_seen(archive):
    file = cine([10, 100, 200], PixelData=flat(10).tobytes() + flat(100).tobytes() + bytes(20))

    assert (seen(get(archive, f"{file.path}/frames/2/rendered")) == 100).all()
    assert get(archive, f"{file.path}/frames/3/rendered").status_code == 404


def test_a_corrupt_frame_is_406_and_the_others_are_seen(archive):
    file = compressed_cine([10, None, 200])

    assert (seen(get(archive, f"{file.path}/frames/1/rendered")) == 10).all()
    assert (seen(get(archive, f"{file.path}/frames/3/rendered")) == 200).all()
    for accept in (PNG, related(PNG)):
        response = get(archive, f"{file.path}/frames/2/rendered", accept)
        assert response.status_code == 406
        assert problem(response)


@pytest.mark.parametrize(
    "elements",
    [
        pytest.param({"PhotometricInterpretation": "HSV", "SamplesPerPixel": 3}, id="WADO-99-retired-colors"),
        pytest.param({"PhotometricInterpretation": "RGB"}, id="WADO-99-contradiction"),
    ],
)
def test_WADO_99_pixels_that_there_is_no_way_to_show_are_406(archive, elements):
    assert get(archive, f"{stored(**elements).path}/rendered").status_code == 406


# -- who gets none ---------------------------------------------------------------


def targets(path: str) -> list[str]:
    return [f"{path}/rendered", f"{path}/frames/1/rendered", f"{path}/thumbnail", f"{path}/frames/1/thumbnail"]


@pytest.mark.parametrize("path", targets(MISSING))
def test_WADO_17_what_is_not_there_is_404(archive, path):
    assert get(archive, path).status_code == 404


def test_WADO_18_an_instance_of_another_series_is_404(archive):
    one, other = image(wedge()), image(wedge())

    assert get(archive, f"{one.series_path}/instances/{other.instance}/rendered").status_code == 404


def test_WADO_19_what_was_deleted_is_410(archive, django_capture_on_commit_callbacks):
    file = image(wedge())
    tag = get(archive, f"{file.path}/rendered")["ETag"]
    with django_capture_on_commit_callbacks(execute=True):
        delete(file.study, file.series, file.instance)

    for path in targets(file.path):
        assert get(archive, path).status_code == 410
    assert get(archive, f"{file.path}/rendered", PNG, {"if-none-match": tag}).status_code == 410


def test_WADO_22_pixels_that_are_gone_are_503(archive):
    file = image(wedge())
    blobs().delete(Instance.objects.get().blob_key)

    for path in targets(file.path):
        assert get(archive, path, JPEG).status_code == 503


def test_WADO_23_seeing_needs_what_reading_needs(member, client_of):
    file = image(wedge())

    for path in targets(file.path):
        assert get(Client(), path, JPEG).status_code == 401
        assert get(client_of(member()), path, JPEG).status_code == 403
        assert get(client_of(member("viewers")), path, JPEG).status_code == 200


def test_OTH_10_other_methods_are_405(archive):
    for path in targets(image(wedge()).path):
        response = archive.post(path, b"x", content_type=JPEG)
        assert response.status_code == 405
        assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_OTH_17_no_patient_in_what_is_refused(archive):
    file = compressed_cine([None], PatientName="Doe^Jane", PatientID="ID-77", SOPClassUID=EnhancedCTImageStorage)

    for path in targets(file.path):
        response = get(archive, path, JPEG)
        assert response.status_code == 406
        assert not any(secret in response.getvalue() for secret in (b"Doe", b"Jane", b"ID-77"))


@pytest.mark.django_db(transaction=True)
def test_many_clients_at_once_see_the_same(archive):
    files = [image(wedge()), cine([10, 100])]
    paths = [f"{files[0].path}/rendered", f"{files[1].path}/frames/2/rendered"] * 8

    def body(path: str) -> bytes:
        try:
            return get(archive, path, JPEG).getvalue()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(body, paths))

    assert len(set(bodies)) == 2
    assert bodies == bodies[:2] * 8


def test_a_large_image_is_encoded_where_it_keeps_nobody_waiting(archive, monkeypatch):
    """Pillow holds the interpreter's lock while it chooses the colors of a GIF."""
    file = image(wedge(64, 32))
    here = get(archive, f"{file.path}/rendered", GIF).getvalue()
    made.clear()
    monkeypatch.setattr(pictures, "_LARGE", 1000)
    with patch.object(pictures.encoders, "encode") as encode:
        assert get(archive, f"{file.path}/rendered", GIF).getvalue() == here
    assert not encode.called


def test_what_says_too_much_of_itself_is_not_shown_and_its_frames_are_given(archive, monkeypatch):
    """Metadata take ten times their room while they are looked at, in the process that serves all others."""
    monkeypatch.setattr(metadata, "LARGEST", 100)
    file = compressed_cine([10, 60])
    assert get(archive, f"{file.path}/rendered", PNG).status_code == 406
    assert loose_parts(get(archive, f"{file.path}/frames/2", OCTETS))[0].payload == flat(60).tobytes()
