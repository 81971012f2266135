"""Which character set an answer in XML has (PS3.18 Section 8.8.5)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.http.charsets import SUPPORTED, UTF_8, select


@pytest.mark.parametrize(
    ("parameters", "query", "header", "name"),
    [
        pytest.param([], None, None, "UTF-8", id="NEG-13-nothing-is-said"),
        pytest.param(["us-ascii"], "UTF-8", "ISO-8859-1", "US-ASCII", id="NEG-13-the-media-type-first"),
        pytest.param([], "iso-8859-1", "UTF-8", "ISO-8859-1", id="NEG-13-the-query-before-the-header"),
        pytest.param([], None, "ISO-8859-1", "ISO-8859-1", id="NEG-13-the-header"),
        pytest.param(["koi8-r"], "big5", "gb2312", "UTF-8", id="NEG-13-unsupported-is-ignored"),
        pytest.param(["koi8-r"], "big5, US-ASCII", None, "US-ASCII", id="NEG-13-unsupported-among-supported"),
        pytest.param([], None, "UTF-8;q=0.5, ISO-8859-1;q=0.8, US-ASCII;q=0.1", "ISO-8859-1", id="weights"),
        pytest.param([], None, "ISO-8859-1, UTF-8", "ISO-8859-1", id="the-first-of-equals"),
        pytest.param([], None, "ISO-8859-1;q=0", "UTF-8", id="weight-0"),
        pytest.param([], None, "*", "UTF-8", id="anything"),
        pytest.param([], None, "*;q=0.1, us-ascii;q=0.5", "US-ASCII", id="anything-or"),
        pytest.param([], '"ISO_IR 100"', None, "ISO-8859-1", id="a-defined-term"),
        pytest.param([], "ISO_IR 192", "US-ASCII", "UTF-8", id="a-defined-term-without-quotes"),
        pytest.param([], ";;, ,=", ",", "UTF-8", id="nonsense"),
        pytest.param([], None, "US-ASCII;q=2", "UTF-8", id="no-weight"),
    ],
)
def test_the_character_set_is_selected_in_the_order_of_the_standard(parameters, query, header, name):
    assert select(parameters, query, header).name == name


@given(st.text(), st.text())
def test_whatever_is_asked_for_one_is_selected(query, header):
    assert select([query], query, header) in SUPPORTED


@pytest.mark.parametrize(
    "text", ["a" + " " * 200_000 + "x", ";" * 200_000, "utf-8;q=" + "0" * 200_000, "a;q=0," * 40_000]
)
def test_a_long_header_is_read_at_once(text):
    started = time.monotonic()

    assert select([], None, text) == UTF_8
    assert time.monotonic() - started < 2


def test_utf_8_is_what_there_is_when_nothing_else_is_asked_for():
    assert SUPPORTED[0] == UTF_8
