"""How the process uses memory."""

import ctypes

#: `malloc.h` of the GNU C library.
M_ARENA_MAX = -8
ARENAS = 2


def share_arenas() -> None:
    """Let all threads take memory from the same few arenas, where the C library is GNU's.

    By default each thread gets one of its own that keeps what its largest answer needed: with dozens of threads that
    adds up to hundreds of megabytes that nobody uses.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(M_ARENA_MAX, ARENAS)
