"""Data sets by the keywords of their attributes, and DICOM files of them."""

from io import BytesIO
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID

from archive.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, transfer_syntax
from archive.dicom.writing.file_meta import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

#: Value, scheme and meaning.
Concept = tuple[str, str, str]


def data_set(**attributes: Any) -> Dataset:
    """A data set, or an item of a sequence, of these; what is None is left out."""
    made = Dataset()
    for keyword, value in attributes.items():
        if value is not None:
            setattr(made, keyword, value)
    return made


def code(concept: Concept) -> Dataset:
    """An item of a code sequence (PS3.3 Section 8.8)."""
    value, scheme, meaning = concept
    return data_set(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def reference(sop_class: str, instance: str, **attributes: Any) -> Dataset:
    """An item of a sequence of references to SOP instances (PS3.3 Table 10-11)."""
    return data_set(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=instance, **attributes)


def number(value: float) -> str:
    """A DS or IS of no more than 16 characters (PS3.5 Table 6.2-1)."""
    return f"{value:.6g}"


def part10(dataset: Dataset, syntax: str = EXPLICIT_VR_LITTLE_ENDIAN) -> bytes:
    """The data set as a DICOM file (PS3.10 Section 7)."""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.file_meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    dataset.file_meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    if "PixelData" in dataset:
        dataset["PixelData"].is_undefined_length = transfer_syntax(syntax).encapsulated
    file = BytesIO()
    dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()
