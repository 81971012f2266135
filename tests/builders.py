"""The smallest legal DICOM objects and multipart bodies, for tests that need nothing more."""

from collections.abc import Sequence
from io import BytesIO
from struct import pack
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, CTImageStorage, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, generate_uid

from archive.dicom.images import codecs
from archive.dicom.pixel_description import PixelDescription

ROWS, COLUMNS = 8, 8
#: What an instance says of its pixels.
PIXELS = PixelDescription(ROWS, COLUMNS, 1, "MONOCHROME2", 16, 16, 15, 0)


def instance(**elements: Any) -> Dataset:
    """A CT image of 8x8 16-bit pixels with fresh UIDs; `elements` replaces or adds attributes by keyword.

    An element given as None is left out.
    """
    dataset = Dataset()
    defaults: dict[str, Any] = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": generate_uid(),
        "StudyInstanceUID": generate_uid(),
        "SeriesInstanceUID": generate_uid(),
        "PatientName": "Doe^Jane",
        "PatientID": "ID-1",
        "StudyDate": "20240131",
        "StudyTime": "101530",
        "AccessionNumber": "ACC-1",
        "Modality": "CT",
        "SeriesNumber": 1,
        "InstanceNumber": 1,
        "Rows": ROWS,
        "Columns": COLUMNS,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 0,
        "PixelData": pack(f"<{ROWS * COLUMNS}H", *range(ROWS * COLUMNS)),
    }
    for keyword, value in (defaults | elements).items():
        if value is not None:
            setattr(dataset, keyword, value)
    if "PixelData" in dataset:
        dataset["PixelData"].VR = "OB" if dataset.get("BitsAllocated", 16) <= 8 else "OW"
    return dataset


def encapsulated(
    frames: Sequence[bytes], *, fragments_per_frame: int = 1, offset_table: str = "basic", **elements: Any
) -> Dataset:
    """An instance whose Pixel Data is encapsulated; `offset_table` is "basic", "extended" or "none"."""
    dataset = instance(NumberOfFrames=len(frames), PixelData=b"", **elements)
    frames = list(frames)
    if offset_table == "extended":
        dataset.PixelData, offsets, lengths = encapsulate_extended(frames)
        dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths = offsets, lengths
    else:
        dataset.PixelData = encapsulate(frames, fragments_per_frame, has_bot=offset_table == "basic")
    dataset["PixelData"].VR = "OB"
    return dataset


def frame(number: int) -> bytes:
    """16-bit pixels of an instance's frame: each knows its number and its place."""
    return pack(f"<{ROWS * COLUMNS}H", *(number * 1000 + place for place in range(ROWS * COLUMNS)))


def compressed(transfer_syntax: str, count: int = 1, **elements: Any) -> Dataset:
    """An instance of `count` frames (see `frame`) that are really compressed."""
    codestreams = [codecs.encode(frame(number), transfer_syntax, PIXELS) for number in range(1, count + 1)]
    return encapsulated(codestreams, **elements)


def part10(dataset: Dataset, transfer_syntax: str = ExplicitVRLittleEndian) -> bytes:
    """The data set as a DICOM file (PS3.10 Section 7) in `transfer_syntax`; pixel data is written as it stands.

    Big endian is the caller's concern: OW values are written as given.
    """
    syntax = UID(transfer_syntax)
    file_meta = FileMetaDataset()
    file_meta.TransferSyntaxUID = syntax
    file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", CTImageStorage)
    file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "1.2.3")
    dataset.file_meta = file_meta
    if "PixelData" in dataset:
        dataset["PixelData"].is_undefined_length = syntax.is_encapsulated and syntax != DeflatedExplicitVRLittleEndian
    file = BytesIO()
    dcmwrite(
        file,
        dataset,
        implicit_vr=syntax.is_implicit_VR,
        little_endian=syntax.is_little_endian,
        enforce_file_format=True,
    )
    return file.getvalue()


def multipart(
    parts: Sequence[bytes], *, boundary: str = "boundary", type: str = "application/dicom"
) -> tuple[bytes, str]:
    """A multipart/related body of `parts` (PS3.18 Section 8.6.1.2.1) and its Content-Type."""
    head = f"--{boundary}\r\nContent-Type: {type}\r\n\r\n".encode()
    body = b"".join(head + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
    return body, f'multipart/related; type="{type}"; boundary={boundary}'


def related(
    parts: Sequence[tuple[dict[str, str], bytes]], *, boundary: str = "boundary", type: str = "application/dicom+json"
) -> tuple[bytes, str]:
    """A multipart/related body of parts with their headers, and its Content-Type."""
    body = b""
    for headers, payload in parts:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body += f"--{boundary}\r\n{lines}\r\n".encode() + payload + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), f'multipart/related; type="{type}"; boundary={boundary}'
