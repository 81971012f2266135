#!/usr/bin/env python3
"""Measure a worklist (UPS-RS): workitems created and claimed a second, and how soon subscribers know.

    worklist.py                                       # an archive of its own, on SQLite, in a temporary folder
    worklist.py http://127.0.0.1:8000/dicom-web --header 'Authorization: Token ...'

Creations and claims come over 1 and 4 connections. Each claim takes another workitem, and has to be granted.

The delay is the time from the HTTP answer to a claim until the frame that reports it has arrived, for each of so many
subscribers, all with a channel of their own; a frame that comes before the answer counts as negative. Claims come
at a given pace. Every subscriber has to get every report in order, or there is no number.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

from websockets.asyncio.client import connect
from wire import Connection

ROOT = Path(__file__).resolve().parent.parent
GLOBAL = "1.2.840.10008.5.1.4.34.5"
JSON = {"Content-Type": "application/dicom+json"}


def uid():
    return f"2.25.{uuid.uuid4().int}"


def element(vr, *values):
    return {"vr": vr, "Value": list(values)} if values else {"vr": vr}


def body(data_set):
    return json.dumps([data_set]).encode()


CODE = {"00080100": element("SH", "ALG"), "00080102": element("SH", "99BENCH"), "00080104": element("LO", "Algorithm")}
EMPTY_SEQUENCES = (
    "00081084", "00100024", "00101002", "00380014", "00404018", "00404021", "00404026", "00404027", "0040A370",
    "00741002", "00741210", "00741216",
)  # fmt: skip
NEW = body(
    {tag: element("SQ") for tag in EMPTY_SEQUENCES}
    | {
        "00081080": element("LO"),
        "00081195": element("UI"),
        "00100010": element("PN", {"Alphabetic": "Bench^Mark"}),
        "00100020": element("LO", "BENCH"),
        "00100021": element("LO"),
        "00100030": element("DA"),
        "00100040": element("CS"),
        "00380010": element("LO"),
        "00400400": element("LT"),
        "00404005": element("DT", "20261125100000"),
        "00404025": element("SQ", CODE),
        "00404041": element("CS", "READY"),
        "00741000": element("CS", "SCHEDULED"),
        "00741200": element("CS", "MEDIUM"),
        "00741202": element("LO", "BENCH"),
        "00741204": element("LO", "A step"),
    }
)


class Worklist:
    """One connection to a worklist."""

    def __init__(self, url, headers):
        self._connection = Connection(url, headers)

    def create(self):
        workitem = uid()
        self._send(201, "POST", f"/workitems?workitem={workitem}", NEW)
        return workitem

    def claim(self, workitem):
        wanted = {"00081195": element("UI", uid()), "00741000": element("CS", "IN PROGRESS")}
        self._send(200, "PUT", f"/workitems/{workitem}/state", body(wanted))

    def subscribe(self, ae):
        self._send(201, "POST", f"/workitems/{GLOBAL}/subscribers/{quote(ae)}")

    def unsubscribe(self, ae):
        self._send(200, "DELETE", f"/workitems/{GLOBAL}/subscribers/{quote(ae)}")

    def _send(self, status, method, path, content=b""):
        response = self._connection.request(method, path, JSON if content else None, content)
        if response.status != status:
            raise SystemExit(f"{method} {path}: {response.status} {bytes(response.body or b'')[:300]!r}")


# -- throughput -------------------------------------------------------------------


def rate(work, connections, seconds):
    """How often a second `work` is done, by so many connections at once; `work(number of the connection)`."""
    counts = [0] * connections
    end = time.perf_counter() + seconds

    def run(number):
        while time.perf_counter() < end:
            work(number)
            counts[number] += 1

    begun = time.perf_counter()
    threads = [threading.Thread(target=run, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - begun)


def throughput(url, headers, connections, seconds):
    """Creations a second, and claims of what has been created."""
    clients = [Worklist(url, headers) for _ in range(connections)]
    created = [[] for _ in clients]
    creations = rate(lambda number: created[number].append(clients[number].create()), connections, seconds)
    left = min(map(len, created))
    claims = rate(lambda number: clients[number].claim(created[number].pop()), connections, left / creations / 2)
    return creations, claims


# -- delay ------------------------------------------------------------------------


async def listen(channel, claimed, arrived):
    """Note when the report of each of these claims comes."""
    for workitem in claimed:
        while True:
            report = json.loads(await channel.recv())
            if report["00001000"]["Value"] == [workitem] and report.get("00741000", {}).get("Value") == ["IN PROGRESS"]:
                break
        arrived.setdefault(workitem, []).append(time.perf_counter())


async def subscribed(stack, url, headers, count):
    """Open channels of new AEs that are subscribed to all workitems."""
    aes = [f"BENCH{uuid.uuid4().hex[:10].upper()}" for _ in range(count)]
    client = Worklist(url, headers)
    for ae in aes:
        client.subscribe(ae)
        stack.callback(client.unsubscribe, ae)
    root = f"ws{url.removeprefix('http')}/subscribers"
    opening = (connect(f"{root}/{ae}", additional_headers=headers, proxy=None, compression=None) for ae in aes)
    return [await stack.enter_async_context(one) for one in opening]


async def delays(url, headers, subscribers, claims, pace):
    """Milliseconds from the answer to each claim until each subscriber has the report."""
    client = Worklist(url, headers)
    workitems = [client.create() for _ in range(claims)]
    answered, arrived = {}, {}

    def claim_all():
        for workitem in workitems:
            client.claim(workitem)
            answered[workitem] = time.perf_counter()
            time.sleep(pace)

    async with AsyncExitStack() as stack:
        channels = await subscribed(stack, url, headers, subscribers)
        async with asyncio.timeout(60 + claims * pace), asyncio.TaskGroup() as group:
            for channel in channels:
                group.create_task(listen(channel, workitems, arrived))
            await asyncio.to_thread(claim_all)
    return [1000 * (when - answered[workitem]) for workitem, times in arrived.items() for when in times]


# -- the archive ------------------------------------------------------------------


@contextmanager
def own_archive():
    """`manage.py serve` on an empty store, open to everybody on the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "ARCHIVE_DATA_DIR": folder, "ARCHIVE_PORT": str(port), "ARCHIVE_ANONYMOUS_ACCESS": "write",
            "ARCHIVE_LOG_LEVEL": "warning",
        }  # fmt: skip
        python = ROOT / ".venv" / "bin" / "python"
        command = [str(python), "manage.py", "serve"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}/dicom-web"
            wait_for(url, process)
            yield url
        finally:
            process.terminate()
            process.wait()


def wait_for(url, process):
    while process.poll() is None:
        try:
            Connection(url).request("GET", "/workitems?limit=1")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the archive did not start")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", help="of the DICOMweb service (default: start an archive)")
    parser.add_argument("--header", action="append", default=[], help="of every request, as 'Name: value'")
    parser.add_argument("--seconds", type=float, default=5, help="for each rate (default: 5)")
    parser.add_argument("--claims", type=int, default=100, help="for each delay (default: 100)")
    parser.add_argument("--pace", type=float, default=0.05, help="seconds between claims (default: 0.05)")
    parser.add_argument("--subscribers", default="1,10,100", help="(default: 1,10,100)")
    options = parser.parse_args()
    headers = dict(header.split(": ", 1) for header in options.header)
    with ExitStack() as stack:
        url = options.url or stack.enter_context(own_archive())
        print("| connections | creations a second | claims a second |\n|---:|---:|---:|")
        for connections in (1, 4):
            creations, claims = throughput(url, headers, connections, options.seconds)
            print(f"| {connections} | {creations:.0f} | {claims:.0f} |", flush=True)
        print("\n| subscribers | median ms | 95 % within | longest |\n|---:|---:|---:|---:|")
        for subscribers in map(int, options.subscribers.split(",")):
            found = asyncio.run(delays(url, headers, subscribers, options.claims, options.pace))
            most = statistics.quantiles(found, n=20, method="inclusive")[-1]
            numbers = (statistics.median(found), most, max(found))
            print(f"| {subscribers} | {' | '.join(f'{number:.1f}' for number in numbers)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
