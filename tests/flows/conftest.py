from collections.abc import Iterator

import pytest
import requests
from dicomweb_client import DICOMwebClient

from tests.live_archive import LiveArchive, live_archive


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """One archive for all flows of a worker: each test brings objects of its own, or stores what may be there already."""
    with live_archive(tmp_path_factory.mktemp("archive")) as archive:
        yield archive


@pytest.fixture
def session(archive: LiveArchive) -> Iterator[requests.Session]:
    with archive.session() as session:
        yield session


@pytest.fixture
def client(archive: LiveArchive, session: requests.Session) -> DICOMwebClient:
    return DICOMwebClient(archive.url, session=session)
