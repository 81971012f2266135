"""Event channels over a real socket: who is told what, when, and how often (PS3.18 Sections 8.10.4 and 8.10.5)."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import orjson
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Response

from archive.dicom.dicom_json import DataSet
from dicomweb.event_hub import LOOK_SECONDS_WITH_REDIS
from tests.flows.wire import Wire
from tests.flows.worklist.client import PATIENCE, EventChannel, Worklist
from tests.flows.worklist.reports import GLOBAL
from tests.live_archive import STOP_SECONDS, LiveArchive, live_archive, running
from tests.servers import start_redis
from tests.workitems import data_set, tag

EVENT_TYPE, WORKITEM, STATE, SCP_STATUS = "00001002", "00001000", tag("ProcedureStepState"), tag("SCPStatus")
SEQUENCE = "00751001"
SCHEDULED, IN_PROGRESS = "1 SCHEDULED", "1 IN PROGRESS"
#: Longer than it takes until it is durable that something has been received.
DURABLE_SECONDS = 0.5

LONG_URI = f"https://performer.example/{200_000 * 'a'}"

#: A handshake by hand.
UPGRADE = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
VERSION = ("Sec-WebSocket-Version: 13",)


def value(report: DataSet, tag: str) -> Any:
    return report.get(tag, {}).get("Value", [None])[0]


def brief(report: DataSet) -> str:
    """`1 SCHEDULED`, `4 RESTARTED`, else the type alone."""
    said = value(report, STATE) or value(report, SCP_STATUS)
    return f"{value(report, EVENT_TYPE)} {said}" if said else str(value(report, EVENT_TYPE))


def told(channel: EventChannel, number: int) -> list[str]:
    """So many reports, in brief."""
    return [brief(channel.next()) for _ in range(number)]


def at(worklist: Worklist, archive: LiveArchive) -> Worklist:
    """The same worklist, with the event channels of another server over the same database."""
    return replace(worklist, channels=archive.url)


def worklist_of(archive: LiveArchive) -> Worklist:
    return Worklist(archive.url, archive.session())


@pytest.fixture
def worklist(archive: LiveArchive) -> Iterator[Worklist]:
    with worklist_of(archive) as worklist:
        yield worklist


@pytest.fixture
def ae_title() -> str:
    """Nobody else's."""
    return f"AE{uuid4().hex[:12]}"


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., LiveArchive]]:
    """Starts archives of the test's own."""
    with ExitStack() as archives:
        yield lambda **environment: archives.enter_context(live_archive(tmp_path, **environment))


# -- what is told ----------------------------------------------------------------


def test_who_connects_first_and_subscribes_then_sees_the_initial_state(worklist: Worklist, ae_title: str) -> None:
    uid = worklist.create()

    with worklist.listen(ae_title) as channel:
        worklist.subscribe(uid, ae_title)
        report = channel.next()

    assert (brief(report), value(report, WORKITEM)) == (SCHEDULED, uid)


def test_a_frame_is_one_object_as_the_standard_has_it(worklist: Worklist, ae_title: str) -> None:
    uid = worklist.create()
    worklist.subscribe(uid, ae_title)

    with worklist.listen(ae_title) as channel:
        report = channel.next()

    assert report == {
        "00000002": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.34.6.1"]},
        "00000110": {"vr": "US", "Value": [1]},
        "00001000": {"vr": "UI", "Value": [uid]},
        "00001002": {"vr": "US", "Value": [1]},
        "00404041": {"vr": "CS", "Value": ["READY"]},
        "00741000": {"vr": "CS", "Value": ["SCHEDULED"]},
    }


def test_every_socket_of_an_ae_is_told(worklist: Worklist, ae_title: str) -> None:
    uid = worklist.create()

    with worklist.listen(ae_title) as one, worklist.listen(ae_title) as other:
        worklist.subscribe(uid, ae_title)
        worklist.claim(uid)

        assert told(one, 2) == told(other, 2) == [SCHEDULED, IN_PROGRESS]


def test_the_answer_to_a_subscription_says_where_the_channel_is(worklist: Worklist, ae_title: str) -> None:
    answer = worklist.subscribe(worklist.create(), ae_title)
    path = answer.headers["Content-Location"].partition("/dicom-web/")[2]

    for alias in (path, f"ws/{path}", f"{path}/", f"ws/{path}/"):
        with worklist.open(f"/{alias}", subprotocols=["dicom", "other"]) as connection:
            assert connection.subprotocol == "dicom"


def test_two_hundred_sockets_are_told(worklist: Worklist, ae_title: str) -> None:
    uid = worklist.create()
    with ExitStack() as opened:
        channels = [opened.enter_context(worklist.listen(f"{ae_title}{number % 100}")) for number in range(200)]
        for number in range(100):
            worklist.subscribe(uid, f"{ae_title}{number}")
        worklist.claim(uid)
        with ThreadPoolExecutor(20) as readers:
            heard = list(readers.map(lambda channel: told(channel, 2), channels))

    assert heard == [[SCHEDULED, IN_PROGRESS]] * 200


def test_what_clients_write_is_ignored_unless_it_is_huge(worklist: Worklist, ae_title: str) -> None:
    """UPS-A10-4"""
    uid = worklist.create()
    with worklist.listen(ae_title) as channel:
        for inbound in ("text", b"bytes", "[" * 60_000):
            channel.connection.send(inbound)
        assert channel.connection.ping().wait(PATIENCE)
        worklist.subscribe(uid, ae_title)
        assert told(channel, 1) == [SCHEDULED]

        channel.connection.send("x" * 100_000)
        assert channel.close_code() == 1009


# -- H09: what happens while nobody listens ---------------------------------------


def test_H09_reports_are_kept_and_arrive_in_order_once(worklist: Worklist, ae_title: str) -> None:
    uid = worklist.create()
    worklist.subscribe(uid, ae_title)
    with worklist.listen(ae_title) as channel:
        assert told(channel, 1) == [SCHEDULED]
        time.sleep(DURABLE_SECONDS)
        channel.break_off()
    worklist.claim(uid)

    with worklist.listen(ae_title) as channel:
        assert told(channel, 1) == [IN_PROGRESS]
        assert channel.is_silent()
    with worklist.listen(ae_title) as channel:
        assert channel.is_silent()


def test_H09_with_keeping_off_only_what_comes_is_told(started: Callable[..., LiveArchive], ae_title: str) -> None:
    with worklist_of(started(ARCHIVE_UPS_KEEP_EVENTS="false")) as worklist:
        uid = worklist.create()
        worklist.subscribe(uid, ae_title)
        with worklist.listen(ae_title) as channel:
            assert channel.is_silent()
            channel.break_off()
        worklist.claim(uid)

        with worklist.listen(ae_title) as channel:
            assert channel.is_silent()
            worklist.subscribe(uid, ae_title)
            assert told(channel, 1) == [IN_PROGRESS]


def test_H09_of_more_than_are_kept_the_last_arrive_in_order(started: Callable[..., LiveArchive], ae_title: str) -> None:
    with worklist_of(started(ARCHIVE_UPS_EVENTS_KEPT="2")) as worklist:
        worklist.subscribe(GLOBAL, ae_title)
        first, second = worklist.create(), worklist.create()
        worklist.claim(first)

        with worklist.listen(ae_title) as channel:
            reports = [channel.next(), channel.next()]
            assert channel.is_silent()

    heard = [(value(report, WORKITEM), brief(report)) for report in reports]
    assert heard == [(second, SCHEDULED), (first, IN_PROGRESS)]


def test_a_client_that_resumes_gets_what_comes_after_its_sequence_with_numbers(
    worklist: Worklist, ae_title: str
) -> None:
    worklist.subscribe(GLOBAL, ae_title)
    uids = [worklist.create() for _ in range(3)]

    for after in (0, 1, 3, 10**30):
        with worklist.listen(ae_title, f"after={after}") as channel:
            reports = [channel.next() for _ in uids[after:]]
            assert channel.is_silent()
        assert [value(report, SEQUENCE) for report in reports] == [1, 2, 3][after:]
        assert [value(report, WORKITEM) for report in reports] == uids[after:]


@pytest.mark.parametrize("resume", [True, False], ids=["by sequence", "plain"])
def test_after_a_crash_exactly_the_missing_reports_arrive(
    started: Callable[..., LiveArchive], ae_title: str, resume: bool
) -> None:
    archive = started()
    with worklist_of(archive) as worklist:
        worklist.subscribe(GLOBAL, ae_title)
        uids = [worklist.create() for _ in range(5)]
        with worklist.listen(ae_title, "after=0" if resume else "") as channel:
            assert [value(channel.next(), WORKITEM) for _ in uids] == uids
            time.sleep(DURABLE_SECONDS)
            archive.kill()
            with contextlib.suppress(Exception):
                channel.close_code()
        archive.start()
        more = [worklist.create() for _ in range(2)]

        with worklist.listen(ae_title, "after=5" if resume else "") as channel:
            restarted, *reports = [channel.next() for _ in range(3)]
            assert channel.is_silent()

    assert brief(restarted) == "4 RESTARTED"
    assert [value(report, WORKITEM) for report in reports] == more


def test_H09_start_and_stop_are_told_once(started: Callable[..., LiveArchive], ae_title: str) -> None:
    archive = started()
    with worklist_of(archive) as worklist:
        worklist.subscribe(GLOBAL, ae_title)
        worklist.subscribe(worklist.create(), ae_title)
        with worklist.listen(ae_title) as channel, worklist.listen(ae_title) as other:
            assert told(channel, 2) == told(other, 2) == [SCHEDULED, SCHEDULED]
            archive.stop()
            assert told(channel, 1) == told(other, 1) == ["4 GOING DOWN"]
            assert channel.close_code() == other.close_code() == 1001
        archive.start()
        with worklist.listen(ae_title) as channel:
            report = channel.next()
            assert channel.is_silent()

    assert brief(report) == "4 RESTARTED"
    assert value(report, "00741244") == value(report, "00741246") == "WARM START"


def test_who_has_not_heard_of_one_start_hears_of_several_once(
    started: Callable[..., LiveArchive], ae_title: str
) -> None:
    archive = started()
    with worklist_of(archive) as worklist:
        worklist.subscribe(GLOBAL, ae_title)
        for _ in range(2):
            archive.stop()
            archive.start()

        with worklist.listen(ae_title) as channel:
            assert told(channel, 1) == ["4 RESTARTED"]
            assert channel.is_silent()


def test_what_a_client_has_not_acknowledged_is_sent_again(
    archive: LiveArchive, worklist: Worklist, ae_title: str
) -> None:
    """A client that the network has cut off: the archive has sent the report, and nobody has taken it."""
    uid = worklist.create()
    worklist.subscribe(uid, ae_title)
    with Wire(archive) as wire:
        wire.request("GET", f"/subscribers/{ae_title}", *UPGRADE, *VERSION)
        sent = b""
        while uid.encode() not in sent:
            sent += wire.receive()
        time.sleep(DURABLE_SECONDS)
        wire.reset()

    with worklist.listen(ae_title) as channel:
        assert value(channel.next(), WORKITEM) == uid
        time.sleep(DURABLE_SECONDS)
    with worklist.listen(ae_title) as channel:
        assert channel.is_silent()


# -- slow clients ----------------------------------------------------------------


def test_a_client_that_takes_nothing_is_closed_and_misses_nothing(
    started: Callable[..., LiveArchive], ae_title: str
) -> None:
    """UPS-E3-6: what it is sent is more than all buffers on the way hold."""
    with worklist_of(started(ARCHIVE_STALL_SECONDS="1")) as worklist:
        uid = worklist.create()
        worklist.claim(uid)
        worklist.subscribe(uid, ae_title)
        for _ in range(60):
            worklist.request_cancellation(uid, data_set(ContactURI=LONG_URI))
        with worklist.open(f"/subscribers/{ae_title}?after=0", max_queue=1, max_size=None) as connection:
            time.sleep(2)
            received = []
            with contextlib.suppress(ConnectionClosed):
                while True:
                    received.append(value(orjson.loads(connection.recv(timeout=PATIENCE)), SEQUENCE))
            assert connection.close_code == 1013
        assert received == list(range(1, len(received) + 1))
        assert len(received) < 61

        with worklist.open(f"/subscribers/{ae_title}?after={len(received)}", max_size=None) as connection:
            rest = [value(orjson.loads(connection.recv(timeout=PATIENCE)), SEQUENCE) for _ in range(len(received), 61)]
    assert [*received, *rest] == list(range(1, 62))


# -- several processes -----------------------------------------------------------


def test_another_process_over_the_same_database_tells_too(
    archive: LiveArchive, worklist: Worklist, ae_title: str
) -> None:
    uid = worklist.create()
    with running(archive.beside()) as beside, at(worklist, beside).listen(ae_title) as channel:
        worklist.subscribe(uid, ae_title)
        worklist.claim(uid)

        assert told(channel, 2) == [SCHEDULED, IN_PROGRESS]


def test_redis_wakes_other_processes_at_once_and_may_be_away_for_a_while(
    started: Callable[..., LiveArchive], ae_title: str, tmp_path: Path
) -> None:
    with ExitStack() as opened:
        redis = opened.enter_context(start_redis(tmp_path / "redis"))
        archive = started(REDIS_URL=redis.url)
        beside = opened.enter_context(running(archive.beside()))
        worklist = opened.enter_context(worklist_of(archive))
        channel = opened.enter_context(at(worklist, beside).listen(ae_title))
        worklist.subscribe(GLOBAL, ae_title)
        assert seconds_until_told(worklist, channel) < LOOK_SECONDS_WITH_REDIS / 2

        redis.stop()
        assert seconds_until_told(worklist, channel) < PATIENCE

        opened.enter_context(start_redis(tmp_path / "again", port=urlsplit(redis.url).port))
        assert min(seconds_until_told(worklist, channel) for _ in range(5)) < LOOK_SECONDS_WITH_REDIS / 2

        begin = time.monotonic()
        beside.stop()
        assert time.monotonic() - begin < STOP_SECONDS, "it had to be killed"


def seconds_until_told(worklist: Worklist, channel: EventChannel) -> float:
    worklist.create()
    begin = time.monotonic()
    assert told(channel, 1) == [SCHEDULED]
    return time.monotonic() - begin


def test_several_server_processes_say_goodbye(started: Callable[..., LiveArchive], ae_title: str) -> None:
    archive = started()
    archive.stop()
    archive.start("--workers", "2")
    with worklist_of(archive) as worklist, ExitStack() as opened:
        worklist.subscribe(GLOBAL, ae_title)
        channels = [opened.enter_context(worklist.listen(ae_title)) for _ in range(4)]
        worklist.create()
        for channel in channels:
            assert told(channel, 1) == [SCHEDULED]
        archive.stop()
        for channel in channels:
            assert told(channel, 1) == ["4 GOING DOWN"]
            assert channel.close_code() == 1001


# -- who may ---------------------------------------------------------------------


def refused(connecting: Callable[[], object]) -> Response:
    """The answer to a handshake that is refused."""
    with pytest.raises(InvalidStatus) as refusal:
        connecting()
    return refusal.value.response


ANONYMOUS: dict[str, object] = {"additional_headers": {}}


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("subscribers/AE", ANONYMOUS, 401),
        ("subscribers/AE", {"additional_headers": {"Authorization": "Token 0123"}}, 401),
        ("subscribers/AE?ticket=0123", ANONYMOUS, 401),
        ("subscribers/AE", ANONYMOUS | {"subprotocols": ["dicom", "token.0123"]}, 401),
        ("subscribers/AE", {"origin": "https://elsewhere.example"}, 403),
        ("subscribers/12345678901234567", {}, 400),
        ("subscribers/A%5CE", {}, 400),
        ("subscribers/%20", {}, 400),
        ("subscribers/A%00E", {}, 400),
        ("subscribers/A%FFE", {}, 400),
        ("subscribers/AE?after=x", {}, 400),
        ("subscribers/AE?after=-1", {}, 400),
        ("subscribers/AE?after=1&after=2", {}, 400),
        ("studies", {}, 404),
        ("nothing", {}, 404),
        ("../", {}, 404),
    ],
)
def test_a_handshake_is_refused_with_its_status(
    worklist: Worklist, path: str, options: dict[str, object], status: int
) -> None:
    answer = refused(lambda: worklist.open(f"/{path}", **options))

    assert (answer.status_code, orjson.loads(answer.body)["status"]) == (status, status)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_a_host_that_is_not_ours_is_refused(archive: LiveArchive) -> None:
    with Wire(archive) as wire:
        head = ("GET /dicom-web/subscribers/AE HTTP/1.1", "Host: evil.example", *UPGRADE, *VERSION, "", "")
        wire.send("\r\n".join(head).encode())
        assert wire.answer().status == 400


@pytest.mark.parametrize(
    ("fields", "status"),
    [(["Sec-WebSocket-Version: 8"], 400), ([*VERSION, f"X: {9000 * 'x'}"], 431)],
    ids=["version", "huge"],
)
def test_a_handshake_that_is_malformed_is_refused(archive: LiveArchive, fields: Sequence[str], status: int) -> None:
    with Wire(archive) as wire:
        wire.request("GET", "/subscribers/AE", *UPGRADE, *fields)
        assert wire.answer().status == status
    assert "Traceback" not in archive.output


def test_pages_of_other_origins_sign_in_by_subprotocol_or_ticket_which_no_log_has(
    started: Callable[..., LiveArchive], ae_title: str
) -> None:
    viewer = "https://viewer.example.org"
    archive = started(ARCHIVE_CORS_ORIGINS=viewer, ARCHIVE_LOG_LEVEL="debug")
    token = archive.token()
    page = ANONYMOUS | {"origin": viewer}
    with worklist_of(archive) as worklist, archive.session() as session:
        uid = worklist.create()
        issued = session.post(f"{archive.url}/subscribers/{ae_title}/tickets")
        path = issued.json()["url"].partition("/dicom-web/")[2]
        by_token = worklist.open(f"/subscribers/{ae_title}", subprotocols=["dicom", f"token.{token}"], **page)
        with by_token, worklist.open(f"/{path}", **page) as by_ticket:
            assert by_token.subprotocol == "dicom"
            worklist.subscribe(uid, ae_title)
            assert [told(EventChannel(worklist, ae_title, one), 1) for one in (by_token, by_ticket)] == [
                [SCHEDULED]
            ] * 2
        assert refused(lambda: worklist.open(f"/{path}", **page)).status_code == 401

    assert issued.status_code == 201
    assert path.partition("=")[2] not in archive.output
    assert archive.output.count(token) == 2, "as the token that is shown at the first start"


def test_where_anybody_may_write_any_ae_title_is_open(started: Callable[..., LiveArchive]) -> None:
    archive = started(ARCHIVE_ANONYMOUS_ACCESS="write")
    with (
        worklist_of(archive) as worklist,
        worklist.open("/subscribers/ANY%20LEGAL/ONE", **ANONYMOUS) as connection,
    ):
        worklist.subscribe(GLOBAL, "ANY LEGAL/ONE")
        worklist.create()
        assert told(EventChannel(worklist, "ANY LEGAL/ONE", connection), 1) == [SCHEDULED]
