"""Conditional requests (RFC 9110 Section 13): tags of representations, and 304."""

import hashlib
from collections.abc import Callable, Iterable

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from dicomweb.http import etags


def weak_tag(digests: Iterable[str]) -> str:
    """For answers whose bytes differ each time, as boundaries do, while what they say does not."""
    return f'W/"{_digest(digests)}"'


def strong_tag(digests: Iterable[str]) -> str:
    """For answers that are the same bytes every time."""
    return f'"{_digest(digests)}"'


def _digest(digests: Iterable[str]) -> str:
    hasher = hashlib.sha256()
    for digest in digests:
        hasher.update(digest.encode())
        hasher.update(b"\n")
    return hasher.hexdigest()[:32]


def gzip_tag(tag: str) -> str:
    """The tag of the same answer compressed: another representation has another tag (WADO-121)."""
    return tag[:-1] + '-gzip"'


def unless_known(request: Request, tag: str, make: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The answer that `make` makes, or 304 when the client has this representation already (WADO-120)."""
    named = request.headers.get("If-None-Match", "")
    known = etags.matches(named, tag) or etags.matches(named, gzip_tag(tag))
    response = HttpResponse(status=304) if known else make()
    response["ETag"] = tag
    return response
