#!/usr/bin/env python3
"""Benchmark one or more DICOMweb servers, side by side, and refuse wrong answers.

    bench.py peer=http://127.0.0.1:8042/dicom-web ours=http://127.0.0.1:8000/dicom-web \\
             --pid peer=1234 --pid ours=5678 --out results.json

Each test runs on every server before the next test starts, in an order that rotates,
so that a change in the machine's load touches all servers alike. What is measured:

  STOW-RS   ingest rate by instances a request and by connections; small studies,
            a 300-frame object, JPEG 2000, and 2000 one-image studies
  QIDO-RS   latency of six typical queries, and requests/s with many clients
  WADO-RS   whole series, single instances, metadata, frames, rendered images,
            JPEG 2000 as stored and decompressed

No number is reported for a wrong answer. Every request's status is checked. Stored
instances must all be in ReferencedSOPSequence, and a query must find them afterwards.
Every distinct retrieval is first made once and checked in full (parts, identifiers,
pixels bit for bit, attributes of the metadata); the timed repeats are read and dropped,
and must have the length of the checked response. A test that does not hold reads
"failed: why"; an optional service that the server refuses reads "unsupported: why".
Departures from PS3.18 that spoil no number are listed as notes.

Start every server on an empty store: query times depend on what is stored. A run stores
under identifiers of its own, so a further run on the same store does store everything
again; `--reuse RESULTS.json` reads what an earlier run stored, and stores nothing.

With --pid the server's CPU and memory are reported (that process and its descendants;
repeat the option for a server of several process trees, such as web server and database).
`other` CPU is the noise: cores busy with neither the client nor the server.

The data set (about 620 MB) is generated on first use. `--show A.json B.json` prints the
table of earlier results. Linux is assumed for CPU and memory, nothing else.
"""

import argparse
import gc
import json
import os
import platform
import random
import re
import statistics
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from itertools import count
from pathlib import Path
from urllib.parse import quote

from checks import (
    JSON,
    Wrong,
    check_rendered,
    check_stored,
    excerpt,
    make_frame,
    make_instances,
    make_metadata,
    make_results,
    objects,
    value,
)
from dicomset import open_dataset
from wire import Connection, WireError, parameter, related

EXPLICIT_LE = "1.2.840.10008.1.2.1"
DICOM = 'multipart/related; type="application/dicom"'
OCTETS = 'multipart/related; type="application/octet-stream"'
REFUSALS = (400, 404, 405, 406, 415, 501)  # what "I do not offer that" looks like
PATIENCE = 60  # seconds for a query to find what STOW has acknowledged


class Unsupported(Exception):
    """An optional service that the server does not offer."""


@dataclass
class Server:
    name: str
    url: str
    pids: list
    headers: dict
    stored: dict = field(default_factory=dict)  # {STOW test: [Instance, ...]} that succeeded
    results: dict = field(default_factory=dict)
    notes: dict = field(default_factory=dict)  # an ordered set

    def connect(self):
        return Connection(self.url, self.headers)

    def note(self, text):
        self.notes.setdefault(text)


@dataclass
class Options:
    concurrency: int
    samples: int
    seconds: float


# -- what a span of time cost -----------------------------------------------------


class Meter:
    """CPU of the client, the server and everyone else, in cores, and the server's peak memory."""

    TICK = os.sysconf("SC_CLK_TCK")
    PAGE = os.sysconf("SC_PAGE_SIZE")

    def __init__(self, pids):
        self._pids = pids
        self._peak = 0
        self._done = threading.Event()

    def __enter__(self):
        gc.collect()
        gc.disable()
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self._sampler.start()
        self._begun = self._read()
        return self

    def __exit__(self, *exc):
        ended = self._read()
        gc.enable()
        self._done.set()
        self._sampler.join()
        wall, client, server, busy = (after - before for before, after in zip(self._begun, ended, strict=True))
        self.client_cpu = round(client / wall, 2)
        self.server_seconds = server if self._pids else None
        self.server_cpu = round(server / wall, 2) if self._pids else None
        self.other_cpu = round(max(0.0, busy - client - server) / wall, 2) if self._pids else None
        self.rss_mb = round(self._peak / 1e6, 1) if self._pids else None

    def cost(self, operations):
        """For the result of a test: the server's CPU for each of so many operations, and the rest."""
        each = None if self.server_seconds is None else round(self.server_seconds * 1000 / operations, 2)
        return {
            "server_cpu_ms": each,
            "server_cpu": self.server_cpu,
            "client_cpu": self.client_cpu,
            "other_cpu": self.other_cpu,
            "server_rss_mb": self.rss_mb,
        }

    def _sample(self):
        while self._pids:
            self._peak = max(self._peak, sum(self._rss(pid) for pid in self._tree()))
            if self._done.wait(0.5):
                return

    def _read(self):
        server = sum(self._cpu(pid) for pid in self._tree())
        return time.perf_counter(), time.process_time(), server, self._busy()

    def _busy(self):
        try:
            ticks = list(map(int, Path("/proc/stat").read_text().split()[1:9]))
        except OSError:
            return 0.0
        idle, waiting = ticks[3:5]
        return (sum(ticks) - idle - waiting) / self.TICK  # what the host stole counts as busy

    def _tree(self):
        found, todo = [], list(self._pids)
        while todo:
            pid = todo.pop()
            if pid not in found:
                found.append(pid)
                for children in Path(f"/proc/{pid}/task").glob("*/children"):
                    with suppress(OSError):  # it may have ended meanwhile
                        todo += map(int, children.read_text().split())
        return found

    def _cpu(self, pid):
        """CPU seconds of a process and of the children it has reaped."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return sum(map(int, fields[11:15])) / self.TICK

    def _rss(self, pid):
        try:
            return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * self.PAGE
        except OSError:
            return 0


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def ms(seconds):
    return round(seconds * 1000, 2)


def run_clients(work, clients):
    """Run work(number) in so many threads, started together: (results, seconds)."""
    barrier = threading.Barrier(clients + 1)
    results, errors = [None] * clients, []

    def body(number):
        barrier.wait()
        try:
            results[number] = work(number)
        except Exception as error:  # noqa: BLE001  raised again by the main thread
            errors.append(error)

    threads = [threading.Thread(target=body, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    barrier.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - begun
    if errors:
        raise errors[0]
    return results, elapsed


# -- storing ----------------------------------------------------------------------


@dataclass
class Store:
    """A test: send the instances, `batch` a request, over `clients` connections."""

    key: str
    title: str
    instances: list
    batch: int
    clients: int

    def prepare(self):
        """The requests, built once for all servers: [(body, content type, {sop, ...})]."""
        requests = []
        for at in range(0, len(self.instances), self.batch):
            chosen = self.instances[at : at + self.batch]
            requests.append((*related(i.load() for i in chosen), {i.sop for i in chosen}))
        return requests

    def run(self, server, _options, requests):
        pending, answers = deque(requests), []

        def client(_number):
            with server.connect() as connection:
                while True:
                    try:
                        body, content_type, uids = pending.popleft()
                    except IndexError:
                        return
                    headers = {"Content-Type": content_type, "Accept": JSON}
                    answers.append((connection.request("POST", "/studies", headers, body), uids))

        with Meter(server.pids) as meter:
            _, elapsed = run_clients(client, self.clients)
        for response, uids in answers:
            check_stored(response, uids)
        lag = self._wait_until_found(server)
        server.stored[self.key] = self.instances
        size = sum(len(body) for body, _, _ in requests)
        times = [response.elapsed for response, _ in answers]
        return {
            "inst_s": round(len(self.instances) / elapsed, 2),
            "mb_s": round(size / elapsed / 1e6, 1),
            "p50_ms": ms(statistics.median(times)),
            "p95_ms": ms(percentile(times, 0.95)),
            "found_after_s": round(lag, 2),
            "instances": len(self.instances),
            "mb": round(size / 1e6, 1),
            "seconds": round(elapsed, 2),
            **meter.cost(len(self.instances)),
        }

    def _wait_until_found(self, server):
        """Check that queries find all that was acknowledged (in the last 20 studies).

        Returns how many seconds that took to become so; 0 if it was so at once.
        """
        studies = {}
        for instance in self.instances:
            studies.setdefault(instance.study, set()).add(instance.sop)
        lag, begun = 0, time.perf_counter()
        with server.connect() as connection:
            for study, uids in list(studies.items())[-20:]:
                while missing := uids - self._found(connection, study, len(uids)):
                    lag = time.perf_counter() - begun
                    if lag > PATIENCE:
                        raise Wrong(f"{len(missing)} of {len(uids)} acknowledged instances not found {lag:.0f} s later")
                    time.sleep(0.02)
        return lag

    @staticmethod
    def _found(connection, study, expected, page=100):
        found = set()
        for offset in range(0, expected, page):
            response = connection.get(f"/studies/{study}/instances?limit={page}&offset={offset}", JSON)
            if response.status in (204, 404):
                break
            if response.status != 200:
                raise Wrong(f"HTTP {response.status} for the instances of a stored study")
            found.update(value(item, "00080018") for item in objects(response))
        return found


def store_tests(data, run, batches, clients, tiny_copies):
    """Every STOW test. `run` is the eight digits that make this run's identifiers its own."""
    slots = count()

    def copies(instances):
        token = f"{run}{next(slots):02d}"
        return [instance.copy(token) for instance in instances]

    most = max(clients)
    tests = [
        Store(f"stow-ct-{batch}x{n}", f"CT, {batch} a request, {n} conn", copies(data["ct"]), batch, n)
        for batch in batches
        for n in clients
    ]
    tiny = copies(data["tiny"])
    tests += [
        Store("stow-mr", f"MR, 20 studies, 40 a request, {most} conn", copies(data["mr"]), 40, most),
        Store(
            "stow-enhanced",
            "3 objects of 300 frames, 157 MB, 1 conn",
            [instance for _ in range(3) for instance in copies(data["enhanced"])],
            1,
            1,
        ),
        *(
            Store(f"stow-j2k-10x{n}", f"JPEG 2000, 10 a request, {n} conn", copies(data["j2k"]), 10, n)
            for n in sorted({1, most})
        ),
        Store("stow-tiny-some", "500 tiny studies, 1 conn", tiny[:500], 1, 1),
        Store("stow-tiny-rest", f"1500 tiny studies, {most} conn", tiny[500:], 1, most),
    ]
    if tiny_copies > 1:
        more = [instance for _ in range(tiny_copies - 1) for instance in copies(data["tiny"])]
        tests.append(Store("stow-tiny-more", f"{len(more)} more tiny studies, {most} conn", more, 1, most))
    return tests


# -- reading ----------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """A GET, and the check its response must pass."""

    path: str
    accept: str
    check: object  # check(response, note), raises Wrong
    optional: bool = False


def brief(target):
    """A target's path without its long identifiers, for an error message."""
    return re.sub(r"[\d.]{20,}", "...", target.path)


@dataclass
class Read:
    """A test: the targets one by one, then by many clients at once (if any)."""

    key: str
    title: str
    targets: list
    clients: int | None = None  # None: as the options say; 0: not at once
    samples: int | None = None

    def prepare(self):
        return None

    def run(self, server, options, _prepared):
        lengths, result = self._verify(server)
        with Meter(server.pids) as meter:
            one = self._one_by_one(server, lengths, self.samples or options.samples, options.seconds)
        result |= one | meter.cost(one["requests"])
        clients = options.concurrency if self.clients is None else self.clients
        if clients:
            with Meter(server.pids) as meter:
                many = self._at_once(server, lengths, clients, options.seconds)
            many |= meter.cost(many["requests"])
            result |= {f"load_{name}": number for name, number in many.items()}
            if meter.client_cpu > 0.8:
                server.note(f"{self.title}: the client used {meter.client_cpu} cores; the rate may be its own limit")
        return result

    def _verify(self, server):
        """Each request once, checked in full: ({target: length of later responses}, first times)."""
        lengths, times, sizes = {}, [], []
        with server.connect() as connection:
            for target in self.targets:
                response = connection.get(target.path, target.accept)
                if target.optional and response.status in REFUSALS:
                    raise Unsupported(f"HTTP {response.status}")
                if response.status != 200:
                    raise Wrong(f"HTTP {response.status} for {brief(target)}: {excerpt(response)}")
                target.check(response, server.note)
                boundary = (parameter(response.content_type, "boundary") or "").encode()
                delimiters = response.body.count(b"--" + boundary) if boundary else 0
                lengths[target] = (response.length - delimiters * len(boundary), delimiters)
                times.append(response.elapsed)
                sizes.append(response.length)
        return lengths, {"first_ms": ms(statistics.median(times)), "bytes": round(statistics.mean(sizes))}

    @staticmethod
    def _timed(connection, target, lengths):
        response = connection.get(target.path, target.accept, keep=False)
        if response.status != 200:
            raise Wrong(f"HTTP {response.status} in a repeat of {brief(target)}")
        length, delimiters = lengths[target]  # a server may vary the length of its boundary
        length += delimiters * len(parameter(response.content_type, "boundary") or "")
        if response.length != length:
            raise Wrong(f"{response.length} bytes instead of {length} in a repeat of {brief(target)}")
        return response

    def _one_by_one(self, server, lengths, samples, seconds):
        order = random.Random(1).sample(self.targets, len(self.targets))
        responses = []
        deadline = time.perf_counter() + seconds
        with server.connect() as connection:
            for number in range(samples):
                if number >= 3 and time.perf_counter() > deadline:
                    break
                responses.append(self._timed(connection, order[number % len(order)], lengths))
        times = [response.elapsed for response in responses]
        mean_size = statistics.mean(response.length for response in responses)
        return {
            "p50_ms": ms(statistics.median(times)),
            "p95_ms": ms(percentile(times, 0.95)),
            "ttfb_ms": ms(statistics.median(response.first_byte for response in responses)),
            "mb_s": round(mean_size / statistics.median(times) / 1e6, 1),
            "requests": len(responses),
        }

    def _at_once(self, server, lengths, clients, seconds):
        deadline = time.perf_counter() + seconds

        def client(number):
            times, size = [], 0
            with server.connect() as connection:
                for turn in count(number * 5):
                    response = self._timed(connection, self.targets[turn % len(self.targets)], lengths)
                    times.append(response.elapsed)
                    size += response.length
                    if time.perf_counter() > deadline:
                        break
            return times, size

        results, elapsed = run_clients(client, clients)
        times = [value for part, _ in results for value in part]
        return {
            "req_s": round(len(times) / elapsed, 1),
            "p50_ms": ms(statistics.median(times)),
            "p95_ms": ms(percentile(times, 0.95)),
            "mb_s": round(sum(size for _, size in results) / elapsed / 1e6, 1),
            "requests": len(times),
            "clients": clients,
        }


def read_tests(tests, server):
    """Every QIDO and WADO test, on what the STOW tests stored on this server."""
    known = {i.study: i for instances in server.stored.values() for i in instances}
    stored = {test.key: test.instances for test in tests}
    ct = tests[0].instances
    tiny = stored["stow-tiny-some"]
    return _query_tests(ct, tiny, known) + _retrieve_tests(ct, stored["stow-enhanced"][0], stored["stow-j2k-10x1"])


def _query_tests(ct, tiny, known):
    study, series = ct[0].study, ct[0].series
    person = tiny[77]

    def studies(key, query, matches=lambda i: True, limit=None):
        expected = {uid: i for uid, i in known.items() if matches(i)}
        check = make_results("study", expected, known, limit)
        return Read(
            f"qido-{key}",
            f"studies?{query.replace(person.patient_id, '...')}",
            [Target(f"/studies?{quote(query, safe='=&*-')}", JSON, check)],
        )

    return [
        studies("limit", "limit=25", limit=25),
        studies("name", "PatientName=Okonkwo*", lambda i: i.patient_name.startswith("Okonkwo")),
        studies("name-utf8", "PatientName=Müller*", lambda i: i.patient_name.startswith("Müller")),
        studies(
            "date",
            "StudyDate=20180101-20181231&ModalitiesInStudy=CT",
            lambda i: i.study_date.startswith("2018") and i.modality == "CT",
        ),
        studies("id", f"PatientID={person.patient_id}", lambda i: i.patient_id == person.patient_id),
        Read(
            "qido-series",
            "series of a study",
            [Target(f"/studies/{study}/series", JSON, make_results("series", {i.series: i for i in ct}))],
        ),
        Read(
            "qido-instances",
            "200 instances, includefield=all",
            [
                Target(
                    f"/studies/{study}/series/{series}/instances?includefield=all",
                    JSON,
                    make_results("instance", {i.sop: i for i in ct if i.series == series}, every_field=True),
                )
            ],
        ),
    ]


def _retrieve_tests(ct, enhanced, j2k):
    all_series = {}
    for instance in ct:
        all_series.setdefault(instance.series, []).append(instance)
    first = next(iter(all_series.values()))
    some = ct[::9][:64]
    study = f"/studies/{ct[0].study}"

    def series_path(i):
        return f"/studies/{i.study}/series/{i.series}"

    def path(i):
        return f"{series_path(i)}/instances/{i.sop}"

    def frames(instance, numbers, optional=False):
        return [Target(f"{path(instance)}/frames/{n}", OCTETS, make_frame(instance, n), optional) for n in numbers]

    return [
        Read(
            "wado-series",
            "series of 200 CT",
            [Target(series_path(part[0]), DICOM, make_instances(part)) for part in all_series.values()],
            clients=4,
            samples=9,
        ),
        Read("wado-instance", "one CT instance", [Target(path(i), DICOM, make_instances([i])) for i in some]),
        Read(
            "wado-series-metadata",
            "metadata of a series, 200",
            [Target(f"{series_path(first[0])}/metadata", JSON, make_metadata(first))],
            clients=4,
            samples=20,
        ),
        Read(
            "wado-study-metadata",
            "metadata of a study, 600",
            [Target(f"{study}/metadata", JSON, make_metadata(ct))],
            clients=0,
            samples=10,
        ),
        Read("wado-frame", "frames/1 of a CT instance", [t for i in some for t in frames(i, [1])]),
        Read("wado-frame-150", "frames/150 of 300", frames(enhanced, [150])),
        Read("wado-frames-scroll", "frames 1, 11, 21 ... of 300", frames(enhanced, range(1, 301, 10))),
        Read(
            "wado-rendered",
            "rendered CT instance, JPEG",
            [Target(f"{path(i)}/rendered", "image/jpeg", check_rendered, True) for i in some],
        ),
        Read(
            "wado-j2k-series",
            "series of 100 JPEG 2000, as stored",
            [Target(series_path(j2k[0]), f"{DICOM}; transfer-syntax=*", make_instances(j2k))],
            clients=4,
            samples=9,
        ),
        Read(
            "wado-j2k-transcoded",
            "JPEG 2000 instance as Explicit VR LE",
            [
                Target(path(i), f"{DICOM}; transfer-syntax={EXPLICIT_LE}", make_instances([i], EXPLICIT_LE), True)
                for i in j2k[::4]
            ],
        ),
        Read(
            "wado-j2k-frame", "frames/1 of JPEG 2000, decompressed", [t for i in j2k[::4] for t in frames(i, [1], True)]
        ),
    ]


# -- running ----------------------------------------------------------------------


def run_test(number, tests, servers, options):
    """One test (in each server's own form) on every server, in rotating order."""
    prepared = tests[0].prepare()
    for turn in range(len(servers)):
        at = (turn + number) % len(servers)
        server, test = servers[at], tests[at]
        os.sync()  # earlier writes are not this test's to pay for
        time.sleep(0.2)
        try:
            result = test.run(server, options, prepared)
        except Unsupported as error:
            result = {"unsupported": str(error)}
        except (Wrong, WireError, OSError) as error:
            result = {"failed": str(error) or repr(error)}
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            result = {"failed": f"unreadable response: {error!r}"}
        server.results[test.key] = {"title": test.title, **result}
        print(f"  {server.name:12} {test.key:22} {summary(result)}", file=sys.stderr, flush=True)


def summary(result):
    for outcome in ("failed", "unsupported"):
        if outcome in result:
            return f"{outcome}: {result[outcome]}"
    shown = ("inst_s", "mb_s", "first_ms", "p50_ms", "p95_ms", "load_req_s", "other_cpu")
    return "  ".join(f"{name}={result[name]}" for name in shown if result.get(name) is not None)


def benchmark(servers, data, settings, only, reuse):
    """Run the chosen tests; the results go to each server. Returns the run's token."""
    run = reuse["run"] if reuse else str(int(time.time()) % 90_000_000 + 10_000_000)
    stored_as = reuse["settings"] if reuse else settings
    tests = store_tests(data, run, stored_as["batches"], stored_as["stow_concurrency"], stored_as["tiny_copies"])
    options = Options(settings["concurrency"], settings["samples"], settings["seconds"])
    chosen = [test for test in tests if wanted(test.key, only)]
    numbers = count()
    if reuse:
        for server in servers:
            results = reuse["servers"][server.name]["tests"]
            server.stored = {test.key: test.instances for test in tests if "inst_s" in results.get(test.key, {})}
    else:
        for test in chosen:
            run_test(next(numbers), [test] * len(servers), servers, options)
    if reuse or chosen == tests:
        for group in zip(*(read_tests(tests, server) for server in servers), strict=True):
            if wanted(group[0].key, only):
                run_test(next(numbers), group, servers, options)
    return run


def wanted(key, patterns):
    return any(fnmatch(key, pattern) for pattern in patterns.split(","))


def report(servers, run, settings, load_before):
    return {
        "run": run,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": settings,
        "machine": {
            "cpus": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
            "load_before": load_before,
            "load_after": os.getloadavg(),
        },
        "servers": {s.name: {"url": s.url, "tests": s.results, "notes": list(s.notes)} for s in servers},
    }


# -- the table --------------------------------------------------------------------

STORE_COLUMNS = {
    "inst/s": "inst_s",
    "MB/s": "mb_s",
    "p50 ms": "p50_ms",
    "p95 ms": "p95_ms",
    "CPU ms/inst": "server_cpu_ms",
    "RSS MB": "server_rss_mb",
    "other CPU": "other_cpu",
}
QUERY_COLUMNS = {
    "first ms": "first_ms",
    "p50 ms": "p50_ms",
    "p95 ms": "p95_ms",
    "clients": "load_clients",
    "req/s": "load_req_s",
    "CPU ms/req": "server_cpu_ms",
    "RSS MB": "server_rss_mb",
    "other CPU": "other_cpu",
    "at load": "load_other_cpu",
}
READ_COLUMNS = {
    "first ms": "first_ms",
    "p50 ms": "p50_ms",
    "p95 ms": "p95_ms",
    "TTFB ms": "ttfb_ms",
    "MB/s": "mb_s",
    "clients": "load_clients",
    "req/s": "load_req_s",
    "MB/s, all": "load_mb_s",
    "CPU ms/req": "server_cpu_ms",
    "RSS MB": "server_rss_mb",
    "other CPU": "other_cpu",
    "at load": "load_other_cpu",
}


def table(servers):
    """Markdown for {name: {"tests": ..., "notes": ...}}: one line a test and server."""
    lines = []
    for heading, prefix, columns, lead in (
        ("STOW-RS", "stow-", STORE_COLUMNS, "inst_s"),
        ("QIDO-RS", "qido-", QUERY_COLUMNS, "p50_ms"),
        ("WADO-RS", "wado-", READ_COLUMNS, "p50_ms"),
    ):
        keys = dict.fromkeys(k for s in servers.values() for k in s["tests"] if k.startswith(prefix))
        if not keys:
            continue
        head = ["test", "server", *columns] + (["speed"] if len(servers) > 1 else [])
        lines += [f"### {heading}", "", f"| {' | '.join(head)} |", f"|{'---|' * 2}{'---:|' * (len(head) - 2)}"]
        for key in keys:
            base = next(iter(servers.values()))["tests"].get(key, {})
            for name, server in servers.items():
                result = server["tests"].get(key, {"title": key, "failed": "not run"})
                cells = [result["title"], name, *_cells(result, columns, base, lead, len(servers) > 1)]
                lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    if len(servers) > 1:
        lines += ["speed: times as fast as the first server, by inst/s (STOW) or p50 (the others).", ""]
    for name, server in servers.items():
        if server["notes"]:
            lines += [f"Notes on {name}:", "", *(f"- {note}" for note in server["notes"]), ""]
    return "\n".join(lines)


def _cells(result, columns, base, lead, compared):
    for outcome in ("failed", "unsupported"):
        if outcome in result:
            return [f"{outcome}: {result[outcome]}"] + [""] * (len(columns) - (0 if compared else 1))
    cells = ["" if result.get(name) is None else f"{result[name]:,}" for name in columns.values()]
    if compared:
        ours, theirs = result[lead], base.get(lead)
        faster = None if not (ours and theirs) else ours / theirs if lead == "inst_s" else theirs / ours
        cells.append("" if faster is None else f"{faster:.2f}x")
    return cells


# -- command line -----------------------------------------------------------------


def numbers(text):
    return [int(part) for part in text.split(",")]


def named(pairs, server):
    """The values of NAME=VALUE options for this server; a VALUE alone is for every server."""
    for pair in pairs:
        name, equals, rest = pair.partition("=")
        if not equals or ":" in name:
            yield pair
        elif name == server:
            yield rest


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("servers", nargs="*", metavar="[NAME=]URL", help="base URL of a DICOMweb service")
    parser.add_argument(
        "--dataset",
        type=Path,
        default=Path(__file__).resolve().parent / "data",
        metavar="DIR",
        help="where the data set is, or is to be generated (default: data, beside this script)",
    )
    parser.add_argument("--concurrency", type=int, default=8, help="clients at once in reading tests (default: 8)")
    parser.add_argument(
        "--stow-concurrency",
        type=numbers,
        default=[1, 4],
        metavar="N,N",
        help="connections in STOW tests (default: 1,4)",
    )
    parser.add_argument(
        "--batches",
        type=numbers,
        default=[1, 10, 50],
        metavar="N,N",
        help="instances a request in CT STOW tests (default: 1,10,50)",
    )
    parser.add_argument(
        "--tiny-copies",
        type=int,
        default=1,
        metavar="N",
        help="store the 2000 tiny studies N times, to see queries at scale (default: 1)",
    )
    parser.add_argument("--samples", type=int, default=100, help="latency samples a test, at most (default: 100)")
    parser.add_argument("--seconds", type=float, default=5, help="time for the samples, and for a rate (default: 5)")
    parser.add_argument(
        "--pid",
        action="append",
        default=[],
        metavar="[NAME=]PID",
        help="a process of the server, to report CPU and memory; may be repeated",
    )
    parser.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="[NAME=]FIELD:VALUE",
        help="a request header, such as Authorization; may be repeated",
    )
    parser.add_argument(
        "--only",
        default="*",
        metavar="PATTERN,PATTERN",
        help="tests to run, such as 'stow-ct-*'; reading tests also need --reuse, or every STOW test",
    )
    parser.add_argument("--reuse", type=Path, metavar="RESULTS.json", help="read what that run stored; store nothing")
    parser.add_argument("--out", type=Path, default=Path("results.json"), help="JSON results (default: results.json)")
    parser.add_argument("--show", nargs="+", type=Path, metavar="RESULTS.json", help="print the table of earlier runs")
    options = parser.parse_intermixed_args(arguments)
    if not options.servers and not options.show:
        parser.error("give at least one server's URL")
    return options


def main(arguments=None):
    options = parse(arguments)
    if options.show:
        shown = {}
        for file in options.show:
            for name, server in json.loads(file.read_text())["servers"].items():
                shown[f"{name} ({file.stem})" if len(options.show) > 1 else name] = server
        print(table(shown))
        return
    servers = []
    for given in options.servers:
        name, equals, url = given.partition("=")
        if not equals or "/" in name:
            name, url = f"server{len(servers) + 1}", given
        headers = dict(header.split(":", 1) for header in named(options.header, name))
        servers.append(
            Server(
                name,
                url,
                [int(pid) for pid in named(options.pid, name)],
                {k.strip(): v.strip() for k, v in headers.items()},
            )
        )
        if gone := [pid for pid in servers[-1].pids if not Path(f"/proc/{pid}").exists()]:
            sys.exit(f"no such process: {gone}")
    data = open_dataset(options.dataset, lambda text: print(text, file=sys.stderr))
    reuse = json.loads(options.reuse.read_text()) if options.reuse else None
    settings = {
        name: getattr(options, name)
        for name in ("concurrency", "samples", "seconds", "batches", "stow_concurrency", "tiny_copies")
    }
    sys.setswitchinterval(0.0005)  # a client thread with an answer waits little for another
    load_before = os.getloadavg()
    run = benchmark(servers, data, settings, options.only, reuse)
    result = report(servers, run, settings, load_before)
    options.out.write_text(json.dumps(result, indent=1, ensure_ascii=False))
    print(table(result["servers"]))


if __name__ == "__main__":
    main()
