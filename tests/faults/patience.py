"""Waiting for what an archive does in its own time."""

import time
from collections.abc import Callable

PATIENCE = 30


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether the condition holds within the time that a busy machine may take."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
