"""Real files: those that come with pydicom, of every kind of pixel data, encoding and character set."""

from pathlib import Path

from pydicom import Dataset, dcmread
from pydicom.data import get_charset_files, get_testdata_file
from pydicom.encaps import generate_frames

from archive.dicom.images import codecs
from archive.dicom.reading.opened_file import opened
from archive.dicom.writing.transcoding import pixel_description

#: No two of all these have the same SOP Instance UID.
IMAGES = (
    "CT_small.dcm",
    "MR_small.dcm",
    "JPEG-lossy.dcm",
    "JPEG2000-embedded-sequence-delimiter.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "SC_rgb_rle_2frame.dcm",
    "SC_rgb_small_odd.dcm",
    "ExplVR_BigEnd.dcm",
    "rtdose.dcm",
    "image_dfl.dcm",
    "liver_1frame.dcm",
    "examples_palette.dcm",
    "examples_ybr_color.dcm",
    "chrH31.dcm",
    "chrGreek.dcm",
)
#: Its codestream is a broken one.
UNDECODABLE = "JPEG2000-embedded-sequence-delimiter.dcm"
WITHOUT_PIXELS = ("rtplan.dcm", "waveform_ecg.dcm", "test-SR.dcm")


def path_of(name: str) -> Path:
    found = get_charset_files(name) or [get_testdata_file(name, download=False)]
    assert found[0], f"pydicom comes without {name}"
    return Path(found[0])


def uids(dataset: Dataset) -> tuple[str, str, str]:
    return dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID


def frames_of(path: Path) -> list[bytes]:
    """The frames of an image: bare codestreams, or little-endian pixels without padding."""
    dataset = dcmread(path)
    count = int(dataset.get("NumberOfFrames", 1))
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        return list(generate_frames(dataset.PixelData, number_of_frames=count))
    bits = dataset.Rows * dataset.Columns * dataset.SamplesPerPixel * dataset.BitsAllocated
    size = bits // 8
    return [dataset.PixelData[number * size : (number + 1) * size] for number in range(count)]


def native_frames_of(path: Path) -> list[bytes]:
    """The frames of an image, decoded where they are compressed."""
    dataset = dcmread(path)
    syntax = dataset.file_meta.TransferSyntaxUID
    if not syntax.is_encapsulated:
        return frames_of(path)
    with path.open("rb") as file, opened(file) as found:
        pixels = pixel_description(found)
    return [codecs.decode(frame, syntax, pixels) for frame in frames_of(path)]
