import email
import re
from itertools import cycle

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dicomweb.http import multipart
from dicomweb.http.multipart import PART_END, Decoder, MalformedMultipart, PartData, PartEnd, PartStart

#: Short, so that payloads come close to it often.
BOUNDARY = "b-"
DELIMITER = b"\r\n--b-"
HEADERS = [("Content-Type", "application/dicom"), ("Content-Location", "http://example.org/1")]

FRAGMENTS = st.sampled_from([DELIMITER, b"--b-", b"--", b"-", b"\r\n\r\n", b"\r\n", b"\r", b"\n", b" ", b"b", b"X"])
PAYLOADS = st.lists(FRAGMENTS | st.binary(max_size=6), max_size=12).map(b"".join)
CHUNK_SIZES = st.lists(st.integers(1, 30), min_size=1, max_size=5)


def body_of(payloads, headers=HEADERS):
    parts = [multipart.part_header(BOUNDARY, headers) + payload + PART_END for payload in payloads]
    return b"".join(parts) + multipart.closing(BOUNDARY)


def chunks_of(body, sizes):
    position = 0
    for size in cycle(sizes):
        if position >= len(body):
            return
        yield body[position : position + size]
        position += size


def parts_of(body, sizes=(1 << 16,), boundary=BOUNDARY, completed=None, **limits):
    """(headers, payload) of each part; `completed` receives them as they end, also when the body is malformed later."""
    completed = [] if completed is None else completed
    decoder = Decoder(boundary, **limits)
    for chunk in [*chunks_of(body, sizes), None]:
        for event in decoder.feed(chunk):
            match event:
                case PartStart():
                    headers, payload = event.headers, b""
                case PartData():
                    payload += event.data
                case PartEnd():
                    completed.append((headers, payload))
    return completed


def has_delimiter(payload):
    """Whether the payload cannot be sent with this boundary."""
    return re.search(DELIMITER + rb"(--)?[ \t]*(\r\n|\r?\Z)", payload + PART_END) is not None


# -- decoder ---------------------------------------------------------------------


@given(st.lists(PAYLOADS, min_size=1, max_size=4), CHUNK_SIZES)
def test_what_is_encoded_decodes_the_same_however_it_arrives(payloads, sizes):
    """STOW-11, MP-09."""
    assume(not any(map(has_delimiter, payloads)))
    expected = {"content-type": "application/dicom", "content-location": "http://example.org/1"}
    assert parts_of(body_of(payloads), sizes) == [(expected, payload) for payload in payloads]


@settings(max_examples=40)
@given(st.lists(PAYLOADS, min_size=1, max_size=2), CHUNK_SIZES)
def test_a_body_cut_anywhere_is_truncated_and_ends_no_part_that_is_not_whole(payloads, sizes):
    """STOW-44."""
    assume(not any(map(has_delimiter, payloads)))
    # Before the closing delimiter ends; at the end of a body its line needs no end.
    body = body_of(payloads).removesuffix(b"\r\n")
    for length in range(len(body)):
        if has_delimiter_at_the_end(body[:length]):
            continue
        completed = []
        with pytest.raises(MalformedMultipart):
            parts_of(body[:length], sizes, completed=completed)
        assert [payload for _, payload in completed] == payloads[: len(completed)]


def has_delimiter_at_the_end(body):
    """Whether this, taken as a whole body, is one: content `--boundary--` of a longer line, cut there."""
    return re.search(DELIMITER + rb"--[ \t]*\r?\Z", body) is not None


@given(PAYLOADS, CHUNK_SIZES)
def test_no_more_of_a_payload_than_a_delimiter_is_held_back(payload, sizes):
    assume(not has_delimiter(payload))
    decoder = Decoder(BOUNDARY)
    given_out = 0
    for fed in chunks_of(multipart.part_header(BOUNDARY, []) + payload, sizes):
        given_out += sum(len(event.data) for event in decoder.feed(fed) if isinstance(event, PartData))
    padding = len(re.search(rb"-*[ \t]*\r?\Z", payload)[0])
    assert len(payload) - given_out <= len(DELIMITER) + padding


@given(st.binary(), CHUNK_SIZES)
def test_any_bytes_are_parts_or_malformed(body, sizes):
    try:
        parts = parts_of(b"--b-\r\n\r\n" + body, sizes)
    except MalformedMultipart:
        return
    assert parts


@pytest.mark.parametrize("sizes", [(1,), (3, 1, 7), (1 << 16,)])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"--b-\r\n\r\npayload\r\n--b---", id="no-end-of-the-last-line"),
        pytest.param(b"--b-\r\n\r\npayload\r\n--b---\r\n", id="plain"),
        pytest.param(b"\r\n--b-\r\n\r\npayload\r\n--b---\r\n", id="STOW-09-leading-crlf"),
        pytest.param(b"a preamble --b-\r\n--b-\r\n\r\npayload\r\n--b---\r\n", id="STOW-09-preamble"),
        pytest.param(b"--b-X\r\n--b-\r\n\r\npayload\r\n--b---\r\n", id="STOW-09-preamble-like-a-delimiter"),
        pytest.param(b"--b-\r\n\r\npayload\r\n--b---\r\nepilogue\r\n--b-\r\n\r\nmore", id="STOW-09-epilogue"),
        pytest.param(b"--b- \t\r\n\r\npayload\r\n--b---\t \r\n", id="padding-after-the-boundary"),
        pytest.param(b"--b-\r\n\r\npayload\r\n--b---  ", id="padding-at-the-end"),
    ],
)
def test_what_surrounds_a_part_is_no_part_of_it(body, sizes):
    assert parts_of(body, sizes) == [({}, b"payload")]


@pytest.mark.parametrize("sizes", [(1,), (1 << 16,)])
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\r\n",
        b"\r\n\r\n",
        b"\r\n--",
        b"\r\n--b-X\r\n",
        b"\r\n--b--X\r\n",
        b"\r\n--b---X\r\n",
        b"\r\n--b-\n",
        b"\n--b-\r\n",
        b"\r--b-\r\n",
        b"--b-\r\n",
        b"\r\n--b- X",
        b"\r\n--b-" + b" " * 1000,
        b"\r\n--b-\r\r\n",
        (DELIMITER + b"X") * 100,
        b"\r" * 1000,
        b"ends in a carriage return\r",
    ],
)
def test_content_that_resembles_a_delimiter_is_content(payload, sizes):
    """STOW-11."""
    assert parts_of(body_of([payload, payload], []), sizes) == [({}, payload)] * 2


@pytest.mark.parametrize("sizes", [(1,), (1 << 16,)])
@pytest.mark.parametrize(
    ("block", "headers"),
    [
        pytest.param(b"", {}, id="none"),
        pytest.param(b"CONTENT-type:application/dicom\r\n", {"content-type": "application/dicom"}, id="any-case"),
        pytest.param(b"X-Any: 1\r\nContent-ID: <a@b>\r\n", {"x-any": "1", "content-id": "<a@b>"}, id="extra"),
        pytest.param(b"Content-Type: a/b;\r\n\t x=y \r\n", {"content-type": "a/b; x=y"}, id="folded"),
        pytest.param(b"A: 1\r\na: 2\r\n", {"a": "1"}, id="repeated"),
        pytest.param(b"A : :b:\r\nC:\r\n", {"a": ":b:", "c": ""}, id="colons-and-nothing"),
    ],
)
def test_headers_of_parts_are_read_as_senders_write_them(block, headers, sizes):
    """STOW-10."""
    assert parts_of(b"--b-\r\n" + block + b"\r\npayload\r\n--b---\r\n", sizes) == [(headers, b"payload")]


@pytest.mark.parametrize("sizes", [(1,), (1 << 16,)])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="STOW-45-no-body"),
        pytest.param(b"--b---\r\n", id="STOW-45-no-parts"),
        pytest.param(b"preamble\r\n--b---", id="STOW-45-no-parts-after-a-preamble"),
        pytest.param(b"--other\r\n\r\npayload\r\n--other--\r\n", id="STOW-44-delimiter-never-found"),
        pytest.param(b"--b-\n\npayload\n--b---\n", id="STOW-44-lines-without-carriage-returns"),
        pytest.param(b"--b-\r\n\r\npayload\r\n--b-\r\n", id="STOW-44-no-closing-delimiter"),
        pytest.param(b"--b-\r\nno colon\r\n\r\npayload\r\n--b---\r\n", id="header-without-a-colon"),
        pytest.param(b"--b-\r\nA B: c\r\n\r\npayload\r\n--b---\r\n", id="header-name-with-a-space"),
        pytest.param(b"--b-\r\nA: b\nC: d\r\n\r\npayload\r\n--b---\r\n", id="line-feed-in-a-header"),
        pytest.param(b"--b-\r\n A: b\r\n\r\npayload\r\n--b---\r\n", id="fold-of-nothing"),
    ],
)
def test_a_body_that_is_no_multipart_is_malformed(body, sizes):
    with pytest.raises(MalformedMultipart):
        parts_of(body, sizes)


@pytest.mark.parametrize("boundary", ["b", "a" * 70, "'()+_,-./:=?", "two words", "gc0pJq0M:08jU534c0p"])
def test_any_boundary_of_rfc_2046_delimits(boundary):
    """STOW-08."""
    body = f"--{boundary}\r\n\r\npayload\r\n--{boundary}--\r\n".encode()
    assert parts_of(body, boundary=boundary) == [({}, b"payload")]


@pytest.mark.parametrize("boundary", ["", "a" * 71, "ends in a space ", "line\r\nbreak", 'quote"', "caf\u00e9", "b\n"])
def test_what_can_be_no_boundary_is_malformed(boundary):
    """STOW-08."""
    with pytest.raises(MalformedMultipart):
        Decoder(boundary)


@pytest.mark.parametrize("sizes", [(1,), (1 << 16,)])
def test_headers_of_a_part_have_a_limit(sizes):
    body = b"--b-\r\nA: 3456789\r\n\r\npayload\r\n--b---\r\n"
    assert parts_of(body, sizes, max_header_bytes=10) == [({"a": "3456789"}, b"payload")]
    with pytest.raises(MalformedMultipart, match="longer than 9 bytes"):
        parts_of(body, sizes, max_header_bytes=9)
    with pytest.raises(MalformedMultipart, match="longer than 9 bytes"):
        parts_of(b"--b-\r\n" + b"A" * 100, sizes, max_header_bytes=9)


def test_parts_have_a_limit():
    assert len(parts_of(body_of([b""] * 3), max_parts=3)) == 3
    with pytest.raises(MalformedMultipart, match="more than 2 parts"):
        parts_of(body_of([b""] * 3), max_parts=2)


def test_an_empty_piece_is_the_end_as_with_read():
    """STOW-44."""
    decoder = Decoder(BOUNDARY)
    list(decoder.feed(b"--b-\r\n\r\n"))
    with pytest.raises(MalformedMultipart, match="truncated"):
        list(decoder.feed(b""))


# -- encoder ---------------------------------------------------------------------


def test_a_body_is_laid_out_as_the_standard_draws_it():
    """MP-03: it starts with the delimiter, and each part with Content-Type."""
    assert body_of([b"one", b"two"]) == (
        b"--b-\r\n"
        b"Content-Type: application/dicom\r\n"
        b"Content-Location: http://example.org/1\r\n"
        b"\r\n"
        b"one\r\n"
        b"--b-\r\n"
        b"Content-Type: application/dicom\r\n"
        b"Content-Location: http://example.org/1\r\n"
        b"\r\n"
        b"two\r\n"
        b"--b---\r\n"
    )


def test_another_reader_of_multipart_understands_it():
    head = b'Content-Type: multipart/related; type="text/plain"; boundary="b-"\r\n\r\n'
    parts = email.message_from_bytes(head + body_of([b"one", b"two"], [("Content-Type", "text/plain")])).get_payload()
    assert [part.get_payload() for part in parts] == ["one", "two"]


@given(st.lists(st.binary(max_size=50), max_size=5))
def test_the_length_of_a_body_is_known_before_its_bytes(payloads):
    """MP-10."""
    parts = [(HEADERS, len(payload)) for payload in payloads]
    assert multipart.content_length(BOUNDARY, parts) == len(body_of(payloads))


def test_new_boundaries_are_valid_random_and_different():
    """MP-08: 128 bits in hexadecimal digits, which every client reads without quotes."""
    boundaries = {multipart.new_boundary() for _ in range(100)}
    assert len(boundaries) == 100
    assert all(re.fullmatch("[0-9a-f]{32}", boundary) for boundary in boundaries)


@pytest.mark.parametrize("header", [("Content-Location", "a\r\nX: y"), ("X\n", "y"), ("X", "caf\u00e9")])
def test_a_header_that_would_break_the_part_is_refused(header):
    with pytest.raises(ValueError, match=r"line break|ascii"):
        multipart.part_header(BOUNDARY, [header])
