"""The nodule of a CT as a mask: Segmentation IOD (PS3.3 Section A.51)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import SegmentationStorage

from archive.dicom.demo.data_sets import Concept, code, data_set, number, part10
from archive.dicom.demo.grids import AXIAL, Grid
from archive.dicom.demo.identifiers import DEVICES, TRACKS, uid
from archive.dicom.demo.phantoms import chest
from archive.dicom.demo.pixels import set_mask
from archive.dicom.demo.studies import Series, Study

LUNG: Concept = ("39607008", "SCT", "Lung")
NODULE: Concept = ("27925004", "SCT", "Nodule")
MORPHOLOGY: Concept = ("49755003", "SCT", "Morphologically Altered Structure")
_REDDISH = (40000, 52000, 46000)


def tracking_uid(study: Study) -> str:
    """Of the nodule, wherever it is spoken of (PS3.3 Section C.8.20.2)."""
    return uid(TRACKS, study.number, 1)


def series(study: Study, number: int = 10) -> Series:
    return Series(
        study=study,
        number=number,
        modality="SEG",
        sop_class=SegmentationStorage,
        description="Nodule, right upper lobe",
        body_part="CHEST",
        model="Segmenter",
        in_frame_of_reference=True,
    )


def slices(grid: Grid) -> list[int]:
    """The slices that the nodule is in: at least the one next to its middle."""
    middle = chest.NODULE[2]
    nearest = min(grid.numbers(), key=lambda slice_number: abs(grid.height(slice_number) - middle))
    return grid.numbers(middle - chest.NODULE_RADIUS, middle + chest.NODULE_RADIUS) or [nearest]


def objects(of: Series, images: Series, grid: Grid) -> Iterator[bytes]:
    """One object with a frame for each slice that has some of the nodule."""
    numbers = slices(grid)
    organization = uid(DEVICES, of.study.number, 2)
    dimensions = [
        data_set(
            DimensionOrganizationUID=organization,
            DimensionIndexPointer=pointer,
            FunctionalGroupPointer=group,
            DimensionDescriptionLabel=label,
        )
        for pointer, group, label in (
            (0x0062000B, 0x0062000A, "ReferencedSegmentNumber"),
            (0x00200032, 0x00209113, "ImagePositionPatient"),
        )
    ]
    segmentation = of.instance(
        1,
        ImageType=["DERIVED", "PRIMARY"],
        ContentLabel="NODULE",
        ContentDescription="Nodule of the right upper lobe",
        ContentCreatorName="Segmenter^Demo",
        SegmentationType="BINARY",
        SegmentSequence=[_segment(of.study)],
        LossyImageCompression="00",
        NumberOfFrames=len(numbers),
        DimensionOrganizationSequence=[data_set(DimensionOrganizationUID=organization)],
        DimensionIndexSequence=dimensions,
        ReferencedSeriesSequence=[images.references(numbers, sequence="ReferencedInstanceSequence")],
        SharedFunctionalGroupsSequence=[_shared(grid)],
        PerFrameFunctionalGroupsSequence=[
            _frame(images, grid, slice_number, place) for place, slice_number in enumerate(numbers, 1)
        ],
    )
    set_mask(segmentation, [_mask(grid, slice_number) for slice_number in numbers])
    yield part10(segmentation)


def _mask(grid: Grid, slice_number: int) -> NDArray[np.bool_]:
    x, y, z = chest.NODULE
    height = min(abs(grid.height(slice_number) - z), 0.9 * chest.NODULE_RADIUS)
    squares = (grid.axis[None, :] - x) ** 2 + ((grid.axis[:, None] - y) / 0.95) ** 2
    # At least one cell, however coarse the image is.
    return np.asarray(squares <= max((chest.NODULE_RADIUS + 0.4) ** 2 - height**2, float(squares.min())))


def _segment(study: Study) -> Dataset:
    return data_set(
        SegmentNumber=1,
        SegmentLabel="Nodule",
        SegmentDescription="Nodule of the right upper lobe",
        SegmentAlgorithmType="SEMIAUTOMATIC",
        SegmentAlgorithmName="Threshold",
        SegmentedPropertyCategoryCodeSequence=[code(MORPHOLOGY)],
        SegmentedPropertyTypeCodeSequence=[code(NODULE)],
        AnatomicRegionSequence=[code(LUNG)],
        RecommendedDisplayCIELabValue=list(_REDDISH),
        TrackingID="Nodule 1",
        TrackingUID=tracking_uid(study),
    )


def _shared(grid: Grid) -> Dataset:
    return data_set(
        PlaneOrientationSequence=[data_set(ImageOrientationPatient=AXIAL)],
        PixelMeasuresSequence=[
            data_set(
                PixelSpacing=[number(grid.spacing)] * 2,
                SliceThickness=number(grid.thickness),
                SpacingBetweenSlices=number(grid.thickness),
            )
        ],
        SegmentIdentificationSequence=[data_set(ReferencedSegmentNumber=1)],
    )


def _frame(images: Series, grid: Grid, slice_number: int, place: int) -> Dataset:
    purpose = code(("121322", "DCM", "Source image for image processing operation"))
    derivation = data_set(
        DerivationCodeSequence=[code(("113076", "DCM", "Segmentation"))],
        SourceImageSequence=[
            images.reference(
                slice_number,
                PurposeOfReferenceCodeSequence=[purpose],
                SpatialLocationsPreserved="YES",
            )
        ],
    )
    return data_set(
        FrameContentSequence=[data_set(DimensionIndexValues=[1, place])],
        PlanePositionSequence=[data_set(ImagePositionPatient=grid.position(slice_number))],
        DerivationImageSequence=[derivation],
    )
