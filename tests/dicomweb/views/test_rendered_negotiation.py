"""Rendered instances and frames: media types (PS3.18 Sections 8.7.4 and 10.4.3.3.3)."""

import numpy as np
import pytest

from tests.dicomweb.answers import loose_parts
from tests.dicomweb.pictures import (
    BROWSER,
    GIF,
    IMG,
    JPEG,
    PNG,
    WEBP,
    get,
    image,
    opened,
    problem,
    related,
    seen,
    wedge,
)

pytestmark = pytest.mark.django_db

OCTETS = 'multipart/related; type="application/octet-stream"'


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
