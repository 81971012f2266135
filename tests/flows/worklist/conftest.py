"""The archives that the scenarios run on. They are shared, so every test has an AE title and workitems of its own."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.flows.worklist.client import Worklist
from tests.flows.worklist.reports import GLOBAL
from tests.live_archive import LiveArchive, live_archive, running
from tests.servers import start_redis

#: Every choice that an administrator has, made the other way round.
OTHERWISE = {
    "ARCHIVE_UPS_STRICT": "true",
    "ARCHIVE_UPS_CANCEL_UNHEARD": "refuse",
    "ARCHIVE_UPS_DELETION_LOCKS": "refuse",
    "ARCHIVE_UPS_FILTERED_SUBSCRIPTIONS": "refuse",
}


@pytest.fixture(scope="session")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveArchive, LiveArchive]]:
    """Two server processes over one database, which wake each other through Redis."""
    folder = tmp_path_factory.mktemp("processes")
    with (
        start_redis(folder) as redis,
        live_archive(folder, REDIS_URL=redis.url) as first,
        running(first.beside()) as second,
    ):
        yield first, second


@pytest.fixture(scope="session")
def otherwise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """An archive with every setting of the worklist that is a choice made the other way round."""
    with live_archive(tmp_path_factory.mktemp("otherwise"), **OTHERWISE) as archive:
        yield archive


@pytest.fixture
def site(request: pytest.FixtureRequest) -> tuple[LiveArchive, LiveArchive]:
    """The process that is asked, and that which sends reports; one and the same, unless a test wants two."""
    if getattr(request, "param", None) == "two processes":
        first, second = request.getfixturevalue("processes")
        return first, second
    archive = request.getfixturevalue("archive")
    return archive, archive


@pytest.fixture
def worklist(site: tuple[LiveArchive, LiveArchive]) -> Iterator[Worklist]:
    asked, sending = site
    with Worklist(asked.url, asked.session(), channels=sending.url) as worklist:
        yield worklist


@pytest.fixture
def other_worklist(otherwise: LiveArchive) -> Iterator[Worklist]:
    """Of the archive whose choices are the other ones."""
    with Worklist(otherwise.url, otherwise.session()) as worklist:
        yield worklist


@pytest.fixture
def new_ae(worklist: Worklist) -> Iterator[Callable[[], str]]:
    """Makes AE titles that nobody has had before; at the end they are subscribed to nothing."""
    made: list[str] = []

    def new() -> str:
        made.append(f"AE-{uuid.uuid4().hex[:12].upper()}")
        return made[-1]

    yield new
    for ae in made:
        worklist.unsubscribe(GLOBAL, ae)


@pytest.fixture
def ae(new_ae: Callable[[], str]) -> str:
    return new_ae()


@pytest.fixture
def purge(site: tuple[LiveArchive, LiveArchive]) -> Callable[[], object]:
    """Deletes the workitems that are final and not locked, as if their time were over."""
    return purging(site[0])


@pytest.fixture
def other_purge(otherwise: LiveArchive) -> Callable[[], object]:
    return purging(otherwise)


def purging(archive: LiveArchive) -> Callable[[], object]:
    command = archive.beside()
    command.environment |= {"ARCHIVE_UPS_COMPLETED_DAYS": "0", "ARCHIVE_UPS_CANCELED_DAYS": "0"}
    return lambda: command.manage("purge_workitems")
