"""Blobs as files: whatever is sought and read, it is what a file would give; and in few requests."""

from io import SEEK_CUR, SEEK_END, SEEK_SET, BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.selectors import blob_file
from archive.selectors.blob_file import BlobFile
from archive.storage import BlobMissing, blobs, new_key

pytestmark = pytest.mark.django_db

CONTENT = bytes(range(251)) * 40


@pytest.fixture
def key() -> str:
    key = new_key()
    blobs().put(key, BytesIO(CONTENT), len(CONTENT))
    return key


steps = st.lists(
    st.tuples(st.sampled_from([SEEK_SET, SEEK_CUR, SEEK_END]), st.integers(0, 12_000), st.integers(-1, 5000)),
    max_size=12,
)


@pytest.fixture(autouse=True)
def _small_windows(monkeypatch) -> None:
    monkeypatch.setattr(blob_file, "FIRST_WINDOW", 100)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(steps)
def test_it_reads_as_a_file_does(key, steps):
    ours, theirs = BlobFile(key, len(CONTENT)), BytesIO(CONTENT)
    for whence, distance, size in steps:
        offset = -min(distance, len(CONTENT)) if whence == SEEK_END else distance
        assert ours.seek(offset, whence) == theirs.seek(offset, whence)
        assert ours.read(size) == theirs.read(size)
        assert ours.tell() == theirs.tell()


def test_reading_in_order_takes_few_requests_and_a_jump_a_small_one(key, monkeypatch):
    asked: list[int] = []
    read = blobs().read

    def noted(key, byte_range):
        asked.append(byte_range.length)
        return read(key, byte_range)

    monkeypatch.setattr(blobs(), "read", noted)
    file = BlobFile(key, len(CONTENT))

    for _ in range(500):
        file.read(10)
    assert asked == [100, 400, 1600, 6400]
    file.seek(9000)
    file.read(10)
    file.seek(20)
    file.read(10)
    assert asked[4:] == [100, 100]


def test_a_blob_that_is_gone_is_missing_when_it_is_read():
    with pytest.raises(BlobMissing):
        BlobFile(new_key(), 10).read(1)
