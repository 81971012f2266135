"""Files as they are shown, from bytes to gray or RGB, and what tells two images apart."""

import zlib
from io import BytesIO
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from archive.dicom.byte_order import byte_swapped
from archive.dicom.dicom_json import DataSet, resolve
from archive.dicom.frame_index import extract_bits
from archive.dicom.images import codecs
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.reading.part10 import ParsedInstance, parse
from archive.dicom.rendering.attributes import Attributes
from archive.dicom.rendering.frames import render
from archive.dicom.rendering.voi_lut import Window
from archive.dicom.transfer_syntaxes import transfer_syntax
from tests.builders import instance, part10

Image = NDArray[Any]


def shown(file: bytes, number: int = 1, window: Window | None = None) -> Image:
    """A frame of a DICOM file."""
    frame, pixels = native_frame(file, number)
    return render(frame, pixels, attributes_in(file), number, window)


def shown_with_overlays(file: bytes, number: int = 1) -> Image:
    """The same, and white where overlays are."""
    return rendered_with_overlays(*native_frame(file, number), attributes_in(file), number)


def rendered_with_overlays(frame: bytes, pixels: PixelDescription, attributes: Attributes, number: int = 1) -> Image:
    """A native frame, and white where overlays are."""
    return render(frame, pixels, attributes, number, overlays=True)


def shown_instance(number: int = 1, **elements: Any) -> Image:
    """A frame of an instance that is built of `elements`."""
    return shown(part10(instance(**elements)), number)


def native_frame(file: bytes, number: int = 1) -> tuple[bytes, PixelDescription]:
    """A frame as it is stored when it is native, and as codecs give it when it is not, with its description."""
    frame, pixels = stored_frame(file, number)
    syntax = parse(BytesIO(file)).transfer_syntax_uid
    if not transfer_syntax(syntax).encapsulated:
        return frame, pixels
    return codecs.decode(frame, syntax, pixels), codecs.decoded(pixels, syntax)


def stored_frame(file: bytes, number: int = 1) -> tuple[bytes, PixelDescription]:
    """A frame as it is stored, little endian when it is native, and what its data set says of it."""
    parsed = parse(BytesIO(file))
    assert parsed.frames
    location, content = parsed.frames.locate(number), _inflated(file, parsed)
    frame = b"".join(content[span.start : span.stop] for span in location.ranges)
    frame = extract_bits(_swapped(frame, location.swap), location.bit_offset, location.bits)
    return frame, PixelDescription.of(attributes_in(file).data_set)


def attributes_in(file: bytes) -> Attributes:
    """As the archive has them: stored JSON, and bulk values out of the file."""
    parsed = parse(BytesIO(file))
    content = _inflated(file, parsed)

    def read_bulk(path: str) -> bytes:
        value = parsed.bulkdata[path]
        return _swapped(content[value.range.start : value.range.stop], value.swap)

    return Attributes(orjson.loads(resolve(parsed.dicom_json, "https://archive/instances/1")), read_bulk)


def _inflated(file: bytes, parsed: ParsedInstance) -> bytes:
    """Where the ranges are: in the file, or in what it inflates to."""
    start = parsed.deflated_from
    return file if start is None else zlib.decompress(file[start:], -zlib.MAX_WBITS)


def _swapped(data: bytes, unit: int) -> bytes:
    return byte_swapped(data, unit) if unit > 1 else data


def attributes(data_set: DataSet | None = None) -> Attributes:
    """A data set without bulk values."""
    return Attributes(data_set or {}, {}.__getitem__)


def item(**elements: Any) -> Dataset:
    """A data set of these elements, for sequences."""
    dataset = Dataset()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def lut(entries: Image, first: int, bits: int, **elements: Any) -> Dataset:
    """An item of a Modality or VOI LUT Sequence."""
    found = item(LUTDescriptor=[len(entries) % (1 << 16), first, bits], LUTData=entries.astype("<u2").tobytes())
    found["LUTData"].VR = "OW"
    found["LUTDescriptor"].VR = "SS" if first < 0 else "US"
    for keyword, value in elements.items():
        setattr(found, keyword, value)
    return found


def difference(ours: Image, theirs: Image) -> float:
    """The mean of how many gray levels two images differ."""
    assert ours.dtype == np.uint8
    assert ours.shape == theirs.shape
    return float(np.abs(ours.astype(np.float64) - theirs.astype(np.float64)).mean())
