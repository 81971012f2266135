"""CRC-32 of objects: known from the store on, or found once."""

from zlib import crc32

import pytest

from archive import checksums
from archive.models import Instance
from archive.storage import BlobMissing, blobs
from tests.storing import stored

pytestmark = pytest.mark.django_db


def find(row: Instance) -> int:
    return checksums.find_crc32(row.pk, row.blob_key, row.size)


def test_the_store_keeps_it():
    file = stored()
    assert Instance.objects.get().crc32 == crc32(file.content)


def test_of_what_was_stored_before_it_is_found_and_kept():
    file = stored()
    Instance.objects.update(crc32=None)
    assert find(Instance.objects.get()) == crc32(file.content)
    assert Instance.objects.get().crc32 == crc32(file.content)


def test_it_is_not_kept_of_bytes_that_have_been_replaced_meanwhile():
    stored()
    Instance.objects.update(crc32=None)
    before = Instance.objects.get()
    Instance.objects.update(blob_key="2024/01/31/10/" + 32 * "0" + ".dcm")
    find(before)
    assert Instance.objects.get().crc32 is None


def test_of_bytes_that_are_gone_there_is_none():
    stored()
    row = Instance.objects.get()
    blobs().delete(row.blob_key)
    with pytest.raises(BlobMissing):
        find(row)
