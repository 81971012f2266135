"""An electrocardiogram: 12-Lead ECG IOD (PS3.3 Section A.34.3), ten seconds of 500 samples each."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import TwelveLeadECGWaveformStorage

from archive.dicom.demo.data_sets import code, data_set, part10
from archive.dicom.demo.phantoms.heartbeat import twelve_leads
from archive.dicom.demo.studies import Series, Study

_FREQUENCY, _SECONDS = 500, 10
_MICROVOLTS = 2.5  # of a sample's least bit
#: PS3.16 CID 3001, in the numbers of SCP-ECG.
_CODES = {
    "I": 1, "II": 2, "III": 61, "aVR": 62, "aVL": 63, "aVF": 64,
    "V1": 3, "V2": 4, "V3": 5, "V4": 6, "V5": 7, "V6": 8,
}  # fmt: skip
#: Value, meaning and unit of what was measured (PS3.16 CID 3227).
_MEASURED = (
    ("8867-4", "LN", "Heart rate", 72, ("{H.B.}/min", "UCUM", "Heart beat per minute")),
    ("8625-6", "LN", "P-R interval", 158, ("ms", "UCUM", "millisecond")),
    ("8633-0", "LN", "QRS duration", 92, ("ms", "UCUM", "millisecond")),
    ("8634-8", "LN", "Q-T interval", 388, ("ms", "UCUM", "millisecond")),
)


def series(study: Study, number: int = 1) -> Series:
    return Series(
        study=study,
        number=number,
        modality="ECG",
        sop_class=TwelveLeadECGWaveformStorage,
        description="12-lead ECG at rest",
        model="Cardio 12",
    )


def objects(of: Series) -> Iterator[bytes]:
    began = of.study.began
    yield part10(
        of.instance(
            1,
            AcquisitionDateTime=f"{began:%Y%m%d%H%M%S}",
            AcquisitionContextSequence=[],
            WaveformSequence=[_waveform()],
            WaveformAnnotationSequence=[_annotation(*measured) for measured in _MEASURED],
        )
    )


def _waveform() -> Dataset:
    leads = twelve_leads(_SECONDS, _FREQUENCY)
    samples = np.stack([leads[name] for name in _CODES], axis=1) * 1000 / _MICROVOLTS
    return data_set(
        WaveformOriginality="ORIGINAL",
        NumberOfWaveformChannels=len(_CODES),
        NumberOfWaveformSamples=len(samples),
        SamplingFrequency=str(_FREQUENCY),
        MultiplexGroupLabel="RHYTHM",
        ChannelDefinitionSequence=[_channel(name, value) for name, value in _CODES.items()],
        WaveformBitsAllocated=16,
        WaveformSampleInterpretation="SS",
        WaveformData=np.round(samples).astype("<i2").tobytes(),
    )


def _channel(name: str, value: int) -> Dataset:
    source = code((f"5.6.3-9-{value}", "SCPECG", f"Lead {name}"))
    source.CodingSchemeVersion = "1.3"
    return data_set(
        ChannelLabel=name,
        ChannelSourceSequence=[source],
        ChannelSensitivity=str(_MICROVOLTS),
        ChannelSensitivityUnitsSequence=[code(("uV", "UCUM", "microvolt"))],
        ChannelSensitivityCorrectionFactor="1",
        ChannelBaseline="0",
        ChannelSampleSkew="0",
        WaveformBitsStored=16,
        FilterLowFrequency="0.05",
        FilterHighFrequency="150",
    )


def _annotation(value: str, scheme: str, meaning: str, measured: int, unit: Any) -> Dataset:
    return data_set(
        ReferencedWaveformChannels=[1, 0],
        AnnotationGroupNumber=1,
        ConceptNameCodeSequence=[code((value, scheme, meaning))],
        NumericValue=str(measured),
        MeasurementUnitsCodeSequence=[code(unit)],
    )
