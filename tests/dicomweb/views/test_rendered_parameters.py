"""Rendered images as the query asks for them: window, viewport, quality and the like (PS3.18 Section 8.3.5)."""

from typing import Any

import numpy as np
import pytest

from tests.dicomweb.answers import loose_parts
from tests.dicomweb.pictures import (
    BLUE,
    GIF,
    GRAY,
    GREEN,
    JPEG,
    PATCHES,
    PNG,
    RED,
    WEBP,
    cine,
    get,
    image,
    means,
    opened,
    patches,
    refused,
    related,
    seen,
    size,
    wedge,
)
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db


def ramp(**elements: Any) -> StoredFile:
    """16 bits, from 0 to 4095 in 64 columns."""
    values = np.tile(np.linspace(0, 4095, 64).astype("<u2"), (8, 1))
    return stored(**{"Columns": 64, "PixelData": values.tobytes()} | elements)


# -- window ----------------------------------------------------------------------


@pytest.mark.parametrize("function", ["linear", "linear-exact", "sigmoid"])
def test_WADO_88_a_window_says_which_values_are_told_apart(archive, function):
    found = seen(get(archive, f"{ramp().path}/rendered", PNG, window=f"1024,512,{function}"))[0].astype(int)

    assert found[15] < 128 < found[16]
    assert found[0] < 5
    assert (found[32:] > 250).all()
    assert (np.diff(found) >= 0).all()


def test_WADO_88_functions_differ_where_the_standard_has_them_differ(archive):
    path = f"{ramp().path}/rendered"
    linear, exact, sigmoid = (
        seen(get(archive, path, PNG, window=f"2048,2048,{function}"))[0].astype(int)
        for function in ("linear", "linear-exact", "sigmoid")
    )

    assert np.abs(linear - exact).max() <= 1
    assert sigmoid[12] > 10 > linear[12] == 0


@pytest.mark.parametrize(
    "window",
    [
        "",
        "1",
        "1,2",
        "1,2,",
        "1,2,cubic",
        "1,2,LINEAR",
        "1,2,linear,3",
        "1,0,linear",
        "1,0.5,linear",
        "1,-5,sigmoid",
        "1,0,linear-exact",
        "x,2,linear",
        ",2,linear",
        "nan,2,linear",
        "inf,2,linear",
    ],
)
def test_WADO_88_a_window_without_its_three_parts_is_400(archive, window):
    assert refused(get(archive, f"{ramp().path}/rendered", PNG, window=window), "window")


def test_WADO_88_a_window_goes_before_that_of_the_image(archive):
    file = ramp(WindowCenter=100, WindowWidth=10)

    assert seen(get(archive, f"{file.path}/rendered", PNG))[0, 16] == 255
    assert seen(get(archive, f"{file.path}/rendered", PNG, window="2048,4096,linear"))[0, 16] < 80


def test_WADO_88_a_window_is_of_modality_values(archive):
    file = ramp(RescaleIntercept=-1000, RescaleSlope=1)

    found = seen(get(archive, f"{file.path}/rendered", PNG, window="0,100,linear"))[0]

    assert (found[14], found[17]) == (0, 255)


def test_WADO_88_a_window_does_nothing_to_colors(archive):
    path = f"{image(patches()).path}/rendered"

    assert np.array_equal(seen(get(archive, path, PNG, window="10,20,linear")), patches())


@pytest.mark.parametrize(
    ("elements", "darkest", "lightest"),
    [
        pytest.param({"WindowCenter": 2048, "WindowWidth": 1024}, 24, 40, id="window-of-the-image"),
        pytest.param({"WindowCenter": [1024, 50], "WindowWidth": [512, 10]}, 12, 20, id="the-first-of-several"),
        pytest.param({"WindowCenter": 2048, "WindowWidth": 0}, 1, 62, id="a-window-that-is-none"),
        pytest.param({}, 1, 62, id="from-least-to-greatest"),
    ],
)
def test_WADO_101_without_a_window_the_image_says_how_it_is_seen(archive, elements, darkest, lightest):
    found = seen(get(archive, f"{ramp(**elements).path}/rendered", PNG))[0]

    assert found[0] == 0
    assert found[63] == 255
    assert found[darkest] < 30
    assert found[lightest] > 225


# -- viewport --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("viewport", "expected"),
    [
        pytest.param("32,32", (32, 16), id="smaller"),
        pytest.param("128,128", (128, 64), id="larger"),
        pytest.param("1000,16", (32, 16), id="bounded-by-its-height"),
        pytest.param("16,1000", (16, 8), id="bounded-by-its-width"),
        pytest.param("64,32", (64, 32), id="its-own"),
        pytest.param("1,1", (1, 1), id="one-pixel"),
        pytest.param("256,256", (256, 128), id="OHIF"),
    ],
)
def test_WADO_89_an_image_is_fitted_into_the_viewport(archive, viewport, expected):
    for path in ("/rendered", "/frames/1/rendered"):
        assert size(get(archive, f"{image(wedge(64, 32)).path}{path}", JPEG, viewport=viewport)) == expected


def test_WADO_93_without_a_viewport_an_image_has_its_own_size(archive):
    for columns, rows in ((64, 32), (7, 5), (1, 1), (300, 2)):
        file = image(wedge(columns, rows), PixelAspectRatio=[2, 1])
        assert size(get(archive, f"{file.path}/rendered", PNG)) == (columns, rows)


@pytest.mark.parametrize(
    ("viewport", "corner"),
    [
        pytest.param("16,16,0,0,16,16", RED, id="WADO-90-all-six"),
        pytest.param("16,16,16,0,16,16", GREEN, id="top-right"),
        pytest.param("16,16,0,16,16,16", BLUE, id="bottom-left"),
        pytest.param("16,16,16,16", GRAY, id="WADO-90-to-the-right-and-bottom-edge"),
        pytest.param("16,16,,16,16", BLUE, id="WADO-90-left-out-between-commas"),
        pytest.param("16,16,16,,,16", GREEN, id="WADO-90-two-left-out"),
        pytest.param("16,16,,,16,16", RED, id="WADO-90-the-first-two-left-out"),
        pytest.param("16,16,20,20,8,8", GRAY, id="enlarged"),
        pytest.param("16,16,16,16,500,500", GRAY, id="beyond-the-edge"),
    ],
)
def test_WADO_90_a_region_is_cut_and_then_scaled(archive, viewport, corner):
    found = seen(get(archive, f"{image(patches()).path}/rendered", PNG, viewport=viewport))

    assert found.shape == (16, 16, 3)
    assert (found == corner).all()


@pytest.mark.parametrize(
    ("viewport", "order"),
    [
        pytest.param("32,32", (0, 1, 2, 3), id="as-it-is"),
        pytest.param("32,32,,,-32", (1, 0, 3, 2), id="WADO-91-horizontally"),
        pytest.param("32,32,,,,-32", (2, 3, 0, 1), id="WADO-91-vertically"),
        pytest.param("32,32,0,0,-32,-32", (3, 2, 1, 0), id="WADO-91-both"),
        pytest.param("64,64,0,0,-32,32", (1, 0, 3, 2), id="WADO-91-enlarged"),
    ],
)
def test_WADO_91_a_negative_side_flips(archive, viewport, order):
    found = seen(get(archive, f"{image(patches()).path}/rendered", PNG, viewport=viewport))

    assert [tuple(map(round, mean)) for mean in means(found)] == [PATCHES[place] for place in order]


@pytest.mark.parametrize(
    "viewport",
    [
        "",
        "16",
        ",",
        "16,",
        ",16",
        "0,16",
        "16,0",
        "-16,16",
        "1.5,16",
        "x,16",
        "16,16,0,0,0,16",
        "16,16,0,0,16,0",
        "16,16,0,0,16,16,1",
        "16,16,x",
        "16,16,32,0",
        "16,16,0,900,16,16",
        "16,16,-40,0,16,16",
        "16 16",
        "99999999999,1",
        "100000,100000",
    ],
)
def test_WADO_92_a_viewport_that_is_none_or_shows_nothing_is_400(archive, viewport):
    response = get(archive, f"{image(patches()).path}/rendered", PNG, viewport=viewport)

    assert response.status_code == 400
    assert response.json()["message"]


def test_WADO_89_every_picture_of_several_is_fitted(archive):
    response = get(archive, f"{cine([10, 200]).path}/rendered", related(PNG), viewport="4,4")

    assert [opened(part.payload).size for part in loose_parts(response)] == [(4, 4), (4, 4)]


def test_parameters_are_not_given_twice(archive):
    path = f"{image(wedge()).path}/rendered"

    for query in ("viewport=4,4&viewport=8,8", "quality=4&quality=5", "window=1,2,linear&window=1,2,linear"):
        assert archive.get(f"{path}?{query}", headers={"accept": JPEG}).status_code == 400


# -- quality ---------------------------------------------------------------------


@pytest.mark.parametrize("media_type", [JPEG, WEBP])
def test_WADO_94_a_lossy_image_is_larger_for_its_quality(archive, media_type):
    noise = np.random.default_rng(1).integers(0, 256, (64, 64), np.uint8)
    path = f"{image(noise).path}/rendered"

    lengths = [len(get(archive, path, media_type, quality=quality).getvalue()) for quality in ("1", "50", "100")]

    assert lengths == sorted(set(lengths))


@pytest.mark.parametrize("media_type", [PNG, GIF])
def test_WADO_94_lossless_images_have_no_less_of_it(archive, media_type):
    path = f"{image(wedge()).path}/rendered"

    assert get(archive, path, media_type, quality="1").getvalue() == get(archive, path, media_type).getvalue()


@pytest.mark.parametrize("quality", ["", "0", "101", "-1", "50.5", "5e1", "high", " 50"])
def test_WADO_94_a_quality_that_is_none_is_400(archive, quality):
    for media_type in (JPEG, PNG):
        assert refused(get(archive, f"{image(wedge()).path}/rendered", media_type, quality=quality), "quality")
