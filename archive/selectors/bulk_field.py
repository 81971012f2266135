"""A bulk value of which parts are read, for what needs no more than some of it."""

from archive.dicom.byte_ranges import ByteRange
from archive.selectors import content
from archive.selectors.locate import StoredValue


class BulkField:
    """The bytes of a stored value, little endian; a slice is read when it is asked for.

    Raises:
        StorageError, StoredBytesDamaged: from slices, as `content.value`.
    """

    def __init__(self, found: StoredValue) -> None:
        self._found = found

    def __len__(self) -> int:
        return self._found.value.range.length

    def __getitem__(self, part: slice, /) -> bytes:
        start, stop, step = part.indices(len(self))
        if start >= stop:
            return b""
        return b"".join(content.value(self._found, ByteRange(start, stop)))[::step]
