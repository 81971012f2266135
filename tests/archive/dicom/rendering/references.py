"""Pictures as others show them: pydicom's pixel processing, and DCMTK's dcmj2pnm."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi, apply_windowing
from pydicom.uid import JPEGLSLossless, JPEGLSNearLossless

from tests.archive.dicom.rendering.shown import Image

JPEG_LS = (JPEGLSLossless, JPEGLSNearLossless)


def by_pydicom(dataset: Dataset, stored: Image) -> Image:
    """Stored values, or RGB, in shades from 0 to 255: pydicom stops at the range of the modality."""
    if dataset.SamplesPerPixel == 3:
        return stored / ((1 << dataset.BitsStored) - 1) * 255
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        colors = apply_color_lut(stored, dataset)
        return colors / np.iinfo(colors.dtype).max * 255
    shades = _shades(dataset, stored, modality_values(dataset, stored))
    return (1 - shades if dataset.PhotometricInterpretation == "MONOCHROME1" else shades) * 255


def modality_values(dataset: Dataset, stored: Image) -> Image:
    """Integers have room for the difference of any two: pydicom makes do with that of the pixels."""
    roomy = stored.astype(np.int64) if stored.dtype.kind in "iu" else stored
    return apply_modality_lut(roomy, dataset).astype(np.float64)


def _shades(dataset: Dataset, stored: Image, values: Image) -> Image:
    """From 0 to 1."""
    if "VOILUTSequence" in dataset:
        bits = dataset.VOILUTSequence[0].LUTDescriptor[2]
        return apply_voi(np.rint(values).astype(np.int64), dataset) / ((1 << bits) - 1)
    if "WindowCenter" in dataset:
        far = float(np.abs(values).max()) * 4 + 1e6
        with np.errstate(over="ignore"):
            windowed = apply_windowing(np.append(values, (-far, far)), dataset).astype(np.float64)
        low, high = windowed[-2:]
        return ((windowed[:-2] - low) / (high - low)).reshape(values.shape)
    low, high = _range(dataset, stored, values)
    return np.clip((values - low) / (high - low), 0, 1)


def _range(dataset: Dataset, stored: Image, values: Image) -> tuple[float, float]:
    """What 8 bits can hold; of more, and of what comes out of tables, what there is besides padding."""
    if dataset.BitsStored > 8 or "ModalityLUTSequence" in dataset:
        visible = values[stored != dataset.PixelPaddingValue] if "PixelPaddingValue" in dataset else values
        return visible.min(), visible.max()
    ends = np.array((0, (1 << dataset.BitsStored) - 1)) - (dataset.PixelRepresentation << dataset.BitsStored - 1)
    low, high = sorted(modality_values(dataset, ends))
    return low, high


def by_dcmtk(file: Path, *options: str) -> Image:
    """The first frame, in the window that the options name."""
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
