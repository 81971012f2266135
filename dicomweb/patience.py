"""How long an answer goes on with parts that turn out not to be possible: nothing is sent of them, and nobody is asked
meanwhile whether the client is still there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

#: As long as two frames take that never end.
MOST_SECONDS = 60.0


class Patience:
    """The seconds that have been lost with what failed, in one answer."""

    def __init__(self) -> None:
        self._lost = 0.0

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Something that may fail."""
        began = monotonic()
        try:
            yield
        except Exception:
            self._lost += monotonic() - began
            raise

    @property
    def is_over(self) -> bool:
        """Whether nothing more is tried after what has failed."""
        return self._lost >= MOST_SECONDS
