"""A server that is killed between a change and the reports of it has lost none: they come when it is there again."""

import json
import logging
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import requests
from pydicom.uid import generate_uid
from websockets.exceptions import ConnectionClosed

from archive.dicom.dicom_json import DataSet
from tests.faults.patience import eventually
from tests.flows.worklist import reports
from tests.flows.worklist.client import PATIENCE, EventChannel, Worklist
from tests.flows.worklist.reports import GLOBAL, SCP_STATUS_CHANGE, Report, read
from tests.live_archive import LiveArchive, live_archive
from tests.workitems import performed, progress

log = logging.getLogger(__name__)

SEED = 20261125
ROUNDS = {"embedded": 6, "hospital": 4}
CLIENTS = 3
LONGEST_LOAD = 0.8  # seconds

#: Where a report stands among those of its subscriber, for clients that resume by it.
PRIVATE_CREATOR, SEQUENCE = "00750010", "00751001"


@dataclass
class Load:
    """What performers do at once; by workitem, the reports that this gives reason for."""

    tried: dict[str, list[Report]] = field(default_factory=lambda: defaultdict(list))
    answered: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def count(self) -> int:
        """So much has been answered."""
        return sum(list(self.answered.values()))

    def run(self, archive: LiveArchive) -> None:
        """One performer: step after step until the server is gone."""
        with Worklist(archive.url, archive.session()) as worklist:
            try:
                while True:
                    self._perform(worklist, generate_uid())
            except requests.RequestException:
                return

    def _perform(self, worklist: Worklist, uid: str) -> None:
        def step(report: Report, work: Callable[[], object]) -> object:
            self.tried[uid].append(report)
            done = work()
            self.answered[uid] += 1
            return done

        step(reports.state(uid, "SCHEDULED"), lambda: worklist.create(uid=uid))
        lock = str(step(reports.state(uid, "IN PROGRESS"), lambda: worklist.claim(uid)))
        for percent in (30, 60, 90):
            report = reports.progress(uid, ProcedureStepProgress=percent)
            step(report, lambda done=percent: worklist.update(uid, progress(str(done)), lock).raise_for_status())
        worklist.update(uid, performed(), lock).raise_for_status()
        complete = reports.state(uid, "COMPLETED")
        step(complete, lambda: worklist.change_state(uid, "COMPLETED", lock).raise_for_status())


@dataclass
class Listener:
    """A subscriber that comes back whenever its channel is gone.

    Args:
        resumes: it says how far it has come; else it relies on the archive to know.
    """

    ae: str
    resumes: bool
    #: What has come through each of its channels: numbers and reports.
    heard: list[list[tuple[int, Report]]] = field(default_factory=list)

    @property
    def last(self) -> int:
        return max((number for channel in self.heard for number, _ in channel), default=0)

    def listen(self, worklist: Worklist) -> EventChannel:
        query = f"after={self.last}" if self.resumes else ""
        channel = worklist.listen(self.ae, query)
        self.heard.append([])
        return channel

    def hear(self, channel: EventChannel, until: str = "") -> None:
        """Note what comes, until the archive is gone or has reported of this workitem."""
        while True:
            try:
                text = channel.connection.recv(timeout=PATIENCE)
            except ConnectionClosed:
                return
            number, report = self._numbered(json.loads(text))
            self.heard[-1].append((number, report))
            if report.workitem == until:
                return

    def _numbered(self, frame: DataSet) -> tuple[int, Report]:
        """Number and report of a frame. The Message ID is the number as long as 16 bits hold it."""
        message = frame["00000110"]["Value"][0]
        if self.resumes:
            del frame[PRIVATE_CREATOR]
            assert frame.pop(SEQUENCE)["Value"] == [message]
        return message, read(frame)


@pytest.fixture
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    with live_archive(tmp_path_factory.mktemp("lost-events")) as archive:
        yield archive


def test_reports_of_a_killed_server_come_when_it_is_back(archive: LiveArchive, pytestconfig: pytest.Config) -> None:
    """H09: each once for who says how far they have come; for others, what had just been sent may come once more."""
    log.info("seed %d", SEED)
    chance = random.Random(SEED)
    load = Load()
    listeners = [Listener("RESUMING", resumes=True), Listener("PLAIN", resumes=False)]
    with Worklist(archive.url, archive.session()) as worklist:
        for listener in listeners:
            assert worklist.subscribe(GLOBAL, listener.ae).status_code == 201
    for _ in range(ROUNDS[pytestconfig.getoption("--backends")]):
        listen_until_killed(archive, listeners, load, chance.uniform(0.02, LONGEST_LOAD))
        archive.start()
    hear_the_rest(archive, listeners)

    for listener in listeners:
        assert_nothing_is_lost(listener, load)
    resuming = [number for channel in listeners[0].heard for number, _ in channel]
    assert resuming == list(range(1, len(resuming) + 1)), "each once, in order"
    assert "Traceback" not in archive.output


def listen_until_killed(archive: LiveArchive, listeners: list[Listener], load: Load, seconds: float) -> None:
    before = load.count
    with Worklist(archive.url, archive.session()) as worklist:
        threads = [threading.Thread(target=load.run, args=(archive,)) for _ in range(CLIENTS)]
        threads += [threading.Thread(target=listener.hear, args=(listener.listen(worklist),)) for listener in listeners]
        for thread in threads:
            thread.start()
        assert eventually(lambda: load.count > before)
        time.sleep(seconds)
        archive.kill()
        for thread in threads:
            thread.join()


def hear_the_rest(archive: LiveArchive, listeners: list[Listener]) -> None:
    """Reports come in the order of what they report: after that of a last workitem there are no others."""
    with Worklist(archive.url, archive.session()) as worklist:
        last = worklist.create()
        for listener in listeners:
            listener.hear(listener.listen(worklist), until=last)


def assert_nothing_is_lost(listener: Listener, load: Load) -> None:
    by_number: dict[int, Report] = {}
    for channel in listener.heard:
        numbers = [number for number, _ in channel]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True, "in order, no gap"
        for number, report in channel:
            assert by_number.setdefault(number, report) == report, "a number stands for one report"
    assert sorted(by_number) == list(range(1, len(by_number) + 1))
    told: dict[str, list[Report]] = defaultdict(list)
    for _, report in sorted(by_number.items()):
        if report.type != SCP_STATUS_CHANGE:
            told[report.workitem].append(report)
    for uid, tried in load.tried.items():
        assert told[uid] == tried[: len(told[uid])]
        assert len(told[uid]) >= load.answered[uid], "a change that was answered is reported"
