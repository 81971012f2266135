"""Reading what the archive answers, byte for byte: deliberately simple, and apart from the code that wrote it."""

import re
from dataclasses import dataclass
from typing import Any

from django.http.response import HttpResponseBase


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its headers as they are spelled, and its payload."""

    head: bytes
    payload: bytes

    @property
    def headers(self) -> dict[str, str]:
        return dict(line.split(": ", 1) for line in self.head.decode("ascii").split("\r\n"))

    @property
    def content_type(self) -> str:
        return self.headers["Content-Type"]

    @property
    def location(self) -> str:
        return self.headers["Content-Location"]


def parts(response: HttpResponseBase) -> list[Part]:
    """The parts of a multipart/related answer, which has to be exactly of the form of PS3.18 Section 8.6.1.2."""
    found = loose_parts(response)
    for part in found:
        assert int(part.headers["Content-Length"]) == len(part.payload)
    return found


def loose_parts(response: HttpResponseBase) -> list[Part]:
    """As `parts`, of an answer whose lengths may not be known before it is made."""
    body = response.getvalue()
    match = re.fullmatch(r'multipart/related; type="([^"]+)"; boundary=([0-9A-Za-z]+)', response["Content-Type"])
    assert match, response["Content-Type"]
    delimiter = b"--" + match[2].encode()
    assert body.startswith(delimiter + b"\r\n")
    assert body.endswith(b"\r\n" + delimiter + b"--\r\n")
    assert int(response.get("Content-Length", len(body))) == len(body)
    inner = body.removeprefix(delimiter + b"\r\n").removesuffix(b"\r\n" + delimiter + b"--\r\n")
    found = [Part(*part.split(b"\r\n\r\n", 1)) for part in inner.split(b"\r\n" + delimiter + b"\r\n")]
    assert found[0].content_type.partition(";")[0] == match[1]
    return found


def payloads(response: HttpResponseBase) -> list[bytes]:
    return [part.payload for part in parts(response)]


def values(data_set: dict[str, Any], tag: str) -> list[Any]:
    """The values of an element in the DICOM JSON Model; none when it is absent or empty."""
    return data_set.get(tag, {}).get("Value", [])
