"""A child process as its parent sees it: started, called, ended."""

import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import Any

from archive.dicom import errors
from archive.dicom.errors import MalformedPixelData
from archive.dicom.pixel_description import PixelDescription
from archive.errors import ArchiveError, NoProcess
from archive.isolation.channel import Channel

PROJECT = Path(__file__).resolve().parents[2]

#: Where errors are, and what answers may be made of besides bytes, numbers, texts and collections.
_HARMLESS_MODULES = frozenset({"builtins", errors.__name__, ArchiveError.__module__, PixelDescription.__module__})

#: How long a process may take to start; and, once nothing is open any more, to end.
START_SECONDS, END_SECONDS = 60, 5

#: What a child needs of the environment, which has passwords in it too.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
#: There are as many children as processors: threads in each would only be in each other's way.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may have: bytes of address space, and seconds for each call."""

    memory: int
    seconds: int


class Child:
    """A process for one thread at a time. After an error that is not the called function's it has to be ended."""

    def __init__(self, limits: Limits) -> None:
        """Start it.

        Raises:
            NoProcess: it does not start.
        """
        self._seconds = limits.seconds
        self.calls = 0
        ours, theirs = socket.socketpair()
        self._channel = Channel(ours)
        try:
            with closing(theirs):
                self._process = _started(limits, theirs)
        except OSError as problem:
            self._channel.close()
            raise NoProcess(str(problem)) from problem
        self._await_start()

    def call(self, function: Callable[..., Any], arguments: Sequence[Any]) -> tuple[Exception | None, Any]:
        """The error that the function has raised, and its result; one of them is None.

        Raises:
            MalformedPixelData: the process has died of it, or has not answered in time.
        """
        self.calls += 1
        try:
            self._channel.send((function, arguments))
            error, result = self._channel.receive(_Answers)
        except TimeoutError as problem:
            raise MalformedPixelData(
                f"To work on a frame takes longer than the {self._seconds} s that it may take."
            ) from problem
        except (EOFError, OSError) as problem:
            raise MalformedPixelData(f"The process that worked on a frame has died of it: {self._fate()}.") from problem
        except _NONSENSE as problem:
            raise MalformedPixelData("The process that worked on a frame says what makes no sense.") from problem
        return error, result

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._channel.close()

    def disown(self) -> None:
        """Close what is open in a process that was forked: the child is not its own."""
        self._process.returncode = 0  # there is nothing to wait for
        self._channel.abandon()

    def _await_start(self) -> None:
        self._channel.settimeout(START_SECONDS)
        try:
            self._channel.receive(_Answers)
        except (EOFError, OSError, pickle.UnpicklingError) as problem:
            self.end()
            raise NoProcess(f"it ends, or says nothing for {START_SECONDS} s") from problem
        self._channel.settimeout(self._seconds)

    def _fate(self) -> str:
        """How the process has ended, once it has."""
        try:
            status = self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            return "it does not listen"
        return Signals(-status).name if status < 0 else f"status {status}"


def _started(limits: Limits, channel: socket.socket) -> "subprocess.Popen[bytes]":
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return subprocess.Popen(  # noqa: S603  our own module
        [sys.executable, "-m", "archive.isolation.inside", str(limits.memory), str(limits.seconds)],
        cwd=PROJECT,
        env=kept | _ONE_THREAD,
        stdin=channel.fileno(),
        stdout=subprocess.DEVNULL,
    )


#: What reading a pickle raises that was not made by `pickle`: anything, an answer that is no pair among it.
_NONSENSE = (pickle.UnpicklingError, TypeError, ValueError, AttributeError, LookupError, ImportError, MemoryError)


class _Answers(pickle.Unpickler):
    """Takes errors and descriptions of pixels: a child that somebody has got hold of cannot call what it likes.

    Nor can it change a class here, as pickles can that of whatever has no `__setstate__` of its own.
    """

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module in _HARMLESS_MODULES and "." not in name else None
        if found is PixelDescription or (isinstance(found, type) and issubclass(found, Exception)):
            return found
        raise pickle.UnpicklingError(f"An answer may not have {module}.{name} in it.")
