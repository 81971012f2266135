"""Waveform objects for tests, from samples to plots."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.waveforms.waveform import Waveform, waveform
from tests.archive.dicom.rendering.shown import attributes_in, item
from tests.builders import instance, part10

TWELVE_LEAD, AMBULATORY = "1.2.840.10008.5.1.4.1.1.9.1.1", "1.2.840.10008.5.1.4.1.1.9.1.3"
HEMODYNAMIC, EEG = "1.2.840.10008.5.1.4.1.1.9.2.1", "1.2.840.10008.5.1.4.1.1.9.7.1"

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")

_NAMES = {"i1": "SB", "u1": "UB", "i2": "SS", "u2": "US", "i4": "SL", "u4": "UL", "i8": "SV", "u8": "UV"}


def ecg_file() -> str:
    """Pydicom's recording of twelve leads, with an average beat and 77 annotations."""
    path = get_testdata_file("waveform_ecg.dcm", download=False)
    assert isinstance(path, str)
    return path


def code(value: str, scheme: str = "UCUM", meaning: str | None = None) -> list[Dataset]:
    return [item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning or value)]


def channel(label: str = "", unit: str = "uV", sensitivity: Any = 1, **elements: Any) -> Dataset:
    """An item of a Channel Definition Sequence; an element given as None is left out."""
    elements = {
        "ChannelLabel": label,
        "ChannelSensitivity": sensitivity,
        "ChannelSensitivityUnitsSequence": code(unit),
        "ChannelSensitivityCorrectionFactor": 1,
        "ChannelBaseline": 0,
        "ChannelTimeSkew": 0,
        "WaveformBitsStored": 16,
    } | elements
    return item(**{keyword: value for keyword, value in elements.items() if value is not None})


def group(samples: NDArray[Any], channels: Sequence[Dataset], frequency: Any = 500, **elements: Any) -> Dataset:
    """An item of a Waveform Sequence, of samples in the shape (samples, channels)."""
    kind = samples.dtype
    data = samples.tobytes()
    elements = {
        "WaveformOriginality": "ORIGINAL",
        "NumberOfWaveformChannels": samples.shape[1],
        "NumberOfWaveformSamples": len(samples),
        "SamplingFrequency": frequency,
        "MultiplexGroupLabel": "RHYTHM",
        "ChannelDefinitionSequence": list(channels),
        "WaveformBitsAllocated": 8 * kind.itemsize,
        "WaveformSampleInterpretation": _NAMES[kind.str[1:]],
        "WaveformData": data + b"\0" * (len(data) % 2),
    } | elements
    built = item(**{keyword: value for keyword, value in elements.items() if value is not None})
    for keyword in ("WaveformData", "WaveformPaddingValue"):
        if keyword in built:
            built[keyword].VR = "OW"
    return built


def remark(text: str, group: int = 1, *positions: int, range_type: str = "POINT", **elements: Any) -> Dataset:
    """An item of a Waveform Annotation Sequence."""
    placed = {"TemporalRangeType": range_type, "ReferencedSamplePositions": list(positions)} if positions else {}
    said = {"UnformattedTextValue": text} if text else {}
    return item(ReferencedWaveformChannels=[group, 0], **said, **placed, **elements)


def waveform_object(*groups: Dataset, sop_class: str = TWELVE_LEAD, remarks: Sequence[Dataset] = ()) -> Attributes:
    """A file with these multiplex groups, as the archive reads it."""
    pixels = dict.fromkeys(
        ("Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated", "BitsStored", "HighBit",
         "PixelRepresentation", "PixelData")
    )  # fmt: skip
    dataset = instance(**pixels, SOPClassUID=sop_class, Modality="ECG", WaveformSequence=list(groups))
    if remarks:
        dataset.WaveformAnnotationSequence = list(remarks)
    return attributes_in(part10(dataset))


def built(*groups: Dataset, sop_class: str = TWELVE_LEAD, remarks: Sequence[Dataset] = ()) -> Waveform:
    return waveform(waveform_object(*groups, sop_class=sop_class, remarks=remarks))


def sine(seconds: float, hertz: float, frequency: int = 500, amplitude: float = 1000) -> NDArray[np.int16]:
    """A voltage in microvolts that begins at 0 and goes up."""
    times = np.arange(round(seconds * frequency)) / frequency
    return np.rint(amplitude * np.sin(2 * np.pi * hertz * times)).astype("<i2")


def twelve_leads(samples: NDArray[np.int16], **elements: Any) -> Dataset:
    """Twelve leads that all have the same samples."""
    return group(np.stack([samples] * 12, axis=1), [channel(f"Lead {name}") for name in LEADS], **elements)


def ecg() -> Attributes:
    return attributes_in(Path(ecg_file()).read_bytes())
