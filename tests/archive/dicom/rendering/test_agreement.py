"""Real files as we show them, against pydicom's pixel processing and DCMTK's dcmj2pnm."""

import shutil
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data.data_manager import DATA_ROOT
from pydicom.dataset import Dataset
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_windowing, pixel_array
from pydicom.uid import UID, JPEGLSLossless, JPEGLSNearLossless

from archive.dicom.images import codecs
from archive.dicom.rendering.voi_lut import VoiLutFunction, Window
from tests.archive.dicom.rendering.shown import difference, shown

JPEG_LS = (JPEGLSLossless, JPEGLSNearLossless)

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


def by_pydicom(name: str) -> np.ndarray:
    """The first frame in 8 bits: pydicom stops at the range of the modality, so that is spread here."""
    dataset = IMAGES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stored = pixel_array(FILES / name, index=0)
    if dataset.SamplesPerPixel == 3:
        return stored / ((1 << dataset.BitsStored) - 1) * 255
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        table = apply_color_lut(stored, dataset)
        return table / np.iinfo(table.dtype).max * 255
    values = apply_modality_lut(stored, dataset).astype(np.float64)
    if "WindowCenter" in dataset:
        far = float(np.abs(values).max()) + 1e6
        windowed = apply_windowing(np.append(values, (-far, far)), dataset)
        low, high = windowed[-2:]
        return ((windowed[:-2] - low) / (high - low)).reshape(values.shape) * 255
    low, high = (0, (1 << dataset.BitsStored) - 1) if dataset.BitsStored <= 8 else (values.min(), values.max())
    if padding := dataset.get("PixelPaddingValue"):
        low = values[stored != padding].min()
    return np.clip((values - low) / (high - low), 0, 1) * 255


def by_dcmtk(file: Path, *options: str) -> np.ndarray:
    tool = "dcml2pnm" if dcmread(file).file_meta.TransferSyntaxUID in JPEG_LS else "dcmj2pnm"
    program = shutil.which(tool)
    assert program, f"{tool} is not installed: this test needs the package dcmtk"
    run = subprocess.run([program, "--write-raw-pnm", *options, str(file)], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode(errors="replace")
    kind, size, most, samples = run.stdout.split(b"\n", 3)
    assert most == b"255"
    columns, rows = map(int, size.split())
    image = np.frombuffer(samples, np.uint8)
    return image.reshape((rows, columns, 3) if kind == b"P6" else (rows, columns))


def test_there_are_files_of_every_kind() -> None:
    colors = {dataset.PhotometricInterpretation for dataset in IMAGES.values()}
    assert len(IMAGES) >= 45
    assert colors >= {"MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "PALETTE COLOR"}


@pytest.mark.parametrize("name", sorted(IMAGES.keys() - NOT_BY_PYDICOM))
def test_WADO_86_a_file_is_shown_as_by_pydicom(name: str) -> None:
    assert difference(shown((FILES / name).read_bytes()), by_pydicom(name)) < 1


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
    ours = shown(file.read_bytes(), overlays=True)
    theirs = by_dcmtk(file, "+Wi", "1", "--display-overlay", "0")
    assert difference(ours, theirs) < 1
    assert not np.array_equal(ours, shown(file.read_bytes()))
