"""The body of a store request: instances as parts of multipart/related (PS3.18 Section 8.6.1.2.1)."""

import secrets
from collections.abc import Iterator, Sequence
from functools import partial

from archive.dicom.pieces import Streamed

PART_TYPE = "application/dicom"
_BETWEEN = b"\r\n"


def new_boundary() -> str:
    """One that no object has in it, but by a chance that nobody has to think of."""
    return secrets.token_hex(16)


def content_type(boundary: str) -> str:
    return f'multipart/related; type="{PART_TYPE}"; boundary={boundary}'


def body(instances: Sequence[Streamed], boundary: str) -> Streamed:
    """The instances as one body. Each is read when its turn comes; its length is known before."""
    head = f"--{boundary}\r\nContent-Type: {PART_TYPE}\r\n\r\n".encode("ascii")
    end = f"--{boundary}--\r\n".encode("ascii")
    lengths = [one.length or 0 for one in instances]
    length = sum(lengths) + len(instances) * (len(head) + len(_BETWEEN)) + len(end)
    return Streamed(length, partial(_pieces, instances, head, end))


def _pieces(instances: Sequence[Streamed], head: bytes, end: bytes) -> Iterator[bytes]:
    for one in instances:
        yield head
        yield from one.read()
        yield _BETWEEN
    yield end
