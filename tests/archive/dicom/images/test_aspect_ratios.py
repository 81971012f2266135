"""STOW-26: Pixel Aspect Ratio as the bit stream states it."""

from collections.abc import Callable
from io import BytesIO
from struct import pack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from archive.dicom.images.aspect_ratios import pixel_aspect_ratio
from tests.archive.dicom.images.videos import box, mp4, mpeg2

MEDIA_TYPES = ["image/jpeg", "image/png", "image/gif", "image/jp2", "video/mpeg", "video/mp4", "application/pdf"]


def saved(form: str, **options: Any) -> bytes:
    file = BytesIO()
    Image.new("L", (8, 8)).save(file, form, **options)
    return file.getvalue()


def gif(aspect: int) -> bytes:
    data = bytearray(saved("GIF"))
    data[12] = aspect
    return bytes(data)


def jp2(down: int, across: int, *, exponents: tuple[int, int] = (0, 0), kind: str = "resc") -> bytes:
    resolution = pack(">HHHHbb", down, 1, across, 1, *exponents)
    return box("jP  ", b"\r\n\x87\n") + box("jp2h", box("ihdr", bytes(14)), box("res ", box(kind, resolution)))


@pytest.mark.parametrize(
    ("data", "media_type", "ratio"),
    [
        pytest.param(saved("JPEG", dpi=(200, 100)), "image/jpeg", (2, 1), id="twice as many pixels across"),
        pytest.param(saved("JPEG", dpi=(96, 96)), "image/jpeg", None, id="square JPEG"),
        pytest.param(saved("JPEG"), "image/jpeg", None, id="JPEG of the ratio 1 to 1"),
        pytest.param(saved("PNG", dpi=(100, 300)), "image/png", (1, 3), id="PNG"),
        pytest.param(saved("PNG"), "image/png", None, id="PNG that says nothing"),
        pytest.param(gif(0), "image/gif", None, id="GIF that says nothing"),
        pytest.param(gif(49), "image/gif", None, id="square GIF"),
        pytest.param(gif(17), "image/gif", (2, 1), id="GIF of tall pixels"),
        pytest.param(jp2(100, 300), "image/jp2", (3, 1), id="JP2 as captured"),
        pytest.param(jp2(100, 30, exponents=(0, 1), kind="resd"), "image/jpx", (3, 1), id="JP2 as displayed"),
        pytest.param(jp2(0, 30), "image/jp2", None, id="JP2 of no resolution"),
        pytest.param(jp2(1, 1, exponents=(-128, 127)), "image/jp2", None, id="JP2 of an absurd ratio"),
        pytest.param(mpeg2(576, 720, profile=4, level=8), "video/mpeg", None, id="MPEG-2 of square pixels"),
        pytest.param(mpeg2(576, 720, profile=4, level=8, aspect=2), "video/mpeg", (15, 16), id="PAL at 4:3"),
        pytest.param(mp4(576, 720, "avc1", profile=100, level=41, spacing=(16, 15)), "video/mp4", (15, 16), id="MP4"),
        pytest.param(mp4(576, 720, "hvc1", profile=1, level=93, spacing=(0, 0)), "video/mp4", None, id="no spacing"),
    ],
)
def test_STOW_26_the_height_of_a_pixel_for_its_width(data: bytes, media_type: str, ratio: tuple[int, int] | None):
    assert pixel_aspect_ratio(data, media_type) == ratio


@given(st.sampled_from(MEDIA_TYPES), st.binary(max_size=64), st.data())
def test_any_bytes_say_something_or_nothing(media_type: str, noise: bytes, data: st.DataObject):
    whole: Callable[[], bytes] = {
        "image/jpeg": lambda: saved("JPEG", dpi=(200, 100)),
        "image/png": lambda: saved("PNG", dpi=(200, 100)),
        "image/gif": lambda: gif(17),
        "image/jp2": lambda: jp2(100, 300),
        "video/mpeg": lambda: mpeg2(576, 720, profile=4, level=8, aspect=2),
        "video/mp4": lambda: mp4(576, 720, "avc1", profile=100, level=41, spacing=(16, 15)),
        "application/pdf": lambda: b"%PDF",
    }[media_type]
    content = whole()
    cut = data.draw(st.integers(0, len(content)))
    for damaged in (noise, content[:cut], content[:cut] + noise, content[:cut] + noise + content[cut + len(noise) :]):
        ratio = pixel_aspect_ratio(damaged, media_type)
        assert ratio is None or min(ratio) > 0
