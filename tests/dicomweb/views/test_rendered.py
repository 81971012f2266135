"""Rendered instances and frames: what is seen (PS3.18 Sections 8.7.4 and 10.4.3.3.3)."""

import numpy as np
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, generate_uid

from tests.builders import instance
from tests.dicomweb.pictures import (
    BROWSER,
    GIF,
    JPEG,
    PNG,
    cine,
    compressed_cine,
    flat,
    get,
    image,
    problem,
    related,
    seen,
    wedge,
)
from tests.storing import stored

pytestmark = pytest.mark.django_db


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
