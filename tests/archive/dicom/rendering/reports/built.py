"""SR documents for tests: content items, and the data sets that have them as the archive reads them."""

from collections.abc import Sequence
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage, CTImageStorage

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.reports.documents import report
from archive.dicom.rendering.reports.report import Item
from tests.archive.dicom.rendering.shown import attributes_in, item
from tests.builders import instance, part10

#: What an image has, and a document has not.
PIXELS = (
    "Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated", "BitsStored", "HighBit",
    "PixelRepresentation", "PixelData",
)  # fmt: skip


def code(meaning: str = "", value: str = "C-1", scheme: str = "99TEST") -> Dataset:
    """A coded entry."""
    return item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def content(
    value_type: str = "TEXT",
    name: str = "",
    relationship: str = "CONTAINS",
    items: Sequence[Dataset] = (),
    **elements: Any,
) -> Dataset:
    """A content item."""
    built = item(RelationshipType=relationship, ValueType=value_type, **elements)
    if name:
        built.ConceptNameCodeSequence = [code(name)]
    if items:
        built.ContentSequence = list(items)
    if value_type == "CONTAINER" and "ContinuityOfContent" not in built:
        built.ContinuityOfContent = "SEPARATE"
    return built


def text_item(text: str, name: str = "Finding", **elements: Any) -> Dataset:
    return content("TEXT", name, TextValue=text, **elements)


def by_reference(*position: int, relationship: str = "INFERRED FROM") -> Dataset:
    """A content item that is elsewhere in the document."""
    return item(RelationshipType=relationship, ReferencedContentItemIdentifier=list(position))


def number_item(value: Any, unit: str = "mm", name: str = "Diameter", **elements: Any) -> Dataset:
    units = [code(unit, unit, "UCUM")]
    measured = item(NumericValue=value, MeasurementUnitsCodeSequence=units)
    return content("NUM", name, MeasuredValueSequence=[measured], **elements)


def sop(instance_uid: str, sop_class: str = CTImageStorage, **elements: Any) -> Dataset:
    """An item of a Referenced SOP Sequence."""
    return item(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=instance_uid, **elements)


def evidence(*objects: Dataset, study: str = "1.2", series: str = "1.2.3") -> Dataset:
    """An item that says in which study and series objects are."""
    in_series = item(SeriesInstanceUID=series, ReferencedSOPSequence=list(objects))
    return item(StudyInstanceUID=study, ReferencedSeriesSequence=[in_series])


def document(*items: Dataset, title: str = "Report", **elements: Any) -> bytes:
    """The file of an SR document."""
    root = {
        "SOPClassUID": ComprehensiveSRStorage,
        "Modality": "SR",
        "SpecificCharacterSet": "ISO_IR 192",
        "ValueType": "CONTAINER",
        "ContinuityOfContent": "SEPARATE",
        "ConceptNameCodeSequence": [code(title)],
        "ContentSequence": list(items),
        "CompletionFlag": "COMPLETE",
        "VerificationFlag": "UNVERIFIED",
        "ContentDate": "20240131",
        "ContentTime": "101530",
        "StudyID": "1",
        "PatientBirthDate": "19700102",
        "PatientSex": "F",
        "ReferringPhysicianName": "",
        "Manufacturer": "",
        "ReferencedPerformedProcedureStepSequence": [],
        "PerformedProcedureCodeSequence": [],
    }
    return part10(instance(**(dict.fromkeys(PIXELS) | root | elements)))


def attributes_of(*items: Dataset, **elements: Any) -> Attributes:
    """A document as the archive has it."""
    return attributes_in(document(*items, **elements))


def read(*items: Dataset) -> tuple[Item, ...]:
    """The items of a document's root."""
    return report(attributes_of(*items)).content.items


def only(built: Dataset) -> Item:
    """The item of a document that has one."""
    (found,) = read(built)
    return found
