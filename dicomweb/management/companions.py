"""The processes that `manage.py serve` runs beside the server: started, watched, and stopped with it."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

STOP_SECONDS = 8
#: A companion that ends is started again, later each time; one that has run for so long may do so at once.
LONGEST_PAUSE = 60
STEADY_SECONDS = 60

Say = Callable[[str], None]


@contextmanager
def companions(names: Sequence[str], say: Say) -> Iterator[None]:
    """Run the commands of these names; `say` tells when one has ended by itself, and is started again."""
    watched = [_Companion(name, say) for name in names]
    for one in watched:
        one.start()
    try:
        yield
    finally:
        for one in watched:
            one.ask_to_stop()
        for one in watched:
            one.stop()


class _Companion:
    """One command, in a process that ends with this one; see `parent`."""

    def __init__(self, name: str, say: Say) -> None:
        self._name = name
        self._say = say
        self._stopping = threading.Event()
        self._process = self._run()
        self._watcher = threading.Thread(target=self._watch, name=name, daemon=True)

    def start(self) -> None:
        self._watcher.start()

    def ask_to_stop(self) -> None:
        self._stopping.set()
        self._process.terminate()

    def stop(self) -> None:
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._watcher.join()

    def _run(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603  our own commands
            [sys.executable, sys.argv[0], self._name, "--with-parent"],
            stdin=subprocess.PIPE,
            # Ctrl-C is for this process, which stops the others.
            start_new_session=True,
        )

    def _watch(self) -> None:
        pause = 1
        while True:
            began = time.monotonic()
            status = self._process.wait()
            if self._stopping.is_set():
                return
            pause = 1 if time.monotonic() - began > STEADY_SECONDS else min(2 * pause, LONGEST_PAUSE)
            self._say(f"{self._name} has ended ({_reason(status)}); it is started again in {pause} s.")
            if self._stopping.wait(pause):
                return
            self._process = self._run()


def _reason(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"
