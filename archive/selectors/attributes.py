"""What a stored instance says of itself, without its file being parsed again: for what is rendered."""

from functools import partial

import orjson

from archive.dicom import dicom_json
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
    ((_, document),) = metadata.in_order([stored])
    return Attributes(orjson.loads(dicom_json.resolve(document, "")), partial(_bulk_value, stored, indexes))


def _bulk_value(stored: StoredInstance, indexes: StoredIndexes, path: str) -> bytes:
    value = indexes.bulkdata.get(path)
    if value is None:
        return b""
    if value.range.length > LONGEST_VALUE:
        raise NotRenderable(f"The value at {path} is larger than what is rendered.")
    return b"".join(content.value(StoredValue(stored, value, indexes.inflation)))
