"""Presentation states as DCMTK's dcmp2pgm renders them: the pixels, without graphics and before the area is cut."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.data.data_manager import DATA_ROOT
from pydicom.dataset import Dataset

from tests.archive.dicom.rendering.presentation.states import (
    area,
    image,
    presented,
    presented_files,
    state_of,
)
from tests.archive.dicom.rendering.shown import item, lut
from tests.archive.dicom.rendering.test_overlay_planes import with_overlay
from tests.builders import part10

FILES = Path(DATA_ROOT) / "test_files"

#: Type 2 attributes, without which DCMTK reads no presentation state.
DESCRIBED = {
    **dict.fromkeys(("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"), ""),
    **dict.fromkeys(("AccessionNumber", "ReferringPhysicianName", "Manufacturer"), ""),
    "SeriesNumber": 1,
    "InstanceNumber": 1,
    "ContentLabel": "STATE",
    "PatientName": "STATE",
    "ContentDescription": "",
    "PresentationCreationDate": "20240131",
    "PresentationCreationTime": "1200",
    "ContentCreatorName": "",
}
HOUNSFIELD = {"RescaleIntercept": "-1024", "RescaleSlope": "1", "RescaleType": "HU"}
SOFT_TISSUE = {"SoftcopyVOILUTSequence": [item(WindowCenter="40", WindowWidth="400")]}
ROOT_CURVE = lut((np.sqrt(np.arange(4096)) * 1023).astype(np.uint16), -1024, 16)
SQUARE_CURVE = lut((np.linspace(0, 1, 4096) ** 2 * 4095).astype(np.uint16), 0, 12)

STATES: dict[str, dict[str, Any]] = {
    "identity": HOUNSFIELD,
    "window": HOUNSFIELD | SOFT_TISSUE,
    "inverse": HOUNSFIELD | SOFT_TISSUE | {"PresentationLUTShape": "INVERSE"},
    "VOI LUT": HOUNSFIELD | {"SoftcopyVOILUTSequence": [item(VOILUTSequence=[ROOT_CURVE])]},
    "Presentation LUT": HOUNSFIELD | SOFT_TISSUE | {"PresentationLUTSequence": [SQUARE_CURVE]},
    "Modality LUT": {
        "ModalityLUTSequence": [lut((np.arange(2000) * 30).astype(np.uint16), 0, 16, ModalityLUTType="US")],
        "SoftcopyVOILUTSequence": [item(WindowCenter="30000", WindowWidth="50000")],
    },
    **{
        f"rotation {rotation} flip {flip}": HOUNSFIELD
        | SOFT_TISSUE
        | {"ImageRotation": rotation, "ImageHorizontalFlip": flip}
        for rotation in (0, 90, 180, 270)
        for flip in ("N", "Y")
    },
}


def by_dcmtk(target: bytes, state: bytes, folder: Path) -> np.ndarray:
    program = shutil.which("dcmp2pgm")
    assert program, "dcmp2pgm is not installed: this test needs the package dcmtk"
    files = {name: folder / name for name in ("image.dcm", "state.dcm", "shown.pgm")}
    files["image.dcm"].write_bytes(target)
    files["state.dcm"].write_bytes(state)
    command = [program, "--pstate", files["state.dcm"], files["image.dcm"], files["shown.pgm"]]
    run = subprocess.run(command, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode(errors="replace")
    with Image.open(files["shown.pgm"]) as shown:
        return np.asarray(shown).astype(int)


def state_for(target: Dataset, **elements: Any) -> Dataset:
    whole = area((1, 1), (target.Columns, target.Rows))
    state = state_of(target, **DESCRIBED, DisplayedAreaSelectionSequence=[whole], **elements)
    if "PresentationLUTSequence" in state:
        del state.PresentationLUTShape
    return state


@pytest.mark.parametrize("color", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("name", STATES)
def test_an_image_is_presented_as_by_dcmtk(name: str, color: str, tmp_path: Path) -> None:
    target = dcmread(FILES / "CT_small.dcm")
    target.PhotometricInterpretation = color
    state = state_for(target, **STATES[name])
    theirs = by_dcmtk(part10(target), part10(state), tmp_path)
    assert np.abs(presented(target, state) - theirs).max() <= 1


def test_a_bitmap_covers_what_it_covers_for_dcmtk(tmp_path: Path) -> None:
    target = image(np.random.default_rng(1).integers(0, 256, (40, 60), np.uint8))
    state = state_for(target, ShutterShape="BITMAP", ShutterOverlayGroup=0x6000, ShutterPresentationValue=0x4000)
    for element in with_overlay(np.random.default_rng(2).integers(0, 2, (40, 60), np.uint8)).group_dataset(0x6000):
        state[element.tag] = element
    theirs = by_dcmtk(part10(target), part10(state), tmp_path)
    assert np.abs(presented(target, state) - theirs).max() <= 1


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "MR_small_bigendian.dcm"])
def test_a_presentation_state_that_dcmtk_has_made_is_rendered_as_by_dcmtk(name: str, tmp_path: Path) -> None:
    program, made = shutil.which("dcmpsmk"), tmp_path / "made.dcm"
    assert program, "dcmpsmk is not installed: this test needs the package dcmtk"
    subprocess.run([program, FILES / name, made], capture_output=True, check=True)
    target, state = (FILES / name).read_bytes(), made.read_bytes()
    assert np.abs(presented_files(target, state) - by_dcmtk(target, state, tmp_path)).max() <= 1
