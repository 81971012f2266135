"""Calls in child processes: what goes wrong there does no harm here."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from archive.dicom.errors import MalformedAttribute, MalformedPixelData
from archive.dicom.rendering.reports.budget import Budget
from archive.errors import FrameNotFound, NoProcess
from archive.isolation import calls as isolation
from archive.isolation.calls import Children, isolated
from archive.isolation.child import PROJECT, Limits
from tests import builders
from tests.archive.isolation import calls

LIMITS = Limits(memory=2 << 30, seconds=1)


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    """One process at a time, which has a second for a call."""
    children = Children(1, LIMITS)
    yield children
    children.end()


@pytest.fixture(scope="module")
def patient() -> Iterator[Children]:
    """Three processes, which may take their time."""
    children = Children(3, Limits(memory=2 << 30, seconds=30))
    yield children
    children.end()


def test_a_function_is_called_in_another_process_which_is_kept(children: Children) -> None:
    process = children.call(calls.process)

    assert process != os.getpid()
    assert children.call(calls.process) == process
    assert isolated(calls.process) not in (process, os.getpid())


@pytest.mark.parametrize("length", [0, 1, 1 << 16, (1 << 16) + 1, 15_000_000])
def test_bytes_of_any_length_go_there_and_come_back(patient: Children, length: int) -> None:
    data = os.urandom(length)

    assert patient.call(calls.echo, data) == data


def test_values_of_the_archive_come_back(patient: Children) -> None:
    pixels, frames = patient.call(calls.narrower, builders.PIXELS)

    assert (pixels.rows, pixels.columns, frames) == (builders.ROWS, 1, [b"\1", b"\2"])


def test_a_process_that_dies_fails_its_call_only(children: Children) -> None:
    seen = set()
    for function, fate in ((calls.kill, "SIGKILL"), (calls.leave, "status 3"), (calls.crash, "SIGSEGV")):
        seen.add(children.call(calls.process))
        with pytest.raises(MalformedPixelData, match=fate):
            children.call(function)

    assert len(seen) == 3
    assert children.call(calls.process) not in seen


def test_what_does_not_end_is_ended_in_time(children: Children) -> None:
    process = children.call(calls.process)
    began = time.monotonic()

    with pytest.raises(MalformedPixelData, match="longer than the 1 s"):
        children.call(calls.spin_in_c)

    assert 1 <= time.monotonic() - began < 5
    assert not psutil.pid_exists(process)
    assert children.call(calls.process) != process


def test_a_process_that_takes_nothing_is_ended_in_time(children: Children) -> None:
    process = children.call(calls.process)
    os.kill(process, signal.SIGSTOP)

    with pytest.raises(MalformedPixelData, match="longer"):
        children.call(calls.echo, bytes(15_000_000))

    assert not psutil.pid_exists(process)


def test_more_memory_than_it_may_have_is_not_given(children: Children) -> None:
    process = children.call(calls.process)

    with pytest.raises(MalformedPixelData, match="memory"):
        children.call(calls.swell)

    assert children.call(calls.process) == process


def test_errors_of_the_archive_come_back_with_their_attributes(patient: Children) -> None:
    with pytest.raises(FrameNotFound) as caught:
        patient.call(calls.frame_not_found)
    assert str(caught.value) == str(FrameNotFound("1.2.3", [7, 8], 5))
    assert caught.value.frames == [7, 8]

    with pytest.raises(MalformedAttribute, match=r"^Attribute 00280010 has no value\.$"):
        patient.call(calls.malformed_attribute)


def test_a_bug_comes_back_with_its_place(patient: Children) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        patient.call(calls.bug)
    assert "in bug" in caught.value.__notes__[0]

    with pytest.raises(RuntimeError, match="ArgumentError: of a library"):
        patient.call(calls.foreign_error)


def test_a_child_makes_its_parent_call_nothing(children: Children) -> None:
    with pytest.raises(MalformedPixelData, match="makes no sense"):
        children.call(calls.attack)

    assert children.call(calls.echo, 1) == 1


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"cposix\nsystem\n(S'true'\ntR.", id="a function"),
        pytest.param(b"carchive.dicom.runner\ndirectly\n(S'true'\ntR.", id="a function of ours"),
        pytest.param(b"carchive.dicom.rendering.reports.budget\nBudget\n)R.", id="another class of ours"),
        pytest.param(
            b"\x80\x02carchive.dicom.rendering.reports.budget\nBudget\nN}X\x04\0\0\0textI1\ns\x86b.",
            id="a change of a class",
        ),
        pytest.param(b"\x80\x04\x8c\x08builtins\x8c\x0eException.mro.x\x93.", id="what hangs on a class"),
        pytest.param(b"\x80\x04carchive.dicom.pixel_description\nPixelDescription\n)R.", id="too few arguments"),
        pytest.param(b"\x80\x04\x8e" + (1 << 60).to_bytes(8, "little"), id="more bytes than there is memory"),
        pytest.param(b"I1\n.", id="no pair"),
        pytest.param(b"]]]", id="no end"),
        pytest.param(b"\xff", id="no pickle"),
    ],
)
def test_what_a_child_may_not_say_is_a_frame_that_cannot_be_decoded(children: Children, said: bytes) -> None:
    with pytest.raises(MalformedPixelData):
        children.call(calls.answer, said)

    assert callable(Budget.text)
    assert children.call(calls.echo, 1) == 1


def test_an_answer_that_comes_bit_by_bit_has_no_more_time_than_others(children: Children) -> None:
    children.call(calls.process)
    began = time.monotonic()

    with pytest.raises(MalformedPixelData, match="longer than the 1 s"):
        children.call(calls.drip)

    assert time.monotonic() - began < 5


def test_a_child_has_no_secrets_and_no_django(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHIVE_SECRET_KEY", "secret")
    children = Children(1, LIMITS)

    assert "secret" not in children.call(calls.environment).values()
    assert not {"django", "celery", "boto3"} & set(children.call(calls.modules))
    children.end()


def test_a_process_that_died_meanwhile_is_replaced(children: Children) -> None:
    process = children.call(calls.process)
    os.kill(process, signal.SIGKILL)
    os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)

    assert children.call(calls.process) != process


def test_a_process_is_replaced_after_many_calls(children: Children, monkeypatch: pytest.MonkeyPatch) -> None:
    before = children.call(calls.process)
    monkeypatch.setattr(isolation, "MOST_CALLS", 1)

    assert children.call(calls.process) == before
    assert children.call(calls.process) != before
    assert not psutil.pid_exists(before)


def test_ctrl_c_is_for_the_parent(children: Children) -> None:
    process = children.call(calls.process)
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(process, number)

    assert children.call(calls.process) == process


def test_many_threads_share_a_few_processes(patient: Children) -> None:
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda number: patient.call(calls.echo, number), range(200)))
        processes = set(pool.map(lambda _: patient.call(calls.wait, 0.01), range(30)))

    assert results == list(range(200))
    assert len(processes) <= 3


@pytest.mark.parametrize("python", ["/bin/false", "/no/such/python"])
def test_a_process_that_cannot_be_started_is_said_so(monkeypatch: pytest.MonkeyPatch, python: str) -> None:
    children = Children(1, LIMITS)
    monkeypatch.setattr(sys, "executable", python)

    for _ in range(2):
        with pytest.raises(NoProcess):
            children.call(calls.process)


PARENT = """
import os, sys, threading, time
from archive.isolation.calls import isolated
from tests.archive.isolation import calls
print(isolated(calls.process), flush=True)
{rest}
"""


def parent(rest: str) -> "subprocess.Popen[str]":
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "ARCHIVE_DECODERS": "1"}
    code = PARENT.format(rest=rest)
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
    )


def gone(process: int) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            if psutil.Process(process).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("rest", ["time.sleep(60)", "isolated(calls.spin)"])
def test_a_parent_that_is_killed_leaves_no_child(rest: str) -> None:
    with parent(rest) as started:
        child = int(started.stdout.readline())
        time.sleep(0.2)
        started.kill()

    assert gone(child)


def test_a_parent_that_ends_leaves_no_child_whatever_that_is_doing() -> None:
    with parent(
        "threading.Thread(target=isolated, args=(calls.spin,), daemon=True).start(); time.sleep(0.2)"
    ) as started:
        child = int(started.stdout.readline())

    assert started.returncode == 0
    assert gone(child)


def test_a_forked_process_has_children_of_its_own() -> None:
    """Also when a thread was waiting for one of the others."""
    rest = """
threading.Thread(target=isolated, args=(calls.wait, 0.5)).start()
time.sleep(0.1)
forked = os.fork()
print(isolated(calls.process), flush=True)
if not forked:
    os._exit(0)
os.waitpid(forked, 0)
"""
    with parent(rest) as started:
        before, *after = map(int, started.stdout.read().split())

    assert started.returncode == 0
    assert len(after) == 2
    assert before in after
    assert len(set(after)) == 2
    assert all(map(gone, after))
