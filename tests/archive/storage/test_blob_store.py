"""What every blob storage promises, held against each of them."""

import gc
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.dicom.byte_ranges import ByteRange
from archive.storage import BlobExists, BlobMissing, BlobTruncated, StorageError, StoredBlob, io_pool, new_key
from archive.storage.base import CHUNK


def some_bytes(size: int) -> bytes:
    return Random(size).randbytes(size)


def stored(store, content: bytes) -> str:
    key = new_key()
    store.put(key, io.BytesIO(content), len(content))
    return key


def whole(store, key: str) -> bytes:
    return b"".join(store.read(key))


def listed(store) -> dict[str, StoredBlob]:
    return {blob.key: blob for blob in store.listing()}


@pytest.mark.parametrize("size", [0, 1, CHUNK, 3 * CHUNK + 1, 20 << 20])
def test_what_is_put_is_read_back(store, size):
    content = some_bytes(size)
    key = stored(store, content)
    assert whole(store, key) == content
    assert store.size(key) == size


def test_content_is_put_from_its_beginning_wherever_it_stands(store):
    key = new_key()
    content = io.BytesIO(b"from the beginning")
    content.seek(0, io.SEEK_END)
    store.put(key, content, 18)
    assert whole(store, key) == b"from the beginning"


@pytest.mark.parametrize("size", [17, 19])
def test_content_of_another_size_than_announced_is_refused(store, size):
    key = new_key()
    with pytest.raises(ValueError, match="the content has 18 bytes"):
        store.put(key, io.BytesIO(b"from the beginning"), size)
    with pytest.raises(BlobMissing):
        store.read(key)


def test_a_key_is_never_written_twice(store):
    key = stored(store, b"first")
    with pytest.raises(BlobExists):
        store.put(key, io.BytesIO(b"other"), 5)
    assert whole(store, key) == b"first"


def test_a_put_that_fails_leaves_nothing(store):
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= CHUNK:
                raise OSError("the disk of the uploaded file broke")
            return super().read(min(size or CHUNK, CHUNK) if size and size > 0 else CHUNK)

    key = new_key()
    with pytest.raises((StorageError, OSError)):
        store.put(key, Failing(some_bytes(3 * CHUNK)), 3 * CHUNK)
    with pytest.raises(BlobMissing):
        store.read(key)


def test_a_file_is_taken_over(store, tmp_path: Path):
    content = some_bytes(3 * CHUNK)
    upload = tmp_path / "upload"
    upload.write_bytes(content)
    key = new_key()
    store.adopt(key, upload)
    assert whole(store, key) == content
    assert not upload.exists()


def test_a_file_is_not_taken_over_under_a_taken_key(store, tmp_path: Path):
    upload = tmp_path / "upload"
    upload.write_bytes(b"other")
    key = stored(store, b"first")
    with pytest.raises(BlobExists):
        store.adopt(key, upload)
    assert whole(store, key) == b"first"


def test_a_missing_blob_is_noticed_before_the_first_byte(store):
    key = new_key()
    for attempt in (
        lambda: store.read(key),
        lambda: store.read(key, ByteRange(0, 1)),
        lambda: store.read(key, ByteRange(0, 0)),
        lambda: store.size(key),
    ):
        with pytest.raises(BlobMissing, match=key):
            attempt()


def test_a_deleted_blob_is_missing(store):
    key = stored(store, b"gone soon")
    store.delete(key)
    with pytest.raises(BlobMissing):
        store.read(key)


def test_deleting_a_missing_blob_is_fine(store):
    store.delete(new_key())


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../../x.dcm", "2024/01/01/00/../../../../../x.dcm"])
def test_a_name_that_is_no_key_reaches_nothing(store, key, tmp_path: Path):
    upload = tmp_path / "upload"
    upload.write_bytes(b"x")
    for attempt in (
        lambda: store.put(key, io.BytesIO(b"x"), 1),
        lambda: store.adopt(key, upload),
        lambda: store.read(key),
        lambda: store.size(key),
        lambda: store.delete(key),
    ):
        with pytest.raises(ValueError, match="is not the key of a blob"):
            attempt()


SMALL = some_bytes(10_000)


def test_a_range_reads_what_a_slice_of_the_bytes_would(store):
    key = stored(store, SMALL)
    ends = st.integers(0, len(SMALL))

    @settings(max_examples=40, deadline=None)
    @given(ends, ends, st.integers(1, 2 * len(SMALL)))
    def law(one: int, other: int, chunk_size: int) -> None:
        start, stop = sorted((one, other))
        chunks = list(store.read(key, ByteRange(start, stop), chunk_size=max(chunk_size, 100)))
        assert b"".join(chunks) == SMALL[start:stop]
        assert all(0 < len(chunk) <= max(chunk_size, 100) for chunk in chunks)

    law()


@pytest.mark.parametrize(
    "byte_range", [ByteRange(0, 10_001), ByteRange(9_999, 10_001), ByteRange(10_001, 10_001), ByteRange(20_000, 30_000)]
)
def test_a_range_past_the_end_is_refused_before_the_first_byte(store, byte_range):
    key = stored(store, SMALL)
    with pytest.raises(BlobTruncated):
        store.read(key, byte_range)


def test_chunks_have_the_size_asked_for(store):
    key = stored(store, SMALL)
    assert [len(chunk) for chunk in store.read(key, chunk_size=4096)] == [4096, 4096, 1808]


def test_many_blobs_are_put_at_once(store):
    contents = {new_key(): some_bytes(1000 + number) for number in range(64)}
    puts = [io_pool().submit(store.put, key, io.BytesIO(data), len(data)) for key, data in contents.items()]
    for put in puts:
        put.result()
    assert {key: whole(store, key) for key in contents} == contents


def test_a_blob_is_read_by_many_at_once(store):
    content = some_bytes(3 * CHUNK)
    key = stored(store, content)
    with ThreadPoolExecutor(8) as readers:
        assert set(readers.map(lambda _: whole(store, key), range(16))) == {content}


def test_a_deleted_blob_is_not_listed(store):
    key = stored(store, b"gone soon")
    assert key in listed(store)
    store.delete(key)
    assert key not in listed(store)


def test_keys_lists_every_blob(store):
    before = datetime.now(UTC) - timedelta(seconds=2)  # some file systems count in whole seconds, or two
    sizes = {new_key(): number % 7 for number in range(1010)}
    list(io_pool().map(lambda key: store.put(key, io.BytesIO(bytes(sizes[key])), sizes[key]), sizes))
    found = listed(store)
    assert {key: found[key].size for key in sizes} == sizes
    assert all(before <= found[key].modified <= datetime.now(UTC) + timedelta(seconds=2) for key in sizes)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("chunks_taken", [0, 1, 3])
def test_a_reader_that_is_dropped_leaves_nothing_open(store, chunks_taken):
    key = stored(store, some_bytes(4 * CHUNK))

    def begin_and_drop() -> None:
        chunks = store.read(key, chunk_size=64 << 10)
        for _ in range(chunks_taken):
            next(chunks)

    begin_and_drop()
    gc.collect()
    descriptors, threads = open_descriptors(), threading.active_count()
    for _ in range(20):
        begin_and_drop()
    assert open_descriptors() <= descriptors
    assert threading.active_count() <= threads


def test_a_reader_that_is_closed_gives_no_more(store):
    key = stored(store, SMALL)
    chunks = store.read(key, chunk_size=1000)
    next(chunks)
    chunks.close()
    assert list(chunks) == []


def test_a_storage_that_works_passes_the_check(store):
    store.check()
