"""One object on its way in: in memory, then in a file, and nothing left of it afterwards."""

import hashlib
import os
import zlib
from pathlib import Path

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from archive.services.spool import InstanceTooLarge, Spool, remove_abandoned
from archive.storage import BlobMissing, blobs, new_key


@pytest.fixture
def incoming(settings) -> Path:
    """The folder for large parts, with parts being large from 11 bytes on."""
    settings.ARCHIVE_SPOOL_SIZE = 10
    return settings.ARCHIVE_DATA_DIR / "incoming"


def spooled(*pieces: bytes) -> Spool:
    spool = Spool()
    for piece in pieces:
        spool.write(piece)
    return spool


@given(st.lists(st.binary(max_size=20), max_size=8), st.integers(0, 40))
def test_it_gives_back_what_it_took_with_size_digest_and_crc32(pieces, spool_size):
    with override_settings(ARCHIVE_SPOOL_SIZE=spool_size), spooled(*pieces) as spool:
        whole = b"".join(pieces)
        assert spool.file().read() == whole
        assert spool.file().read() == whole
        assert spool.size == len(whole)
        assert spool.sha256 == hashlib.sha256(whole).hexdigest()
        assert spool.crc32 == zlib.crc32(whole)


def test_a_small_object_touches_no_file(incoming):
    with spooled(b"0123456789"):
        assert list(incoming.iterdir()) == []


def test_a_large_object_is_in_a_file_until_it_is_closed(incoming):
    with spooled(b"0123456789", b"a") as spool:
        spool.file()
        (file,) = incoming.iterdir()
        assert file.read_bytes() == b"0123456789a"

    assert list(incoming.iterdir()) == []


@pytest.mark.parametrize("content", [b"small", b"larger than ten bytes", b""])
@pytest.mark.parametrize("read_before", [True, False])
def test_put_makes_a_blob_and_leaves_nothing_else(incoming, content, read_before):
    spool, key = spooled(content), new_key()
    if read_before:
        spool.file().read(3)

    spool.put(key)

    assert b"".join(blobs().read(key)) == content
    assert list(incoming.iterdir()) == []
    blobs().delete(key)


@pytest.mark.parametrize("content", [b"small", b"larger than ten bytes"])
def test_an_object_that_is_closed_unstored_leaves_nothing(incoming, content):
    spool = spooled(content)
    spool.close()
    spool.close()

    assert list(incoming.iterdir()) == []


def test_a_put_that_fails_leaves_nothing(incoming, monkeypatch):
    def fail(*arguments: object) -> None:
        raise BlobMissing("a key")

    monkeypatch.setattr(blobs(), "adopt", fail)
    with pytest.raises(BlobMissing):
        spooled(b"larger than ten bytes").put(new_key())

    assert list(incoming.iterdir()) == []


@pytest.mark.parametrize(("taken", "too_much"), [(0, 31), (20, 11), (30, 1)])
def test_an_object_that_is_too_large_is_refused(settings, incoming, taken, too_much):
    settings.ARCHIVE_MAX_INSTANCE_SIZE = 30
    with spooled(b"x" * taken) as spool, pytest.raises(InstanceTooLarge, match="30 bytes"):
        spool.write(b"x" * too_much)

    assert list(incoming.iterdir()) == []


def test_an_object_of_exactly_the_largest_size_is_taken(settings, incoming):
    settings.ARCHIVE_MAX_INSTANCE_SIZE = 30
    with spooled(b"x" * 30) as spool:
        assert spool.size == 30


def test_only_parts_that_lost_their_process_long_ago_are_removed(settings):
    incoming = settings.ARCHIVE_DATA_DIR / "incoming"
    old, young, other = incoming / "part-old", incoming / "part-young", incoming / "other"
    for path in (old, young, other):
        path.write_bytes(b"bytes")
    for path in (old, other):
        os.utime(path, (0, 0))

    remove_abandoned()

    assert not old.exists()
    assert young.exists()
    assert other.exists()
    young.unlink()
    other.unlink()
