"""What a data set says of its pixels: Image Pixel Description Macro (PS3.3 Table C.7-11c)."""

from dataclasses import dataclass
from typing import Any, Self

from archive.dicom.dicom_json import DataSet
from archive.dicom.pixel_data import (
    BITS_ALLOCATED,
    COLUMNS,
    PHOTOMETRIC_INTERPRETATION,
    ROWS,
    SAMPLES_PER_PIXEL,
)
from archive.dicom.value_representations import first_value

PLANAR_CONFIGURATION = "00280006"
BITS_STORED, HIGH_BIT, PIXEL_REPRESENTATION = "00280101", "00280102", "00280103"


@dataclass(frozen=True, slots=True)
class PixelDescription:
    """The form of each frame's pixels. Planar Configuration is 0 where it is absent."""

    rows: int
    columns: int
    samples_per_pixel: int
    photometric_interpretation: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    pixel_representation: int
    planar_configuration: int = 0

    @classmethod
    def of(cls, data_set: DataSet) -> Self:
        """What the data set says; what it leaves out is what its other attributes let one assume, or 0."""
        bits_allocated = _integer(data_set, BITS_ALLOCATED, 0)
        bits_stored = _integer(data_set, BITS_STORED, bits_allocated)
        samples = _integer(data_set, SAMPLES_PER_PIXEL, 1)
        return cls(
            rows=_integer(data_set, ROWS, 0),
            columns=_integer(data_set, COLUMNS, 0),
            samples_per_pixel=samples,
            photometric_interpretation=str(
                first_value(data_set, PHOTOMETRIC_INTERPRETATION) or ("RGB" if samples == 3 else "MONOCHROME2")
            ),
            bits_allocated=bits_allocated,
            bits_stored=bits_stored,
            high_bit=_integer(data_set, HIGH_BIT, bits_stored - 1),
            pixel_representation=_integer(data_set, PIXEL_REPRESENTATION, 0),
            planar_configuration=_integer(data_set, PLANAR_CONFIGURATION, 0),
        )

    @property
    def frame_length(self) -> int:
        """Bytes of one native frame with all its samples; pixels of one bit share bytes (PS3.5 Section 8.1.1)."""
        return -(-self.rows * self.columns * self.samples_per_pixel * self.bits_allocated // 8)


def _integer(data_set: DataSet, key: str, default: int) -> int:
    value: Any = first_value(data_set, key)
    return value if isinstance(value, int) else default
