"""A segmentation of a volume, PS3.3 Section A.51."""

from collections.abc import Sequence

import numpy as np
from pydicom import Dataset
from pydicom.uid import SegmentationStorage

from tests.builders import instance


def segmentation(slices: Sequence[Dataset]) -> Dataset:
    """One segment: a square in the middle of every slice."""
    first = slices[0]
    mask = np.zeros((len(slices), first.Rows, first.Columns), bool)
    mask[:, first.Rows // 4 : -first.Rows // 4, first.Columns // 4 : -first.Columns // 4] = True
    return instance(
        SOPClassUID=SegmentationStorage,
        Modality="SEG",
        SeriesNumber=2,
        SeriesDescription="A square",
        ImageType=["DERIVED", "PRIMARY"],
        **{keyword: first[keyword].value for keyword in ("StudyInstanceUID", "FrameOfReferenceUID", "PatientID")},
        **{keyword: first[keyword].value for keyword in ("PatientName", "Rows", "Columns")},
        BitsAllocated=1,
        BitsStored=1,
        HighBit=0,
        NumberOfFrames=len(slices),
        SegmentationType="BINARY",
        ContentLabel="SQUARE",
        PixelData=np.packbits(mask.ravel(), bitorder="little").tobytes(),
        SegmentSequence=[_segment()],
        SharedFunctionalGroupsSequence=[_shared(first)],
        PerFrameFunctionalGroupsSequence=[_frame(source) for source in slices],
        ReferencedSeriesSequence=[_series(slices)],
    )


def _item(**elements: object) -> Dataset:
    item = Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return item


def _code(value: str, scheme: str, meaning: str) -> list[Dataset]:
    return [_item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)]


def _segment() -> Dataset:
    tissue = _code("85756007", "SCT", "Tissue")
    return _item(
        SegmentNumber=1,
        SegmentLabel="Square",
        SegmentAlgorithmType="MANUAL",
        SegmentedPropertyCategoryCodeSequence=tissue,
        SegmentedPropertyTypeCodeSequence=tissue,
        RecommendedDisplayCIELabValue=[34_000, 53_000, 50_000],  # red
    )


def _shared(first: Dataset) -> Dataset:
    return _item(
        PlaneOrientationSequence=[_item(ImageOrientationPatient=first.ImageOrientationPatient)],
        PixelMeasuresSequence=[_item(PixelSpacing=first.PixelSpacing, SliceThickness=3, SpacingBetweenSlices=3)],
    )


def _frame(source: Dataset) -> Dataset:
    reference = _item(
        **_reference(source), PurposeOfReferenceCodeSequence=_code("121322", "DCM", "Source image for image processing")
    )
    return _item(
        FrameContentSequence=[_item(DimensionIndexValues=[1, source.InstanceNumber])],
        PlanePositionSequence=[_item(ImagePositionPatient=source.ImagePositionPatient)],
        SegmentIdentificationSequence=[_item(ReferencedSegmentNumber=1)],
        DerivationImageSequence=[
            _item(SourceImageSequence=[reference], DerivationCodeSequence=_code("113076", "DCM", "Segmentation"))
        ],
    )


def _series(slices: Sequence[Dataset]) -> Dataset:
    return _item(
        SeriesInstanceUID=slices[0].SeriesInstanceUID,
        ReferencedInstanceSequence=[_item(**_reference(source)) for source in slices],
    )


def _reference(source: Dataset) -> dict[str, object]:
    return {"ReferencedSOPClassUID": source.SOPClassUID, "ReferencedSOPInstanceUID": source.SOPInstanceUID}
