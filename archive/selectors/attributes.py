"""What a stored instance says of itself, without its file being parsed again: for what is rendered."""

from functools import partial

from archive.dicom.dicom_json import DataSet
from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.attributes import Attributes
from archive.selectors import metadata
from archive.selectors.bulk_field import BulkField
from archive.selectors.locate import StoredIndexes, StoredInstance, StoredValue

#: Longer values than this are read for nobody's eyes.
LONGEST_VALUE = 256 << 20


def attributes(stored: StoredInstance, indexes: StoredIndexes) -> Attributes:
    """The attributes of an instance; long values are read when they are asked for.

    Raises:
        Deleted: it has been deleted since it was found.
    """
    return attributes_of(metadata.data_set(stored), stored, indexes)


def attributes_of(data_set: DataSet, stored: StoredInstance, indexes: StoredIndexes) -> Attributes:
    """The same, of a data set that has been read."""
    return Attributes(data_set, partial(_bulk_value, stored, indexes))


def open_field(stored: StoredInstance, indexes: StoredIndexes, path: str) -> BulkField | bytes:
    """The value at a path of the bulk data index; empty when there is none."""
    value = indexes.bulkdata.get(path)
    return b"" if value is None else BulkField(StoredValue(stored, value, indexes.inflation))


def _bulk_value(stored: StoredInstance, indexes: StoredIndexes, path: str) -> bytes:
    field = open_field(stored, indexes, path)
    if len(field) > LONGEST_VALUE:
        raise NotRenderable(f"The value at {path} is larger than what is rendered.")
    return field[:]
