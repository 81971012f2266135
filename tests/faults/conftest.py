from collections.abc import Iterator

import pytest
import requests

from tests.live_archive import LiveArchive, live_archive


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """One archive for the faults of a worker that it survives."""
    with live_archive(tmp_path_factory.mktemp("faults")) as archive:
        yield archive


@pytest.fixture
def session(archive: LiveArchive) -> Iterator[requests.Session]:
    with archive.session() as session:
        yield session
