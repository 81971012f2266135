"""The ZIP file format, as Python's zipfile and Info-ZIP's unzip read it."""

import io
import zipfile
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import zip_format
from archive.zip_format import dos_time

GIBIBYTE = 1 << 30
CONTENT = b"bytes of a file"
NAME = "DICOM/IM000001"
SIZES = st.one_of(
    st.integers(0, 1 << 40), st.sampled_from([(1 << 32) - 2, (1 << 32) - 1, 1 << 32, (1 << 32) + 1, 1 << 50])
)


def end(count: int, offset: int, length: int) -> bytes:
    return zip_format.end_of_directory(count=count, offset=offset, length=length)


# Between these zipfile uses Zip64 already, although it does not have to.
@given(size=st.integers(0, (1 << 31) - 1) | st.integers((1 << 32) - 1, 1 << 50), crc=st.integers(0, (1 << 32) - 1))
def test_local_headers_are_those_that_zipfile_writes(size, crc):
    theirs = zipfile.ZipInfo(NAME, (2024, 1, 31, 10, 15, 30))
    theirs.file_size = theirs.compress_size = size
    theirs.CRC = crc
    ours = zip_format.local_header(NAME, modified=dos_time(2024, 1, 31, 10, 15, 30), size=size, crc32=crc)

    assert ours == theirs.FileHeader(zip64=size >= (1 << 32) - 1)
    assert len(ours) == zip_format.local_header_length(NAME, size)


@given(size=SIZES, offset=SIZES, crc=st.integers(0, (1 << 32) - 1))
def test_zipfile_finds_in_the_directory_what_was_written_there(size, offset, crc):
    entry = zip_format.directory_entry(NAME, modified=dos_time(2107, 12, 31), size=size, crc32=crc, offset=offset)
    assert len(entry) == zip_format.directory_entry_length(NAME, size, offset)

    archive = io.BytesIO(entry + end(1, 0, len(entry)))
    (found,) = zipfile.ZipFile(archive).infolist()
    assert (found.filename, found.file_size, found.compress_size) == (NAME, size, size)
    assert (found.CRC, found.header_offset, found.date_time) == (crc, offset, (2107, 12, 31, 0, 0, 0))


@pytest.mark.parametrize("count", [0xFFFE, 0xFFFF])
def test_an_archive_may_have_more_files_than_two_bytes_count(count):
    entry = zip_format.directory_entry(NAME, modified=dos_time(1980, 1, 1), size=0, crc32=0, offset=0)
    with zipfile.ZipFile(io.BytesIO(entry * count + end(count, 0, len(entry) * count))) as archive:
        assert len(archive.infolist()) == count


def test_files_beyond_four_gibibytes_are_found_and_whole(tmp_path):
    """A sparse file: five gibibytes of nothing, as one file, and behind it a small one."""
    modified, size = dos_time(2024, 1, 31), 5 * GIBIBYTE
    large = {"modified": modified, "size": size, "crc32": 0}
    small = {"modified": modified, "size": len(CONTENT), "crc32": crc32(CONTENT)}
    path = tmp_path / "large.zip"
    with path.open("wb") as file:
        file.write(zip_format.local_header("LARGE", **large))
        second = file.seek(size, io.SEEK_CUR)
        file.write(zip_format.local_header("SMALL", **small) + CONTENT)
        directory = file.tell()
        file.write(zip_format.directory_entry("LARGE", **large, offset=0))
        file.write(zip_format.directory_entry("SMALL", **small, offset=second))
        file.write(end(2, directory, file.tell() - directory))

    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("LARGE").file_size == size
        assert archive.read("SMALL") == CONTENT


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ((2024, 1, 31, 23, 59, 59), (2024, 1, 31, 23, 59, 58)),
        ((2024, 1, 31, 23, 59, 60), (2024, 1, 31, 23, 59, 58)),
        ((1899, 5, 6, 7, 8, 9), (1980, 1, 1, 0, 0, 0)),
        ((2108, 1, 1), (2107, 12, 31, 0, 0, 0)),
    ],
)
def test_times_are_to_two_seconds_and_within_the_years_that_there_are(given, read):
    entry = zip_format.directory_entry(NAME, modified=dos_time(*given), size=0, crc32=0, offset=0)
    (found,) = zipfile.ZipFile(io.BytesIO(entry + end(1, 0, len(entry)))).infolist()
    assert found.date_time == read
