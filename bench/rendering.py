"""What pictures cost, side by side: docs/benchmarks.md. Every server starts empty; each picture is looked at.

    .venv/bin/python bench/rendering.py peer=http://127.0.0.1:8042/dicom-web ours=http://127.0.0.1:8113/dicom-web

First: never asked for before. Again: asked for once before. A page is 50 series thumbnails over 6 connections, as a
browser fetches them; a server that has no thumbnails is asked for a rendered instance in a viewport of the same size.
Its instances have been rendered in full before: its first time is that of thumbnails, not of a cold archive. The
archive is measured as it is started: with `serve --web-only` nothing is prepared in the background.
"""

import argparse
import io
import statistics
import sys
import time
from collections import deque
from pathlib import Path

import imagecodecs
import numpy as np
from dicomset import open_dataset
from PIL import Image
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless
from wire import Connection

from bench import run_clients

SERIES, OF_A_SERIES, FRAMES, J2K = 50, 4, 40, 40
CLIENTS, BROWSER = 8, 6
OCTETS = 'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.1'


def compressed_multiframe(enhanced):
    """JPEG 2000 of the first frames of the Enhanced CT object, as a file."""
    data_set = dcmread(enhanced.file)
    frames = data_set.pixel_array[:FRAMES].astype(np.int16)
    codestreams = [bytes(imagecodecs.jpeg2k_encode(f, codecformat="J2K", level=0, reversible=True)) for f in frames]
    data_set.NumberOfFrames = len(frames)
    data_set.PerFrameFunctionalGroupsSequence = data_set.PerFrameFunctionalGroupsSequence[: len(frames)]
    data_set.file_meta.TransferSyntaxUID = JPEG2000Lossless
    data_set.SOPInstanceUID = data_set.file_meta.MediaStorageSOPInstanceUID = f"{data_set.SOPInstanceUID}.1"
    data_set.PixelData = encapsulate(codestreams)
    data_set["PixelData"].VR = "OB"
    data_set["PixelData"].is_undefined_length = True
    file = io.BytesIO()
    data_set.save_as(file)
    path = f"/studies/{enhanced.study}/series/{enhanced.series}/instances/{data_set.SOPInstanceUID}"
    return file.getvalue(), path


def store(base, files):
    boundary = "bench-rendering"
    with Connection(base) as connection:
        for start in range(0, len(files), 20):
            parts = [
                f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode() + file + b"\r\n"
                for file in files[start : start + 20]
            ]
            body = b"".join(parts) + f"--{boundary}--\r\n".encode()
            content_type = f'multipart/related; type="application/dicom"; boundary={boundary}'
            headers = {"Content-Type": content_type, "Accept": "application/dicom+json"}
            response = connection.request("POST", "/studies", headers, body)
            if response.status != 200:
                sys.exit(f"{base}: a store is answered {response.status}: {bytes(response.body)[:300]}")


def picture(response, longest=None):
    if response.status != 200:
        raise ValueError(f"HTTP {response.status}: {bytes(response.body)[:200]}")
    image = Image.open(io.BytesIO(response.body))
    low, high = image.convert("L").getextrema()
    if image.format != "JPEG" or high - low < 30 or (longest and max(image.size) != longest):
        raise ValueError(f"a picture is {image.format} of {image.size} from {low} to {high}")


def pixels(response, length=512 * 512 * 2):
    if response.status != 200 or not length <= len(response.body) <= length + 1000:
        raise ValueError(f"HTTP {response.status}: {len(response.body)} bytes are no frame")


def one_by_one(base, paths, accept, check):
    """Median milliseconds of one client."""
    times = []
    with Connection(base) as connection:
        connection.get(paths[0].partition("/instances")[0] + "/instances?limit=1", "application/dicom+json")
        for path in paths:
            response = connection.get(path, accept)
            check(response)
            times.append(response.elapsed)
    return 1000 * statistics.median(times)


def together(base, paths, accept, check, clients):
    """Seconds that so many clients take for all of them."""
    pending, answers = deque(paths), []

    def client(_number):
        with Connection(base) as connection:
            while True:
                try:
                    path = pending.popleft()
                except IndexError:
                    return
                answers.append(connection.get(path, accept))

    _, elapsed = run_clients(client, clients)
    for response in answers:
        check(response)
    return elapsed


def measure(base, ct, j2k, multiframe):
    """Rows of (what, number, unit)."""
    instances = [f"/studies/{i.study}/series/{i.series}/instances/{i.sop}" for i in ct]
    rendered = [f"{path}/rendered" for path in instances]
    half = len(rendered) // 2
    yield "rendered CT, first, 1 client", one_by_one(base, rendered[:half], "image/jpeg", picture), "ms"
    yield "rendered CT, again, 1 client", one_by_one(base, rendered[:half], "image/jpeg", picture), "ms"
    some = rendered[half:]
    yield "rendered CT, first, 8 clients", len(some) / together(base, some, "image/jpeg", picture, CLIENTS), "/s"
    many = some * 10
    yield "rendered CT, again, 8 clients", len(many) / together(base, many, "image/jpeg", picture, CLIENTS), "/s"

    of_j2k = [f"/studies/{i.study}/series/{i.series}/instances/{i.sop}" for i in j2k]
    compressed = [f"{path}/rendered" for path in of_j2k[: J2K // 2]]
    yield "rendered JPEG 2000 CT, first", one_by_one(base, compressed, "image/jpeg", picture), "ms"
    yield "rendered JPEG 2000 CT, again", one_by_one(base, compressed, "image/jpeg", picture), "ms"
    frames = [f"{path}/frames/1" for path in of_j2k[J2K // 2 :]]
    yield "JPEG 2000 frame decompressed, first", one_by_one(base, frames, OCTETS, pixels), "ms"
    yield "JPEG 2000 frame decompressed, again", one_by_one(base, frames * 3, OCTETS, pixels), "ms"
    frames = [f"{multiframe}/frames/{number}" for number in range(1, FRAMES + 1)]
    yield f"frame of {FRAMES} in JPEG 2000, decompressed, first", one_by_one(base, frames, OCTETS, pixels), "ms"
    yield f"frame of {FRAMES} in JPEG 2000, decompressed, again", one_by_one(base, frames, OCTETS, pixels), "ms"

    yield from thumbnails(base, ct)


def thumbnails(base, ct):
    series = list(dict.fromkeys((i.study, i.series) for i in ct))
    paths = [f"/studies/{study}/series/{number}/thumbnail" for study, number in series]
    with Connection(base) as connection:
        status = connection.get(f"/studies/{ct[0].study}/series/1.2.3/thumbnail", "image/jpeg").status
        known = b"such series" in (connection.get("/studies/1.2/thumbnail", "image/jpeg").body or b"") or status == 404
        known = known and connection.request("OPTIONS", paths[0]).status == 200
    if not known:
        first = {(i.study, i.series): i.sop for i in reversed(ct)}
        paths = [f"/studies/{s}/series/{n}/instances/{first[s, n]}/rendered?viewport=256,256,,,," for s, n in series]

    def small(response):
        picture(response, longest=256)

    page = "page of 50 thumbnails" if known else "page of 50 rendered in 256x256"
    yield f"{page}, first", 1000 * together(base, paths, "image/jpeg", small, BROWSER), "ms"
    yield f"{page}, again", 1000 * together(base, paths, "image/jpeg", small, BROWSER), "ms"
    many = paths * 10
    yield "thumbnails, again, 8 clients", len(many) / together(base, many, "image/jpeg", small, CLIENTS), "/s"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("servers", nargs="+", metavar="NAME=URL")
    parser.add_argument("--data", default=Path(__file__).parent / "data", type=Path)
    options = parser.parse_args()
    data = open_dataset(options.data)
    token = int(time.time())
    ct = [data["ct"][n].copy(str(token + study)) for study in range(SERIES) for n in range(OF_A_SERIES)]
    j2k = [instance.copy(str(token)) for instance in data["j2k"][:J2K]]
    file, multiframe = compressed_multiframe(data["enhanced"][0])
    results = {}
    for server in options.servers:
        name, _, base = server.partition("=")
        store(base, [*(instance.load() for instance in (*ct, *j2k)), file])
        results[name] = list(measure(base, ct, j2k, multiframe))
    print("| |", " | ".join(results), "|\n|---|" + "---:|" * len(results))
    for row in zip(*results.values(), strict=True):
        print(f"| {row[-1][0]} |", " | ".join(f"{number:.1f} {unit}" for _, number, unit in row), "|", flush=True)


if __name__ == "__main__":
    main()
