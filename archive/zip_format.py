"""The ZIP file format (PKWARE's APPNOTE.TXT, of which ISO/IEC 21320-1 is a profile): files as they are, not compressed.

How long each structure is does not depend on the bytes of a file: a whole archive can be laid out before any is read.
"""

from struct import pack

#: Numbers that their fields cannot hold, these among them, are in Zip64 fields beside (Section 4.5.3).
_LARGEST_16, _LARGEST_32 = 0xFFFF, 0xFFFFFFFF
#: Section 4.4.3.2, in tenths: what a reader must know.
_DEFAULT, _ZIP64 = 20, 45
#: Section 4.4.2: Unix, whose mode of a regular file is among the external attributes.
_MADE_BY = 3 << 8 | _ZIP64
_REGULAR_FILE = 0o100644 << 16
_ZIP64_EXTRA = 0x0001


def dos_time(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    """Section 4.4.6: a time to two seconds, as one number, with the date in its upper half.

    What is before 1980 or after 2107 is the first or the last day that there is.
    """
    if not 1980 <= year <= 2107:
        return dos_time(*((1980, 1, 1) if year < 1980 else (2107, 12, 31)))
    date = (year - 1980) << 9 | month << 5 | day
    return date << 16 | hour << 11 | minute << 5 | min(second, 59) // 2


def local_header(name: str, *, modified: int, size: int, crc32: int) -> bytes:
    """Section 4.3.7: what is in front of a file's bytes."""
    wide = [size, size] if size >= _LARGEST_32 else []
    sizes = 2 * (min(size, _LARGEST_32),)
    extra = _extra(wide)
    numbers = (_needed(wide), 0, 0, modified, crc32, *sizes, len(name), len(extra))
    return pack("<4s3H4L2H", b"PK\3\4", *numbers) + name.encode("ascii") + extra


def local_header_length(name: str, size: int) -> int:
    return 30 + len(name) + (20 if size >= _LARGEST_32 else 0)


def directory_entry(name: str, *, modified: int, size: int, crc32: int, offset: int) -> bytes:
    """Section 4.3.12: what the central directory has of a file whose local header is at `offset`."""
    wide = _wide(size, offset)
    extra = _extra(wide)
    sizes = 2 * (min(size, _LARGEST_32),)
    numbers = (_MADE_BY, _needed(wide), 0, 0, modified, crc32, *sizes, len(name), len(extra), 0, 0, 0, _REGULAR_FILE)
    return pack("<4s4H4L5HLL", b"PK\1\2", *numbers, min(offset, _LARGEST_32)) + name.encode("ascii") + extra


def directory_entry_length(name: str, size: int, offset: int) -> int:
    wide = _wide(size, offset)
    return 46 + len(name) + (4 + 8 * len(wide) if wide else 0)


def end_of_directory(*, count: int, offset: int, length: int) -> bytes:
    """Sections 4.3.14 to 4.3.16: what follows a central directory of so many entries and bytes at `offset`."""
    fits = count < _LARGEST_16 and offset < _LARGEST_32 and length < _LARGEST_32
    zip64 = b"" if fits else _zip64_end(count, offset, length)
    counts = 2 * (min(count, _LARGEST_16),)
    return zip64 + pack("<4s4H2LH", b"PK\5\6", 0, 0, *counts, min(length, _LARGEST_32), min(offset, _LARGEST_32), 0)


def _zip64_end(count: int, offset: int, length: int) -> bytes:
    record = pack("<4sQ2H2L4Q", b"PK\6\6", 44, _MADE_BY, _ZIP64, 0, 0, count, count, length, offset)
    return record + pack("<4sLQL", b"PK\6\7", 0, offset + length, 1)


def _wide(size: int, offset: int) -> list[int]:
    """The numbers of a directory entry that need Zip64, in the order of Section 4.5.3."""
    return [number for number in (size, size, offset) if number >= _LARGEST_32]


def _extra(wide: list[int]) -> bytes:
    return pack(f"<2H{len(wide)}Q", _ZIP64_EXTRA, 8 * len(wide), *wide) if wide else b""


def _needed(wide: list[int]) -> int:
    return _ZIP64 if wide else _DEFAULT
