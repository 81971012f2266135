"""Requests on which Django would fail before it has anybody to answer."""

import time
from io import BytesIO

import pytest

from config.wsgi import Request


def request(content_type: str) -> Request:
    return Request(
        {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "CONTENT_TYPE": content_type, "wsgi.input": BytesIO(b"")}
    )


@pytest.mark.parametrize(
    "content_type",
    ["multipart/related; boundary*=utf-8''x; boundary*0=a", "a/b; c*1=x; c*=y", "x" * 5000],
)
def test_a_content_type_that_cannot_be_read_is_none(content_type: str) -> None:
    found = request(content_type)
    assert (found.content_type, found.content_params) == ("", {})


def test_others_are_read() -> None:
    found = request('multipart/form-data; boundary="x y"')
    assert (found.content_type, found.content_params) == ("multipart/form-data", {"boundary": "x y"})


@pytest.mark.parametrize("unit", [";", "a;b=", 'a;b="\\"'])
def test_a_content_type_of_any_length_is_given_up_at_once(unit: str) -> None:
    start = time.monotonic()
    request(unit * (500_000 // len(unit)))
    assert time.monotonic() - start < 0.5
