"""The images that matter: Key Object Selection Document IOD (PS3.3 Section A.35.4), template TID 2010."""

from collections.abc import Iterator

from pydicom.uid import KeyObjectSelectionDocumentStorage

from archive.dicom.demo.data_sets import code, data_set, part10
from archive.dicom.demo.grids import Grid
from archive.dicom.demo.objects import segmentation
from archive.dicom.demo.studies import Series, Study


def series(study: Study, number: int = 13) -> Series:
    return Series(
        study=study,
        number=number,
        modality="KO",
        sop_class=KeyObjectSelectionDocumentStorage,
        description="For the tumor board",
        model="Reporter",
    )


def objects(of: Series, images: Series, grid: Grid) -> Iterator[bytes]:
    slices = segmentation.slices(grid)
    evidence = data_set(StudyInstanceUID=of.study.uid, ReferencedSeriesSequence=[images.references(slices)])
    described = data_set(
        RelationshipType="CONTAINS",
        ValueType="TEXT",
        ConceptNameCodeSequence=[code(("113012", "DCM", "Key Object Description"))],
        TextValue="Nodule in the right upper lobe",
    )
    selected = [
        data_set(RelationshipType="CONTAINS", ValueType="IMAGE", ReferencedSOPSequence=[images.reference(slice_number)])
        for slice_number in slices
    ]
    yield part10(
        of.instance(
            1,
            ReferencedPerformedProcedureStepSequence=[],
            CurrentRequestedProcedureEvidenceSequence=[evidence],
            ValueType="CONTAINER",
            ConceptNameCodeSequence=[code(("113004", "DCM", "For Conference"))],
            ContinuityOfContent="SEPARATE",
            ContentTemplateSequence=[data_set(MappingResource="DCMR", TemplateIdentifier="2010")],
            ContentSequence=[described, *selected],
        )
    )
