"""CT of the chest: CT Image IOD (PS3.3 Section A.3)."""

from collections.abc import Iterator

import numpy as np
from pydicom.uid import CTImageStorage

from archive.dicom.demo.data_sets import part10
from archive.dicom.demo.grids import Grid
from archive.dicom.demo.phantoms import chest
from archive.dicom.demo.phantoms.volume import blurred
from archive.dicom.demo.pixels import set_gray
from archive.dicom.demo.studies import Series, Study

RESCALE_INTERCEPT = -1024
_NOISE = 17


def grid(study: Study, *, cells: int = 512, slices: int = 62) -> Grid:
    """From below the diaphragm to the apices of the lungs."""
    slices = max(study.cells(slices), 3)
    return Grid(study.cells(cells), 380, slices, 248 / slices, -118)


def series(study: Study, number: int = 2, description: str = "Thorax axial 4 mm") -> Series:
    return Series(
        study=study,
        number=number,
        modality="CT",
        sop_class=CTImageStorage,
        description=description,
        body_part="CHEST",
        model="Spiral 64",
        in_frame_of_reference=True,
    )


def images(of: Series, grid: Grid, syntax: str, *, nodule_radius: float = chest.NODULE_RADIUS) -> Iterator[bytes]:
    """A slice after the other, from the lowest."""
    for number, x, y, z in grid.planes():
        values = chest.hounsfield(x, y, z, nodule_radius=nodule_radius)[0]
        grain = np.random.default_rng(number).normal(0, _NOISE, values.shape)
        noisy = values + blurred(grain, 0.6)
        image = of.instance(
            number,
            ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
            AcquisitionNumber="1",
            AcquisitionDate=f"{of.study.began:%Y%m%d}",
            AcquisitionTime=f"{of.study.began:%H%M%S}",
            PatientPosition="HFS",
            ScanOptions="HELICAL MODE",
            KVP="120",
            DataCollectionDiameter="500",
            ReconstructionDiameter=f"{grid.width:g}",
            ExposureTime="500",
            XRayTubeCurrent="210",
            Exposure="105",
            FilterType="BODY FILTER",
            GantryDetectorTilt="0",
            TableHeight="146",
            ConvolutionKernel="B40f",
            ContrastBolusAgent="Iodinated contrast 300 mg/ml",
            ContrastBolusRoute="IV",
            RescaleIntercept=str(RESCALE_INTERCEPT),
            RescaleSlope="1",
            RescaleType="HU",
            WindowCenter=["40", "-600"],
            WindowWidth=["400", "1500"],
            WindowCenterWidthExplanation=["Soft tissue", "Lung"],
            **grid.attributes(number),
        )
        stored = np.clip(noisy - RESCALE_INTERCEPT, 0, 4095).astype(np.uint16)
        set_gray(image, [stored], syntax, bits=12)
        yield part10(image, syntax)
