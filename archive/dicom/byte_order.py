"""From big endian to little endian (PS3.5 Section 7.3)."""

from array import array
from collections.abc import Iterable, Iterator

#: Type codes of `array` by item size.
_UNITS = {2: "H", 4: "I", 8: "Q"}


def byte_swapped(data: bytes, unit: int) -> bytes:
    """The bytes of each whole unit in reverse; what is left over stays as it is."""
    whole_units = len(data) - len(data) % unit
    numbers = array(_UNITS[unit], data[:whole_units])
    numbers.byteswap()
    return numbers.tobytes() + data[whole_units:]


def swapped(pieces: Iterable[bytes], unit: int) -> Iterator[bytes]:
    """As `byte_swapped`, of bytes that come in pieces of any length."""
    kept = b""
    for piece in pieces:
        data = kept + piece
        whole_units = len(data) - len(data) % unit
        yield byte_swapped(data[:whole_units], unit)
        kept = data[whole_units:]
    yield kept
