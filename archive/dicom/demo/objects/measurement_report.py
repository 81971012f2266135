"""What was measured of the nodule: Comprehensive SR IOD (PS3.3 Section A.35.3), template TID 1500 (PS3.16)."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage

from archive.dicom.demo.data_sets import Concept, code, data_set, number, part10
from archive.dicom.demo.grids import Grid
from archive.dicom.demo.objects import segmentation
from archive.dicom.demo.phantoms import chest
from archive.dicom.demo.studies import INSTITUTION, Series, Study

_MILLIMETER: Concept = ("mm", "UCUM", "millimeter")
_MILLILITER: Concept = ("mm3", "UCUM", "cubic millimeter")
_HOUNSFIELD: Concept = ("[hnsf'U]", "UCUM", "Hounsfield unit")


def series(study: Study, number: int = 12) -> Series:
    return Series(
        study=study,
        number=number,
        modality="SR",
        sop_class=ComprehensiveSRStorage,
        description="Measurements",
        model="Reporter",
    )


def objects(of: Series, images: Series, segments: Series, grid: Grid) -> Iterator[bytes]:
    began = of.study.began
    slices = segmentation.slices(grid)
    evidence = data_set(
        StudyInstanceUID=of.study.uid,
        ReferencedSeriesSequence=[images.references(slices), segments.references([1])],
    )
    yield part10(
        of.instance(
            1,
            ReferencedPerformedProcedureStepSequence=[],
            CompletionFlag="COMPLETE",
            VerificationFlag="VERIFIED",
            VerifyingObserverSequence=[
                data_set(
                    VerifyingOrganization=INSTITUTION,
                    VerificationDateTime=f"{began:%Y%m%d%H%M%S}",
                    VerifyingObserverName=_OBSERVER,
                    VerifyingObserverIdentificationCodeSequence=[],
                )
            ],
            PerformedProcedureCodeSequence=[],
            CurrentRequestedProcedureEvidenceSequence=[evidence],
            **_document(images, segments, grid, slices),
        )
    )


_OBSERVER = "Reader^Ruth"


def _document(images: Series, segments: Series, grid: Grid, slices: Sequence[int]) -> dict[str, Any]:
    """The root of TID 1500, and what it contains."""
    contents = [
        _coded(
            "HAS CONCEPT MOD",
            ("121049", "DCM", "Language of Content Item and Descendants"),
            ("en-US", "RFC5646", "English (United States)"),
        ),
        _coded("HAS OBS CONTEXT", ("121005", "DCM", "Observer Type"), ("121006", "DCM", "Person")),
        _item("HAS OBS CONTEXT", "PNAME", ("121008", "DCM", "Person Observer Name"), PersonName=_OBSERVER),
        _coded("HAS CONCEPT MOD", ("121058", "DCM", "Procedure reported"), ("169069000", "SCT", "CT of chest")),
        _container(("111028", "DCM", "Image Library"), [_library(images, slices)]),
        _container(("126010", "DCM", "Imaging Measurements"), [_group(images, segments, grid, slices)]),
        _container(
            ("121070", "DCM", "Findings"),
            [
                _text(
                    ("121071", "DCM", "Finding"),
                    "Spiculated solid nodule in the right upper lobe, larger than before. No further nodules."
                    " No pleural effusion.",
                )
            ],
        ),
    ]
    return {
        "ValueType": "CONTAINER",
        "ConceptNameCodeSequence": [code(("126000", "DCM", "Imaging Measurement Report"))],
        "ContinuityOfContent": "SEPARATE",
        "ContentTemplateSequence": [data_set(MappingResource="DCMR", TemplateIdentifier="1500")],
        "ContentSequence": contents,
    }


def _library(images: Series, slices: Sequence[int]) -> Dataset:
    return _container(
        ("126200", "DCM", "Image Library Group"),
        [_image("CONTAINS", images.reference(slice_number)) for slice_number in slices],
    )


def _group(images: Series, segments: Series, grid: Grid, slices: Sequence[int]) -> Dataset:
    """TID 1411: measurements of a volume, which is a segment."""
    segment = segments.reference(1, ReferencedSegmentNumber=1)
    middle = slices[len(slices) // 2]
    radius = chest.NODULE_RADIUS
    contents = [
        _text(("112039", "DCM", "Tracking Identifier"), "Nodule 1", "HAS OBS CONTEXT"),
        _item(
            "HAS OBS CONTEXT",
            "UIDREF",
            ("112040", "DCM", "Tracking Unique Identifier"),
            UID=segmentation.tracking_uid(segments.study),
        ),
        _coded("CONTAINS", ("121071", "DCM", "Finding"), segmentation.NODULE),
        _image("CONTAINS", segment, ("121191", "DCM", "Referenced Segment")),
        _image("CONTAINS", images.reference(middle), ("121233", "DCM", "Source image for segmentation")),
        _coded("HAS CONCEPT MOD", ("363698007", "SCT", "Finding Site"), segmentation.LUNG),
        _measured(
            ("103339001", "SCT", "Long Axis"),
            2 * radius,
            _MILLIMETER,
            [_line(images.reference(middle), grid, along_x=True)],
        ),
        _measured(
            ("103340004", "SCT", "Short Axis"),
            1.84 * radius,
            _MILLIMETER,
            [_line(images.reference(middle), grid, along_x=False)],
        ),
        _measured(("118565006", "SCT", "Volume"), 4 / 3 * 3.14159 * radius**3 * 0.92, _MILLILITER),
        _measured(("112031", "DCM", "Attenuation Coefficient"), 64, _HOUNSFIELD),
    ]
    return _container(("125007", "DCM", "Measurement Group"), contents)


def _line(image: Dataset, grid: Grid, *, along_x: bool) -> Dataset:
    """SCOORD: both ends of a diameter, in columns and rows of the image."""
    x, y, _ = chest.NODULE
    reach = chest.NODULE_RADIUS * (1 if along_x else 0.92)
    ends = [(x - reach, y), (x + reach, y)] if along_x else [(x, y - reach), (x, y + reach)]
    return data_set(
        RelationshipType="INFERRED FROM",
        ValueType="SCOORD",
        GraphicType="POLYLINE",
        GraphicData=[grid.column_of(coordinate) for end in ends for coordinate in end],
        ContentSequence=[_image("SELECTED FROM", image)],
    )


# -- content items (PS3.3 Section C.17.3) ----------------------------------------


def _item(relationship: str, value_type: str, name: Concept | None, **attributes: Any) -> Dataset:
    item = data_set(RelationshipType=relationship, ValueType=value_type, **attributes)
    if name:
        item.ConceptNameCodeSequence = [code(name)]
    return item


def _container(name: Concept, contents: Sequence[Dataset]) -> Dataset:
    return _item("CONTAINS", "CONTAINER", name, ContinuityOfContent="SEPARATE", ContentSequence=list(contents))


def _coded(relationship: str, name: Concept, value: Concept) -> Dataset:
    return _item(relationship, "CODE", name, ConceptCodeSequence=[code(value)])


def _text(name: Concept, text: str, relationship: str = "CONTAINS") -> Dataset:
    return _item(relationship, "TEXT", name, TextValue=text)


def _image(relationship: str, image: Dataset, name: Concept | None = None) -> Dataset:
    return _item(relationship, "IMAGE", name, ReferencedSOPSequence=[image])


def _measured(name: Concept, value: float, unit: Concept, inferred_from: Sequence[Dataset] = ()) -> Dataset:
    measured = data_set(MeasurementUnitsCodeSequence=[code(unit)], NumericValue=number(round(value, 1)))
    item = _item("CONTAINS", "NUM", name, MeasuredValueSequence=[measured])
    if inferred_from:
        item.ContentSequence = list(inferred_from)
    return item
