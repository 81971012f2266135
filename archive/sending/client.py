"""Requests to other archives. Nothing is followed elsewhere, and no request waits for ever.

A proxy is used only where `ARCHIVE_SENDING_PROXY` names one; certificates have to be those that the system trusts.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

from django.conf import settings
from urllib3 import PoolManager, ProxyManager, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from archive.dicom.pieces import Streamed
from archive.errors import ArchiveError
from archive.sending import request_body
from archive.sending.answer_limit import limited

#: Seconds to connect, and for the destination to take a piece of what is sent (a mebibyte at most).
CONNECT_SECONDS = 30
#: Seconds for it to begin its answer, and to end it.
ANSWER_SECONDS = 300
#: Of an answer, no more bytes are read.
LARGEST_ANSWER = 8 << 20
#: A destination may ask for so many seconds of patience at most.
LONGEST_PATIENCE = 3600

NO_END = "The destination did not end its answer in time."

USER_AGENT = "dicomweb-archive"
ACCEPT = "application/dicom+json"

_PROBLEMS: Sequence[tuple[type[HTTPError], str]] = (
    (NameResolutionError, "The name of the destination is not known here."),
    (ProxyError, "The proxy that leads to the destination cannot be used."),
    (NewConnectionError, "The destination cannot be connected to."),
    (ConnectTimeoutError, "The destination does not answer."),
    (ReadTimeoutError, "The destination did not answer in time."),
    (SSLError, "The destination's certificate is not trusted here, or its TLS cannot be used."),
    (HTTPError, "The connection to the destination broke."),
)


class DestinationAway(ArchiveError):
    """There was no answer."""


@dataclass(frozen=True, slots=True)
class Service:
    """A DICOMweb service, and the value of the Authorization header for it, if it wants one."""

    url: str
    authorization: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `patience`: so many seconds it asks to wait (RFC 9110 Section 10.2.3)."""

    status: int
    body: bytes
    patience: int = 0


def store(service: Service, instances: Sequence[Streamed]) -> Reply:
    """Ask the service to store these instances, in one request.

    Raises:
        DestinationAway: there is no answer. It says nothing of what was stored.
    """
    boundary = request_body.new_boundary()
    body = request_body.body(instances, boundary)
    headers = {
        "Accept": ACCEPT,
        "Content-Length": str(body.length),
        "Content-Type": request_body.content_type(boundary),
        "User-Agent": USER_AGENT,
    } | ({"Authorization": service.authorization} if service.authorization else {})
    try:
        response = _pool(settings.ARCHIVE_SENDING_PROXY).request(
            "POST",
            f"{service.url}/studies",
            body=body.read(),
            headers=headers,
            timeout=Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS),
            redirect=False,
            retries=False,
            preload_content=False,
        )
        return Reply(response.status, _read(response), _patience(response.headers.get("Retry-After", "")))
    except HTTPError as error:
        raise DestinationAway(next(words for kind, words in _PROBLEMS if isinstance(error, kind))) from error


@cache
def _pool(proxy: str) -> PoolManager:
    """One for each process; it keeps a connection open to each destination."""
    return limited(ProxyManager(proxy) if proxy else PoolManager())


def _read(response: Any) -> bytes:
    """The body, or nothing of one that is too long."""
    deadline = time.monotonic() + ANSWER_SECONDS
    read = bytearray()
    # One that has been read to its end leaves its connection to others.
    with response.limit as limit, closing(response):
        while piece := response.read1(1 << 16):
            read += piece
            if len(read) > LARGEST_ANSWER:
                return b""
            if time.monotonic() > deadline:
                raise DestinationAway(NO_END)
    if limit.reached:
        raise DestinationAway(NO_END)
    return bytes(read)


def _patience(header: str) -> int:
    if header.isascii() and header.isdecimal():
        seconds = float(header[:9])
    else:
        try:
            until = parsedate_to_datetime(header).astimezone(UTC)
        except (ValueError, OverflowError):
            return 0
        seconds = (until - datetime.now(UTC)).total_seconds()
    return int(min(max(seconds, 0), LONGEST_PATIENCE))
