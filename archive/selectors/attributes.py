"""What a stored instance says of itself, without its file being parsed again: for what is rendered."""

from functools import partial
from threading import Lock

import orjson
from cachetools import LRUCache
from isal import isal_zlib

from archive import rows
from archive.dicom import dicom_json
from archive.dicom.dicom_json import DataSet
from archive.dicom.errors import NotRenderable
from archive.dicom.rendering.attributes import Attributes
from archive.errors import Deleted
from archive.selectors import content
from archive.selectors.locate import StoredIndexes, StoredInstance, StoredValue

#: Longer values than this are read for nobody's eyes.
LONGEST_VALUE = 256 << 20

#: Documents of so many characters are kept once they are read: per-frame functional groups can take a second.
WORTH_KEEPING, MOST_KEPT = 1 << 17, 1 << 25
_kept: LRUCache[str, tuple[int, DataSet]] = LRUCache(MOST_KEPT, getsizeof=lambda entry: entry[0])
_lock = Lock()


def attributes(stored: StoredInstance, indexes: StoredIndexes) -> Attributes:
    """The attributes of an instance; long values are read when they are asked for.

    Raises:
        Deleted: it has been deleted since it was found.
    """
    with _lock:
        found = _kept.get(stored.sha256)
    data_set = found[1] if found else _read(stored)
    return Attributes(data_set, partial(_bulk_value, stored, indexes))


def _read(stored: StoredInstance) -> DataSet:
    found = rows.select("SELECT dicom_json FROM archive_instancemetadata WHERE instance_id = %s", stored.pk)
    if not found:
        raise Deleted(stored.study, stored.series, stored.instance)
    document = isal_zlib.decompress(bytes(found[0][0]))
    data_set: DataSet = orjson.loads(dicom_json.resolve(document, ""))
    if WORTH_KEEPING <= len(document) <= MOST_KEPT:
        with _lock:
            _kept[stored.sha256] = len(document), data_set
    return data_set


def _bulk_value(stored: StoredInstance, indexes: StoredIndexes, path: str) -> bytes:
    value = indexes.bulkdata.get(path)
    if value is None:
        return b""
    if value.range.length > LONGEST_VALUE:
        raise NotRenderable(f"The value at {path} is larger than what is rendered.")
    return b"".join(content.value(StoredValue(stored, value, indexes.inflation)))
