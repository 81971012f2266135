"""CRC-32 of stored objects, which zip archives have in front of each file.

The store keeps it. Of what was stored before there was a column for it, it is found when it is first asked for.
"""

from functools import partial

from isal import isal_zlib

from archive import rows
from archive.dicom.byte_ranges import ByteRange
from archive.storage import blobs
from archive.transactions import write


def find_crc32(pk: int, blob_key: str, size: int) -> int:
    """That of an instance without one, kept from now on.

    Raises:
        StorageError: its bytes cannot be read.
    """
    found = 0
    for chunk in blobs().read(blob_key, ByteRange(0, size)):
        found = isal_zlib.crc32(chunk, found)
    sql = "UPDATE archive_instance SET crc32 = %s WHERE id = %s AND blob_key = %s"
    write(partial(rows.execute, sql, found, pk, blob_key))
    return found
