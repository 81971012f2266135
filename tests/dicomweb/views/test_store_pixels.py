"""STOW-RS of pixel data in the media types of images and video: PS3.18 Sections 10.5.1.4 and 10.5.2."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import VideoPhotographicImageStorage, VLPhotographicImageStorage

from archive.dicom.metadata import received_pixels
from archive.dicom.pixel_description import PixelDescription
from tests.archive.dicom.images.built import GRAY_8, GRAY_12, RGB, ramp
from tests.archive.dicom.images.videos import mp4, mpeg2
from tests.builders import instance
from tests.dicomweb.answers import payloads, values
from tests.dicomweb.metadata_requests import DICOM_JSON, DICOM_XML, Bulk, metadata, post, reference, stored_dataset
from tests.dicomweb.stores import failed_items, stored_items
from tests.dicomweb.views.test_store_metadata import assert_nothing_is_visible, uid

pytestmark = pytest.mark.django_db

UID = "1.2.840.10008.1.2.4"
BASELINE, EXTENDED, LOSSLESS = f"{UID}.50", f"{UID}.51", f"{UID}.70"
NATIVE = "1.2.840.10008.1.2.1"
#: The Image Pixel Description, which a client may leave to the archive.
DESCRIPTION = (
    "Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated", "BitsStored", "HighBit",
    "PixelRepresentation",
)  # fmt: skip


def photo(**elements: Any) -> dict[str, Any]:
    """The metadata of a photograph that says nothing of its pixels."""
    nothing = dict.fromkeys((*DESCRIPTION, "PixelData"))
    dataset = instance(**(nothing | {"SOPClassUID": VLPhotographicImageStorage, "Modality": "XC"} | elements))
    return metadata(dataset, _7FE00010=reference("pixels", "OB"))


def described(dataset: Dataset) -> list[Any]:
    return [dataset[name].value for name in DESCRIPTION]


def description(pixels: PixelDescription) -> list[Any]:
    return [
        pixels.rows, pixels.columns, pixels.samples_per_pixel, pixels.photometric_interpretation, pixels.bits_allocated,
        pixels.bits_stored, pixels.high_bit, pixels.pixel_representation,
    ]  # fmt: skip


def jpeg(pixels: PixelDescription = RGB, **options: Any) -> bytes:
    file = BytesIO()
    Image.fromarray(ramp(pixels)).save(file, "JPEG", quality=95, **options)
    return file.getvalue()


def lossless_jpeg() -> bytes:
    return bytes(imagecodecs.ljpeg_encode(ramp(GRAY_12), bitspersample=12))


def jpeg_ls(level: int = 0) -> bytes:
    return bytes(imagecodecs.jpegls_encode(ramp(GRAY_12), level))


def jpeg_2000(codecformat: str = "J2K", **options: Any) -> bytes:
    options = {"reversible": True, "bitspersample": 12} | options
    return bytes(imagecodecs.jpeg2k_encode(ramp(GRAY_12), 0, codecformat=codecformat, **options))


def saved(kind: str, image: Image.Image, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


YBR_422 = replace(RGB, photometric_interpretation="YBR_FULL_422")


@pytest.mark.parametrize("root", [DICOM_JSON, DICOM_XML])
def test_STOW_21_STOW_26_a_photo_with_hardly_any_metadata_is_stored_as_it_is_and_shown(archive, root):
    """What `img2dcm` does: the JPEG of a camera is an image of the archive, of its size and colors."""
    content = jpeg()
    model = photo()

    module = post(archive, [model], Bulk("pixels", content, "image/jpeg"), root=root).json()

    dataset = stored_dataset(uid(model))
    assert dataset.file_meta.TransferSyntaxUID == BASELINE
    assert described(dataset) == description(YBR_422)
    assert (dataset.PlanarConfiguration, dataset.LossyImageCompression) == (0, "01")
    path = values(values(module, "00081199")[0], "00081190")[0].removeprefix("http://testserver")
    stored_form = {"accept": 'multipart/related; type="image/jpeg"; transfer-syntax=*'}
    (payload,) = payloads(archive.get(f"{path}/frames/1", headers=stored_form))
    assert payload.rstrip(b"\0") == content
    (native,) = payloads(archive.get(f"{path}/frames/1"))
    shown = np.frombuffer(native, "u1").reshape(ramp(RGB).shape).astype(int)
    assert np.abs(shown - ramp(RGB)).mean() < 3


@pytest.mark.parametrize(
    ("content", "media_type", "syntax"),
    [
        pytest.param(jpeg, "image/jpeg", BASELINE, id="baseline-says-so-itself"),
        pytest.param(jpeg, f"image/jpeg; transfer-syntax={BASELINE}", BASELINE, id="named"),
        pytest.param(jpeg, f"image/jpeg; transfer-syntax={EXTENDED}", EXTENDED, id="extended-may-hold-baseline"),
        pytest.param(jpeg, "image/jpg", BASELINE, id="another-name"),
        pytest.param(jpeg, f"application/octet-stream; transfer-syntax={BASELINE}", BASELINE, id="P08-as-octets"),
        pytest.param(lossless_jpeg, "image/jpeg", f"{UID}.57", id="lossless"),
        pytest.param(jpeg_ls, "image/jls", f"{UID}.80", id="jpeg-ls"),
        pytest.param(jpeg_ls, "image/x-jls", f"{UID}.80", id="MT-03-jpeg-ls"),
        pytest.param(lambda: jpeg_ls(2), "image/jls", f"{UID}.81", id="near-lossless"),
        pytest.param(
            jpeg_ls, f"image/jls; transfer-syntax={UID}.81", f"{UID}.81", id="near-lossless-may-hold-lossless"
        ),
        pytest.param(jpeg_2000, "image/jp2", f"{UID}.90", id="jpeg-2000"),
        pytest.param(jpeg_2000, f"image/jp2; transfer-syntax={UID}.91", f"{UID}.91", id="jpeg-2000-named"),
    ],
)
def test_STOW_25_the_transfer_syntax_is_the_one_named_or_shown(
    archive, content: Callable[[], bytes], media_type, syntax
):
    model = photo()

    assert post(archive, [model], Bulk("pixels", content(), media_type)).status_code == 200
    dataset = stored_dataset(uid(model))
    assert dataset.file_meta.TransferSyntaxUID == syntax
    is_lossy = content is jpeg or (media_type == "image/jls" and syntax == f"{UID}.81")
    assert dataset.get("LossyImageCompression") == ("01" if is_lossy else None)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        pytest.param(b"no image", "image/jpeg", id="no-image"),
        pytest.param(jpeg()[:20], "image/jpeg", id="cut-off"),
        pytest.param(jpeg(), f"image/jpeg; transfer-syntax={LOSSLESS}", id="another-process"),
        pytest.param(jpeg(), f"image/jpeg; transfer-syntax={UID}.90", id="of-another-media-type"),
        pytest.param(jpeg(), "image/jpeg; transfer-syntax=1.2.3", id="of-none"),
        pytest.param(jpeg(), "image/jls", id="not-jpeg-ls"),
        pytest.param(jpeg(), "image/tiff", id="a-type-of-no-transfer-syntax"),
        pytest.param(jpeg_ls(1), f"image/jls; transfer-syntax={UID}.80", id="lossy-as-lossless"),
        pytest.param(b"rle", "image/dicom-rle", id="rle-of-no-size"),
        pytest.param(b"no image", "image/png", id="no-png"),
        pytest.param(b"no video", "video/mp4", id="video-of-no-size"),
    ],
)
def test_STOW_27_pixel_data_that_are_not_what_they_are_called_are_415_and_nothing_is_stored(
    archive, content, media_type
):
    response = post(archive, [metadata(instance(PixelData=None)), photo()], Bulk("pixels", content, media_type))

    assert response.status_code == 415
    assert response.json()["message"]
    assert_nothing_is_visible(archive)


@pytest.mark.parametrize(
    "locations", [["pixels"] * 3, [f"pixels/frames/{n}" for n in (2, 1, 3)]], ids=["same", "frames"]
)
def test_STOW_22_each_frame_is_a_part_in_order(archive, locations):
    frames = [jpeg(GRAY_8, restart_marker_blocks=n) for n in (1, 2, 3)]
    order = [1, 0, 2] if locations[0] != "pixels" else [0, 1, 2]
    model = photo()
    parts = [Bulk(location, frames[n], "image/jpeg") for location, n in zip(locations, order, strict=True)]

    module = post(archive, [model], *parts).json()

    assert stored_dataset(uid(model)).NumberOfFrames == 3
    path = values(values(module, "00081199")[0], "00081190")[0].removeprefix("http://testserver")
    stored_form = {"accept": 'multipart/related; type="image/jpeg"; transfer-syntax=*'}
    answered = payloads(archive.get(f"{path}/frames/1,2,3", headers=stored_form))
    assert [payload.rstrip(b"\0") for payload in answered] == frames


def test_STOW_22_fewer_frames_than_promised_are_stored_with_a_warning(archive):
    response = post(archive, [photo(NumberOfFrames=3)], *[Bulk("pixels", jpeg(), "image/jpeg")] * 2)

    assert response.status_code == 202
    assert values(values(response.json(), "00081199")[0], "00081196") == [0xB007]


def test_frames_of_different_types_are_400(archive):
    parts = [Bulk("pixels", jpeg(), "image/jpeg"), Bulk("pixels", jpeg_2000(), "image/jp2")]

    assert post(archive, [photo()], *parts).status_code == 400
    assert_nothing_is_visible(archive)


@pytest.mark.parametrize(
    ("content", "kind", "syntax", "rows"),
    [
        (mp4(480, 640, "avc1", profile=100, level=41), "video/mp4", f"{UID}.102", 480),
        (mpeg2(480, 640, profile=4, level=8), "video/mpeg", f"{UID}.100", 480),
        (mpeg2(480, 640, profile=4, level=8), "video/mpeg2", f"{UID}.100", 480),
        (mp4(480, 640, "hvc1", profile=1, level=153), "video/H265", f"{UID}.107", 480),
    ],
)
def test_STOW_23_a_video_is_one_part_with_all_frames(archive, content, kind, syntax, rows):
    model = photo(SOPClassUID=VideoPhotographicImageStorage, NumberOfFrames=250)

    assert post(archive, [model], Bulk("pixels", content, kind)).status_code == 200
    dataset = stored_dataset(uid(model))
    assert dataset.file_meta.TransferSyntaxUID == syntax
    assert (dataset.Rows, dataset.NumberOfFrames, dataset.LossyImageCompression) == (rows, 250, "01")


def test_STOW_23_a_video_that_does_not_say_what_it_is_is_described_by_its_metadata(archive):
    size = {"Rows": 480, "Columns": 640, "BitsAllocated": 8, "SamplesPerPixel": 3}
    model = photo(SOPClassUID=VideoPhotographicImageStorage, NumberOfFrames=250, **size)
    named = f"video/mp4; transfer-syntax={UID}.102"

    assert post(archive, [model], Bulk("pixels", bytes(100), named)).status_code == 200
    assert stored_dataset(uid(model)).file_meta.TransferSyntaxUID == f"{UID}.102"


def test_STOW_23_a_video_in_several_parts_is_415(archive):
    content = mp4(480, 640, "avc1", profile=100, level=41)

    assert post(archive, [photo()], *[Bulk("pixels", content, "video/mp4")] * 2).status_code == 415


PALETTE = Image.fromarray(ramp(GRAY_8)).convert("P")


@pytest.mark.parametrize(
    ("content", "kind", "pixels", "native"),
    [
        pytest.param(saved("PNG", Image.fromarray(ramp(RGB))), "image/png", RGB, ramp(RGB).tobytes(), id="png"),
        pytest.param(
            saved("PNG", Image.fromarray(ramp(RGB)).convert("RGBA")), "image/png", RGB, ramp(RGB).tobytes(), id="alpha"
        ),
        pytest.param(saved("PNG", PALETTE), "image/png", RGB, np.array(PALETTE.convert("RGB")).tobytes(), id="palette"),
        pytest.param(
            saved("PNG", Image.fromarray(ramp(GRAY_8))), "image/png", GRAY_8, ramp(GRAY_8).tobytes(), id="gray"
        ),
    ],
)
def test_STOW_26_png_becomes_native_pixel_data(archive, content, kind, pixels, native):
    model = photo()

    assert post(archive, [model], Bulk("pixels", content, kind)).status_code == 200
    dataset = stored_dataset(uid(model))
    assert dataset.file_meta.TransferSyntaxUID == NATIVE
    assert described(dataset) == description(pixels)
    assert dataset.PixelData == native


@pytest.mark.parametrize(
    ("stated", "expected"),
    [({}, [2, 1]), ({"PixelSpacing": [1, 1]}, None), ({"PixelAspectRatio": [4, 3]}, [4, 3])],
    ids=["derived", "spacing", "stated"],
)
def test_STOW_26_the_aspect_ratio_of_pixels_that_are_not_square(archive, stated, expected):
    """Where the metadata say nothing of the size of a pixel."""
    content = saved("JPEG", Image.fromarray(ramp(RGB)), dpi=(144, 72))
    model = photo(**stated)

    assert post(archive, [model], Bulk("pixels", content, "image/jpeg")).status_code == 200
    assert stored_dataset(uid(model)).get("PixelAspectRatio") == expected


def test_STOW_26_an_animated_gif_becomes_a_multi_frame_image(archive):
    images = [Image.fromarray(np.roll(ramp(GRAY_8), shift, 0)) for shift in (0, 5, 9)]
    content = saved("GIF", images[0], save_all=True, append_images=images[1:])
    model = photo()

    assert post(archive, [model], Bulk("pixels", content, "image/gif")).status_code == 200
    dataset = stored_dataset(uid(model))
    assert (dataset.NumberOfFrames, dataset.PhotometricInterpretation) == (3, "RGB")
    assert dataset.pixel_array.shape == (3, *ramp(RGB).shape)


def test_STOW_42_the_palette_of_pixels_that_have_none_any_more_is_discarded_with_a_warning(archive):
    content = saved("PNG", PALETTE)
    model = photo(PhotometricInterpretation="PALETTE COLOR", RedPaletteColorLookupTableDescriptor=[256, 0, 8])

    response = post(archive, [model], Bulk("pixels", content, "image/png"))

    assert response.status_code == 202
    assert values(values(response.json(), "00081199")[0], "00081196") == [0xB006]
    assert stored_dataset(uid(model)).PhotometricInterpretation == "RGB"
    assert "RedPaletteColorLookupTableDescriptor" not in stored_dataset(uid(model))


def test_png_images_of_different_sizes_are_no_frames_of_one_image(archive):
    small = saved("PNG", Image.fromarray(ramp(GRAY_8)[:5]))
    parts = [
        Bulk("pixels", saved("PNG", Image.fromarray(ramp(GRAY_8))), "image/png"),
        Bulk("pixels", small, "image/png"),
    ]

    assert post(archive, [photo()], *parts).status_code == 415


def test_jpeg_2000_leaves_its_file_format_behind(archive):
    model = photo()

    assert post(archive, [model], Bulk("pixels", jpeg_2000("JP2"), "image/jp2")).status_code == 200
    assert b"\xff\x4f\xff\x51" in stored_dataset(uid(model)).PixelData[:32]
    assert b"jP  " not in stored_dataset(uid(model)).PixelData


@pytest.mark.parametrize(("content", "kind"), [(saved("PNG", PALETTE), "image/png"), (jpeg_2000("JP2"), "image/jp2")])
def test_an_image_that_is_too_long_to_work_on_is_415(archive, monkeypatch, content, kind):
    monkeypatch.setattr(received_pixels, "LONGEST_IMAGE", 100)

    assert post(archive, [photo()], Bulk("pixels", content, kind)).status_code == 415
    assert_nothing_is_visible(archive)


@pytest.mark.parametrize("keyword", ["Rows", "Columns", "SamplesPerPixel"])
def test_an_image_of_another_size_than_its_metadata_say_is_refused(archive, keyword):
    good, bad = photo(), photo(**{keyword: 2})

    response = post(archive, [good, bad], Bulk("pixels", jpeg(), "image/jpeg"))

    assert response.status_code == 202
    assert stored_items(response) == [uid(good)]
    assert failed_items(response) == {uid(bad): 0xC000}


def test_attributes_that_are_there_are_not_derived(archive):
    model = photo(PhotometricInterpretation="RGB", BitsStored=8)

    assert post(archive, [model], Bulk("pixels", jpeg(), "image/jpeg")).status_code == 200
    assert stored_dataset(uid(model)).PhotometricInterpretation == "RGB"


def test_offset_tables_of_another_encoding_are_left_behind(archive):
    model = photo(ExtendedOffsetTable=bytes(8), ExtendedOffsetTableLengths=bytes(8))

    assert post(archive, [model], Bulk("pixels", jpeg(), "image/jpeg")).status_code == 200
    assert "ExtendedOffsetTable" not in stored_dataset(uid(model))


def test_rle_is_kept_with_the_description_of_its_metadata(archive):
    frame = bytes([1, 0, 0, 0, 64]) + bytes(59) + b"\xc1\x00"
    size = {"Rows": 8, "Columns": 8, "BitsAllocated": 8, "SamplesPerPixel": 1}
    model = photo(**size)

    assert post(archive, [model], Bulk("pixels", frame, "image/dicom-rle")).status_code == 200
    dataset = stored_dataset(uid(model))
    assert dataset.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.5"
    assert (dataset.PhotometricInterpretation, dataset.BitsStored) == ("MONOCHROME2", 8)


def test_one_image_serves_several_instances(archive):
    models = [photo(), photo()]

    assert post(archive, models, Bulk("pixels", jpeg(), "image/jpeg")).status_code == 200
    first, second = (stored_dataset(uid(model)) for model in models)
    assert first.PixelData == second.PixelData
