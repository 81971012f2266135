"""MR of the head: MR Image IOD (PS3.3 Section A.4), in two weightings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.uid import MRImageStorage

from archive.dicom.demo.data_sets import part10
from archive.dicom.demo.grids import Grid
from archive.dicom.demo.phantoms import head
from archive.dicom.demo.phantoms.volume import Values, blurred
from archive.dicom.demo.pixels import set_gray
from archive.dicom.demo.studies import Series, Study


@dataclass(frozen=True, slots=True)
class Weighting:
    description: str
    contrast: head.Contrast
    repetition_time: float
    echo_time: float
    window: tuple[int, int]
    noise: float


T1 = Weighting("T1 SE axial", head.T1, 520, 12, (360, 700), 14)
T2 = Weighting("T2 TSE axial", head.T2, 4200, 98, (470, 940), 16)


def grid(study: Study) -> Grid:
    """From the cerebellum to the top of the head."""
    slices = max(study.cells(28), 3)
    return Grid(study.cells(256), 230, slices, 148 / slices, -58)


def series(study: Study, number: int, weighting: Weighting) -> Series:
    return Series(
        study=study,
        number=number,
        modality="MR",
        sop_class=MRImageStorage,
        description=weighting.description,
        body_part="BRAIN",
        model="Field 1.5",
        in_frame_of_reference=True,
    )


def images(of: Series, grid: Grid, weighting: Weighting, syntax: str) -> Iterator[bytes]:
    """A slice after the other, from the lowest."""
    for number, x, y, z in grid.planes():
        pure = blurred(head.signal(x, y, z, weighting.contrast)[0], 0.7)
        image = of.instance(number, **_acquisition(of, weighting), **grid.attributes(number))
        set_gray(image, [_measured(pure, weighting.noise, number)], syntax, bits=12)
        yield part10(image, syntax)


def _measured(pure: Values, noise: float, seed: int) -> Any:
    """Magnitudes: noise in two channels, and a coil that sees more at the sides (Rice's distribution)."""
    random = np.random.default_rng(seed)
    across = np.linspace(-1, 1, pure.shape[1], dtype=np.float32)
    shaded = pure * (1 + 0.1 * across * across - 0.06 * across[:, None])
    real, imaginary = random.normal(0, noise, (2, *pure.shape))
    return np.clip(np.hypot(shaded + real, imaginary), 0, 4095).astype(np.uint16)


def _acquisition(of: Series, weighting: Weighting) -> dict[str, Any]:
    center, width = weighting.window
    return {
        "ImageType": ["ORIGINAL", "PRIMARY", "M", "SE"],
        "AcquisitionNumber": "1",
        "AcquisitionDate": f"{of.study.began:%Y%m%d}",
        "AcquisitionTime": f"{of.study.began:%H%M%S}",
        "PatientPosition": "HFS",
        "ScanningSequence": "SE",
        "SequenceVariant": "SK",
        "ScanOptions": "",
        "MRAcquisitionType": "2D",
        "RepetitionTime": f"{weighting.repetition_time:g}",
        "EchoTime": f"{weighting.echo_time:g}",
        "EchoTrainLength": "1" if weighting is T1 else "11",
        "NumberOfAverages": "1",
        "ImagingFrequency": "63.87",
        "ImagedNucleus": "1H",
        "MagneticFieldStrength": "1.5",
        "FlipAngle": "90",
        "ProtocolName": weighting.description,
        "WindowCenter": str(center),
        "WindowWidth": str(width),
    }
