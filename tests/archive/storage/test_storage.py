"""Which storage the archive takes, and how it is configured."""

import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from storages.backends.s3 import S3Storage

from archive.storage import blobs, derived_blobs, io_pool, new_key
from archive.storage.filesystem import FilesystemStore
from archive.storage.s3 import PART, S3Store
from archive.storage.s3_options import s3_options


@pytest.fixture(autouse=True)
def _fresh_blobs() -> Iterator[None]:
    for store in (blobs, derived_blobs):
        store.cache_clear()
    yield
    for store in (blobs, derived_blobs):
        store.cache_clear()


def use(settings, backend: str, **options) -> None:
    settings.STORAGES = {**settings.STORAGES, "blobs": {"BACKEND": backend, "OPTIONS": options}}


def test_a_folder_makes_a_filesystem_store(settings, tmp_path: Path):
    use(settings, "django.core.files.storage.FileSystemStorage", location=str(tmp_path))
    assert isinstance(blobs(), FilesystemStore)


def test_a_bucket_makes_an_s3_store(settings, s3_server):
    options = s3_options(s3_server.bucket, s3_server.endpoint_url)
    use(settings, "storages.backends.s3.S3Storage", access_key="test", secret_key="test", **options)
    assert isinstance(blobs(), S3Store)
    blobs().check()


def test_another_storage_is_refused(settings):
    use(settings, "django.core.files.storage.InMemoryStorage")
    with pytest.raises(ImproperlyConfigured, match="FileSystemStorage"):
        blobs()


def test_there_is_one_store_for_all(settings, tmp_path: Path):
    use(settings, "django.core.files.storage.FileSystemStorage", location=str(tmp_path))
    assert blobs() is blobs()


def test_in_one_bucket_blobs_of_objects_and_derived_ones_do_not_see_each_other(s3_server):
    def store(folder: str) -> S3Store:
        options = s3_options(s3_server.bucket, s3_server.endpoint_url, folder)
        return S3Store(S3Storage(access_key="test", secret_key="test", region_name="us-east-1", **options))

    objects, derived = store(""), store("derived")
    of_object, of_both, large = new_key(), new_key(), new_key("raw")
    objects.put(of_object, BytesIO(b"object"), 6)
    objects.put(of_both, BytesIO(b"object"), 6)
    derived.put(of_both, BytesIO(b"picture"), 7)
    derived.put(large, BytesIO(bytes(PART + 1)), PART + 1)

    assert {large, of_both} <= {blob.key for blob in derived.listing()}
    assert of_object not in {blob.key for blob in derived.listing()}
    assert large not in {blob.key for blob in objects.listing()}
    assert derived.size(large) == PART + 1
    assert b"".join(derived.read(of_both)) == b"picture"
    derived.delete(of_both)
    assert b"".join(objects.read(of_both)) == b"object"


@pytest.mark.parametrize(("store", "durable"), [(blobs, True), (derived_blobs, False)])
def test_only_what_cannot_be_made_again_is_synced(settings, tmp_path: Path, monkeypatch, store, durable):
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "blobs": backend, "derived": backend}
    synced = []
    monkeypatch.setattr("archive.storage.filesystem.os.fsync", synced.append)

    store().put(key := new_key(), BytesIO(b"bytes"), 5)

    assert bool(synced) == durable
    assert b"".join(store().read(key)) == b"bytes"


def test_aws_is_reached_without_an_endpoint():
    assert s3_options("archive", "")["endpoint_url"] is None


def test_a_server_of_ones_own_needs_no_host_name_for_each_bucket():
    assert s3_options("archive", "http://127.0.0.1:9000")["client_config"].s3 == {"addressing_style": "path"}


def test_the_threads_for_blobs_are_as_many_as_set(settings):
    assert io_pool()._max_workers == settings.ARCHIVE_IO_THREADS


def test_without_s3_nobody_loads_its_client():
    program = "import sys, archive.storage, archive.storage.filesystem; sys.exit('boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
