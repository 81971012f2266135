"""Zip archives of stored objects in ranges: what is read, and what happens when it cannot be."""

import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.dicom.byte_ranges import ByteRange
from archive.errors import Deleted
from archive.models import Instance
from archive.selectors.zip_archive import ZipArchive
from archive.selectors.zip_download import zip_archive
from archive.services.delete import delete
from archive.storage import BlobMissing, BlobTruncated, blobs
from tests.storing import StoredFile, stored_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def files() -> list[StoredFile]:
    return [file for series in stored_study([3, 1]) for file in series]


@pytest.fixture
def archive(files: list[StoredFile]) -> ZipArchive:
    return zip_archive([(files[0].study, None)])


@pytest.fixture
def whole(archive: ZipArchive) -> bytes:
    return b"".join(archive.read())


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of blobs that are opened from now on."""
    opened: list[str] = []
    read = blobs().read

    def noted(key, *arguments, **options):
        opened.append(key)
        return read(key, *arguments, **options)

    monkeypatch.setattr(blobs(), "read", noted)
    return opened


def part(archive: ZipArchive, start: int, stop: int) -> bytes:
    return b"".join(archive.read(ByteRange(start, stop)))


def test_its_length_is_known_before_it_is_read(archive, read):
    length = archive.length
    assert read == []
    assert len(b"".join(archive.read())) == length


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_any_range_is_that_slice_of_the_whole(archive, whole, data):
    start = data.draw(st.integers(0, len(whole)))
    stop = data.draw(st.integers(start, len(whole)))
    assert part(archive, start, stop) == whole[start:stop]


def test_every_border_between_structures_can_be_cut(archive, whole):
    borders = [info.header_offset for info in zipfile.ZipFile(io.BytesIO(whole)).infolist()]
    borders += [start + 30 for start in borders] + [whole.index(b"PK\1\2"), whole.index(b"PK\5\6"), len(whole)]
    for border in borders:
        for near in (max(0, border - 1), border, min(len(whole), border + 1)):
            assert part(archive, 0, near) + part(archive, near, len(whole)) == whole


def test_a_range_reads_the_objects_that_it_touches_and_no_others(archive, whole, read):
    first, second, *_, last = zipfile.ZipFile(io.BytesIO(whole)).infolist()
    keys = list(Instance.objects.order_by("id").values_list("blob_key", flat=True))
    read.clear()

    part(archive, second.header_offset - 1, second.header_offset + 100)
    assert read == keys[:2]
    read.clear()
    part(archive, first.header_offset, first.header_offset + 30)  # a local header
    part(archive, last.header_offset, len(whole))  # what is written, and the central directory
    assert read == []


def test_checksums_that_are_not_known_yet_are_found_where_a_range_needs_them(files, whole, read):
    Instance.objects.update(crc32=None)
    archive = zip_archive([(files[0].study, None)])
    second = zipfile.ZipFile(io.BytesIO(whole)).infolist()[1].header_offset

    assert part(archive, second, second + 10) == whole[second : second + 10]
    assert Instance.objects.filter(crc32=None).count() == len(files) - 1
    assert part(archive, second, len(whole)) == whole[second:]
    assert not Instance.objects.filter(crc32=None).exists()


def test_an_object_that_is_gone_breaks_the_archive_off_before_its_first_byte_or_in_the_middle(files, archive):
    keys = list(Instance.objects.order_by("id").values_list("blob_key", flat=True))
    blobs().delete(keys[1])
    pieces = archive.read()
    with pytest.raises(BlobMissing):
        list(pieces)
    blobs().delete(keys[0])
    with pytest.raises(BlobMissing):
        archive.read()


def test_an_object_that_has_lost_bytes_breaks_the_archive_off(archive, files):
    key = Instance.objects.order_by("id").last().blob_key
    shorter = files[-1].content[:-1]
    blobs().delete(key)
    blobs().put(key, io.BytesIO(shorter), len(shorter))
    with pytest.raises(BlobTruncated):
        list(archive.read())


def test_who_stops_reading_leaves_nothing_open(archive):
    pieces = archive.read()
    next(pieces)
    pieces.close()
    assert next(pieces, None) is None


@pytest.mark.django_db(transaction=True)
def test_a_study_that_is_deleted_meanwhile_is_never_an_archive(files, archive):
    delete(files[0].study)
    with pytest.raises(BlobMissing):
        list(archive.read())
    with pytest.raises(Deleted):
        zip_archive([(files[0].study, None)])
