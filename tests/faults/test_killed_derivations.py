"""Workers that are killed while they derive: in the end all has been derived, and nothing twice."""

import random
import time
from collections.abc import Iterator

import pytest
from pydicom.uid import JPEGLSLossless

from tests.builders import compressed, part10
from tests.faults.workers import rows, running, wait_until
from tests.live_archive import LiveArchive, live_archive

SEED = 20240131
INSTANCES = 40
FRAMES = 30
#: One of the processes that do tasks, then the worker with its two.
KILLED = 3

#: What the clock does; with Redis, messages that a killed worker had are out of reach for half an hour.
SEND_ALL = """
from django.utils import timezone
from archive.models import Derivation
from archive.tasks import send_derivations
Derivation.objects.filter(state="waiting").update(due_at=timezone.now())
send_derivations()
"""

LIST_BLOBS = """
from archive.storage import derived_blobs
for blob in derived_blobs().listing():
    print(blob.key)
"""


@pytest.fixture
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    with live_archive(tmp_path_factory.mktemp("killed-derivations")) as archive:
        yield archive


def done(archive: LiveArchive) -> int:
    [(number,)] = rows(archive, "SELECT count(*) FROM archive_derivation WHERE state = 'done'")
    return int(number)


def test_killed_workers_leave_nothing_out_and_nothing_twice(archive: LiveArchive) -> None:
    files = [part10(compressed(JPEGLSLossless, FRAMES), JPEGLSLossless) for _ in range(INSTANCES)]
    assert archive.store(*files).status_code == 200
    chance = random.Random(SEED)

    with running(archive, "work") as worker:
        for victim in (worker.children, lambda: [worker]):
            seen = done(archive)
            wait_until(lambda seen=seen: done(archive) > min(seen, INSTANCES - 1))
            time.sleep(chance.uniform(0, 0.2))
            chance.choice(victim()).kill()
    archive.manage("shell", "--no-imports", "-c", SEND_ALL)
    with running(archive, "work"):
        wait_until(lambda: done(archive) == INSTANCES)

    derived = rows(archive, "SELECT instance_id, kind, blob_key FROM archive_derivedblob")
    assert len(derived) == len({(instance, kind) for instance, kind, _ in derived}) == 2 * INSTANCES
    blobs = set(archive.manage("shell", "--no-imports", "-c", LIST_BLOBS).split())
    orphans = blobs - {key for _, _, key in derived}
    assert blobs - orphans == {key for _, _, key in derived}
    assert len(orphans) <= KILLED, "no more than one for each process that was killed"
    assert len(archive.blob_keys()) == INSTANCES
