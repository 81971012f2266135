"""Processes that end with the one that started them, however that ends.

The parent keeps one end of a pipe open; the system closes it when the parent is gone, which the child reads as the end
of its standard input.
"""

import os
import signal
import sys
import threading


def end_with_parent(how: signal.Signals) -> None:
    """Send this signal to this process when its standard input ends."""
    threading.Thread(target=_wait, args=(how,), name="parent", daemon=True).start()


def _wait(how: signal.Signals) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), how)
