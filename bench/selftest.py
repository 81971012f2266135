#!/usr/bin/env python3
"""Prove that the benchmark refuses wrong answers.

    selftest.py http://127.0.0.1:8042/dicom-web RESULTS.json

RESULTS.json is of a benchmark run against that server, whose data is still stored. A
proxy stands before the server and lies in one way at a time; each test named below must
then read `failed`. The same tests must pass when the proxy does not lie.
"""

import argparse
import contextlib
import http.client
import io
import json
import re
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import bench

# A lie takes an Answer (status, content type, body) and whether the path is asked for the first time.


def forward(answer, _first):
    return answer


def edit_json(change):
    def lie(answer, _first):
        items = json.loads(answer[2])
        change(items)
        return answer[0], answer[1], json.dumps(items).encode()

    return lie


def flip_a_pixel(answer, _first):
    code, content_type, body = answer
    at = len(body) - 3000  # within the last part's pixels
    return code, content_type, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


def drop_a_part(answer, _first):
    code, content_type, body = answer
    mark = b"--" + re.search("boundary=([^;]+)", content_type).group(1).strip('"').encode()
    *parts, _dropped, end = body.split(mark)
    return code, content_type, mark.join([*parts, end])


def accepted(answer, _first):
    return 202, answer[1], answer[2]


def short_later(answer, first):
    return answer if first else (answer[0], answer[1], answer[2][:-1])


def busy_later(answer, first):
    return answer if first else (503, answer[1], answer[2])


def forget(answer, _first):
    """The STOW answer is left alone; the proxy asks for another study when it is checked."""
    return answer


RETRIEVALS = [
    "wado-series",
    "wado-instance",
    "wado-j2k-series",
    "wado-j2k-transcoded",
    "wado-frame",
    "wado-frame-150",
    "wado-frames-scroll",
    "wado-j2k-frame",
]
LIES = [
    ("STOW answers 202", accepted, ["stow-tiny-some"]),
    ("STOW leaves an instance out", edit_json(lambda a: a["00081199"]["Value"].pop()), ["stow-j2k-10x1"]),
    ("STOW acknowledges and forgets", forget, ["stow-tiny-some"]),
    (
        "matches are missing",
        edit_json(lambda items: items.__delitem__(slice(None, None, 2))),
        ["qido-limit", "qido-name", "qido-date", "qido-id", "qido-series", "qido-instances"],
    ),
    ("a match is there twice", edit_json(lambda items: items.append(items[0])), ["qido-id", "qido-instances"]),
    ("a name is wrong", edit_json(lambda a: a[0]["00100010"]["Value"][0].update(Alphabetic="A^B")), ["qido-id"]),
    ("an instance is missing", edit_json(lambda items: items.pop()), ["wado-series-metadata", "wado-study-metadata"]),
    ("an attribute is missing", edit_json(lambda items: items[0].pop("00180050")), ["wado-series-metadata"]),
    ("a pixel is wrong", flip_a_pixel, RETRIEVALS),
    ("a part is missing", drop_a_part, RETRIEVALS),
    ("repeats are short", short_later, ["wado-rendered", "qido-id"]),
    ("repeats fail", busy_later, ["wado-instance", "qido-id"]),
]


class Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, target):
        super().__init__(("127.0.0.1", 0), Handler)
        self.target = urlsplit(target)
        self.tell(forward)

    def tell(self, lie):
        self.lie, self.seen = lie, set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        lie = self.server.lie
        if "limit=100&" in self.path:  # the benchmark's own look at what STOW has stored
            lie = forward
            if self.server.lie is forget:
                self.path = "/".join([*self.path.split("/")[:3], "0", "instances"])
        self.answer(lie(self.ask(b""), self.first()))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(self.server.lie(self.ask(body), self.first()))

    def first(self):
        seen = self.server.seen
        return self.path not in seen and not seen.add(self.path)

    def ask(self, body):
        target = self.server.target
        connection = http.client.HTTPConnection(target.hostname, target.port)
        headers = {name: self.headers[name] for name in ("Accept", "Content-Type") if name in self.headers}
        connection.request(self.command, self.path, body or None, headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, response.getheader("Content-Type", ""), body

    def answer(self, answer):
        code, content_type, body = answer
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def run(server, keys, results):
    """{test: why it failed, or None} of a short benchmark of these tests."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        arguments = [
            server,
            "--only",
            ",".join(keys),
            "--samples",
            "6",
            "--seconds",
            "0.5",
            "--concurrency",
            "2",
            "--out",
            str(out),
        ]
        if not keys[0].startswith("stow"):
            arguments += ["--reuse", str(results)]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            bench.main(arguments)
        tests = next(iter(json.loads(out.read_text())["servers"].values()))["tests"]
        return {key: tests[key].get("failed") for key in keys}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="base URL of the server")
    parser.add_argument("results", type=Path, help="results of a run against it")
    options = parser.parse_args()
    name = next(iter(json.loads(options.results.read_text())["servers"]))
    bench.PATIENCE = 1
    proxy = Proxy(options.url)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    server = f"{name}=http://127.0.0.1:{proxy.server_address[1]}{proxy.target.path}"

    stow = sorted({key for _, _, keys in LIES for key in keys if key.startswith("stow")})
    read = sorted({key for _, _, keys in LIES for key in keys if not key.startswith("stow")})
    honest = run(server, stow, options.results) | run(server, read, options.results)
    for key, why in honest.items():
        if why:
            print(f"left out: {key} fails without a lie: {why}")
    missed = 0
    for title, lie, keys in LIES:
        proxy.tell(lie)
        for key, why in run(server, [key for key in keys if not honest[key]], options.results).items():
            missed += why is None
            print(f"{title}: {key}: {'failed: ' + why if why else 'NOT CAUGHT'}", flush=True)
    print(f"{missed} lies were not caught" if missed else "every lie was caught")
    raise SystemExit(bool(missed))


if __name__ == "__main__":
    main()
