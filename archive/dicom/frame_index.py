"""Where each frame of one stored object's pixel data lies, in a form that is small to keep and quick to ask."""

from __future__ import annotations  # array[int] is for type checkers alone before Python 3.12

import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, Protocol, Self

from archive.dicom.byte_ranges import ByteRange

_VERSION = 1
_NATIVE, _ENCAPSULATED = 0, 1
#: PS3.5 Section 7.5: an item's tag and length.
_ITEM_HEADER_LENGTH = 8

_HEADER = Struct("<BB")
_NATIVE_BODY = Struct("<QQQB")
_ENCAPSULATED_BODY = Struct("<QQB")


@dataclass(frozen=True, slots=True)
class FragmentRanges(Sequence[ByteRange]):
    """The payloads of the fragments `first` to `stop`, worked out when they are asked for: there may be millions."""

    item_starts: array[int]
    first: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.first

    def __getitem__(self, index: Any) -> Any:
        fragment = range(self.first, self.stop)[index]
        return ByteRange(self.item_starts[fragment] + _ITEM_HEADER_LENGTH, self.item_starts[fragment + 1])

    @property
    def length(self) -> int:
        """Of all of them."""
        return self.item_starts[self.stop] - self.item_starts[self.first] - _ITEM_HEADER_LENGTH * len(self)


@dataclass(frozen=True, slots=True)
class FrameLocation:
    """The bytes of one frame: `ranges` joined, then byte-swapped in units of `swap` bytes when that is not 1.

    A native frame is `bits` long from `bit_offset` on, least significant bit first (PS3.5 Section 8.1.1); see
    `extract_bits`. An encapsulated frame is all of its ranges.
    """

    ranges: Sequence[ByteRange]
    bits: int
    bit_offset: int = 0
    swap: int = 1


class FrameIndex(Protocol):
    """Frames by number, from 1 to `count`. `video`: the one "frame" is a whole video stream."""

    @property
    def count(self) -> int: ...

    @property
    def video(self) -> bool: ...

    def locate(self, number: int) -> FrameLocation:
        """Where frame `number` is; IndexError when there is no such frame."""
        ...

    def to_bytes(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class NativeFrames:
    """Uncompressed frames of `frame_bits` each, one after the other without padding (PS3.5 Section 8.1.1)."""

    start: int
    frame_bits: int
    count: int
    swap: int = 1

    @property
    def video(self) -> bool:
        return False

    def locate(self, number: int) -> FrameLocation:
        _check(number, self.count)
        first_bit = (number - 1) * self.frame_bits
        # Only whole units can be byte-swapped, so the range is widened to them.
        unit = 8 * self.swap
        first, offset = divmod(first_bit, unit)
        stop = -(-(first_bit + self.frame_bits) // unit)
        span = ByteRange(self.start + first * self.swap, self.start + stop * self.swap)
        return FrameLocation((span,), self.frame_bits, offset, self.swap)

    def to_bytes(self) -> bytes:
        head = _HEADER.pack(_VERSION, _NATIVE)
        return head + _NATIVE_BODY.pack(self.start, self.frame_bits, self.count, self.swap)

    @classmethod
    def from_bytes(cls, body: memoryview) -> Self:
        return cls(*_NATIVE_BODY.unpack(body))


@dataclass(frozen=True, slots=True)
class EncapsulatedFrames:
    """Frames in fragments (PS3.5 Section A.4).

    `item_starts` holds where each fragment's item tag is, and one more for where the last fragment ends; eight bytes of
    item tag and length come before each payload. `bounds` holds the number of each frame's first fragment, and one more
    for the end; None when every fragment is a frame.
    """

    item_starts: array[int]
    bounds: array[int] | None = None
    video: bool = False

    @property
    def count(self) -> int:
        return len(self.item_starts if self.bounds is None else self.bounds) - 1

    def locate(self, number: int) -> FrameLocation:
        _check(number, self.count)
        first, stop = (number - 1, number) if self.bounds is None else self.bounds[number - 1 : number + 1]
        ranges = FragmentRanges(self.item_starts, first, stop)
        return FrameLocation(ranges, 8 * ranges.length)

    def to_bytes(self) -> bytes:
        bounds = self.bounds if self.bounds is not None else array("Q")
        body = _ENCAPSULATED_BODY.pack(len(self.item_starts), len(bounds), self.video)
        return _HEADER.pack(_VERSION, _ENCAPSULATED) + body + _packed(self.item_starts) + _packed(bounds)

    @classmethod
    def from_bytes(cls, body: memoryview) -> Self:
        starts, bounds, video = _ENCAPSULATED_BODY.unpack_from(body)
        numbers = body[_ENCAPSULATED_BODY.size :]
        return cls(_unpacked(numbers[: 8 * starts]), _unpacked(numbers[8 * starts :]) if bounds else None, bool(video))


def from_bytes(data: bytes) -> FrameIndex:
    """The index that `to_bytes` wrote."""
    version, kind = _HEADER.unpack_from(data)
    if version != _VERSION:
        raise ValueError(f"frame index of unknown version {version}")
    body = memoryview(data)[_HEADER.size :]
    return NativeFrames.from_bytes(body) if kind == _NATIVE else EncapsulatedFrames.from_bytes(body)


def extract_bits(data: bytes, bit_offset: int, bits: int) -> bytes:
    """`bits` bits of `data` from `bit_offset` on, least significant bit first, moved to start at bit 0.

    The bits after the last one are zero.
    """
    if not bit_offset % 8 and not bits % 8:
        return data[bit_offset // 8 : (bit_offset + bits) // 8]
    first = bit_offset // 8
    number = int.from_bytes(data[first : -(-(bit_offset + bits) // 8)], "little") >> bit_offset % 8
    return (number & ((1 << bits) - 1)).to_bytes(-(-bits // 8), "little")


def _check(number: int, count: int) -> None:
    if not 1 <= number <= count:
        raise IndexError(f"there is no frame {number} of {count}")


def _packed(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers = array("Q", numbers)
        numbers.byteswap()
    return numbers.tobytes()


def _unpacked(data: memoryview) -> array[int]:
    numbers = array("Q")
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
