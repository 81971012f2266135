"""Contours for a treatment plan: RT Structure Set IOD (PS3.3 Section A.19)."""

from collections.abc import Iterable, Iterator

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import RTStructureSetStorage

from archive.dicom.demo.data_sets import data_set, number, part10
from archive.dicom.demo.grids import Grid
from archive.dicom.demo.phantoms import chest
from archive.dicom.demo.phantoms.volume import Point
from archive.dicom.demo.studies import Series, Study

#: Name, interpreted type, color, center and semi-axes.
_REGIONS: tuple[tuple[str, str, tuple[int, int, int], Point, Point], ...] = (
    ("GTV", "GTV", (255, 60, 60), chest.NODULE, (chest.NODULE_RADIUS,) * 3),
    ("PTV", "PTV", (255, 190, 40), chest.NODULE, (chest.NODULE_RADIUS + 7,) * 3),
    ("Heart", "ORGAN", (80, 160, 255), chest.HEART, chest.HEART_SEMI_AXES),
)
_CORNERS = 48


def series(study: Study, number: int = 11) -> Series:
    return Series(
        study=study,
        number=number,
        modality="RTSTRUCT",
        sop_class=RTStructureSetStorage,
        description="Structures",
        model="Contour",
        in_frame_of_reference=True,
    )


def objects(of: Series, images: Series, grid: Grid) -> Iterator[bytes]:
    began = of.study.began
    numbered = list(enumerate(_REGIONS, 1))
    yield part10(
        of.instance(
            1,
            ContentDate=None,
            ContentTime=None,
            OperatorsName="",
            StructureSetLabel="LUNG",
            StructureSetName="Lung, right upper lobe",
            StructureSetDate=f"{began:%Y%m%d}",
            StructureSetTime=f"{began:%H%M%S}",
            ReferencedFrameOfReferenceSequence=[_frame_of_reference(images, grid)],
            StructureSetROISequence=[
                data_set(
                    ROINumber=str(place),
                    ReferencedFrameOfReferenceUID=of.study.frame_of_reference,
                    ROIName=name,
                    ROIGenerationAlgorithm="MANUAL",
                )
                for place, (name, *_) in numbered
            ],
            ROIContourSequence=[
                data_set(
                    ROIDisplayColor=[str(part) for part in color],
                    ReferencedROINumber=str(place),
                    ContourSequence=list(_contours(images, grid, center, semi_axes)),
                )
                for place, (_, _, color, center, semi_axes) in numbered
            ],
            RTROIObservationsSequence=[
                data_set(
                    ObservationNumber=str(place),
                    ReferencedROINumber=str(place),
                    RTROIInterpretedType=kind,
                    ROIInterpreter="Planner^Demo",
                )
                for place, (_, kind, *_) in numbered
            ],
            ApprovalStatus="UNAPPROVED",
        )
    )


def _frame_of_reference(images: Series, grid: Grid) -> Dataset:
    study = images.study
    contour_images = [images.reference(slice_number) for slice_number in grid.numbers()]
    of_series = data_set(SeriesInstanceUID=images.uid, ContourImageSequence=contour_images)
    # PS3.3 Section C.8.8.5: the Detached Study Management SOP class, which is retired, stands for the study.
    of_study = data_set(
        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1",
        ReferencedSOPInstanceUID=study.uid,
        RTReferencedSeriesSequence=[of_series],
    )
    return data_set(FrameOfReferenceUID=study.frame_of_reference, RTReferencedStudySequence=[of_study])


def _contours(images: Series, grid: Grid, center: Point, semi_axes: Point) -> Iterator[Dataset]:
    middle, high = center[2], semi_axes[2]
    nearest = min(grid.numbers(), key=lambda slice_number: abs(grid.height(slice_number) - middle))
    for slice_number in grid.numbers(middle - 0.98 * high, middle + 0.98 * high) or [nearest]:
        height = grid.height(slice_number)
        share = np.sqrt(max(1 - ((height - middle) / high) ** 2, 0.04))
        corners = _ellipse(center, semi_axes, share, height)
        yield data_set(
            ContourImageSequence=[images.reference(slice_number)],
            ContourGeometricType="CLOSED_PLANAR",
            NumberOfContourPoints=str(_CORNERS),
            ContourData=[number(coordinate) for corner in corners for coordinate in corner],
        )


def _ellipse(center: Point, semi_axes: Point, share: float, height: float) -> Iterable[Point]:
    for angle in np.arange(_CORNERS) * 2 * np.pi / _CORNERS:
        x, y = center[0] + share * semi_axes[0] * np.cos(angle), center[1] + share * semi_axes[1] * np.sin(angle)
        yield float(x), float(y), height
