"""A server that is killed at any moment loses nothing that it has answered for, and shows nothing that is not whole."""

import logging
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import requests
from pydicom.uid import generate_uid

from tests.builders import instance, multipart, part10
from tests.live_archive import LiveArchive, live_archive

log = logging.getLogger(__name__)

SEED = 20240131
ROUNDS = {"embedded": 20, "hospital": 5}
CLIENTS = 3
MOST_IN_A_REQUEST = 10
LONGEST_LOAD = {"embedded": 0.8, "hospital": 4}  # seconds
QUICK_START = 15  # seconds, on a busy machine

STUDY, SERIES, INSTANCE = "0020000D", "0020000E", "00080018"


@dataclass
class Request:
    """One store request; its instances by SOP Instance UID."""

    objects: dict[str, bytes]
    answered: bool = False


@dataclass
class Load:
    """What clients store at once, in few studies, so that they meet."""

    #: Series by study.
    studies: dict[str, list[str]] = field(
        default_factory=lambda: {generate_uid(): [generate_uid(), generate_uid()] for _ in range(3)}
    )
    requests: list[Request] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def run(self, archive: LiveArchive, chance: random.Random) -> None:
        """One client: store until the server is gone."""
        with archive.session() as session:
            while True:
                request = Request(dict(self._objects(chance, chance.randint(1, MOST_IN_A_REQUEST))))
                self.requests.append(request)
                body, content_type = multipart(list(request.objects.values()))
                try:
                    response = session.post(f"{archive.url}/studies", data=body, headers={"Content-Type": content_type})
                except requests.RequestException:
                    return
                self.statuses.append(response.status_code)
                request.answered = response.status_code == 200

    def _objects(self, chance: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
        for _ in range(count):
            study = chance.choice(list(self.studies))
            side = chance.choice((8, 8, 8, 200))
            dataset = instance(
                StudyInstanceUID=study,
                SeriesInstanceUID=chance.choice(self.studies[study]),
                Rows=side,
                Columns=side,
                PixelData=chance.randbytes(2 * side * side),
            )
            yield dataset.SOPInstanceUID, part10(dataset)

    @property
    def sent(self) -> dict[str, bytes]:
        return {uid: content for request in self.requests for uid, content in request.objects.items()}

    @property
    def answered(self) -> set[str]:
        return {uid for request in self.requests if request.answered for uid in request.objects}


@pytest.fixture
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    folder = tmp_path_factory.mktemp("sigkill")
    # Large objects go through a file, small ones through memory.
    with live_archive(folder, ARCHIVE_MAX_RESULTS="1000000", ARCHIVE_SPOOL_SIZE="32K") as archive:
        yield archive


def test_a_killed_server_has_all_that_it_answered_for_and_shows_nothing_in_part(
    archive: LiveArchive, pytestconfig: pytest.Config, caplog: pytest.LogCaptureFixture
) -> None:
    """STOW-40, QIDO-95: 200 means durable and searchable; a request becomes visible as one, or not at all."""
    backends = pytestconfig.getoption("--backends")
    rounds = ROUNDS[backends]
    caplog.set_level(logging.INFO)
    log.info("seed %d", SEED)
    chance = random.Random(SEED)
    loads = []
    for _ in range(rounds):
        loads.append(load_until_killed(archive, chance, chance.uniform(0.05, LONGEST_LOAD[backends])))
        began = time.monotonic()
        archive.start()
        seconds = time.monotonic() - began
        log.info("%d of %d answered, started again in %.2f s", len(loads[-1].answered), len(loads[-1].sent), seconds)
        assert seconds < QUICK_START
        with archive.session() as session:
            assert_whole(archive, session, loads[-1])
    with archive.session() as session:
        visible = {found[INSTANCE]["Value"][0] for found in search(archive, session, "/instances")}
    answered = {uid for load in loads for uid in load.answered}
    assert answered, "the load was too light to say anything"
    assert answered <= visible
    orphans = len(archive.blob_keys()) - len(visible)
    assert 0 <= orphans <= rounds * CLIENTS * MOST_IN_A_REQUEST, "blobs of requests that nobody has answered"
    assert "Traceback" not in archive.output


def load_until_killed(archive: LiveArchive, chance: random.Random, seconds: float) -> Load:
    load = Load()
    clients = [
        threading.Thread(target=load.run, args=(archive, random.Random(chance.random()))) for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    time.sleep(seconds)
    archive.kill()
    for client in clients:
        client.join()
    return load


def assert_whole(archive: LiveArchive, session: requests.Session, load: Load) -> None:
    """What is visible of a load is each instance's bytes, metadata and frame, and the right counts."""
    assert set(load.statuses) <= {200}
    visible = {uid for study in load.studies for uid in whole_instances_of(archive, session, study, load.sent)}
    assert load.answered <= visible
    for request in load.requests:
        assert request.objects.keys() <= visible or not request.objects.keys() & visible


def whole_instances_of(archive: LiveArchive, session: requests.Session, study: str, sent: dict[str, bytes]) -> set[str]:
    found = search(archive, session, f"/studies/{study}/instances")
    visible = {one[INSTANCE]["Value"][0]: one[SERIES]["Value"][0] for one in found}
    assert len(visible) == len(found)
    if visible:
        assert_counted(archive, session, study, visible)
        metadata = search(archive, session, f"/studies/{study}/metadata")
        assert {one[INSTANCE]["Value"][0] for one in metadata} == visible.keys()
        objects = session.get(f"{archive.url}/studies/{study}")
        assert objects.status_code == 200
        assert [uid for uid in visible if sent[uid] not in objects.content] == []
    for uid, series in visible.items():
        frame = session.get(f"{archive.url}/studies/{study}/series/{series}/instances/{uid}/frames/1")
        assert frame.status_code == 200
    return set(visible)


def assert_counted(archive: LiveArchive, session: requests.Session, study: str, visible: dict[str, str]) -> None:
    """QIDO-87"""
    (row,) = search(archive, session, f"/studies?StudyInstanceUID={study}")
    assert row["00201208"]["Value"] == [len(visible)]
    assert row["00201206"]["Value"] == [len(set(visible.values()))]
    counted = {
        one[SERIES]["Value"][0]: one["00201209"]["Value"][0]
        for one in search(archive, session, f"/studies/{study}/series")
    }
    expected: dict[str, int] = defaultdict(int)
    for series in visible.values():
        expected[series] += 1
    assert counted == expected


def search(archive: LiveArchive, session: requests.Session, path: str) -> list[dict[str, dict[str, list[str]]]]:
    response = session.get(archive.url + path)
    assert response.status_code == 200
    found: list[dict[str, dict[str, list[str]]]] = response.json()
    return found
