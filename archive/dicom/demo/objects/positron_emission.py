"""FDG-PET of the chest: Positron Emission Tomography Image IOD (PS3.3 Section A.21), with what SUV takes.

SUVbw = Bq/ml * weight in g / dose in Bq at the start of the acquisition: the images are decay corrected to it (START).
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import PositronEmissionTomographyImageStorage

from archive.dicom.demo.data_sets import code, data_set, number, part10
from archive.dicom.demo.grids import Axis, Grid
from archive.dicom.demo.phantoms import chest
from archive.dicom.demo.phantoms.volume import Values, Volume, blurred
from archive.dicom.demo.pixels import set_gray
from archive.dicom.demo.studies import Series, Study

_DOSE, _HALF_LIFE, _UPTAKE = 3.1e8, 6586.2, timedelta(minutes=61)
_BLUR_MM = 3.0


def grid(study: Study) -> Grid:
    slices = max(study.cells(62), 3)
    return Grid(study.cells(128), 380, slices, 248 / slices, -118)


def series(study: Study, number: int = 3) -> Series:
    return Series(
        study=study,
        number=number,
        modality="PT",
        sop_class=PositronEmissionTomographyImageStorage,
        description="FDG attenuation corrected",
        body_part="CHEST",
        model="Positron 4",
        in_frame_of_reference=True,
    )


def images(of: Series, grid: Grid, syntax: str) -> Iterator[bytes]:
    decayed = _DOSE * 0.5 ** (_UPTAKE.total_seconds() / _HALF_LIFE)
    becquerels = decayed / (of.study.patient.weight * 1000)
    common = _acquisition(of, grid)
    for slice_number, x, y, z in grid.planes():
        activity = _measured(uptake(x, y, z)[0], grid.spacing, slice_number) * becquerels
        slope = float(activity.max()) / 32767 or 1.0
        image = of.instance(
            slice_number,
            **common,
            **grid.attributes(slice_number),
            ImageIndex=slice_number,
            RescaleIntercept="0",
            RescaleSlope=number(slope),
            WindowCenter=number(3 * becquerels),
            WindowWidth=number(6 * becquerels),
            DecayFactor="1",
        )
        set_gray(image, [(activity / slope).clip(0, 32767).astype(np.int16)], syntax)
        yield part10(image, syntax)


def uptake(x: Axis, y: Axis, z: Axis) -> Values:
    """Standardized uptake values of the chest phantom."""
    hounsfield = chest.hounsfield(x, y, z)
    tissue = np.select([hounsfield < -960, hounsfield < -400, hounsfield < -30], [0, 0.45, 0.3], 0.85)
    volume = Volume(x, y, z, tissue.astype(np.float32))
    left, back, up = volume.places
    volume.values[np.broadcast_to(back > 116, tissue.shape)] = 0  # the couch
    ventricle = chest.LEFT_VENTRICLE
    volume.ellipsoid(chest.HEART, chest.HEART_SEMI_AXES, 1.6, edge=3)
    volume.ellipsoid(ventricle, (33, 29, 41), 5.2, edge=3)
    volume.ellipsoid((ventricle[0] - 4, ventricle[1] - 2, ventricle[2] + 4), (22, 18, 32), 1.7, edge=3)
    volume.values[(hounsfield > 100) & (back > 40) & (np.abs(left) < 20)] = 1.7  # marrow
    volume.values[(hounsfield > 90) & (left < 30) & (up < -75) & (back < 45)] = 2.4  # liver
    volume.ellipsoid(chest.NODULE, (chest.NODULE_RADIUS * 1.15,) * 3, 11, edge=2)
    volume.ellipsoid((-14, 2, 44), (7, 6, 8), 5.5, edge=2)  # a lymph node
    return volume.values


def _measured(pure: Values, spacing: float, seed: int) -> NDArray[Any]:
    random = np.random.default_rng(seed)
    seen = blurred(pure, max(_BLUR_MM / spacing, 0.5))
    grain = blurred(random.normal(0, 0.5, seen.shape) * np.sqrt(seen + 0.02), 0.8)
    return np.asarray(np.clip(seen + grain, 0, None))


def _acquisition(of: Series, grid: Grid) -> dict[str, Any]:
    began, injected = of.study.began, of.study.began - _UPTAKE
    isotope = data_set(
        RadionuclideCodeSequence=[code(("77004003", "SCT", "^18^Fluorine"))],
        RadiopharmaceuticalRoute="Intravenous route",
        RadiopharmaceuticalStartTime=f"{injected:%H%M%S}",
        RadiopharmaceuticalStartDateTime=f"{injected:%Y%m%d%H%M%S}",
        RadionuclideTotalDose=number(_DOSE),
        RadionuclideHalfLife=str(_HALF_LIFE),
        RadionuclidePositronFraction="0.97",
        Radiopharmaceutical="Fluorodeoxyglucose F^18^",
        RadiopharmaceuticalCodeSequence=[code(("35321007", "SCT", "Fluorodeoxyglucose F^18^"))],
    )
    recumbent = code(("102538003", "SCT", "recumbent"))
    recumbent.PatientOrientationModifierCodeSequence = [code(("40199007", "SCT", "supine"))]
    return {
        "ImageType": ["ORIGINAL", "PRIMARY"],
        "AcquisitionDate": f"{began:%Y%m%d}",
        "AcquisitionTime": f"{began:%H%M%S}",
        "PatientOrientationCodeSequence": [recumbent],
        "PatientGantryRelationshipCodeSequence": [code(("102540001", "SCT", "headfirst"))],
        "RadiopharmaceuticalInformationSequence": [isotope],
        "SeriesType": ["WHOLE BODY", "IMAGE"],
        "Units": "BQML",
        "CountsSource": "EMISSION",
        "NumberOfSlices": grid.slices,
        "DecayCorrection": "START",
        "CorrectedImage": ["DECY", "ATTN", "SCAT", "DTIM", "RAN", "NORM"],
        "AttenuationCorrectionMethod": "CT",
        "ReconstructionMethod": "OSEM 3i24s",
        "CollimatorType": "NONE",
        "ActualFrameDuration": "120000",
        "FrameReferenceTime": "60000",
    }
