"""Range requests (RFC 9110 Section 14)."""

import re

from archive.dicom.byte_ranges import ByteRange

#: A request for more ranges than this is answered as if it had named none.
MOST_RANGES = 16

#: `first-last`, `first-` or `-suffix length`. More digits than these are no offset.
_RANGE = re.compile(r"([0-9]{1,30})-([0-9]{0,30})|-([0-9]{1,30})")


class RangeNotSatisfiable(Exception):
    """No range that was asked for has a byte of the representation in it."""

    def __init__(self, length: int) -> None:
        super().__init__(f"The ranges are outside the {length} bytes that there are.")
        self.length = length


def parse(header: str | None, length: int) -> list[ByteRange] | None:
    """The ranges of a representation of `length` bytes that a Range header asks for, in ascending order and apart.

    None when the whole is to be given: without the header, in another unit, malformed, or too many ranges.

    Raises:
        RangeNotSatisfiable: all of them are outside the representation (WADO-67).
    """
    unit, _, elements = (header or "").partition("=")
    specified = [_RANGE.fullmatch(text) for element in elements.split(",") if (text := element.strip(" \t"))]
    if unit.strip(" \t").lower() != "bytes" or not 0 < len(specified) <= MOST_RANGES:
        return None
    spans = [span for match in specified if (span := _span(match, length))]
    if len(spans) < len(specified):
        return None  # one malformed range spoils the header
    satisfiable = [(start, stop) for start, stop in spans if start < stop]
    if not satisfiable:
        raise RangeNotSatisfiable(length)
    return _coalesced(sorted(satisfiable))


def _span(match: re.Match[str] | None, length: int) -> tuple[int, int] | None:
    """Start and stop; no byte is meant when start is not before stop. None where the range is malformed."""
    if match is None:
        return None
    first, last, suffix_length = match.groups()
    if suffix_length:
        return max(0, length - int(suffix_length)), length
    if last and int(last) < int(first):
        return None
    return int(first), min(length, int(last) + 1) if last else length


def _coalesced(spans: list[tuple[int, int]]) -> list[ByteRange]:
    """Sorted spans as ranges, those that overlap or touch as one."""
    coalesced: list[ByteRange] = []
    for start, stop in spans:
        if coalesced and start <= coalesced[-1].stop:
            previous = coalesced.pop()
            coalesced.append(ByteRange(previous.start, max(previous.stop, stop)))
        else:
            coalesced.append(ByteRange(start, stop))
    return coalesced


def content_range(given: ByteRange, length: int) -> str:
    """The value of Content-Range: `bytes 0-99/1234`, its last number included."""
    return f"bytes {given.start}-{given.stop - 1}/{length}"
