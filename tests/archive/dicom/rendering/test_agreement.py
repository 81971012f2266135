"""Real files as we show them, against pydicom's pixel processing and DCMTK's dcmj2pnm."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data.data_manager import DATA_ROOT
from pydicom.dataset import Dataset
from pydicom.pixels import pixel_array
from pydicom.uid import UID

from archive.dicom.images import codecs
from archive.dicom.rendering.encoders import encode
from archive.dicom.rendering.voi_lut import VoiLutFunction, Window
from tests.archive.dicom.rendering.built import psnr, seen
from tests.archive.dicom.rendering.references import by_dcmtk, by_pydicom
from tests.archive.dicom.rendering.shown import difference, shown, shown_with_overlays

FILES = Path(DATA_ROOT) / "test_files"

#: Cut off, damaged, or without a Transfer Syntax UID; and what pydicom has no decoder for here.
NOT_WHOLE = {
    "MR_truncated.dcm", "SC_rgb_jpeg.dcm", "JPEG2000-embedded-sequence-delimiter.dcm", "meta_missing_tsyntax.dcm",
}  # fmt: skip
#: JPEG-LS, and JPEG of 12 bits or without loss: pydicom has no decoder for them here, DCMTK has; nor one for JPEG 2000
#: in a file format. And it takes no Number of Frames that is no number.
NOT_BY_PYDICOM = {
    "JPEG-lossy.dcm", "JPEGLSNearLossless_08.dcm", "JPEGLSNearLossless_16.dcm", "JPGExtended.dcm",
    "MR_small_jpeg_ls_lossless.dcm", "SC_rgb_jls_lossy_line.dcm", "SC_rgb_jls_lossy_sample.dcm",
    "SC_rgb_jpeg_gdcm.dcm", "badVR.dcm", "GDCMJ2K_TextGBR.dcm",
}  # fmt: skip


def images() -> dict[str, Dataset]:
    found = {}
    for file in sorted(FILES.glob("*.dcm")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = dcmread(file, force=True)
        syntax = UID(dataset.file_meta.get("TransferSyntaxUID", ""))
        if "PixelData" in dataset and "Rows" in dataset and codecs.can_decode(syntax) and not syntax.is_deflated:
            found[file.name] = dataset
    return found


IMAGES = {name: dataset for name, dataset in images().items() if name not in NOT_WHOLE}


def test_there_are_files_of_every_kind() -> None:
    colors = {dataset.PhotometricInterpretation for dataset in IMAGES.values()}
    assert len(IMAGES) >= 45
    assert colors >= {"MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "PALETTE COLOR"}


@pytest.mark.parametrize("name", sorted(IMAGES.keys() - NOT_BY_PYDICOM))
def test_WADO_86_a_file_is_shown_as_by_pydicom(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = by_pydicom(IMAGES[name], pixel_array(FILES / name, index=0))
    assert difference(shown((FILES / name).read_bytes()), theirs) < 1


#: With the file's own window, with none (pixels of eight bits, colors), and from the least to the greatest value.
BY_DCMTK = {
    "MR_small.dcm": ("+Wi", "1"),
    "MR_small_bigendian.dcm": ("+Wi", "1"),
    "MR_small_implicit.dcm": ("+Wi", "1"),
    "MR_small_RLE.dcm": ("+Wi", "1"),
    "examples_overlay.dcm": ("+Wi", "1", "--no-overlays"),
    "JPGExtended.dcm": ("+Wm",),
    "JPEG-lossy.dcm": ("+Wm",),
    "JPEGLSNearLossless_08.dcm": ("-W",),
    "JPEGLSNearLossless_16.dcm": ("+Wm",),
    "MR_small_jpeg_ls_lossless.dcm": ("+Wi", "1"),
    "SC_rgb_jls_lossy_line.dcm": (),
    "SC_rgb_jls_lossy_sample.dcm": (),
    "SC_rgb_jpeg_gdcm.dcm": (),
    "rtdose.dcm": ("+Wm",),
    "examples_palette.dcm": (),
    "examples_rgb_color.dcm": (),
    "ExplVR_BigEnd.dcm": (),
    "SC_rgb_small_odd.dcm": (),
    "SC_rgb_rle.dcm": (),
    "SC_rgb_rle_16bit.dcm": (),
    "SC_rgb_rle_32bit.dcm": (),
    "SC_rgb_dcmtk_+eb+cr.dcm": (),
    "SC_ybr_full_422_uncompressed.dcm": (),
    "SC_rgb_jpeg_dcmtk.dcm": (),
    "SC_rgb_dcmtk_+eb+cy+np.dcm": (),
    "examples_ybr_color.dcm": (),
}


@pytest.mark.parametrize("name", BY_DCMTK)
def test_WADO_86_a_file_is_shown_as_by_dcmtk(name: str) -> None:
    assert difference(shown((FILES / name).read_bytes()), by_dcmtk(FILES / name, *BY_DCMTK[name])) < 1


@pytest.mark.parametrize("function", [VoiLutFunction.LINEAR, VoiLutFunction.SIGMOID])
@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm"])
def test_a_window_that_is_asked_for_is_that_of_dcmtk(name: str, function: VoiLutFunction) -> None:
    options = ("--sigmoid-function",) if function is VoiLutFunction.SIGMOID else ()
    theirs = by_dcmtk(FILES / name, "+Ww", "400", "900", *options)
    ours = shown((FILES / name).read_bytes(), window=Window(400, 900, function))
    assert difference(ours, theirs) < 1


def test_an_overlay_is_burnt_in_as_by_dcmtk() -> None:
    file = FILES / "examples_overlay.dcm"
    ours = shown_with_overlays(file.read_bytes())
    theirs = by_dcmtk(file, "+Wi", "1", "--display-overlay", "0")
    assert difference(ours, theirs) < 1
    assert not np.array_equal(ours, shown(file.read_bytes()))


@pytest.mark.parametrize("name", IMAGES)
def test_WADO_80_a_jpeg_of_the_default_quality_is_near_to_the_picture(name: str) -> None:
    image = shown((FILES / name).read_bytes())
    assert psnr(seen(encode(image, "image/jpeg"), color=image.ndim > 2), image) > 40
