"""The boxes that JP2, JPEG XL and MP4 files are made of: ISO/IEC 15444-1 Annex I, ISO/IEC 14496-12 Section 4.2."""

from collections.abc import Iterator
from struct import Struct

from archive.dicom.errors import MalformedPixelData

_HEADER, _LONG_LENGTH = Struct(">I4s"), Struct(">Q")
#: Boxes beside each other. They are read in Python: what goes on without end is no file.
_MOST_BOXES = 1 << 17
_TO_THE_END, _LENGTH_FOLLOWS = 0, 1


def boxes(data: bytes, start: int = 0, stop: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """The boxes between two offsets: their kind, and where their content starts and stops."""
    stop = len(data) if stop is None else stop
    for _ in range(_MOST_BOXES):
        if start + _HEADER.size > stop:
            return
        length, kind = _HEADER.unpack_from(data, start)
        content = start + _HEADER.size
        if length == _LENGTH_FOLLOWS and content + _LONG_LENGTH.size <= stop:
            (length,) = _LONG_LENGTH.unpack_from(data, content)
            content += _LONG_LENGTH.size
        end = stop if length == _TO_THE_END else start + length
        if end < content:
            raise MalformedPixelData(f"A box at offset {start} is shorter than its own header.")
        yield kind, content, min(end, stop)
        start = end
    raise MalformedPixelData("A file has boxes without end.")


def boxes_at(
    data: bytes, path: tuple[bytes, ...], start: int = 0, stop: int | None = None
) -> Iterator[tuple[int, int]]:
    """Where the contents of the boxes at the end of `path` start and stop, each kind inside the one before it."""
    for kind, content, end in boxes(data, start, stop):
        if kind != path[0]:
            continue
        if len(path) == 1:
            yield content, end
        else:
            yield from boxes_at(data, path[1:], content, end)
