"""What a stored instance says of itself, without its file being parsed again: for what is rendered."""

from dataclasses import dataclass
from functools import partial

from archive.dicom.byte_ranges import ByteRange
from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.attributes import Attributes
from archive.selectors import content, metadata
from archive.selectors.locate import StoredIndexes, StoredInstance, StoredValue

#: Longer values than this are read for nobody's eyes.
LONGEST_VALUE = 256 << 20


def attributes(stored: StoredInstance, indexes: StoredIndexes) -> Attributes:
    """The attributes of an instance; long values are read when they are asked for.

    Raises:
        Deleted: it has been deleted since it was found.
    """
    return Attributes(metadata.data_set(stored), partial(_bulk_value, stored, indexes))


@dataclass(frozen=True, slots=True)
class StoredField:
    """A value of which parts are read where it is stored."""

    value: StoredValue

    def __len__(self) -> int:
        return self.value.value.range.length

    def __getitem__(self, part: slice) -> bytes:
        start, stop, _ = part.indices(len(self))
        return b"".join(content.value(self.value, ByteRange(start, max(start, stop))))


def open_field(stored: StoredInstance, indexes: StoredIndexes, path: str) -> StoredField | bytes:
    """The value at a path of the bulk data index; empty when there is none."""
    value = indexes.bulkdata.get(path)
    return b"" if value is None else StoredField(StoredValue(stored, value, indexes.inflation))


def _bulk_value(stored: StoredInstance, indexes: StoredIndexes, path: str) -> bytes:
    field = open_field(stored, indexes, path)
    if len(field) > LONGEST_VALUE:
        raise NotRenderable(f"The value at {path} is larger than what is rendered.")
    return field[:]
