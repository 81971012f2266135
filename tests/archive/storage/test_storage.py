"""Which storage the archive takes, and how it is configured."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from archive.storage import blobs, io_pool
from archive.storage.filesystem import FilesystemStore
from archive.storage.s3 import S3Store
from archive.storage.s3_options import s3_options


@pytest.fixture(autouse=True)
def _fresh_blobs() -> Iterator[None]:
    blobs.cache_clear()
    yield
    blobs.cache_clear()


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


def test_aws_is_reached_without_an_endpoint():
    assert s3_options("archive", "")["endpoint_url"] is None


def test_a_server_of_ones_own_needs_no_host_name_for_each_bucket():
    assert s3_options("archive", "http://127.0.0.1:9000")["client_config"].s3 == {"addressing_style": "path"}


def test_the_threads_for_blobs_are_as_many_as_set(settings):
    assert io_pool()._max_workers == settings.ARCHIVE_IO_THREADS


def test_without_s3_nobody_loads_its_client():
    program = "import sys, archive.storage, archive.storage.filesystem; sys.exit('boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
