"""Instances of several frames: animated, or one image for each frame (PS3.18 Sections 8.7.4 and 10.4.3.3.3)."""

import numpy as np
import pytest
from django.http import HttpResponse
from PIL import Image

from archive.dicom.errors import MalformedPixelData
from dicomweb import patience
from tests.dicomweb.answers import Part, loose_parts
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
)
from tests.storing import StoredFile, stored

pytestmark = pytest.mark.django_db

SHADES = [0, 60, 120, 250]


def frames_of(response: HttpResponse) -> list[tuple[int, float]]:
    """The shade in the middle of each frame of an animation, and for how long it is seen."""
    assert response["Content-Type"] == GIF
    animation = opened(response.getvalue())
    found = []
    for number in range(getattr(animation, "n_frames", 1)):
        animation.seek(number)
        shade = animation.convert("RGB").getpixel((animation.width // 2, animation.height // 2))
        assert isinstance(shade, tuple)
        found.append((shade[0], animation.info.get("duration", 0)))
    return found


def shades_of(found: list[Part]) -> list[int]:
    return [int(np.asarray(opened(part.payload).convert("L")).mean()) for part in found]


@pytest.mark.parametrize("accept", [None, "*/*", "image/*", GIF, IMG, "image/jpeg; q=0.9, image/gif; q=0.1"])
def test_WADO_83_several_frames_are_an_animation(archive, accept):
    """Without a default in the standard, for whoever takes it."""
    response = get(archive, f"{cine(SHADES).path}/rendered", accept)

    assert response.status_code == 200
    assert [shade for shade, _ in frames_of(response)] == SHADES


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (related(JPEG), JPEG),
        (related(PNG), PNG),
        (related(WEBP), WEBP),
        (related(GIF), GIF),
        (related("image/*"), JPEG),
        ("multipart/related", JPEG),
        (f"image/gif; q=0.1, {related(PNG)}", PNG),
        (f"{related(PNG)}, image/jpeg", PNG),
    ],
)
def test_WADO_83_several_frames_are_a_part_each_for_who_wants_parts(archive, accept, given):
    file = cine(SHADES)

    found = loose_parts(get(archive, f"{file.path}/rendered", accept))

    assert {part.content_type for part in found} == {given}
    assert shades_of(found) == pytest.approx(SHADES, abs=1)
    assert [part.location for part in found] == [
        f"http://testserver{file.path}/frames/{number}/rendered" for number in range(1, 5)
    ]


@pytest.mark.parametrize("accept", [JPEG, PNG, WEBP, "text/html", "video/mp4", "application/dicom"])
def test_WADO_83_several_frames_as_one_still_image_are_406(archive, accept):
    response = get(archive, f"{cine(SHADES).path}/rendered", accept)

    assert response.status_code == 406
    assert GIF in problem(response)
    assert related(JPEG) in problem(response)


def test_WADO_83_a_browser_is_shown_an_animation(archive):
    assert len(frames_of(get(archive, f"{cine(SHADES).path}/rendered", BROWSER))) == len(SHADES)


def test_WADO_83_a_single_frame_is_no_animation(archive):
    file = cine([70])

    assert get(archive, f"{file.path}/rendered", None)["Content-Type"] == JPEG
    assert frames_of(get(archive, f"{file.path}/rendered", GIF)) == [(70, 0)]


# -- frames of an instance -------------------------------------------------------


@pytest.mark.parametrize(("asked", "given"), [("1,3", [0, 120]), ("4,2,1", [250, 60, 0]), ("2%2C3", [60, 120])])
def test_WADO_44_frames_are_shown_in_the_order_asked_for(archive, asked, given):
    file = cine(SHADES)
    path = f"{file.path}/frames/{asked}/rendered"

    assert [shade for shade, _ in frames_of(get(archive, path, None))] == given
    found = loose_parts(get(archive, path, related(PNG)))
    assert shades_of(found) == given
    numbers = [SHADES.index(shade) + 1 for shade in given]
    assert [part.location for part in found] == [
        f"http://testserver{file.path}/frames/{number}/rendered" for number in numbers
    ]


def test_WADO_83_frames_together_are_no_still_image(archive):
    assert get(archive, f"{cine(SHADES).path}/frames/1,2/rendered", JPEG).status_code == 406


# -- times -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("elements", "milliseconds"),
    [
        pytest.param({}, [100] * 4, id="nothing-said"),
        pytest.param({"FrameTime": "40"}, [40] * 4, id="frame-time"),
        pytest.param({"FrameTime": "33.333333"}, [30, 40, 30, 30], id="hundredths-of-a-second-add-up"),
        pytest.param({"CineRate": "20"}, [50] * 4, id="cine-rate"),
        pytest.param({"FrameTime": "40", "RecommendedDisplayFrameRate": 5}, [200] * 4, id="display-rate-first"),
        pytest.param({"FrameTimeVector": ["0", "50", "100", "150"]}, [50, 100, 150, 150], id="vector"),
        pytest.param({"FrameTime": "0"}, [100] * 4, id="none-that-can-be"),
    ],
)
def test_WADO_83_frames_are_seen_for_as_long_as_the_instance_says(archive, elements, milliseconds):
    shown = frames_of(get(archive, f"{cine(SHADES, **elements).path}/rendered", GIF))

    assert [time for _, time in shown] == pytest.approx(milliseconds, abs=10)
    assert sum(time for _, time in shown) == pytest.approx(sum(milliseconds), abs=10)


# -- as it is asked for ----------------------------------------------------------


def test_WADO_89_an_animation_is_fitted_into_the_viewport(archive):
    file = image(flat(0, 8, 16), NumberOfFrames=2, PixelData=flat(10, 8, 16).tobytes() + flat(200, 8, 16).tobytes())

    response = get(archive, f"{file.path}/rendered", GIF, viewport="64,64")

    assert opened(response.getvalue()).size == (64, 32)


def test_WADO_88_a_window_is_for_every_frame(archive):
    response = get(archive, f"{cine(SHADES).path}/rendered", GIF, window="128,2,linear")

    assert [shade for shade, _ in frames_of(response)] == [0, 0, 0, 255]


def test_WADO_91_an_animation_is_flipped(archive):
    halves = np.hstack([flat(0, 8, 4), flat(255, 8, 4)])
    file = image(halves, NumberOfFrames=2, PixelData=halves.tobytes() * 2)

    response = get(archive, f"{file.path}/rendered", GIF, viewport="8,8,,,-8,8")

    first = np.asarray(opened(response.getvalue()).convert("L"))
    assert (first[0, 0], first[0, -1]) == (255, 0)


# -- frames that cannot be shown -------------------------------------------------


def test_a_corrupt_frame_is_left_out_of_the_others(archive):
    file = compressed_cine([None, 60, None, 250])

    assert [shade for shade, _ in frames_of(get(archive, f"{file.path}/rendered", GIF))] == [60, 250]
    found = loose_parts(get(archive, f"{file.path}/rendered", related(PNG)))
    assert shades_of(found) == [60, 250]
    assert [part.location.rpartition("/frames/")[2] for part in found] == ["2/rendered", "4/rendered"]


def test_WADO_99_frames_that_are_all_corrupt_are_406(archive):
    file = compressed_cine([None, None])

    for accept in (None, GIF, related(JPEG)):
        assert get(archive, f"{file.path}/rendered", accept).status_code == 406
    assert get(archive, f"{file.path}/frames/1,2/rendered", related(PNG)).status_code == 406


def test_when_too_much_time_is_lost_with_corrupt_frames_the_rest_is_not_tried(archive, monkeypatch):
    """Each may take as long as a decoder may, there can be thousands, and the client may be gone."""
    monkeypatch.setattr(patience, "MOST_SECONDS", 0)
    for shades in ([None, 60], [10, None, 60]):
        file, before = compressed_cine(shades), [shade for shade in shades[:1] if shade is not None]
        response = get(archive, f"{file.path}/rendered", GIF)
        assert ([shade for shade, _ in frames_of(response)] if before else []) == before
        assert response.status_code == (200 if before else 406)
        response = get(archive, f"{file.path}/rendered", related(PNG))
        if before:
            with pytest.raises(MalformedPixelData):
                response.getvalue()
        else:
            assert response.status_code == 406


def test_P23_frames_of_what_has_been_cut_short_are_those_that_are_there(archive):
    file: StoredFile = stored(
        NumberOfFrames=3, BitsAllocated=8, BitsStored=8, HighBit=7, PixelData=bytes(64) + b"\xff" * 64 + bytes(20)
    )

    assert [shade for shade, _ in frames_of(get(archive, f"{file.path}/rendered", GIF))] == [0, 255]


def test_an_animation_can_be_long(archive):
    shades = [number % 256 for number in range(300)]

    animation: Image.Image = opened(get(archive, f"{cine(shades).path}/rendered", GIF).getvalue())

    assert getattr(animation, "n_frames", 1) == 300
