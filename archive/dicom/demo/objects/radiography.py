"""A radiograph of the chest: X-rays through the phantom of the CT. Digital X-Ray Image IOD (PS3.3 Section A.26), and
Computed Radiography Image IOD (A.2) for the older one.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import ComputedRadiographyImageStorage, DigitalXRayImageStorageForPresentation

from archive.dicom.demo.data_sets import code, number, part10
from archive.dicom.demo.phantoms import chest
from archive.dicom.demo.phantoms.volume import Values, blurred
from archive.dicom.demo.pixels import set_gray
from archive.dicom.demo.studies import Series, Study

_WIDTH, _HIGHEST, _LOWEST = 352.0, 176.0, -176.0
_SAMPLES, _BAND = 72, 8
_MOST = 4095


def series(study: Study, number: int = 1, *, digital: bool = True) -> Series:
    return Series(
        study=study,
        number=number,
        modality="DX" if digital else "CR",
        sop_class=DigitalXRayImageStorageForPresentation if digital else ComputedRadiographyImageStorage,
        description="Chest PA",
        body_part="CHEST",
        model="Flat panel" if digital else "Storage phosphor",
    )


def images(of: Series, syntax: str, *, inverted: bool = False) -> Iterator[bytes]:
    """One image; `inverted`: as MONOCHROME1, where more is darker."""
    cells = of.study.cells(1024 if of.modality == "DX" else 768)
    shown = _projection(cells)
    attributes = _digital(cells) if of.modality == "DX" else _computed(cells)
    color = "MONOCHROME1" if inverted else "MONOCHROME2"
    image = of.instance(1, **attributes)
    if of.modality == "DX":
        image.PresentationLUTShape = "INVERSE" if inverted else "IDENTITY"
    set_gray(image, [_MOST - shown if inverted else shown], syntax, bits=12, photometric_interpretation=color)
    yield part10(image, syntax)


def _projection(cells: int) -> NDArray[np.uint16]:
    """What is absorbed along y, as a film shows it: compressed, and with more contrast of what is small."""
    x = ((np.arange(cells, dtype=np.float32) + 0.5) / cells - 0.5) * np.float32(_WIDTH)
    y = np.linspace(-116, 114, _SAMPLES, dtype=np.float32)
    heights = np.linspace(_LOWEST, _HIGHEST, max(cells // 2, 2), dtype=np.float32)
    bands = [heights[start : start + _BAND] for start in range(0, heights.size, _BAND)]
    absorbed = np.concatenate([_absorbed(chest.hounsfield(x[::2], y, band)) for band in bands])[::-1] * (230 / _SAMPLES)
    full = np.repeat(np.repeat(absorbed, 2, axis=0), 2, axis=1)[:cells, :cells]
    return _as_shown(blurred(full, max(1.1 * cells / 1024, 0.4)), cells)


def _absorbed(hounsfield: Values) -> Values:
    """Along y, in millimetres of water: bone absorbs more than its density says."""
    density = np.clip(hounsfield, -1000, 1500) / 1000 + 1
    return np.asarray(np.where(density > 1.1, density * 1.35 - 0.1, density).sum(axis=1))


def _as_shown(absorbed: Values, cells: int) -> NDArray[np.uint16]:
    coarse = blurred(absorbed[::4, ::4], max(cells / 110, 1.0))
    wide = blurred(np.repeat(np.repeat(coarse, 4, axis=0), 4, axis=1)[:cells, :cells], 2)
    shown = 1 - np.exp(-absorbed / 165) + (absorbed - wide) / 400
    grain = np.random.default_rng(1).normal(0, 0.005, shown.shape)
    level = np.clip((shown + grain - 0.1) / 0.88, 0, 1) * _MOST
    level[absorbed < 1] *= 0.2
    return level.astype(np.uint16)


def _digital(cells: int) -> dict[str, Any]:
    spacing = [number(_WIDTH / cells)] * 2
    return {
        "ImageType": ["DERIVED", "PRIMARY", ""],
        "AcquisitionNumber": "1",
        "PresentationIntentType": "FOR PRESENTATION",
        "ImageLaterality": "U",
        "PatientOrientation": ["L", "F"],
        "AnatomicRegionSequence": [code(("43799004", "SCT", "Chest"))],
        "ViewCodeSequence": [code(("399348003", "SCT", "postero-anterior"))],
        "ViewPosition": "PA",
        "ImagerPixelSpacing": spacing,
        "PixelSpacing": spacing,
        "PixelIntensityRelationship": "LOG",
        "PixelIntensityRelationshipSign": -1,
        "RescaleIntercept": "0",
        "RescaleSlope": "1",
        "RescaleType": "US",
        "LossyImageCompression": "00",
        "BurnedInAnnotation": "NO",
        "WindowCenter": "2048",
        "WindowWidth": "4096",
        "DetectorType": "DIRECT",
        "DetectorConfiguration": "AREA",
        "PositionerType": "",
        "KVP": "125",
        "ExposureInuAs": "2500",
        "DistanceSourceToDetector": "1800",
        "AcquisitionContextSequence": [],
        "DerivationDescription": "Calculated from a phantom",
    }


def _computed(cells: int) -> dict[str, Any]:
    return {
        "ImageType": ["DERIVED", "PRIMARY"],
        "PatientOrientation": ["L", "F"],
        "ViewPosition": "PA",
        "KVP": "110",
        "ImagerPixelSpacing": [number(_WIDTH / cells)] * 2,
        "WindowCenter": "2048",
        "WindowWidth": "4096",
        "AcquisitionNumber": "1",
    }
