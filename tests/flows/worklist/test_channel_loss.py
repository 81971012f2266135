"""H09: event channels come and go, and so does the archive; what was to be told waits, or not, as it is set."""

from collections.abc import Callable, Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from tests.flows.worklist import reports
from tests.flows.worklist.client import PATIENCE, Worklist
from tests.flows.worklist.conftest import purging
from tests.flows.worklist.reports import GLOBAL
from tests.flows.worklist.sites import in_one_process_and_in_two
from tests.live_archive import LiveArchive, live_archive
from tests.workitems import data_set, progress

GOING_AWAY = 1001


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """An archive that keeps no reports for those who do not listen."""
    with live_archive(tmp_path_factory.mktemp("forgetful"), ARCHIVE_UPS_KEEP_EVENTS="false") as archive:
        yield archive


@pytest.fixture(scope="module")
def bounded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveArchive]:
    """An archive that keeps two reports for each AE, and that a test may start again."""
    with live_archive(tmp_path_factory.mktemp("bounded"), ARCHIVE_UPS_EVENTS_KEPT="2") as archive:
        yield archive


def client_of(archive: LiveArchive) -> Worklist:
    return Worklist(archive.url, archive.session())


def test_H09_nothing_is_kept_where_nothing_is_to_be(forgetful: LiveArchive) -> None:
    """UPS-A10-1, UPS-E3-5"""
    with client_of(forgetful) as worklist:
        uid = worklist.create()
        assert worklist.subscribe(uid, "LATE", "deletionlock=true").status_code == 201
        channel = worklist.listen("LATE")
        channel.expect_silence()

        channel.break_off()
        lock = worklist.claim(uid)
        channel = worklist.listen("LATE")
        channel.expect_silence()

        worklist.update(uid, progress("50"), lock)
        channel.expect(reports.progress(uid, ProcedureStepProgress=50))
        worklist.change_state(uid, "CANCELED", lock)
        channel.expect(reports.canceled(uid))
        purging(forgetful)()
        assert worklist.retrieve(uid), "its lock has outlived its channel"


@in_one_process_and_in_two
def test_H09_what_is_kept_comes_once_and_in_order(worklist: Worklist, ae: str, purge: Callable[[], object]) -> None:
    """UPS-A10-2, UPS-E3-4, UPS-E3-5"""
    uid = worklist.create()
    worklist.subscribe(uid, ae, "deletionlock=true")
    channel = worklist.listen(ae)
    channel.expect(reports.state(uid, "SCHEDULED"))

    channel.break_off()
    lock = worklist.claim(uid)
    worklist.update(uid, progress("50"), lock)
    channel = worklist.listen(ae)
    channel.expect(reports.state(uid, "IN PROGRESS"), reports.progress(uid, ProcedureStepProgress=50))
    channel.expect_silence()

    channel.break_off()
    channel = worklist.listen(ae)
    channel.expect_silence()
    worklist.change_state(uid, "CANCELED", lock)
    channel.expect(reports.canceled(uid))
    purge()
    assert worklist.retrieve(uid), "its lock has outlived its channel"


@in_one_process_and_in_two
def test_H09_all_channels_of_an_ae_are_sent_everything(worklist: Worklist, ae: str) -> None:
    """UPS-A10-3"""
    channels = [worklist.listen(ae), worklist.listen(ae, path=f"/subscribers/{ae}"), worklist.listen(ae)]
    uid = worklist.create()
    worklist.subscribe(uid, ae)
    lock = worklist.claim(uid)
    worklist.update(uid, progress("50"), lock)

    for channel in channels:
        channel.expect(
            reports.state(uid, "SCHEDULED"),
            reports.state(uid, "IN PROGRESS"),
            reports.progress(uid, ProcedureStepProgress=50),
        )


def test_H09_of_more_than_is_kept_the_last_come(bounded: LiveArchive) -> None:
    """UPS-E3-4"""
    with client_of(bounded) as worklist:
        uid = worklist.create()
        worklist.subscribe(uid, "BOUNDED")
        lock = worklist.claim(uid)
        worklist.update(uid, progress("50"), lock)

        channel = worklist.listen("BOUNDED")

        channel.expect(reports.state(uid, "IN PROGRESS"), reports.progress(uid, ProcedureStepProgress=50))
        channel.expect_silence()


def test_H09_subscribers_are_told_that_the_archive_stops_and_has_started(bounded: LiveArchive) -> None:
    """UPS-E2-4, UPS-E2-5"""
    with client_of(bounded) as worklist:
        uids = [worklist.create() for _ in range(3)]
        channel = worklist.listen("RESTART")
        worklist.subscribe(GLOBAL, "RESTART")
        for uid in uids:
            worklist.subscribe(uid, "RESTART")
            channel.expect(reports.state(uid, "SCHEDULED"))

        bounded.stop()
        channel.expect(reports.scp_status("GOING DOWN"))
        with pytest.raises(ConnectionClosed) as closed:
            channel.connection.recv(timeout=PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == GOING_AWAY

        bounded.start()
        channel = worklist.listen("RESTART")
        channel.expect(reports.scp_status("RESTARTED"))
        channel.expect_silence()
        channel.break_off()
        channel = worklist.listen("RESTART")
        channel.expect_silence()
        worklist.update(uids[0], data_set(InputReadinessState="UNAVAILABLE"))
        channel.expect(reports.state(uids[0], "SCHEDULED", "UNAVAILABLE"))
