"""WADO-URI: an instance as an image, by query parameters (PS3.18 Section 9.5)."""

from urllib.parse import urlencode

import numpy as np
import pytest
from django.http import HttpResponse
from django.test import Client
from pydicom.uid import EncapsulatedPDFStorage, generate_uid

from archive.services.delete import delete
from tests.builders import encapsulated
from tests.dicomweb.pictures import (
    BLUE,
    BROWSER,
    GIF,
    GRAY,
    GREEN,
    IMG,
    JPEG,
    PNG,
    RED,
    WEBP,
    cine,
    compressed_cine,
    get,
    image,
    opened,
    patches,
    problem,
    related,
    seen,
    size,
    wedge,
)
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db

PATHS = ["/dicom-web/", "/dicom-web", "/dicom-web/wado"]


def asked(file: StoredFile, path: str = "/dicom-web/wado", **parameters: str) -> str:
    named = {"requestType": "WADO", "studyUID": file.study, "seriesUID": file.series, "objectUID": file.instance}
    return f"{path}?{urlencode({name: value for name, value in (named | parameters).items() if value})}"


def rendered(archive: Client, file: StoredFile, accept: str | None = None, /, **parameters: str) -> HttpResponse:
    return get(archive, asked(file, **parameters), accept)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", [None, "*/*", "image/*", JPEG, IMG])
def test_OTH_13_without_a_media_type_it_is_a_jpeg(archive, path, accept):
    response = get(archive, asked(image(wedge()), path), accept)

    assert response["Content-Type"] == JPEG
    assert np.abs(seen(response).astype(int) - wedge()).mean() < 1


@pytest.mark.parametrize(
    ("content_type", "accept", "given"),
    [
        pytest.param(JPEG, PNG, JPEG, id="the-parameter-before-the-header"),
        pytest.param(PNG, None, PNG, id="png"),
        pytest.param(GIF, "*/*", GIF, id="gif"),
        pytest.param("image/tiff,image/webp", None, WEBP, id="what-there-is-of-a-list"),
        pytest.param("image/*", None, JPEG, id="a-range"),
        pytest.param("", PNG, PNG, id="the-header"),
        pytest.param("", BROWSER, WEBP, id="browser"),
    ],
)
def test_OTH_13_an_image_is_given_as_what_is_asked_for(archive, content_type, accept, given):
    response = rendered(archive, image(wedge()), accept, contentType=content_type)

    assert response["Content-Type"] == given
    assert seen(response).shape[:2] == wedge().shape


@pytest.mark.parametrize(
    "how", [{"contentType": "image/tiff"}, {"contentType": "text/html"}, {"accept": related(JPEG)}]
)
def test_NEG_07_an_image_in_another_type_is_406_and_says_what_there_is(archive, how):
    response = rendered(archive, image(wedge()), how.get("accept"), contentType=how.get("contentType", ""))

    assert response.status_code == 406
    assert JPEG in problem(response)
    assert "multipart" not in problem(response)


def test_OTH_13_other_parameters_are_those_of_the_service(archive):
    """Those of `/rendered` are none of them (NEG-19)."""
    response = rendered(archive, image(wedge()), PNG, viewport="x", window="y", quality="0")

    assert np.array_equal(seen(response), wedge())


# -- frames ----------------------------------------------------------------------


def test_OTH_16_a_frame_is_asked_for_by_its_number(archive):
    file = cine([10, 100, 200])

    shades = [int(seen(rendered(archive, file, PNG, frameNumber=str(number))).mean()) for number in (1, 2, 3)]

    assert shades == [10, 100, 200]


def test_OTH_13_the_first_frame_stands_for_an_instance_of_several(archive):
    file = cine([10, 100, 200])

    for accept in (None, "*/*", JPEG, IMG):
        assert seen(rendered(archive, file, accept)).mean() == pytest.approx(10, abs=1)
    assert getattr(opened(rendered(archive, file, GIF).getvalue()), "n_frames", 1) == 3


@pytest.mark.parametrize("number", ["0", "-1", "4", "1.5", "x", "", "1,2", "99999999999"])
def test_OTH_16_a_frame_number_that_is_none_is_400(archive, number):
    path = f"{asked(cine([10, 100, 200]))}&frameNumber={number}"

    assert get(archive, path, PNG).status_code == 400


def test_OTH_16_a_frame_number_of_a_single_frame_is_400(archive):
    for file in (image(wedge()), stored(PixelData=None, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11")):
        assert rendered(archive, file, None, frameNumber="1").status_code == 400


def test_a_corrupt_frame_is_406_and_the_others_are_seen(archive):
    file = compressed_cine([None, 100])

    assert rendered(archive, file, PNG, frameNumber="1").status_code == 406
    assert seen(rendered(archive, file, PNG, frameNumber="2")).mean() == 100


# -- size, region, window, quality -----------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, (64, 32)),
        ({"rows": "16"}, (32, 16)),
        ({"columns": "16"}, (16, 8)),
        ({"rows": "16", "columns": "16"}, (16, 8)),
        ({"rows": "100", "columns": "128"}, (128, 64)),
    ],
)
def test_OTH_16_an_image_has_the_rows_and_columns_asked_for(archive, parameters, expected):
    assert size(rendered(archive, image(wedge(64, 32)), PNG, **parameters)) == expected


@pytest.mark.parametrize(
    ("region", "corner"),
    [
        ("0,0,0.5,0.5", RED),
        ("0.5,0,1,0.5", GREEN),
        ("0,0.5,0.5,1", BLUE),
        ("0.5,0.5,1,1", GRAY),
        ("0.6,0.6,.9,9e-1", GRAY),
    ],
)
def test_OTH_16_a_region_is_a_part_of_the_image(archive, region, corner):
    found = seen(rendered(archive, image(patches()), PNG, region=region, rows="16", columns="16"))

    assert found.shape == (16, 16, 3)
    assert (found == corner).all()


@pytest.mark.parametrize(
    ("center", "width", "black", "white"), [("64", "2", 8, 24), ("128", "2", 24, 40), ("127.5", "255", 0, 63)]
)
def test_OTH_16_a_window_says_which_values_are_told_apart(archive, center, width, black, white):
    found = seen(rendered(archive, image(wedge()), PNG, windowCenter=center, windowWidth=width))[0]

    assert (found[black], found[white]) == (0, 255)


def test_OTH_16_an_image_is_smaller_for_less_quality(archive):
    noise = image(np.random.default_rng(1).integers(0, 256, (64, 64), np.uint8))

    lengths = [len(rendered(archive, noise, JPEG, imageQuality=quality).getvalue()) for quality in ("5", "50", "100")]

    assert lengths == sorted(set(lengths))


@pytest.mark.parametrize(
    "parameters",
    [
        {"rows": "0"},
        {"rows": "-1"},
        {"columns": "x"},
        {"columns": "1.5"},
        {"rows": "100000", "columns": "100000"},
        {"region": "0,0,1"},
        {"region": "0,0,1,1,1"},
        {"region": "0.5,0,0.5,1"},
        {"region": "0,0.6,1,0.5"},
        {"region": "-0.1,0,1,1"},
        {"region": "0,0,1,1.1"},
        {"region": "a,b,c,d"},
        {"windowCenter": "5"},
        {"windowWidth": "5"},
        {"windowCenter": "5", "windowWidth": "0"},
        {"windowCenter": "x", "windowWidth": "5"},
        {"imageQuality": "0"},
        {"imageQuality": "101"},
        {"imageQuality": "x"},
        {"imageAnnotation": "pa tient"},
        {"imageAnnotation": "patient", "annotation": "technique"},
        {"presentationUID": "1.2.3"},
        {"presentationSeriesUID": "1.2.3"},
        {"presentationUID": "x*", "presentationSeriesUID": "1.2.3"},
        {"presentationUID": "1.2", "presentationSeriesUID": "1.3", "windowCenter": "1", "windowWidth": "2"},
        {"presentationUID": "1.2", "presentationSeriesUID": "1.3", "region": "0,0,1,1"},
    ],
    ids=str,
)
def test_OTH_16_parameters_that_are_none_or_do_not_go_together_are_400_and_say_why(archive, parameters):
    response = rendered(archive, image(wedge()), PNG, **parameters)

    assert response.status_code == 400
    assert problem(response)


@pytest.mark.parametrize("name", ["rows", "frameNumber", "windowCenter", "imageQuality", "contentType", "studyUID"])
def test_OTH_16_a_parameter_twice_is_400(archive, name):
    path = f"{asked(cine([1, 2]))}&{name}=1&{name}=1"

    assert get(archive, path, PNG).status_code == 400


@pytest.mark.parametrize("name", ["imageAnnotation", "annotation"])
def test_OTH_16_an_annotation_is_written_on_the_image(archive, name):
    file = image(np.zeros((256, 256), np.uint8), PatientName="Doe^Jane")

    found = seen(rendered(archive, file, PNG, **{name: "patient"}))

    assert found[:128].any()
    assert not found[128:].any()
    assert not seen(rendered(archive, file, PNG)).any()


def test_OTH_16_annotations_that_are_not_supported_are_warned_of(archive):
    response = rendered(archive, image(wedge()), PNG, imageAnnotation="weather")

    assert response.status_code == 200
    assert "not supported: weather" in response["Warning"]


# -- what else there is to see ---------------------------------------------------


def test_OTH_13_a_document_and_a_video_are_given_as_stored(archive):
    pdf = stored(SOPClassUID=EncapsulatedPDFStorage, EncapsulatedDocument=b"%PDF-1.7", PixelData=None)
    video = stored(encapsulated([b"video" * 20], offset_table="none"), transfer_syntax="1.2.840.10008.1.2.4.102")

    for file, media_type, content in ((pdf, "application/pdf", b"%PDF-1.7"), (video, "video/mp4", b"video" * 20)):
        for accept in (None, "*/*", BROWSER, media_type):
            response = rendered(archive, file, accept)
            assert (response["Content-Type"], response.getvalue()) == (media_type, content)


def test_WADO_99_an_instance_without_anything_to_see_is_406(archive):
    for accept in (None, JPEG):
        assert rendered(archive, stored(PixelData=None), accept).status_code == 406


def test_OTH_14_the_same_instance_is_still_an_object_for_who_asks(archive):
    file = image(wedge())

    for accept, content_type in (("application/dicom", ""), (JPEG, "application/dicom")):
        response = rendered(archive, file, accept, contentType=content_type)
        assert response.getvalue() == file.content


def test_WADO_120_WADO_122_images_have_tags_and_heads(archive):
    file = cine([10, 100])
    paths = [asked(file, frameNumber="1"), asked(file, frameNumber="2"), asked(file, frameNumber="2", rows="4")]
    tags = [get(archive, path, JPEG)["ETag"] for path in paths]

    assert len(set(tags)) == 3
    for path, tag in zip(paths, tags, strict=True):
        assert get(archive, path, JPEG, {"if-none-match": tag}).status_code == 304
        head = archive.head(path, headers={"accept": JPEG})
        assert (head["ETag"], head["Content-Type"], head.getvalue()) == (tag, JPEG, b"")


# -- who gets none ---------------------------------------------------------------


@pytest.mark.parametrize("uid", ["studyUID", "seriesUID", "objectUID"])
def test_OTH_12_an_image_that_is_not_there_is_404(archive, uid):
    assert rendered(archive, image(wedge()), None, **{uid: generate_uid()}).status_code == 404


@pytest.mark.parametrize("uid", ["studyUID", "seriesUID", "objectUID", "requestType"])
def test_OTH_12_a_query_without_what_names_the_image_is_400(archive, uid):
    assert rendered(archive, image(wedge()), None, **{uid: ""}).status_code == 400


def test_OTH_12_an_image_that_was_deleted_is_410(archive, django_capture_on_commit_callbacks):
    file = image(wedge())
    with django_capture_on_commit_callbacks(execute=True):
        delete(file.study, file.series, file.instance)

    assert rendered(archive, file).status_code == 410


@pytest.mark.parametrize("path", PATHS)
def test_WADO_23_an_image_needs_what_reading_needs(member, client_of, path):
    file = image(wedge())

    assert get(Client(), asked(file, path), None).status_code == 401
    assert get(client_of(member()), asked(file, path), None).status_code == 403
    assert get(client_of(member("viewers")), asked(file, path), None).status_code == 200


def test_OTH_15_an_image_is_not_deidentified_and_says_so(archive):
    """What is burnt into pixels would still be there."""
    for value in ("yes", "maybe", "no"):
        assert rendered(archive, image(wedge()), None, anonymize=value).status_code == 400
