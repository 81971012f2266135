"""Workers that are killed at any moment: each study has its workitem in the end, and no study has two."""

import random
import time
from collections.abc import Iterator

import pytest
from pydicom.uid import generate_uid

from tests.builders import instance, part10
from tests.faults.workers import kill, rows, running, wait_until
from tests.live_archive import LiveArchive, live_archive

SEED = 20240131
STUDIES = 80
ROUNDS = 4

MAKE_RULES = """
from workflow.models import WorkitemRule
from workflow.services.subscribe import subscribe_globally
subscribe_globally("WATCHER", deletion_lock=False, filter=None)
WorkitemRule.objects.create(name="One", quiet_seconds=1)
WorkitemRule.objects.create(name="Other", quiet_seconds=1, filter="Modality=CT")
"""


@pytest.fixture
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    with live_archive(tmp_path_factory.mktemp("killed-workers")) as archive:
        yield archive


def test_killed_workers_leave_no_study_without_its_workitem_and_none_with_two(archive: LiveArchive) -> None:
    archive.manage("shell", "--no-imports", "-c", MAKE_RULES)
    studies = [generate_uid() for _ in range(STUDIES)]
    assert archive.store(*(part10(instance(StudyInstanceUID=study)) for study in studies)).status_code == 200
    chance = random.Random(SEED)

    with running(archive, "beat"):
        for _ in range(ROUNDS):
            with running(archive, "work") as worker:
                seen = len(firings(archive))
                wait_until(lambda seen=seen: len(firings(archive)) > seen or len(firings(archive)) == 2 * STUDIES)
                time.sleep(chance.uniform(0, 0.1))
                kill(worker, chance)
        with running(archive, "work"):
            wait_until(lambda: len(firings(archive)) == 2 * STUDIES)
            time.sleep(6)  # the clock has sent the tasks once more

    fired = firings(archive)
    assert sorted(study for study, _ in fired) == sorted(2 * studies)
    created = {uid for (uid,) in rows(archive, "SELECT sop_instance_uid FROM workflow_workitem")}
    assert sorted(workitem for _, workitem in fired) == sorted(created)
    events = rows(archive, "SELECT sequence, sop_instance_uid FROM workflow_event ORDER BY sequence")
    assert [sequence for sequence, _ in events] == list(range(1, 2 * STUDIES + 1))
    assert {workitem for _, workitem in events} == created


def firings(archive: LiveArchive) -> list[tuple[str, str]]:
    return rows(archive, "SELECT study_instance_uid, sop_instance_uid FROM workflow_rulefiring")
