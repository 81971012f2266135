"""Instances whose pixels are known, and what is seen of them in the archive's answers."""

from collections.abc import Mapping, Sequence
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.http import HttpResponse
from django.test import Client
from numpy.typing import NDArray
from PIL import Image
from pydicom.uid import RLELossless

from archive.dicom.images import codecs
from archive.dicom.pixel_description import PixelDescription
from tests.builders import encapsulated
from tests.storing import StoredFile, stored

Pixels = NDArray[Any]

JPEG, PNG, GIF, WEBP = "image/jpeg", "image/png", "image/gif", "image/webp"
#: What a browser accepts of an `<img>`, and of an address that is gone to.
IMG = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

RED, GREEN, BLUE, GRAY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128)
#: Top left, top right, bottom left, bottom right.
PATCHES = (RED, GREEN, BLUE, GRAY)
SIDE = 16

#: Nothing decodes this.
CORRUPT = b"\xff" * 100


def related(media_type: str) -> str:
    return f'multipart/related; type="{media_type}"'


def get(
    archive: Client, path: str, accept: str | None = PNG, headers: Mapping[str, str] | None = None, /, **query: str
) -> HttpResponse:
    """What is at a path, with these query parameters."""
    accepted = {} if accept is None else {"accept": accept}
    return archive.get(f"{path}?{urlencode(query)}" if query else path, headers=accepted | dict(headers or {}))


# -- instances -------------------------------------------------------------------


def wedge(columns: int = 64, rows: int = 32) -> Pixels:
    """From black at the left to white at the right."""
    return np.tile(np.linspace(0, 255, columns).round().astype(np.uint8), (rows, 1))


def patches() -> Pixels:
    """Four squares of `PATCHES`."""
    image = np.zeros((2 * SIDE, 2 * SIDE, 3), np.uint8)
    for place, color in enumerate(PATCHES):
        down, across = SIDE * (place // 2), SIDE * (place % 2)
        image[down : down + SIDE, across : across + SIDE] = color
    return image


def described(frame: Pixels) -> dict[str, Any]:
    """What there is to say of frames of 8 bits, gray or in colors, that have the shape of this one."""
    color = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    bits = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
    return {"Rows": frame.shape[0], "Columns": frame.shape[1]} | bits | (color if frame.ndim == 3 else {})


def image(frame: Pixels, **more: Any) -> StoredFile:
    """These pixels, stored: they are shown as they are."""
    return stored(**described(frame) | {"PixelData": frame.tobytes()} | more)


def flat(shade: int, rows: int = 8, columns: int = 8) -> Pixels:
    return np.full((rows, columns), shade, np.uint8)


def cine(shades: Sequence[int], **more: Any) -> StoredFile:
    """Frames that are each of one shade."""
    pixels = b"".join(flat(shade).tobytes() for shade in shades)
    return image(flat(0), **{"NumberOfFrames": len(shades), "PixelData": pixels} | more)


def compressed_cine(shades: Sequence[int | None], **more: Any) -> StoredFile:
    """Frames of one shade each, RLE compressed, and those of None corrupt."""
    pixels = PixelDescription(8, 8, 1, "MONOCHROME2", 8, 8, 7, 0)
    frames = [
        CORRUPT if shade is None else codecs.encode(flat(shade).tobytes(), RLELossless, pixels) for shade in shades
    ]
    return stored(encapsulated(frames, **described(flat(0)) | more), transfer_syntax=RLELossless)


# -- what is seen ----------------------------------------------------------------


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def seen(response: HttpResponse) -> Pixels:
    """The pixels of the one image of an answer, which has to be of the type that it says it is."""
    body = response.getvalue()
    assert response.status_code == 200, body
    found = opened(body)
    assert Image.MIME[found.format or ""] == response["Content-Type"]
    assert int(response["Content-Length"]) == len(body)
    return np.asarray(found if found.mode in {"L", "RGB"} else found.convert("RGB"))


def problem(response: HttpResponse) -> str:
    """Why there is nothing to see, as JSON says it or a page."""
    if response["Content-Type"] == "application/json":
        return str(response.json()["message"])
    return unescape(response.content.decode())


def refused(response: HttpResponse, parameter: str) -> bool:
    """Whether it is 400 for this parameter."""
    return response.status_code == 400 and parameter in problem(response)


def size(response: HttpResponse) -> tuple[int, int]:
    """Columns and rows of what is seen."""
    rows, columns = seen(response).shape[:2]
    return columns, rows


def means(found: Pixels) -> list[tuple[float, ...]]:
    """The mean color of each quarter of an image, without its edges, in the order of `PATCHES`."""
    down, across = found.shape[0] // 2, found.shape[1] // 2
    quarters = [found[y : y + down, x : x + across] for y in (0, down) for x in (0, across)]
    return [tuple(quarter[4:-4, 4:-4].reshape(-1, 3).mean(axis=0)) for quarter in quarters]
