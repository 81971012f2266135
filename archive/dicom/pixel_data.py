"""From what a data set says of its pixel data to the index of its frames: PS3.3 Section C.7.6.3, PS3.5 Section 8."""

from archive.dicom.byte_ranges import ByteRange
from archive.dicom.dicom_json import DataSet
from archive.dicom.frame_index import NativeFrames
from archive.dicom.value_representations import first_value

PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA = 0x7FE00010, 0x7FE00008, 0x7FE00009
PIXEL_DATA_TAGS = frozenset({PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_FLOAT_PIXEL_DATA})
PIXEL_DATA_VRS = {PIXEL_DATA: "OW", FLOAT_PIXEL_DATA: "OF", DOUBLE_FLOAT_PIXEL_DATA: "OD"}

NUMBER_OF_FRAMES, ROWS, COLUMNS = "00280008", "00280010", "00280011"
SAMPLES_PER_PIXEL, BITS_ALLOCATED = "00280002", "00280100"
PHOTOMETRIC_INTERPRETATION = "00280004"

#: PS3.3 Section C.7.6.3.1.2: the color models with fewer samples than Samples per Pixel says, in half samples a pixel.
_HALF_SAMPLES = {"YBR_FULL_422": 4, "YBR_PARTIAL_422": 4, "YBR_PARTIAL_420": 3}


def number_of_frames(data_set: DataSet) -> int:
    """Number of Frames, 1 when it is absent or no use."""
    return max(1, _integer(data_set, NUMBER_OF_FRAMES, 1))


def native_frames(data_set: DataSet, tag: int, vr: str, value: ByteRange, *, big_endian: bool) -> NativeFrames | None:
    """The frames that lie wholly inside `value`, None when there is none."""
    bits_allocated = _bits_allocated(data_set, tag)
    pixels = _integer(data_set, ROWS, 0) * _integer(data_set, COLUMNS, 0)
    samples = _integer(data_set, SAMPLES_PER_PIXEL, 1)
    swap = pixel_swap(data_set, tag, vr) if big_endian else 1
    bits = 8 * (value.length - value.length % swap)
    expected = number_of_frames(data_set)

    frame_bits = pixels * samples * bits_allocated
    half_samples = _HALF_SAMPLES.get(str(first_value(data_set, PHOTOMETRIC_INTERPRETATION)))
    # Some senders say 422 of pixels that they have long converted: all the samples are there.
    if half_samples and frame_bits * expected > bits:
        frame_bits = pixels * half_samples * bits_allocated // 2
    if frame_bits <= 0:
        return None
    count = min(expected, bits // frame_bits)
    return NativeFrames(value.start, frame_bits, count, swap) if count else None


def pixel_swap(data_set: DataSet, tag: int, vr: str) -> int:
    """The size of what is byte-swapped in big-endian pixel data: the pixel cell, and the 16-bit word for OW."""
    if tag == PIXEL_DATA and vr == "OB":
        return 1
    size = _bits_allocated(data_set, tag) // 8
    return size if size in (4, 8) else 2


def _bits_allocated(data_set: DataSet, tag: int) -> int:
    if tag == PIXEL_DATA:
        return _integer(data_set, BITS_ALLOCATED, 0)
    return 32 if tag == FLOAT_PIXEL_DATA else 64


def _integer(data_set: DataSet, key: str, default: int) -> int:
    value = first_value(data_set, key)
    return value if isinstance(value, int) else default
