"""Frames whose pixels are known, and requests for them."""

import struct

from django.http import HttpResponse
from django.test import Client
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

from tests.builders import COLUMNS, ROWS, encapsulated, instance
from tests.storing import StoredFile, stored

OCTETS = 'multipart/related; type="application/octet-stream"'
ANY = f"{OCTETS}; transfer-syntax=*"
LITTLE_ENDIAN = f"application/octet-stream; transfer-syntax={ExplicitVRLittleEndian}"
HOST = "http://testserver"


def frame_bytes(number: int, order: str = "<") -> bytes:
    """The pixels of frame `number`: each has its number, and its place in the frame."""
    return struct.pack(f"{order}{ROWS * COLUMNS}H", *(number * 1000 + place for place in range(ROWS * COLUMNS)))


def multiframe(count: int = 4, transfer_syntax: str = ExplicitVRLittleEndian, **elements: object) -> StoredFile:
    order = ">" if transfer_syntax == ExplicitVRBigEndian else "<"
    pixels = b"".join(frame_bytes(number, order) for number in range(1, count + 1))
    return stored(instance(NumberOfFrames=count, PixelData=pixels, **elements), transfer_syntax=transfer_syntax)


def codestream(number: int) -> bytes:
    return b"\xff\xd8\xff" + bytes([number]) * 61


def compressed(transfer_syntax: str = JPEGBaseline8Bit, count: int = 3, **arguments: object) -> StoredFile:
    frames = [codestream(number) for number in range(1, count + 1)]
    return stored(encapsulated(frames, **arguments), transfer_syntax=transfer_syntax)


def get(archive: Client, file: StoredFile, frames: str, accept: str | None = OCTETS, **headers: str) -> HttpResponse:
    return archive.get(f"{file.path}/frames/{frames}", headers=headers | ({"accept": accept} if accept else {}))
