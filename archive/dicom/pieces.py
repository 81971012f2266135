"""Long runs of bytes as pieces: short ones at hand, long ones read or made when their turn comes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain

#: Short pieces are given together, about so many bytes at a time.
WORTH_GIVING = 1 << 16


@dataclass(frozen=True, slots=True)
class Streamed:
    """Bytes that are read, or made, when their turn comes; `length` is None when it is not known before."""

    length: int | None
    read: Callable[[], Iterator[bytes]]


Piece = bytes | Streamed


def assembled(pieces: Iterator[Piece], *, budget: int = 1 << 20) -> Streamed:
    """The pieces as one, and its length if that can be known without more than `budget` bytes in memory.

    Whatever is wrong with the bytes up to there is raised now. `read` is to be called once.
    """
    held: list[Piece] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece) if isinstance(piece, bytes) else 0
        if size > budget:
            return Streamed(None, partial(joined, chain(held, pieces)))
    lengths = [len(piece) if isinstance(piece, bytes) else piece.length for piece in held]
    known = [length for length in lengths if length is not None]
    return Streamed(sum(known) if len(known) == len(lengths) else None, partial(joined, held))


def joined(pieces: Iterable[Piece]) -> Iterator[bytes]:
    """The bytes of the pieces, the short ones together."""
    waiting = bytearray()
    for piece in pieces:
        if isinstance(piece, bytes):
            waiting += piece
            if len(waiting) < WORTH_GIVING:
                continue
        if waiting:
            yield bytes(waiting)
            waiting.clear()
        if isinstance(piece, Streamed):
            yield from piece.read()
    if waiting:
        yield bytes(waiting)
