"""The blob storages under test: files in a temporary folder, and a real S3 server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from django.core.files.storage import FileSystemStorage
from storages.backends.s3 import S3Storage

from archive.storage import BlobStore
from archive.storage.filesystem import FilesystemStore
from archive.storage.s3 import S3Store
from archive.storage.s3_options import s3_options
from tests.archive.storage.faulty_s3 import FaultyS3
from tests.servers import S3, start_s3


def filesystem_store(folder: Path) -> FilesystemStore:
    return FilesystemStore(FileSystemStorage(location=folder))


def s3_store(endpoint_url: str, bucket: str, **client_options: Any) -> S3Store:
    options = s3_options(bucket, endpoint_url)
    options["client_config"] = options["client_config"].merge(Config(**client_options))
    return S3Store(S3Storage(access_key="test", secret_key="test", region_name="us-east-1", **options))


@pytest.fixture
def files(tmp_path: Path) -> FilesystemStore:
    return filesystem_store(tmp_path / "blobs")


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with start_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def s3(s3_server: S3) -> S3Store:
    return s3_store(s3_server.endpoint_url, s3_server.bucket)


@pytest.fixture(params=["files", "s3"])
def store(request: pytest.FixtureRequest) -> BlobStore:
    kind: BlobStore = request.getfixturevalue(request.param)
    return kind


@pytest.fixture(scope="session")
def _faulty_s3(s3_server: S3) -> Iterator[FaultyS3]:
    with FaultyS3(s3_server.endpoint_url) as server:
        yield server


@pytest.fixture
def faulty_s3(_faulty_s3: FaultyS3) -> Iterator[FaultyS3]:
    """A way to the S3 server on which things go wrong when told to."""
    yield _faulty_s3
    _faulty_s3.forget()


@pytest.fixture(scope="session")
def far_s3(_faulty_s3: FaultyS3, s3_server: S3) -> S3Store:
    """The S3 storage by that way; it tries everything twice."""
    return s3_store(_faulty_s3.endpoint_url, s3_server.bucket, retries={"mode": "standard", "total_max_attempts": 2})
