"""Background work as it runs: a server, a worker and its clock, over files and over Redis."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pydicom.uid import generate_uid

from tests.builders import instance, part10
from tests.live_archive import LiveArchive, live_archive
from tests.servers import start_redis
from tests.workitems import code, data_set

#: Processes are slow to start where many do.
SECONDS = 60

#: A rule for every CT of the chest, with this template.
MAKE_RULE = """
from workflow.models import WorkitemRule
WorkitemRule.objects.create(
    name="Triage", filter="ModalitiesInStudy=CT&BodyPartExamined=CHEST", quiet_seconds=2, template={template}
)
"""


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def processes(archive: LiveArchive) -> dict[str, psutil.Process]:
    """The server's and its companions' processes, by command."""
    server = psutil.Process(archive.pid)
    found = {process.cmdline()[2]: process for process in server.children()}
    return {name: found[name] for name in ("work", "beat") if name in found}


def whole_family(archive: LiveArchive) -> list[psutil.Process]:
    server = psutil.Process(archive.pid)
    return [server, *server.children(recursive=True)]


def workitems(archive: LiveArchive) -> list[dict[str, str]]:
    """Label and study of each."""
    lines = archive.manage("shell", "--no-imports", "-c", LIST).splitlines()
    return [dict(zip(("label", "study"), line.split(), strict=True)) for line in lines]


LIST = """
from workflow.models import RuleFiring, Workitem
for firing in RuleFiring.objects.order_by("pk"):
    workitem = Workitem.objects.get(sop_instance_uid=firing.sop_instance_uid)
    print(workitem.procedure_step_label, firing.study_instance_uid)
"""


@pytest.fixture(params=["files", "redis"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveArchive]:
    if request.param == "files":
        with live_archive(tmp_path, embedded=True, background=True) as archive:
            yield archive
    else:
        with start_redis(tmp_path) as redis, live_archive(tmp_path, background=True, REDIS_URL=redis.url) as archive:
            yield archive


@pytest.fixture
def over_files(tmp_path: Path) -> Iterator[LiveArchive]:
    with live_archive(tmp_path, embedded=True, background=True) as archive:
        yield archive


def test_a_chest_ct_gets_its_workitem_when_no_instance_has_come_for_a_while(archive: LiveArchive) -> None:
    template = data_set(ScheduledStationNameCodeSequence=[code("TRIAGE")])
    archive.manage("shell", "--no-imports", "-c", MAKE_RULE.format(template=template))
    study = generate_uid()
    images = [part10(instance(StudyInstanceUID=study, BodyPartExamined="CHEST")) for _ in range(2)]
    assert archive.store(*images).status_code == 200
    assert archive.store(part10(instance(BodyPartExamined="KNEE"))).status_code == 200

    wait_until(lambda: workitems(archive))

    assert workitems(archive) == [{"label": "Triage", "study": study}]
    assert "Traceback" not in archive.output


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_all_end_with_the_server_however_it_ends(over_files: LiveArchive, how: signal.Signals) -> None:
    wait_until(lambda: len(whole_family(over_files)) >= 5)  # the worker has two processes of its own
    family = whole_family(over_files)

    os.kill(over_files.pid, how)

    _, alive = psutil.wait_procs(family, timeout=SECONDS)
    assert alive == []


def test_one_that_dies_is_said_and_started_again(over_files: LiveArchive) -> None:
    wait_until(lambda: len(processes(over_files)) == 2)
    killed = processes(over_files)

    for process in killed.values():
        process.kill()

    for name, process in killed.items():
        wait_until(lambda name=name: f"{name} has ended (signal 9); it is started again" in over_files.output)
        wait_until(lambda name=name, pid=process.pid: getattr(processes(over_files).get(name), "pid", pid) != pid)


def test_a_server_alone_has_no_companions(tmp_path: Path) -> None:
    with live_archive(tmp_path, embedded=True) as archive:
        assert len(whole_family(archive)) == 1
