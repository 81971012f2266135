"""Frames as we decode and encode them against DCMTK, pydicom and the files' own uncompressed counterparts."""

import shutil
import subprocess
import warnings
from collections.abc import Iterator, Set
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import imagecodecs
import numpy as np
import orjson
import pytest
from pydicom import dcmread
from pydicom.data.data_manager import DATA_ROOT
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import UID

from archive.dicom.errors import MalformedPixelData
from archive.dicom.images import codecs
from archive.dicom.pixel_description import PixelDescription
from tests.archive.dicom.images.built import (
    GRAY_8,
    GRAY_12,
    HTJ2K,
    JPEG_2000,
    JPEG_LS,
    RGB,
    RLE,
    SIGNED_12,
    YBR_FULL,
    described,
    pixels_of,
    ramp,
)
from tests.builders import part10

FILES = Path(DATA_ROOT) / "test_files"
JPEG = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")

#: A marker that looks like the end of a sequence was written over the codestream's width.
DAMAGED = {"JPEG2000-embedded-sequence-delimiter.dcm"}
#: Its one fragment says to be longer than the file.
CUT = {"SC_rgb_jpeg.dcm"}


def compressed() -> Iterator[tuple[str, Dataset]]:
    for file in sorted(FILES.glob("*.dcm")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = dcmread(file, force=True)
        syntax = UID(dataset.file_meta.get("TransferSyntaxUID", ""))
        if "PixelData" in dataset and codecs.can_decode(syntax) and syntax.is_encapsulated:
            yield file.name, dataset


COMPRESSED = dict(compressed())


def description(dataset: Dataset) -> PixelDescription:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = dataset.to_json_dict(bulk_data_threshold=1, bulk_data_element_handler=lambda element: "elsewhere")
    return PixelDescription.of(orjson.loads(orjson.dumps(model)))


def our_frames(name: str) -> tuple[list[bytes], PixelDescription]:
    dataset = COMPRESSED[name]
    syntax, pixels = dataset.file_meta.TransferSyntaxUID, description(dataset)
    frames = generate_frames(dataset.PixelData, number_of_frames=int(dataset.get("NumberOfFrames") or 1))
    return [codecs.decode(frame, syntax, pixels) for frame in frames], codecs.decoded(pixels, syntax)


def by_dcmtk(tool: str, file: Path, *options: str) -> Dataset:
    program = shutil.which(tool)
    assert program, f"{tool} is not installed: this test needs the package dcmtk"
    out = file.with_suffix(".native")
    run = subprocess.run([program, *options, str(file), str(out)], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode(errors="replace")
    return dcmread(out)


def names(*syntaxes: str, without: Set[str] = frozenset()) -> list[str]:
    return [
        name
        for name, data in COMPRESSED.items()
        if data.file_meta.TransferSyntaxUID in syntaxes and name not in without
    ]


def native(dataset: Dataset) -> np.ndarray:
    pixels = description(dataset)
    frames = int(dataset.get("NumberOfFrames") or 1)
    length = pixels.frame_length
    values = [
        pixels_of(codecs.decode(dataset.PixelData[start : start + length], "1.2.840.10008.1.2.1", pixels), pixels)
        for start in range(0, frames * length, length)
    ]
    return np.stack(values)


# -- decoding --------------------------------------------------------------------


def test_there_are_files_of_every_kind() -> None:
    syntaxes = {str(dataset.file_meta.TransferSyntaxUID) for dataset in COMPRESSED.values()}
    assert len(COMPRESSED) >= 35
    assert {end.rpartition(".")[2] for end in syntaxes} >= {"50", "51", "70", "80", "81", "90", "91", "5"}


@pytest.mark.parametrize("name", names(*JPEG, without=CUT))
def test_P23_jpeg_agrees_with_dcmtk(name: str, tmp_path: Path) -> None:
    file = shutil.copy(FILES / name, tmp_path)
    theirs = by_dcmtk("dcmdjpeg", Path(file))
    ours, pixels = our_frames(name)
    assert theirs.PhotometricInterpretation == pixels.photometric_interpretation
    # Lossy or not: both libraries descend from one that computes in integers.
    assert np.array_equal(np.stack([pixels_of(frame, pixels) for frame in ours]), native(theirs))


@pytest.mark.parametrize(
    ("name", "tool"),
    [
        *((name, "dcmdjpls") for name in names(JPEG_LS, "1.2.840.10008.1.2.4.81")),
        *((name, "dcmdrle") for name in names(RLE)),
    ],
)
def test_jpeg_ls_and_rle_agree_with_dcmtk(name: str, tool: str, tmp_path: Path) -> None:
    file = shutil.copy(FILES / name, tmp_path)
    theirs = by_dcmtk(tool, Path(file))
    ours, pixels = our_frames(name)
    assert np.array_equal(np.stack([pixels_of(frame, pixels) for frame in ours]), native(theirs))


#: The same pixels, compressed without loss and not.
COUNTERPARTS = {
    "MR_small_RLE.dcm": "MR_small.dcm",
    "MR_small_jp2klossless.dcm": "MR_small.dcm",
    "MR_small_jpeg_ls_lossless.dcm": "MR_small.dcm",
    "rtdose_rle.dcm": "rtdose.dcm",
    "rtdose_rle_1frame.dcm": "rtdose_1frame.dcm",
}


@pytest.mark.parametrize("name", list(COUNTERPARTS))
def test_what_was_compressed_without_loss_is_what_it_was(name: str) -> None:
    theirs = dcmread(FILES / COUNTERPARTS[name])
    ours, pixels = our_frames(name)
    assert np.array_equal(np.stack([pixels_of(frame, pixels) for frame in ours]), native(theirs))


@pytest.mark.parametrize("name", names(JPEG_2000, "1.2.840.10008.1.2.4.91", without=DAMAGED | {"GDCMJ2K_TextGBR.dcm"}))
def test_jpeg_2000_agrees_with_pydicom(name: str) -> None:
    ours, pixels = our_frames(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = COMPRESSED[name].pixel_array
    assert np.array_equal(pixels_of(ours[0], pixels), theirs)


@pytest.mark.parametrize("name", sorted(DAMAGED))
def test_a_damaged_header_is_refused(name: str) -> None:
    with pytest.raises(MalformedPixelData, match="columns"):
        our_frames(name)


# -- encoding --------------------------------------------------------------------


def compressed_file(pixels: PixelDescription, transfer_syntax: str, folder: Path) -> Path:
    codestream = codecs.encode(ramp(pixels).tobytes(), transfer_syntax, pixels)
    after = codecs.encoded(pixels, transfer_syntax)
    dataset = described(after, NumberOfFrames=1, PixelData=encapsulate([codestream]))
    file = folder / "encoded.dcm"
    file.write_bytes(part10(dataset, transfer_syntax))
    return file


@pytest.mark.parametrize("pixels", [GRAY_8, GRAY_12, SIGNED_12, RGB, YBR_FULL])
@pytest.mark.parametrize(("transfer_syntax", "tool"), [(JPEG_LS, "dcmdjpls"), (RLE, "dcmdrle")])
def test_WADO_09_dcmtk_decodes_what_we_encode(
    transfer_syntax: str, tool: str, pixels: PixelDescription, tmp_path: Path
) -> None:
    theirs = by_dcmtk(tool, compressed_file(pixels, transfer_syntax, tmp_path))
    assert theirs.PhotometricInterpretation == pixels.photometric_interpretation
    assert np.array_equal(native(theirs)[0], ramp(pixels))


@pytest.mark.parametrize("side", [3, 24])
@pytest.mark.parametrize("interleave", ["none", "line", "sample"])
def test_jpeg_ls_in_color_decodes_however_it_is_interleaved(interleave: str, side: int, tmp_path: Path) -> None:
    pixels = replace(RGB, rows=side, columns=side)
    file = tmp_path / "native.dcm"
    file.write_bytes(part10(described(pixels, PixelData=ramp(pixels).tobytes() + b"\0" * (side % 2))))
    compressed = by_dcmtk("dcmcjpls", file, f"--interleave-{interleave}")
    (codestream,) = generate_frames(compressed.PixelData, number_of_frames=1)
    assert np.array_equal(pixels_of(codecs.decode(codestream, JPEG_LS, pixels), pixels), ramp(pixels))


@pytest.mark.parametrize("pixels", [GRAY_8, GRAY_12, SIGNED_12, RGB])
def test_WADO_09_pydicom_decodes_our_jpeg_2000(pixels: PixelDescription, tmp_path: Path) -> None:
    theirs = dcmread(BytesIO(compressed_file(pixels, JPEG_2000, tmp_path).read_bytes()))
    assert np.array_equal(theirs.pixel_array, ramp(pixels))


@pytest.mark.parametrize("pixels", [GRAY_8, GRAY_12, SIGNED_12, RGB])
def test_WADO_09_openjph_decodes_our_htj2k(pixels: PixelDescription) -> None:
    codestream = codecs.encode(ramp(pixels).tobytes(), HTJ2K, pixels)
    assert np.array_equal(imagecodecs.htj2k_decode(codestream), ramp(pixels))
