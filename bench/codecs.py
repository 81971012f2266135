"""Milliseconds to encode and decode one frame of 512x512 pixels of 16 bits, for each codec: docs/benchmarks.md.

    PYTHONPATH=. .venv/bin/python bench/codecs.py

The frame is smooth with noise of four bits, as a CT is; 12 of its bits are used. Times are the best of a second.
"""

import time

import imagecodecs
import numpy as np

from archive.dicom.images import codecs
from archive.dicom.pixel_description import PixelDescription
from archive.dicom.transfer_syntaxes import TRANSFER_SYNTAXES

SIDE, SECONDS = 512, 1.0
PIXELS = PixelDescription(
    rows=SIDE,
    columns=SIDE,
    samples_per_pixel=1,
    photometric_interpretation="MONOCHROME2",
    bits_allocated=16,
    bits_stored=12,
    high_bit=11,
    pixel_representation=0,
)
UID = "1.2.840.10008.1.2."


def frame():
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    smooth = (np.sin(columns / 40) * np.cos(rows / 30) + 1) * 2000
    return (smooth + np.random.default_rng(0).integers(0, 16, (SIDE, SIDE))).astype("<u2")


def milliseconds(call, *arguments):
    times, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        call(*arguments)
        times.append(1000 * (time.perf_counter() - start))
    return min(times)


def codestreams(image):
    """A codestream for each transfer syntax that there is no encoder for in the archive."""
    yield "4.51", imagecodecs.jpeg8_encode(image, 90, bitspersample=12)
    yield "4.70", imagecodecs.jpeg8_encode(image, lossless=True, predictor=1, bitspersample=12)
    yield "4.81", imagecodecs.jpegls_encode(image, 2)
    yield "4.91", imagecodecs.jpeg2k_encode(image, 60, codecformat="J2K", bitspersample=12)
    yield "4.110", imagecodecs.jpegxl_encode(image, lossless=True, bitspersample=12)


def main():
    image = frame()
    native = image.tobytes()
    rows = [(end, bytes(codestream), None) for end, codestream in codestreams(image)]
    for end in ("4.80", "4.90", "4.201", "5"):
        encode = milliseconds(codecs.encode, native, UID + end, PIXELS)
        codestream = codecs.encode(native, UID + end, PIXELS)
        assert codecs.decode(codestream, UID + end, PIXELS) == native
        rows.append((end, codestream, encode))
    print("| transfer syntax | kB | encode ms | decode ms |\n|---|---:|---:|---:|")
    for end, codestream, encode in sorted(rows, key=lambda row: [int(part) for part in row[0].split(".")]):
        decode = milliseconds(codecs.decode, codestream, UID + end, PIXELS)
        name = TRANSFER_SYNTAXES[UID + end].name
        print(f"| {name} | {len(codestream) / 1000:.0f} | {f'{encode:.1f}' if encode else ''} | {decode:.1f} |")


if __name__ == "__main__":
    main()
