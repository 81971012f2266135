"""What runs in a child process: calls come in and answers go out on its standard input, which is a socket.

Nothing of Django is imported: a child knows no settings and no database, and starts in a fraction of a second.
"""

import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from threading import Thread
from traceback import format_tb
from typing import Any

from archive.dicom.errors import MalformedPixelData
from archive.dicom.images import codecs
from archive.errors import ArchiveError
from archive.isolation.channel import Channel

#: Imported before the first call, so that no call pays for it.
AT_HAND = (codecs,)

_STANDARD_INPUT = 0


def main(memory: int, seconds: int) -> None:
    """Answer calls until the parent is gone.

    Args:
        memory: so many bytes of address space this process may have.
        seconds: so long a call may take. The parent sees to it, and this process where there is no parent any more.
    """
    Thread(target=_end_with_parent, daemon=True).start()
    # Ctrl-C, and a service manager that stops all processes, are for the parent, which may finish what it is doing.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, memory)
    channel = Channel(socket.socket(fileno=_STANDARD_INPUT))
    channel.send("ready")
    while True:
        try:
            function, arguments = channel.receive()
        except (EOFError, ConnectionError):
            return
        # The signal ends the process whatever it does, code that holds the interpreter's lock among it.
        signal.alarm(seconds + 1)
        channel.send(_answer(function, arguments))
        signal.alarm(0)


def _answer(function: Callable[..., Any], arguments: Sequence[Any]) -> tuple[Exception | None, Any]:
    """The error and the result, one of which is None."""
    try:
        return None, function(*arguments)
    except ArchiveError as error:
        return error, None
    except MemoryError:
        return MalformedPixelData("To work on a frame takes more memory than it may take."), None
    except Exception as error:  # noqa: BLE001  it is raised where the function was called
        known = type(error).__module__ == "builtins"
        raised = error if known else RuntimeError(f"{type(error).__name__}: {error}")
        raised.add_note("In a child process:\n" + "".join(format_tb(error.__traceback__)))
        return raised, None


def _limit(kind: int, wanted: int) -> None:
    _, most = resource.getrlimit(kind)
    limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(kind, (limit, limit))


def _end_with_parent() -> None:
    """However the parent ends, the system closes its end of the socket; a call that is running ends too."""
    hangup = select.poll()
    hangup.register(_STANDARD_INPUT, 0)
    hangup.poll()
    os._exit(0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
