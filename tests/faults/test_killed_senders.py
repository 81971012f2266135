"""Workers that are killed while they send: everything arrives, and one request at most comes again."""

from collections.abc import Iterator

import pytest

from tests.builders import instance, part10
from tests.destination import DestinationServer, stores
from tests.faults.workers import rows, running, wait_until
from tests.live_archive import LiveArchive, live_archive

INSTANCES = 50
TOGETHER = 20

ORDER = """
from django.contrib.auth import get_user_model
from archive.models import Destination, Study
from archive.services import send_orders
from archive.tasks import send_ordered
destination = Destination.objects.create(name="Elsewhere", url="URL")
places = [(uid, None) for uid in Study.objects.values_list("study_instance_uid", flat=True)]
send_orders.place(get_user_model().objects.first(), destination, places, deidentified=False)
send_ordered.delay()
"""

#: What the clock does once the killed worker's time is up.
SEND = """
from django.utils import timezone
from archive.models import SendOrder
from archive.tasks import send_ordered
SendOrder.objects.update(due_at=timezone.now())
send_ordered.delay()
"""


@pytest.fixture
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    with live_archive(tmp_path_factory.mktemp("killed-senders")) as archive:
        yield archive


@pytest.fixture
def server() -> Iterator[DestinationServer]:
    with DestinationServer().running() as server:
        yield server


def sent(archive: LiveArchive) -> int:
    [(number,)] = rows(archive, "SELECT sent FROM archive_sendorder")
    return int(number)


def test_what_a_killed_worker_has_sent_is_not_sent_again(archive: LiveArchive, server: DestinationServer) -> None:
    study = {"StudyInstanceUID": "2.25.4712", "SeriesInstanceUID": "2.25.4713"}
    datasets = [instance(**study, InstanceNumber=number) for number in range(INSTANCES)]
    assert archive.store(*map(part10, datasets)).status_code == 200

    with running(archive, "work") as worker:
        # It is killed while it waits for the answer to its second request.
        server.script.extend([stores, lambda request: wait_until(lambda: not worker.is_running()) or stores(request)])
        archive.manage("shell", "--no-imports", "-c", ORDER.replace("URL", server.url))
        wait_until(lambda: len(server.requests) == 2)
        for process in (worker, *worker.children()):
            process.kill()
        worker.wait()
    assert sent(archive) == TOGETHER
    with running(archive, "work"):
        archive.manage("shell", "--no-imports", "-c", SEND)
        wait_until(lambda: rows(archive, "SELECT state FROM archive_sendorder") == [("done",)])

    expected = [str(dataset.SOPInstanceUID) for dataset in datasets]
    assert server.sent == [*expected[: 2 * TOGETHER], *expected[TOGETHER:]]
    assert sent(archive) == INSTANCES
