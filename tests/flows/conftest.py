from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from dicomweb_client import DICOMwebClient

from tests.flows.files import IMAGES, WITHOUT_PIXELS, path_of
from tests.live_archive import LiveArchive, live_archive


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """One archive for all flows of a worker: a test brings objects of its own, or some that may be there already."""
    with live_archive(tmp_path_factory.mktemp("archive")) as archive:
        yield archive


@pytest.fixture
def session(archive: LiveArchive) -> Iterator[requests.Session]:
    with archive.session() as session:
        yield session


@pytest.fixture
def client(archive: LiveArchive, session: requests.Session) -> DICOMwebClient:
    client = DICOMwebClient(archive.url, session=session)
    client.set_http_retry_params(retry=False)
    return client


@pytest.fixture(params=IMAGES + WITHOUT_PIXELS)
def file(request: pytest.FixtureRequest) -> Path:
    return path_of(request.param)


@pytest.fixture(params=IMAGES)
def image(request: pytest.FixtureRequest) -> Path:
    return path_of(request.param)
