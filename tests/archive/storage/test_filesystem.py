import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.storage import BlobMissing, BlobTruncated, StorageUnavailable, new_key
from tests.archive.storage.conftest import filesystem_store
from tests.archive.storage.test_blob_store import listed, some_bytes, stored, whole


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Path, int]]]:
    """What is synced to disk, in order, with the size it has at that moment."""
    calls = []
    fsync = os.fsync

    def noting(descriptor: int) -> None:
        calls.append((Path(f"/proc/self/fd/{descriptor}").readlink(), os.fstat(descriptor).st_size))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    return calls


def test_a_blob_and_every_new_folder_are_synced(files, root, synced):
    key = stored(files, b"durable")
    path = root / key
    folders = [root.parent, root, *reversed([root / parent for parent in Path(key).parents][1:-1])]
    assert [folder for folder, _ in synced[:-2]] == folders
    assert synced[-2] == (path, len(b"durable"))
    assert synced[-1][0] == path.parent


def test_a_known_folder_costs_no_more_syncs(files, root, synced):
    first = stored(files, b"1")
    synced.clear()
    second = str(Path(first).with_name(Path(new_key()).name))
    files.put(second, io.BytesIO(b"2"), 1)
    assert [path for path, _ in synced] == [root / second, (root / second).parent]


def test_folders_of_another_process_are_synced_again(files, root, synced):
    stored(files, b"1")
    synced.clear()
    key = stored(filesystem_store(root), b"2")
    assert {root, (root / key).parent.parent} <= {path for path, _ in synced}


def test_an_adopted_file_is_synced_and_not_copied(files, root, synced, tmp_path: Path):
    upload = tmp_path / "upload"
    upload.write_bytes(b"a large upload")
    inode = upload.stat().st_ino
    key = new_key()
    files.adopt(key, upload)
    assert (root / key).stat().st_ino == inode
    assert synced[-2] == (upload, len(b"a large upload"))  # one file, under the name it was opened by
    assert synced[-1][0] == (root / key).parent


def test_a_file_of_another_file_system_is_taken_over(files, root):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        upload = Path(folder) / "upload"
        upload.write_bytes(b"from far away")
        key = new_key()
        files.adopt(key, upload)
        assert not upload.exists()
    assert whole(files, key) == b"from far away"


def test_others_cannot_read_blobs(files, root, tmp_path: Path):
    upload = tmp_path / "upload"
    upload.write_bytes(b"x")
    adopted = new_key()
    files.adopt(adopted, upload)
    for key in (stored(files, b"x"), adopted):
        assert (root / key).stat().st_mode & 0o777 == 0o640
        assert (root / key).parent.stat().st_mode & 0o007 == 0


FULL_DISK = """
import io, resource, sys
from django.conf import settings
settings.configure()
from django.core.files.storage import FileSystemStorage
from archive.storage import StorageFull, new_key
from archive.storage.filesystem import FilesystemStore

resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
store = FilesystemStore(FileSystemStorage(location=sys.argv[1]))
fits = new_key()
store.put(fits, io.BytesIO(bytes(1 << 20)), 1 << 20)
try:
    store.put(new_key(), io.BytesIO(bytes((1 << 20) + 1)), (1 << 20) + 1)
except StorageFull:
    sys.exit(0 if [blob.key for blob in store.listing()] == [fits] else 2)
sys.exit(3)
"""


def test_a_full_file_system_is_said_to_be_full_and_keeps_nothing_of_the_blob(root):
    # A limit on the size of files is the one way to run out of room that needs no privilege.
    result = subprocess.run([sys.executable, "-c", FULL_DISK, str(root)], capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()
    assert len([path for path in root.rglob("*") if path.is_file()]) == 1


def test_a_folder_that_cannot_be_used_is_unavailable(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        broken = filesystem_store(folder)
        with pytest.raises(StorageUnavailable):
            broken.check()
        with pytest.raises(StorageUnavailable):
            listed(broken)


def test_a_blob_that_cannot_be_read_is_unavailable(files, root):
    key = stored(files, b"x")
    (root / key).unlink()
    (root / key).mkdir()
    with pytest.raises(StorageUnavailable):
        files.read(key)


def test_a_blob_that_shrinks_while_it_is_read_breaks_the_reading(files, root):
    key = stored(files, some_bytes(10_000))
    chunks = files.read(key, chunk_size=1000)
    os.truncate(root / key, 4500)
    with pytest.raises(BlobTruncated):
        list(chunks)


def test_a_blob_may_be_deleted_while_it_is_read(files):
    content = some_bytes(10_000)
    key = stored(files, content)
    chunks = files.read(key, chunk_size=1000)
    files.delete(key)
    assert b"".join(chunks) == content
    with pytest.raises(BlobMissing):
        files.read(key)


def test_files_that_are_no_blobs_are_not_listed(files, root):
    key = stored(files, b"x")
    (root / "README").write_text("restored from tape 7")
    (root / key).with_suffix(".tmp").write_bytes(b"")
    (root / "lost+found").mkdir()
    assert set(listed(files)) == {key}


def test_an_empty_storage_lists_nothing(files):
    assert listed(files) == {}


def test_folders_that_were_removed_are_made_again(files, root):
    stored(files, b"x")
    shutil.rmtree(root)
    assert whole(files, stored(files, b"y")) == b"y"
